"""A traced JAX function as readable Python source."""

from __future__ import annotations

import base64
import enum
import io
import keyword
from collections.abc import Sequence
from typing import Any

import jax
import numpy as np
from jax import lax

Jaxpr = Any

_PLAIN = frozenset({
    "add", "sub", "mul", "div", "max", "min", "neg", "exp", "exp2", "log", "log1p", "expm1", "tanh", "sin", "cos",
    "tan", "asin", "acos", "atan", "sinh", "cosh", "asinh", "acosh", "atanh", "sqrt", "rsqrt", "cbrt", "logistic",
    "erf", "erfc", "erf_inv", "sign", "floor", "ceil", "is_finite", "abs", "eq", "ne", "lt", "le", "gt", "ge", "rem",
    "pow", "atan2", "nextafter", "shift_left", "shift_right_logical", "shift_right_arithmetic", "real", "imag",
    "complex", "square", "clamp", "lgamma", "digamma", "igamma", "igammac", "regularized_incomplete_beta",
    "bessel_i0e", "bessel_i1e", "population_count", "clz",
})  # fmt: skip
"""Primitives that are functions of `jax.lax` under their own name, without parameters that matter."""
_RENAMED = {"not": "bitwise_not", "and": "bitwise_and", "or": "bitwise_or", "xor": "bitwise_xor", "add_any": "add"}
_INLINED = ("jaxpr", "call_jaxpr", "fun_jaxpr")
_CALLS = {
    "jit", "pjit", "closed_call", "core_call", "custom_jvp_call", "custom_vjp_call", "custom_vjp_call_jaxpr", "remat",
    "checkpoint", "remat2", "custom_lin",
}  # fmt: skip


class Unwritable(NotImplementedError):
    """Something that cannot be written as source."""


def dtype_source(dtype: Any) -> str:
    """A dtype as an expression."""
    name = np.dtype(dtype).name
    return (
        f"jnp.{name}" if name in ("bfloat16",) or name.startswith("float8") else f"np.{name.replace('bool', 'bool_')}"
    )


def value_source(value: Any) -> str:
    """An array or a number as an expression."""
    array = np.asarray(value)
    dtype = dtype_source(array.dtype)
    if array.dtype.name == "bfloat16":
        return f"jnp.asarray({value_source(array.astype(np.float32))}, {dtype})"
    if array.ndim == 0:
        item = array.item()
        text = f"'{item}'" if isinstance(item, float) and not np.isfinite(item) else repr(item)
        return f"{dtype}({text})"
    if array.size and (array == array.flat[0]).all():
        return f"np.full({array.shape}, {value_source(array.flat[0])})"
    if (
        array.ndim == 1
        and array.dtype.kind in "iu"
        and array.size > 2
        and (np.diff(array.astype(np.int64), 2) == 0).all()
    ):
        first, second, last = (int(array[place]) for place in (0, 1, -1))
        step = second - first
        return f"np.arange({first}, {last + (1 if step > 0 else -1)}, {step}, {dtype})"
    if array.size <= 64 and array.dtype.kind in "biuf" and np.isfinite(array.astype(float)).all():
        return f"np.array({array.tolist()}, {dtype})"
    buffer = io.BytesIO()
    np.save(buffer, array)
    return f'np.load(io.BytesIO(base64.b64decode("{base64.b64encode(buffer.getvalue()).decode()}")))'


def _is_range(array: Any) -> bool:
    """Whether an array counts up or down in equal steps."""
    plain = array.ndim == 1 and array.dtype.kind in "iu" and array.size > 2
    return plain and bool((np.diff(array.astype(np.int64), 2) == 0).all())


