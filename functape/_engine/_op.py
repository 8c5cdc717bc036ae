"""What an operation is: a declarative row around a pure JAX function."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any

import jax

from functape._engine._avals import Aval, Kind, aval, tree_aval
from functape._engine._compat import enable_x64
from functape._engine._errors import InvalidArgumentError, OpError

registry: dict[str, Op] = {}
"""Every op by name."""


class Op:
    """One operation that a recording can hold.

    **Arguments:**
    - `name`: the op's name in messages (TensorFlow's kernel name where there is one). Registering a name twice is
      an error.
    - `function`: a pure function `(*arrays, **attributes) -> array`, or a tuple of arrays if `multiple`. Where
      TensorFlow's gradient convention differs from JAX's, or XLA's own gradient is slow, the function carries its own
      as a `jax.custom_jvp` or `jax.custom_vjp`.
    - `attributes`: names of the static arguments, in the order their values are recorded.
    - `multiple`: the function returns a tuple.
    - `differentiable`: False for an op whose gradient TensorFlow calls unconnected.
    - `unconnected`: positions of inputs that receive no gradient.
    - `absorbs_zero`: a cotangent of zero stays zero even where the derivative is infinite, as in TensorFlow's kernels
      for the gradients of some one-input ops.
    - `check`: called once for each new combination of input avals, `(name, avals, **attributes)`; raises
      TensorFlow's error for a mistake.
    - `kinds`: how each output is held, a function `(**attributes) -> kinds`; by default plain arrays.
    - `varying`: for each output, the positions of the inputs it varies with, a function `(*attributes) -> positions`;
      by default all of them.
    - `effects`: whether it does something besides returning its outputs, a function `(*attributes) -> bool`; such an op
      is run even if nobody holds what it returns.
    - `lookup`: whether an op `(table, numbers)` returns rows of the table, in the numbers' order, so that the table's
      gradient can be given by rows: a function `(statics, avals, refs) -> bool` of the recorded node, `avals` by slot.
    - `passes`: the op returns its one input.
    - `ends_step`: what is pending is run right after the op, so that there is no use in running it before.
    - `carries`: where a derivative may take different ways through the op: a function `(statics, tracked, forward)`
      from the positions of the inputs that are tracked to those of them that a gradient reaches; going `forward`, to
      the positions of the inputs that the outputs are, as far as changes are concerned.
    """

    __slots__ = (
        "name", "function", "attributes", "multiple", "differentiable", "unconnected",
        "absorbs_zero", "check", "kinds", "varying", "effects",
        "lookup", "passes", "ends_step", "carries", "_inferred",
    )  # fmt: skip

    def __init__(
        self,
        name: str,
        function: Callable[..., Any],
        attributes: tuple[str, ...] = (),
        *,
        multiple: bool = False,
        differentiable: bool = True,
        unconnected: tuple[int, ...] = (),
        absorbs_zero: bool = False,
        check: Callable[..., None] | None = None,
        kinds: Callable[..., tuple[Kind, ...]] | None = None,
        varying: Callable[..., Sequence[Collection[int]]] | None = None,
        effects: Callable[..., bool] | None = None,
        lookup: Callable[..., bool] | None = None,
        passes: bool = False,
        ends_step: bool = False,
        carries: Callable[..., tuple[int, ...]] | None = None,
    ) -> None:
        if name in registry:
            raise ValueError(f"An op named {name!r} is registered already. Give the new row a name of its own.")
        self.name = name
        self.function = function
        self.attributes = attributes
        self.multiple = multiple
        self.differentiable = differentiable
        self.unconnected = unconnected
        self.absorbs_zero = absorbs_zero
        self.check = check
        self.kinds = kinds
        self.lookup = lookup
        self.passes = passes
        self.ends_step = ends_step
        self.carries = carries
        self.varying = varying
        self.effects = effects
        self._inferred: dict[Any, tuple[Aval, ...]] = {}
        registry[name] = self

    def bind(self, statics: tuple[Any, ...]) -> Callable[..., tuple[Any, ...]]:
        """The op as a function of arrays that returns a tuple of arrays."""
        function = self.function
        attributes = dict(zip(self.attributes, statics, strict=True))
        if self.multiple:
            return lambda *arrays: tuple(function(*arrays, **attributes))
        return lambda *arrays: (function(*arrays, **attributes),)

    def infer(self, statics: tuple[Any, ...], avals: tuple[Aval, ...]) -> tuple[Aval, ...]:
        """Avals of the outputs; inferred once for each combination of inputs.

        **Raises:** TensorFlow's error if the inputs do not fit the op or each other.
        """
        key = (statics, avals)
        found = self._inferred.get(key)
        if found is None:
            if self.check is not None:
                self.check(self.name, avals, **dict(zip(self.attributes, statics, strict=True)))
            try:
                with enable_x64(True):
                    outputs = jax.eval_shape(self.bind(statics), *(each.struct for each in avals))
            except OpError:
                raise
            except (TypeError, ValueError, IndexError, AssertionError) as error:
                raise InvalidArgumentError(
                    message=f"{error} [Op:{self.name}] with inputs {', '.join(map(repr, avals))}"
                ) from error
            found = tuple(_output_aval(output) for output in outputs)
            if self.kinds is not None:
                kinds = self.kinds(**dict(zip(self.attributes, statics, strict=True)))
                found = tuple(each.as_kind(kind) for each, kind in zip(found, kinds, strict=True))
            self._inferred[key] = found
        return found

    def __repr__(self) -> str:
        return f"<op {self.name}>"


def _output_aval(struct: Any) -> Aval:
    if isinstance(struct, tuple):
        return tree_aval(tuple(aval(leaf.shape, leaf.dtype) for leaf in struct))
    return aval(struct.shape, struct.dtype)
