"""Ops that are one plain JAX expression: the others are written from their traced form."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from functape._port._jaxpr import dtype_source

Template = Callable[[list[str], dict[str, Any], list[Any]], str | None]
"""From expressions of the inputs, attributes and avals of the inputs to an expression; None if it does not fit."""


def _infix(sign: str) -> Template:
    return lambda args, statics, avals: f"{args[0]} {sign} {args[1]}"


def _call(function: str) -> Template:
    return lambda args, statics, avals: f"{function}({', '.join(args)})"


def _floating(function: Template) -> Template:
    return lambda args, statics, avals: function(args, statics, avals) if _all_floating(avals) else None


def _all_floating(avals: list[Any]) -> bool:
    return all(each.dtype.is_floating for each in avals)


def _reduction(function: str) -> Template:
    def write(args: list[str], statics: dict[str, Any], avals: list[Any]) -> str | None:
        axis, keepdims = statics["axis"], statics["keepdims"]
        if not _all_floating(avals) or not (axis is None or isinstance(axis, int | tuple)):
            return None
        rest = "" if axis is None else f", axis={axis!r}"
        return f"{function}({args[0]}{rest}{', keepdims=True' if keepdims else ''})"

    return write


def _matmul(args: list[str], statics: dict[str, Any], avals: list[Any]) -> str | None:
    if statics["adjoint_a"] or statics["adjoint_b"] or any(each.ndim != 2 for each in avals):
        return f"{args[0]} @ {args[1]}" if not any(statics.values()) else None
    left = f"{args[0]}.T" if statics["transpose_a"] else args[0]
    right = f"{args[1]}.T" if statics["transpose_b"] else args[1]
    return f"{left} @ {right}"


def _dense(args: list[str], statics: dict[str, Any], avals: list[Any]) -> str | None:
    # The attributes are the name of the activation and whether there is a bias.
    name = next((value for key, value in statics.items() if "activation" in key), None)
    function = _ACTIVATIONS.get(name)
    if function is None or any(each.ndim < 2 for each in avals[:2]) or not _all_floating(avals):
        return None
    if any(value for key, value in statics.items() if "activation" not in key and value not in (None, False, True)):
        return None
    inner = f"{args[0]} @ {args[1]}" + (f" + {args[2]}" if len(args) > 2 else "")
    return f"{function}({inner})" if function else inner


_ACTIVATIONS = {None: "", "linear": "", "relu": "jax.nn.relu", "tanh": "jnp.tanh", "sigmoid": "jax.nn.sigmoid"}


def _cast(args: list[str], statics: dict[str, Any], avals: list[Any]) -> str | None:
    dtype = np.dtype(statics["dtype"])
    if dtype.kind != "f" or avals[0].dtype.is_complex:
        return None
    return f"{args[0]}.astype({dtype_source(dtype)})"


def _reshape(args: list[str], statics: dict[str, Any], avals: list[Any]) -> str | None:
    shape = statics["shape"]
    return f"jnp.reshape({args[0]}, {tuple(shape)!r})" if all(isinstance(each, int) for each in shape) else None


TEMPLATES: dict[str, Template] = {
    "AddV2": _infix("+"),
    "Sub": _infix("-"),
    "Mul": _infix("*"),
    "RealDiv": _floating(_infix("/")),
    "Less": _infix("<"),
    "LessEqual": _infix("<="),
    "Greater": _infix(">"),
    "GreaterEqual": _infix(">="),
    "Neg": lambda args, statics, avals: f"-{args[0]}",
    "Square": _floating(_call("jnp.square")),
    "Sqrt": _floating(_call("jnp.sqrt")),
    "Rsqrt": _floating(_call("lax.rsqrt")),
    "Exp": _floating(_call("jnp.exp")),
    "Expm1": _floating(_call("jnp.expm1")),
    "Log": _floating(_call("jnp.log")),
    "Log1p": _floating(_call("jnp.log1p")),
    "Sin": _floating(_call("jnp.sin")),
    "Cos": _floating(_call("jnp.cos")),
    "Tanh": _floating(_call("jnp.tanh")),
    "Sigmoid": _floating(_call("jax.nn.sigmoid")),
    "Relu": _floating(_call("jax.nn.relu")),
    "Softmax": lambda args, statics, avals: f"jax.nn.softmax({args[0]}, axis={statics['axis']})",
    "LogSoftmax": lambda args, statics, avals: f"jax.nn.log_softmax({args[0]}, axis={statics['axis']})",
    "StopGradient": _call("lax.stop_gradient"),
    "Identity": lambda args, statics, avals: args[0],
    "Assign": lambda args, statics, avals: args[0],
    "AssignAddVariableOp": _infix("+"),
    "AssignSubVariableOp": _infix("-"),
    "TraceKeep": lambda args, statics, avals: args[0],
    "VariableCut": lambda args, statics, avals: args[0],
    "RandomRead": lambda args, statics, avals: args[0],
    "Mean": _reduction("jnp.mean"),
    "Sum": _reduction("jnp.sum"),
    "MatMul": _matmul,
    "Dense": _dense,
    "Cast": _cast,
    "Reshape": _reshape,
}
"""By op. Values and gradients are TensorFlow's everywhere, kinks included."""


ADAM = '''\
def adam(value, gradient, m, v, rate, step, beta_1, beta_2, epsilon):
    """One step of Adam on one parameter, with epsilon where Keras puts it."""
    m = m + (gradient - m) * (1 - beta_1)
    v = v + (jnp.square(gradient) - v) * (1 - beta_2)
    correction_1 = 1 - jnp.power(jnp.asarray(beta_1, value.dtype), step.astype(value.dtype))
    correction_2 = 1 - jnp.power(jnp.asarray(beta_2, value.dtype), step.astype(value.dtype))
    return value - m * (rate * jnp.sqrt(correction_2) / correction_1) / (jnp.sqrt(v) + epsilon), m, v
'''