def _param_source(value: Any) -> str:
    """A parameter of a primitive as an expression."""
    if isinstance(value, enum.Enum):
        return f"lax.{type(value).__name__}.{value.name}"
    if isinstance(value, np.dtype) or isinstance(value, type) and issubclass(value, np.generic):
        return dtype_source(value)
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        inner = ", ".join(f"{name}={_param_source(getattr(value, name))}" for name in value._fields)
        return f"lax.{type(value).__name__}({inner})"
    if isinstance(value, tuple):
        return f"({', '.join(map(_param_source, value))}{',' if len(value) == 1 else ''})"
    if isinstance(value, list):
        return f"[{', '.join(map(_param_source, value))}]"
    if isinstance(value, np.integer):
        return repr(int(value))
    if value is None or isinstance(value, bool | int | float | str):
        return repr(value)
    if isinstance(value, np.generic | np.ndarray):
        return value_source(value)
    for kind in ("GatherDimensionNumbers", "ScatterDimensionNumbers", "ConvDimensionNumbers"):
        if isinstance(value, getattr(lax, kind)):
            fields = getattr(value, "__dataclass_fields__", None) or value._fields
            inner = ", ".join(f"{name}={_param_source(getattr(value, name))}" for name in fields)
            return f"lax.{kind}({inner})"
    raise Unwritable(f"A parameter {value!r} cannot be written as source.")


