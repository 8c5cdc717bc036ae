"""What a loss is: one formula, and the two rows that record it.

`values` is the functional form: one number for each example. `loss` is what a loss object computes: casts, weights,
masks and the mean included, in one op.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from functape._engine._avals import Aval, aval
from functape._engine._dtypes import as_dtype
from functape._engine._errors import InvalidArgumentError
from functape._engine._op import Op
from functape.keras.losses._ranks import same_rank, same_rank_shapes
from functape.keras.losses._reduction import reduced

formulas: dict[str, Formula] = {}
"""Every formula by name."""


class Formula:
    """A function `(target, output, *numbers, **attributes) -> values` of arrays.

    **Arguments:**
    - `name`: the name of its row.
    - `function`: the function. The target has the dtype of the output. It returns `(values, mask)` if `masks`.
    - `attributes`: names of its static arguments.
    - `align`: whether the functional form brings the ranks together; a loss object always does.
    - `check`: raises TensorFlow's error for shapes that do not fit: `(name, output, target, **attributes)`, the
      arguments being avals after ranks are brought together.
    - `labels`: whether the target holds classes, through which no gradient flows and which are not cast.
    - `scores`: whether nothing is cast and no gradient flows, as in an accuracy.
    - `logits`: the activation whose logits take the place of probabilities; there is an attribute `from_logits` then.
    """

    def __init__(
        self,
        name: str,
        function: Callable[..., Any],
        attributes: tuple[str, ...] = (),
        *,
        align: bool = False,
        check: Callable[..., None] | None = None,
        labels: bool = False,
        scores: bool = False,
        logits: str = "",
    ) -> None:
        self.name = name
        self.function = function
        self.attributes = attributes
        self.align = align
        self.check = check
        self.labels = labels
        self.scores = scores
        self.logits = logits
        unconnected = (1,) if labels else ()
        self.values = Op(
            name, self.of, attributes, check=self.check_values, unconnected=unconnected, differentiable=not scores
        )
        self.values_and_mask = Op(
            f"{name}AndMask", self.of, attributes, check=self.check_values, unconnected=unconnected, multiple=True
        )
        self.loss = Op(
            f"{name}Loss", self._loss, (*attributes, "dtype", "reduction", "given"),
            check=self._check_loss, unconnected=unconnected,
        )  # fmt: skip
        formulas[name] = self

    def __deepcopy__(self, memo: Any) -> Formula:
        return self

    def __reduce__(self) -> Any:
        return _formula, (self.name,)

    def apply(self, output: Any, target: Any, numbers: tuple[Any, ...], align: bool, **attributes: Any) -> Any:
        """Values of arrays of any dtype and rank: `values`, or `(values, mask)`."""
        if not (self.labels or self.scores):
            target = target.astype(output.dtype)
        if align:
            target, output = same_rank(target, output)
        return self.function(target, output, *numbers, **attributes)

    def of(self, output: Any, target: Any, *numbers: Any, **attributes: Any) -> Any:
        """As `apply`, as the functional form does it: an integer output becomes floating."""
        if not self.scores and output.dtype.kind in "iub":
            output = output.astype(np.float32)
        return self.apply(output, target, numbers, self.align, **attributes)

    def _loss(
        self,
        output: Any,
        target: Any,
        *others: Any,
        dtype: Any,
        reduction: Any,
        given: tuple[bool, bool],
        **attributes: Any,
    ) -> Any:
        """`others` are the numbers, then the sample weight and the mask where they are `given`."""
        numbers = others[: len(others) - sum(given)]
        rest = list(others[len(numbers) :])
        weight = rest.pop(0).astype(dtype) if given[0] else None
        mask = rest.pop(0) if given[1] else None
        values = self.apply(output.astype(dtype), target, numbers, True, **attributes)
        if isinstance(values, tuple):
            values, own = values
            mask = own if mask is None else mask.astype(bool) & own
        return reduced(values.astype(dtype), weight, mask, reduction)

    def check_values(self, name: str, avals: tuple[Aval, ...], **attributes: Any) -> None:
        """Raise TensorFlow's error for arguments of `of` that do not fit."""
        self._check(name, avals, self.align, attributes)

    def _check_loss(self, name: str, avals: tuple[Aval, ...], **attributes: Any) -> None:
        own = {key: attributes[key] for key in self.attributes}
        self._check(name.removesuffix("Loss"), avals, True, own)

    def _check(self, name: str, avals: tuple[Aval, ...], align: bool, attributes: dict[str, Any]) -> None:
        output, target = avals[:2]
        for each in avals[:2]:
            if not (each.dtype.is_numeric or each.dtype.is_bool) or each.dtype.is_complex:
                raise InvalidArgumentError(
                    message=f"Value for attr 'T' of {each.dtype.spoken} is not in the list of allowed values: {name} "
                    f"takes real numeric tensors [Op:{name}]."
                )
        if align:
            shapes = same_rank_shapes(target.shape, output.shape)
            target, output = aval(shapes[0], target.dtype), aval(shapes[1], output.dtype)
        if self.check is not None:
            self.check(name, output, target, **attributes)


def _formula(name: str) -> Formula:
    import functape.keras.losses._formulas  # noqa: F401  (it fills the table)

    return formulas[name]


def floating_type(dtype: Any) -> Any:
    """The NumPy type of a dtype's name."""
    return as_dtype(dtype).as_numpy_dtype
