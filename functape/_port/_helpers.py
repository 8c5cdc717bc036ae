"""The functions of an emitted module: ops that take more than a line, written from their traced form."""

from __future__ import annotations

import re
import warnings
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from functape._engine._avals import Aval, Kind
from functape._engine._state import Node
from functape._port._jaxpr import Writer, custom_rules, needs_wide, trace
from functape._port._names import op_name
from functape._port._templates import ADAM
from functape.keras.optimizers._rows import APPLY_UPDATE
from functape.keras.optimizers._transforms_momentum import keras_adam, keras_sgd

RESERVED = {
    "jax", "jnp", "lax", "np", "io", "base64", "primitives", "state", "adam", "carry", "row", "state_", "shapes",
}  # fmt: skip


class Helpers:
    """The functions of one module."""

    def __init__(self) -> None:
        self.sources: list[str] = []
        self.taken: set[str] = set(RESERVED)
        self._known: dict[str, str] = {}
        self.adam = False

    # ---- calls -----------------------------------------------------------------------------------------------

    def call(self, node: Node, avals: Sequence[Aval], args: list[Any]) -> tuple[str, list[Any]]:
        """An op as a call of a function of the module.

        **Arguments:**
        - `node`: the op.
        - `avals`: of its inputs.
        - `args`: their expressions; a list of them for a tuple of arrays.

        **Returns:** the call, and for each output the shapes of the arrays it is made of, or None for one by itself.
        """
        structs = [_struct(each, arg) for each, arg in zip(avals, args, strict=True)]
        bound = node.op.bind(node.statics)
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Explicitly requested dtype")
            made = jax.eval_shape(bound, *structs)
            trees = [list(each) if isinstance(each, tuple) else None for each in made]
            leaves, structure = jax.tree.flatten(tuple(structs))

            def flat(*arrays: Any) -> tuple[Any, ...]:
                return tuple(jax.tree.leaves(bound(*jax.tree.unflatten(structure, arrays))))

            name = self.function(op_name(node), flat, leaves, single=not node.op.multiple and trees == [None])
        flat_args = [part for arg in args for part in (arg if isinstance(arg, list) else [arg])]
        return f"{name}({', '.join(flat_args)})", trees

    def descent(self, node: Node, args: list[Any]) -> list[tuple[str, str]] | None:
        """A step of plain gradient descent: for each variable its expression and that of its new value."""
        if node.op is not APPLY_UPDATE:
            return None
        update, count = node.statics[0], len(node.statics[0].present)
        plain = not any(update.decayed) and not update.dynamic and set(update.numbers) <= {"momentum"}
        if not plain or update.rule is not keras_sgd(False, False):
            return None
        pairs = zip(args[-2 * count : -count], args[-count:], strict=True)
        return [(value, f"{value} - {args[0]} * {gradient}") for value, gradient in pairs]

    def adam_step(self, node: Node, args: list[Any]) -> list[tuple[str, list[str]]] | None:
        """A step of Adam: for each variable, in the order of the state, its expression and the arguments of `adam`
        without the step count and the numbers."""
        if node.op is not APPLY_UPDATE:
            return None
        update = node.statics[0]
        if update.rule is not keras_adam(False, False):
            return None
        count = len(update.present)
        every = [member for unit in update.units for member in unit.members]
        if update.dynamic or any(update.decayed) or update.present != tuple(sorted(every)) or every != sorted(every):
            return None
        if set(update.numbers) != {"beta_1", "beta_2", "epsilon"}:
            return None
        self.adam = True
        rate, state, values, gradients = args[0], args[1], args[-2 * count : -count], args[-count:]
        return [
            (value, [value, gradient, state[place], state[count + place], rate])
            for place, (value, gradient) in enumerate(zip(values, gradients, strict=True))
        ]

    # ---- functions -------------------------------------------------------------------------------------------

    def function(self, name: str, function: Any, structs: Sequence[Any], single: bool) -> str:
        """The name of a function of the module that does what `function` does."""
        closed = trace(function, structs)
        parameters = [f"x_{place}" for place in range(len(structs))] if len(structs) > 1 else ["x"][: len(structs)]
        lines: list[str] = []
        results = Writer(lines, set(RESERVED) | set(parameters), "").body(closed.jaxpr, closed.consts, parameters)
        answer = (
            results[0] if single and len(results) == 1 else f"({', '.join(results)}{',' if len(results) == 1 else ''})"
        )
        body = [*lines, f"return {answer}"]
        if needs_wide(closed.jaxpr):
            body = ["with jax.enable_x64(True):", *(f"    {line}" for line in body)]
        text = "\n".join([f"({', '.join(parameters)}):", *(f"    {line}" for line in body)])
        rule = ""
        active = [place for place, struct in enumerate(structs) if jnp.issubdtype(struct.dtype, jnp.inexact)]
        if custom_rules(closed.jaxpr) and active:
            rule = self._rule(function, structs, parameters, active, single)
        key = re.sub(r"_\d+$", "", name) + text + rule
        found = self._known.get(key)
        if found is not None:
            return found
        symbol = f"_{name}"
        number = 1
        while symbol in self.taken:
            number += 1
            symbol = f"_{name}_{number}"
        self.taken.add(symbol)
        self._known[key] = symbol
        source = f"def {symbol}{text}\n"
        if rule:
            source = f"@jax.custom_vjp\n{source}\n\n{rule.replace('FUNCTION', symbol)}"
        self.sources.append(source)
        return symbol

    def _rule(
        self, function: Any, structs: Sequence[Any], parameters: list[str], active: list[int], single: bool
    ) -> str:
        """The derivative that a function brings along, as the rule of a `jax.custom_vjp`."""
        results = jax.eval_shape(function, *structs)
        inexact = [place for place, each in enumerate(results) if jnp.issubdtype(each.dtype, jnp.inexact)]

        def back(*given: Any) -> tuple[Any, ...]:
            inputs, cotangents = list(given[: len(structs)]), given[len(structs) :]

            def partial(*varied: Any) -> tuple[Any, ...]:
                arguments = list(inputs)
                for place, value in zip(active, varied, strict=True):
                    arguments[place] = value
                made = function(*arguments)
                return tuple(made[place] for place in inexact)

            _, vjp = jax.vjp(partial, *(inputs[place] for place in active))
            return vjp(tuple(cotangents))

        closed = trace(back, [*structs, *(results[place] for place in inexact)])
        names = [f"cotangent_{place}" for place in range(len(inexact))]
        lines: list[str] = []
        taken = set(RESERVED) | set(parameters) | set(names) | {"residuals", "cotangents"}
        made = Writer(lines, taken, "").body(closed.jaxpr, closed.consts, [*parameters, *names])
        by_place = dict(zip(active, made, strict=True))
        answer = ", ".join(by_place.get(place, "None") for place in range(len(structs)))
        trailing = "," if len(structs) == 1 else ""
        unpack = [f"{', '.join(parameters)}{trailing} = residuals"]
        if single:
            unpack.append("cotangent_0 = cotangents")
        else:
            unpack += [f"cotangent_{index} = cotangents[{place}]" for index, place in enumerate(inexact)]
        body = [*unpack, *lines, f"return ({answer}{trailing})"]
        if needs_wide(closed.jaxpr):
            body = ["with jax.enable_x64(True):", *(f"    {line}" for line in body)]
        residuals = f"({', '.join(parameters)}{trailing})"
        return "\n".join(
            [
                f"def FUNCTION_forward({', '.join(parameters)}):",
                f"    return FUNCTION({', '.join(parameters)}), {residuals}",
                "",
                "",
                "def FUNCTION_backward(residuals, cotangents):",
                *(f"    {line}" for line in body),
                "",
                "",
                "FUNCTION.defvjp(FUNCTION_forward, FUNCTION_backward)",
                "",
            ]
        )

    def text(self) -> str:
        """All functions."""
        return "\n\n".join([*([ADAM] if self.adam else []), *self.sources])


def _struct(each: Aval, arg: Any) -> Any:
    if each.kind is Kind.TREE:
        return tuple(arg.structs)
    return jax.ShapeDtypeStruct(each.shape, jax.dtypes.canonicalize_dtype(np.dtype(each.dtype.as_numpy_dtype)))


class Parts(list[Any]):
    """The expressions of a tuple of arrays, with their shapes and dtypes."""

    def __init__(self, names: Sequence[str], structs: Sequence[Any]) -> None:
        super().__init__(names)
        self.structs = list(structs)