class Writer:
    """Writes the equations of traced functions.

    **Arguments:**
    - `lines`: receives the lines.
    - `taken`: names that are in use; extended.
    - `indent`: of the lines.
    """

    def __init__(self, lines: list[str], taken: set[str], indent: str = "    ") -> None:
        self.lines = lines
        self.taken = taken
        self.indent = indent

    def fresh(self, name: str) -> str:
        """A name that is not in use."""
        candidate, number = name, 1
        while candidate in self.taken or keyword.iskeyword(candidate):
            number += 1
            candidate = f"{name}_{number}"
        self.taken.add(candidate)
        return candidate

    def body(self, jaxpr: Jaxpr, consts: Sequence[Any], inputs: Sequence[str]) -> list[str]:
        """Write the equations; returns the expressions of the results."""
        names: dict[Any, str] = dict(zip(jaxpr.invars, inputs, strict=True))
        for variable, value in zip(jaxpr.constvars, consts, strict=True):
            names[variable] = value_source(value)
            if len(names[variable]) > 40:
                name = self.fresh("constant")
                self.put(f"{name} = {names[variable]}")
                names[variable] = name
        live = _live(jaxpr)
        for equation in jaxpr.eqns:
            if id(equation) in live:
                self.equation(equation, names)
        return [self.read(variable, names) for variable in jaxpr.outvars]

    def put(self, line: str) -> None:
        self.lines.append(self.indent + line)

    def read(self, variable: Any, names: dict[Any, str]) -> str:
        return value_source(variable.val) if hasattr(variable, "val") else names[variable]

    def equation(self, equation: Any, names: dict[Any, str]) -> None:
        name, params = equation.primitive.name, equation.params
        args = [self.read(variable, names) for variable in equation.invars]
        if name in _CALLS:
            inner = next(params[each] for each in _INLINED if each in params)
            closed = hasattr(inner, "jaxpr")
            made = self.body(inner.jaxpr if closed else inner, inner.consts if closed else (), args)
            names.update(zip(equation.outvars, made, strict=True))
            return
        if name == "platform_index":
            # The branches that follow say which platform each is for.
            names[equation.outvars[0]] = "0"
            return
        if name == "optimization_barrier":
            # It changes no values, only what the compiler puts together.
            names.update(zip(equation.outvars, args, strict=True))
            return
        if name in ("scan", "while", "cond"):
            made = getattr(self, name + "_")(params, args)
            names.update(zip(equation.outvars, made, strict=True))
            return
        expression = self.expression(name, params, args, equation)
        if expression.isidentifier():
            names[equation.outvars[0]] = expression
            return
        results = [self.fresh(_short(name)) for _ in equation.outvars]
        names.update(zip(equation.outvars, results, strict=True))
        if equation.primitive.multiple_results:
            self.put(f"{', '.join(results)}{',' if len(results) == 1 else ''} = {expression}")
        else:
            self.put(f"{results[0]} = {expression}")

    def expression(self, name: str, params: dict[str, Any], args: list[str], equation: Any) -> str:
        """One equation as an expression."""
        if name in _PLAIN or name in _RENAMED:
            return f"lax.{_RENAMED.get(name, name)}({', '.join(args)})"
        made = _special(name, params, args, equation)
        if made is not None:
            return made
        if "callback" in name:
            raise Unwritable("The step prints or calls Python while it runs, which is no part of a pure function.")
        import jax.extend.core.primitives as primitives

        symbol = f"{name.replace('-', '_')}_p"
        if not hasattr(primitives, symbol):
            raise Unwritable(f"The JAX primitive {name} cannot be written as source.")
        given = ", ".join([*args, *(f"{key}={_param_source(value)}" for key, value in params.items())])
        return f"primitives.{symbol}.bind({given})"

    # ---- control flow ----------------------------------------------------------------------------------------

    def _function(self, name: str, parameters: list[str], closed: Any, inputs: list[str], single: bool = False) -> str:
        """Write a nested function whose body is a traced one."""
        symbol = self.fresh(name)
        self.put(f"def {symbol}({', '.join(parameters)}):")
        inner = Writer(self.lines, self.taken, self.indent + "    ")
        made = inner.body(closed.jaxpr, closed.consts, inputs)
        inner.put(f"return {made[0]}" if single else f"return {_tuple(made)}")
        return symbol

    def _unpacked(self, name: str, count: int) -> list[str]:
        return [self.fresh(name) for _ in range(count)]

    def scan_(self, params: dict[str, Any], args: list[str]) -> list[str]:
        consts, carried = params["num_consts"], params["num_carry"]
        closed = params["jaxpr"]
        carry = [f"carry[{place}]" for place in range(carried)]
        rows = [f"row[{place}]" for place in range(len(args) - consts - carried)]
        symbol = self.fresh("body")
        self.put(f"def {symbol}(carry, row):")
        inner = Writer(self.lines, self.taken, self.indent + "    ")
        made = inner.body(closed.jaxpr, closed.consts, [*args[:consts], *carry, *rows])
        inner.put(f"return {_tuple(made[:carried])}, {_tuple(made[carried:])}")
        last, stacked = self.fresh("last"), self.fresh("stacked")
        xs = _tuple(args[consts + carried :])
        self.put(
            f"{last}, {stacked} = lax.scan({symbol}, {_strong(args[consts : consts + carried])}, {xs}, "
            f"length={params['length']}, reverse={params['reverse']})"
        )
        return [f"{last}[{place}]" for place in range(carried)] + [
            f"{stacked}[{place}]" for place in range(len(made) - carried)
        ]

    def while_(self, params: dict[str, Any], args: list[str]) -> list[str]:
        first, second = params["cond_nconsts"], params["body_nconsts"]
        start = args[first + second :]
        state = [f"state_[{place}]" for place in range(len(start))]
        test = self._function("go_on", ["state_"], params["cond_jaxpr"], [*args[:first], *state], single=True)
        body = self._function("body", ["state_"], params["body_jaxpr"], [*args[first : first + second], *state])
        last = self.fresh("last")
        self.put(f"{last} = lax.while_loop({test}, {body}, {_strong(start)})")
        return [f"{last}[{place}]" for place in range(len(start))]

    def cond_(self, params: dict[str, Any], args: list[str]) -> list[str]:
        index, *operands = args
        symbols = [self._function("branch", [], closed, operands) for closed in params["branches"]]
        chosen = self.fresh("chosen")
        platforms = params.get("branches_platforms")
        if platforms:
            given = [
                f"{name}={symbol}"
                for names, symbol in zip(platforms, symbols, strict=True)
                for name in names or ("default",)
            ]
            self.put(f"{chosen} = lax.platform_dependent({', '.join(given)})")
        else:
            self.put(f"{chosen} = lax.switch({index}, [{', '.join(symbols)}])")
        return [f"{chosen}[{place}]" for place in range(len(params["branches"][0].jaxpr.outvars))]


