"""Sums and means over all batches, and metrics that are the mean of a function's values."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import jax.numpy as jnp

from functape._core._cast import cast
from functape._core._convert import convert, is_tensor_like
from functape._core._tensor import Tensor
from functape._engine._errors import InvalidArgumentError
from functape._engine._op import Op
from functape._engine._recorder import record
from functape._ops._elementwise import DIVIDE_NO_NAN
from functape._ops._lengths import as_number
from functape._ops._operators import IDENTITY
from functape.keras.losses._bound import Bound, binders, on_logits, prepared
from functape.keras.losses._formula import Formula
from functape.keras.losses._masks import mask_of
from functape.keras.losses._ranks import same_rank
from functape.keras.losses._reduction import masked_weight
from functape.keras.metrics._metric import Metric


def samplewise(values: Any, weight: Any, reduce: Callable[..., Any]) -> tuple[Any, Any]:
    """A value and a weight for each example.

    **Arguments:**
    - `values`: an array.
    - `weight`: an array of its dtype, or None.
    - `reduce`: what makes one number of several.
    """
    if weight is not None:
        values, weight = same_rank(values, weight)
        rank = weight.ndim
        if values.ndim > rank:
            values = reduce(values, tuple(range(rank, values.ndim)))
        weight = jnp.broadcast_to(weight, values.shape)
        values = values * weight
        if rank > 1:
            weight = reduce(weight, tuple(range(1, rank)))
    if values.ndim > 1:
        values = reduce(values, tuple(range(1, values.ndim)))
    return values, weight


def _weights(dtype: Any, others: list[Any], given: tuple[bool, bool, bool]) -> Any:
    """The weight that a sample weight, the mask of the prediction and that of the values make."""
    weight = others.pop(0).astype(dtype) if given[0] else None
    if given[1]:
        weight = masked_weight(weight, others.pop(0), dtype, "sum")
    if given[2] and weight is not None:
        weight = masked_weight(weight, others.pop(0), dtype, "sum")
    return weight


def _add_to_mean(total: Any, count: Any, values: Any, *others: Any, given: tuple[bool, bool, bool]) -> Any:
    weight = _weights(total.dtype, list(others), given)
    values, weight = samplewise(values.astype(total.dtype), weight, jnp.mean)
    number = as_number(values.shape[0] if values.ndim else 1, count.dtype) if weight is None else jnp.sum(weight)
    return total + jnp.sum(values), count + number.astype(count.dtype)


def _add_to_sum(total: Any, values: Any, *others: Any, given: tuple[bool, bool, bool]) -> Any:
    weight = _weights(total.dtype, list(others), given)
    return (total + jnp.sum(samplewise(values.astype(total.dtype), weight, jnp.sum)[0]),)


ADD_TO_MEAN = Op("AddToMean", _add_to_mean, ("given",), multiple=True, differentiable=False)
ADD_TO_SUM = Op("AddToSum", _add_to_sum, ("given",), multiple=True, differentiable=False)
NOTHING = (False, False, False)


@functools.cache
def mean_row(formula: Formula) -> Op:
    """The row that takes the values of a formula into a mean: `(total, count, output, target, *others)`."""

    def function(
        total: Any,
        count: Any,
        output: Any,
        target: Any,
        *others: Any,
        given: tuple[bool, bool, bool],
        **attributes: Any,
    ) -> Any:
        numbers = others[: len(others) - sum(given[:2])]
        rest = list(others[len(numbers) :])
        values = formula.of(output, target, *numbers, **attributes)
        if isinstance(values, tuple):
            values, mask = values
            rest.append(mask)
            given = (*given[:2], True)
        return _add_to_mean(total, count, values, *rest, given=given)

    def check(name: str, avals: tuple[Any, ...], given: Any, **attributes: Any) -> None:
        formula.check_values(formula.name, avals[2:], **attributes)

    return Op(
        f"{formula.name}Mean", function, (*formula.attributes, "given"),
        check=check, multiple=True, differentiable=False,
    )  # fmt: skip


def inputs(*values: Any) -> tuple[tuple[bool, ...], tuple[Any, ...]]:
    """Which of some further inputs are given, and those that are, as tensors."""
    present = tuple(each if is_tensor_like(each) else convert(each) for each in values if each is not None)
    return tuple(each is not None for each in values), present


class Sum(Metric):
    """The sum of all values, or of values times weights (`tf.keras.metrics.Sum`).

    **Arguments:**
    - `name`, `dtype`: as for `Metric`.

    ```python
    >>> import functape as tf
    >>> metric = tf.keras.metrics.Sum()
    >>> metric.update_state([1.0, 3.0])
    >>> print(metric([5.0], sample_weight=2.0).numpy())
    14.0

    ```
    """

    def __init__(self, name: str | None = "sum", dtype: Any = None) -> None:
        super().__init__(name=name, dtype=dtype)
        self.total = self.add_variable((), "zeros", dtype=self.dtype, name="total")

    def update_state(self, values: Any, sample_weight: Any = None) -> None:
        """Take in values, and a weight for each that broadcasts with them."""
        given, rest = inputs(sample_weight, None, None if sample_weight is None else mask_of(values))
        values = values if is_tensor_like(values) else convert(values)
        self._change(ADD_TO_SUM, (given,), (self.total,), (values, *rest))

    def result(self) -> Any:
        """The sum so far."""
        return record(IDENTITY, (), (self.total.tensor,))


class Mean(Metric):
    """The mean of all values, or their weighted mean (`tf.keras.metrics.Mean`).

    **Arguments:**
    - `name`, `dtype`: as for `Metric`.

    ```python
    >>> import functape as tf
    >>> metric = tf.keras.metrics.Mean()
    >>> metric.update_state([1.0, 3.0])
    >>> print(metric(8.0).numpy())
    4.0

    ```
    """

    def __init__(self, name: str | None = "mean", dtype: Any = None) -> None:
        super().__init__(name=name, dtype=dtype)
        self.total = self.add_variable((), "zeros", dtype=self.dtype, name="total")
        self.count = self.add_variable((), "zeros", dtype=self.dtype, name="count")
        self._state = (self.total, self.count)

    def update_state(self, values: Any, sample_weight: Any = None) -> None:
        """Take in values, and a weight for each that broadcasts with them."""
        if sample_weight is None and values.__class__ is Tensor:
            self._change(ADD_TO_MEAN, (NOTHING,), self._state, (values,))
            return
        given, rest = inputs(sample_weight, None, None if sample_weight is None else mask_of(values))
        values = values if is_tensor_like(values) or values.__class__ is float else _converted(values)
        self._change(ADD_TO_MEAN, (given,), self._state, (values, *rest))

    def result(self) -> Any:
        """The mean so far; 0 before there is a value."""
        return record(DIVIDE_NO_NAN, (), (self.total.tensor, self.count.tensor))

    def _take(self, bound: Bound, y_true: Any, y_pred: Any, sample_weight: Any) -> None:
        """Take in the values of a formula, in one op."""
        formula, statics, numbers, _, _ = bound
        mask = mask_of(y_pred)
        if y_true.__class__ is not Tensor or y_pred.__class__ is not Tensor or numbers or formula.labels:
            y_true, y_pred = prepared(bound, y_true, y_pred)
        statics, y_pred = on_logits(formula, statics, y_true, y_pred)
        if sample_weight is None and mask is None:
            self._change(mean_row(formula), (*statics, NOTHING), self._state, (y_pred, y_true, *numbers))
            return
        given, rest = inputs(sample_weight, mask, None)
        self._change(mean_row(formula), (*statics, given), self._state, (y_pred, y_true, *numbers, *rest))


def _converted(values: Any) -> Any:
    """Values as a tensor.

    **Raises:** `RuntimeError` for a dict.
    """
    if isinstance(values, dict):
        raise RuntimeError(
            f"The output of a metric function can only be a single Tensor. Received: {values}. To return a dict of "
            "values, implement a custom Metric subclass."
        )
    return convert(values)


class MeanMetricWrapper(Mean):
    """The mean of the values of a function (`tf.keras.metrics.MeanMetricWrapper`).

    **Arguments:**
    - `fn`: a function `(y_true, y_pred, **kwargs)` that returns a value for each example.
    - `name`, `dtype`: as for `Metric`.
    - `kwargs`: passed to the function.

    ```python
    >>> import functape as tf
    >>> metric = tf.keras.metrics.MeanMetricWrapper(lambda y_true, y_pred: tf.abs(y_true - y_pred), name="size")
    >>> print(metric([1.0, 2.0], [1.0, 5.0]).numpy())
    1.5

    ```
    """

    _shown: tuple[str, ...] = ()
    """Which of the function's arguments are attributes, and shown by the configuration."""

    def __init__(self, fn: Callable[..., Any], name: str | None = None, dtype: Any = None, **kwargs: Any) -> None:
        super().__init__(name=name, dtype=dtype)
        self._fn = fn
        self._fn_kwargs = kwargs
        vars(self).update((shown, kwargs[shown]) for shown in self._shown)
        self._cast = False
        binder = binders.get(fn) if getattr(fn, "__hash__", None) else None
        self._bound: Bound | None = None if binder is None else binder(**kwargs)

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:  # type: ignore[override]
        """Take in labels, predictions, and a weight for each example."""
        if self._bound is not None:
            self._take(self._bound, y_true, y_pred, sample_weight)
            return
        values = self._values(y_true, y_pred)
        given, rest = inputs(sample_weight, mask_of(y_pred), mask_of(values))
        if given[2] and not (given[0] or given[1]):
            given, rest = NOTHING, ()
        values = values if is_tensor_like(values) else _converted(values)
        self._change(ADD_TO_MEAN, (given,), self._state, (values, *rest))

    def _values(self, y_true: Any, y_pred: Any) -> Any:
        """The function's values.

        Keras 3 passes labels and predictions as they are; a function written for Keras 2, which casts them to the
        metric's dtype, may need that.
        """
        given = [each if is_tensor_like(each) or isinstance(each, dict) else convert(each) for each in (y_true, y_pred)]
        if not self._cast:
            try:
                return self._fn(*given, **self._fn_kwargs)
            except (InvalidArgumentError, TypeError, ValueError):
                if any(isinstance(each, dict) for each in given) or all(
                    each.aval.dtype.name == self._dtype for each in given
                ):
                    raise
                values = self._fn(*(cast(each, self._dtype) for each in given), **self._fn_kwargs)
                self._cast = True
                return values
        return self._fn(*(cast(each, self._dtype) for each in given), **self._fn_kwargs)

    def get_config(self) -> dict[str, Any]:
        """The arguments of the constructor."""
        config = super().get_config()
        if type(self) is MeanMetricWrapper:
            return config | {"fn": self._fn} | self._fn_kwargs
        return config | {name: self._fn_kwargs[name] for name in self._shown}