def _special(name: str, params: dict[str, Any], args: list[str], equation: Any) -> str | None:
    """Primitives whose parameters are arguments of a function of `jax.lax`."""
    first = args[0] if args else ""
    source = _param_source
    match name:
        case "broadcast_in_dim" if len(args) == 1:
            return f"lax.broadcast_in_dim({first}, {source(params['shape'])}, {source(params['broadcast_dimensions'])})"
        case "reshape" if params.get("dimensions") is None and len(args) == 1:
            return f"lax.reshape({first}, {source(params['new_sizes'])})"
        case "transpose":
            return f"lax.transpose({first}, {source(params['permutation'])})"
        case "squeeze":
            return f"lax.squeeze({first}, {source(params['dimensions'])})"
        case "reduce_sum" | "reduce_max" | "reduce_min" | "reduce_prod" | "reduce_and" | "reduce_or":
            if hasattr(lax, name):
                return f"lax.{name}({first}, {source(params['axes'])})"
            return None
        case "argmax" | "argmin":
            return f"lax.{name}({first}, {params['axes'][0]}, {dtype_source(params['index_dtype'])})"
        case "convert_element_type":
            return f"lax.convert_element_type({first}, {dtype_source(params['new_dtype'])})"
        case "bitcast_convert_type":
            return f"lax.bitcast_convert_type({first}, {dtype_source(params['new_dtype'])})"
        case "integer_pow":
            return f"lax.integer_pow({first}, {params['y']})"
        case "select_n":
            return f"lax.select_n({', '.join(args)})"
        case "concatenate":
            return f"lax.concatenate([{', '.join(args)}], {params['dimension']})"
        case "stack":
            return f"jnp.stack([{', '.join(args)}], {params.get('axis', params.get('dimension', 0))})"
        case "unstack":
            return f"jnp.unstack({first}, axis={params.get('axis', params.get('dimension', 0))})"
        case "tile":
            return f"jnp.tile({first}, {source(params['reps'])})"
        case "pad":
            return f"lax.pad({first}, {args[1]}, {source(params['padding_config'])})"
        case "slice":
            bounds = (source(params[key]) for key in ("start_indices", "limit_indices", "strides"))
            return f"lax.slice({first}, {', '.join(bounds)})"
        case "dynamic_slice":
            return f"lax.dynamic_slice({first}, [{', '.join(args[1:])}], {source(params['slice_sizes'])})"
        case "dynamic_update_slice":
            return f"lax.dynamic_update_slice({first}, {args[1]}, [{', '.join(args[2:])}])"
        case "iota" if not args:
            kind, shape = dtype_source(params["dtype"]), source(params["shape"])
            return f"lax.broadcasted_iota({kind}, {shape}, {params['dimension']})"
        case "rev":
            return f"lax.rev({first}, {source(params['dimensions'])})"
        case "sort":
            rest = f"dimension={params['dimension']}, is_stable={params['is_stable']}, num_keys={params['num_keys']}"
            return f"lax.sort({_tuple(args)}, {rest})"
        case "cumsum" | "cumprod" | "cummax" | "cummin" | "cumlogsumexp":
            return f"lax.{name}({first}, axis={params['axis']}, reverse={params['reverse']})"
        case "dot_general":
            kept = {key: params[key] for key in ("dimension_numbers", "preferred_element_type") if params.get(key)}
            return f"lax.dot_general({', '.join(args)}, {_keywords(kept)})"
        case "gather":
            keys: tuple[str, ...] = (
                "dimension_numbers",
                "slice_sizes",
                "unique_indices",
                "indices_are_sorted",
                "mode",
                "fill_value",
            )
            return f"lax.gather({', '.join(args)}, {_keywords({key: params[key] for key in keys})})"
        case "scatter" | "scatter-add" | "scatter_add" | "scatter_mul" | "scatter_min" | "scatter_max":
            keys = ("dimension_numbers", "indices_are_sorted", "unique_indices", "mode")
            function = name.replace("-", "_")
            return f"lax.{function}({', '.join(args)}, {_keywords({key: params[key] for key in keys})})"
        case "conv_general_dilated":
            keys = (
                "window_strides", "padding", "lhs_dilation", "rhs_dilation", "dimension_numbers", "feature_group_count",
                "batch_group_count",
            )  # fmt: skip
            return f"lax.conv_general_dilated({', '.join(args)}, {_keywords({key: params[key] for key in keys})})"
        case "reduce_window_max" | "reduce_window_sum" | "reduce_window_min":
            kind = {"max": "max", "sum": "add", "min": "min"}[name[-3:]]
            keys = ("window_dimensions", "window_strides", "padding", "base_dilation", "window_dilation")
            dtype = np.dtype(equation.invars[0].aval.dtype)
            worst = 0 if kind == "add" else (-np.inf if kind == "max" else np.inf)
            if dtype.kind in "iu" and kind != "add":
                worst = np.iinfo(dtype).min if kind == "max" else np.iinfo(dtype).max
            start = value_source(np.asarray(worst, dtype))
            return f"lax.reduce_window({first}, {start}, lax.{kind}, {_keywords({key: params[key] for key in keys})})"
        case "empty" | "empty2":
            # What a branch leaves unset because nobody reads it.
            each = equation.outvars[0].aval
            return f"jnp.zeros({each.shape}, {dtype_source(each.dtype)})"
        case "split":
            return f"lax.split({first}, {source(params['sizes'])}, {params['axis']})"
        case "top_k":
            return f"lax.top_k({first}, {params['k']})"
        case "stop_gradient":
            return f"lax.stop_gradient({first})"
        case "copy" | "copy_p":
            return first
    return None


def _keywords(params: dict[str, Any]) -> str:
    return ", ".join(f"{key}={_param_source(value)}" for key, value in params.items())


def _tuple(values: Sequence[str]) -> str:
    return f"({', '.join(values)}{',' if len(values) == 1 else ''})"


def _strong(values: Sequence[str]) -> str:
    return _tuple([f"jnp.asarray({value})" for value in values])


def _short(name: str) -> str:
    return {"dot_general": "product", "broadcast_in_dim": "spread", "convert_element_type": "cast"}.get(
        name, name.replace("-", "_")
    )


def _live(jaxpr: Jaxpr) -> set[int]:
    """The equations whose results are used, by id."""
    wanted = {variable for variable in jaxpr.outvars if not hasattr(variable, "val")}
    live = set()
    for equation in reversed(jaxpr.eqns):
        if equation.effects or any(variable in wanted for variable in equation.outvars):
            live.add(id(equation))
            wanted.update(variable for variable in equation.invars if not hasattr(variable, "val"))
    return live


def custom_rules(jaxpr: Jaxpr) -> bool:
    """Whether a traced function has derivatives of its own somewhere."""
    return any(
        "custom_" in equation.primitive.name or any(map(custom_rules, _inside(equation))) for equation in jaxpr.eqns
    )


def needs_wide(jaxpr: Jaxpr) -> bool:
    """Whether a traced function computes with 64 bits inside."""
    for equation in jaxpr.eqns:
        for variable in equation.outvars:
            dtype = getattr(variable.aval, "dtype", None)
            if dtype is not None and getattr(np.dtype(dtype), "itemsize", 0) > 4 and np.dtype(dtype) != np.complex64:
                return True
        if any(map(needs_wide, _inside(equation))):
            return True
    return False


def _inside(equation: Any) -> list[Jaxpr]:
    found = []
    for value in equation.params.values():
        for each in value if isinstance(value, tuple | list) else (value,):
            inner = getattr(each, "jaxpr", each)
            if hasattr(inner, "eqns"):
                found.append(inner)
    return found


def trace(function: Any, structs: Sequence[Any]) -> Any:
    """The traced form of `function` for arguments of these shapes."""
    return jax.make_jaxpr(function)(*structs)