def _add_to_each(total: Any, count: Any, values: Any, *weight: Any) -> Any:
    values = values.astype(total.dtype)
    number = jnp.ones_like(values)
    if weight:
        values, share = same_rank(values, weight[0].astype(total.dtype))
        if share.ndim < values.ndim and share.shape != values.shape[values.ndim - share.ndim :] and share.ndim:
            values = jnp.mean(values, tuple(range(share.ndim, values.ndim)))
        number, values = number * share, values * share
    return total + values, count + number


ADD_TO_EACH = Op("AddToMeanTensor", _add_to_each, multiple=True, differentiable=False)


class MeanTensor(Metric):
    """The mean of each element over all batches (`tf.keras.metrics.MeanTensor` of Keras 2).

    **Arguments:**
    - `name`, `dtype`: as for `Metric`.
    - `shape`: the shape of the values; that of the first ones by default.

    ```python
    >>> import functape as tf
    >>> metric = tf.keras.metrics.MeanTensor()
    >>> metric.update_state([0.0, 1.0])
    >>> print(metric([4.0, 2.0]).numpy())
    [2.  1.5]

    ```
    """

    def __init__(self, name: str | None = "mean_tensor", dtype: Any = None, shape: Any = None) -> None:
        super().__init__(name=name, dtype=dtype)
        self._total: Any = None
        self._count: Any = None
        if shape is not None:
            self._build(shape)

    def _build(self, shape: Any) -> None:
        self._total = self.add_variable(shape, "zeros", dtype=self.dtype, name="total")
        self._count = self.add_variable(shape, "zeros", dtype=self.dtype, name="count")

    @property
    def total(self) -> Any:
        """The sum of each element; None before there are values."""
        return self._total

    @property
    def count(self) -> Any:
        """The number or weight of each element; None before there are values."""
        return self._count

    def update_state(self, values: Any, sample_weight: Any = None) -> None:
        """Take in values of one shape.

        **Raises:** `ValueError` for values of another shape than the first.
        """
        values = values if is_tensor_like(values) else convert(values)
        if self._total is None:
            self._build(values.shape)
        elif values.shape != self._total.shape:
            raise ValueError(
                "MeanTensor input values must always have the same shape. Expected shape (set during the first "
                f"call): {self._total.shape}. Got: {values.shape}."
            )
        rest = inputs(sample_weight)[1]
        self._change(ADD_TO_EACH, (), (self._total, self._count), (values, *rest))

    def result(self) -> Any:
        """The mean of each element.

        **Raises:** `ValueError` before there are values.
        """
        if self._total is None:
            raise ValueError(
                "MeanTensor does not have any value yet. Please call the MeanTensor instance or use "
                "`.update_state(value)` before retrieving the result."
            )
        return record(DIVIDE_NO_NAN, (), (self._total.tensor, self._count.tensor))
