"""What all losses share, and losses made of a function."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np

from functape._api._shaping import reshape
from functape._core._cast import cast
from functape._core._convert import convert, is_tensor_like
from functape._core._tensor import Tensor
from functape._engine._dtypes import as_dtype, float32
from functape._engine._errors import InvalidArgumentError
from functape._engine._op import Op
from functape._engine._recorder import record
from functape.keras._configuration import standardize_dtype
from functape.keras._naming import unique_name
from functape.keras.losses._bound import Bound, binders, on_logits, prepared
from functape.keras.losses._formula import floating_type
from functape.keras.losses._masks import both, mask_of
from functape.keras.losses._ranks import same_rank_shapes
from functape.keras.losses._reduction import check_reduction, reduced


def _reduce(values: Any, *others: Any, dtype: Any, reduction: Any, given: tuple[bool, bool]) -> Any:
    rest = list(others)
    weight = rest.pop(0).astype(dtype) if given[0] else None
    return reduced(values.astype(dtype), weight, rest[0] if given[1] else None, reduction)


REDUCE = Op("ReduceLoss", _reduce, ("dtype", "reduction", "given"))


class Loss:
    """The base of the losses (`tf.keras.losses.Loss`). A subclass defines `call(y_true, y_pred)`.

    **Arguments:**
    - `name`: the name; the class's in snake case by default.
    - `reduction`: `"sum_over_batch_size"` or `"mean"` (the mean over all elements), `"sum"`,
      `"mean_with_sample_weight"` (the mean by weight) or `"none"`; `"auto"` is Keras 2's name of the first.
    - `dtype`: what labels and predictions are cast to; `float32` unless `set_floatx` says otherwise.

    Keras 2's order, `Loss(reduction, name)`, is understood too.

    **Raises:** `ValueError` for another reduction.

    ```python
    >>> import functape as tf
    >>> class Cubic(tf.keras.losses.Loss):
    ...     def call(self, y_true, y_pred):
    ...         return tf.reduce_mean(tf.abs(y_true - y_pred) ** 3.0, axis=-1)
    >>> print(Cubic()([[0.0], [1.0]], [[2.0], [1.0]]).numpy())
    4.0

    ```
    """

    def __init__(self, name: Any = None, reduction: Any = "sum_over_batch_size", dtype: Any = None) -> None:
        if name in _KERAS_2_REDUCTIONS:
            name, reduction = (None if reduction == "sum_over_batch_size" else reduction), name
        self.name = unique_name(type(self).__name__) if name is None else name
        self._dtype = standardize_dtype(getattr(dtype, "compute_dtype", dtype))
        self._uncast_labels = False
        self.reduction = reduction

    @property
    def dtype(self) -> str:
        """The name of the dtype that labels and predictions are cast to."""
        return self._dtype

    @property
    def reduction(self) -> Any:
        """The name of the reduction; it may be changed."""
        return self._reduction

    @reduction.setter
    def reduction(self, value: Any) -> None:
        self._reduction = check_reduction(value)
        kind = as_dtype(self._dtype).as_numpy_dtype
        self._endings = {
            given: (kind, value, given) for given in ((False, False), (True, False), (False, True), (True, True))
        }

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        """The loss.

        **Arguments:**
        - `y_true`, `y_pred`: tensors, or structures of them; lists and arrays are converted.
        - `sample_weight`: a number or tensor that broadcasts with the losses of the elements.

        **Returns:** a scalar; a tensor with the reduction `"none"`.
        """
        values = self._called(y_true, _cast_all(y_pred, self._dtype))
        mask = both(mask_of(y_pred), mask_of(values))
        rest = [] if sample_weight is None else [_weight(sample_weight)]
        if mask is not None:
            rest.append(mask)
        values = values if is_tensor_like(values) else convert(values)
        return record(REDUCE, self._endings[sample_weight is not None, mask is not None], (values, *rest))

    def _called(self, y_true: Any, y_pred: Any) -> Any:
        """What `call` makes of labels and predictions.

        Keras 3 casts labels as it does predictions. Code written for Keras 2 may use integer labels as such, which then
        fails: it is given them as they are.
        """
        if not self._uncast_labels:
            try:
                return self.call(_cast_all(y_true, self._dtype), y_pred)
            except (InvalidArgumentError, TypeError, ValueError):
                given = _tensors(y_true)
                if not any(each.aval.dtype.is_integer for each in _leaves(given)):
                    raise
                values = self.call(given, y_pred)
                self._uncast_labels = True
                return values
        return self.call(_tensors(y_true), y_pred)

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """The loss of each element; a subclass defines it."""
        raise NotImplementedError("A loss defines `call(self, y_true, y_pred)`.")

    def get_config(self) -> dict[str, Any]:
        """The arguments of the constructor."""
        return {"name": self.name, "reduction": self.reduction}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """The loss that `get_config` described."""
        return cls(**config)


_KERAS_2_REDUCTIONS = ("auto", "none", "sum", "sum_over_batch_size")


class LossFunctionWrapper(Loss):
    """A loss made of a function `(y_true, y_pred, **kwargs)` that returns the losses of the elements.

    **Arguments:**
    - `fn`: the function.
    - `reduction`, `name`, `dtype`: as for `Loss`.
    - `kwargs`: passed to the function.

    ```python
    >>> import functape as tf
    >>> from functape.keras.losses import LossFunctionWrapper
    >>> print(LossFunctionWrapper(tf.keras.losses.huber, delta=2.0)([[0.0]], [[1.0]]).numpy())
    0.5

    ```
    """

    _shown: tuple[str, ...] = ()
    """Which of the function's arguments are attributes, and shown by the configuration."""
    _shown_if_changed: ClassVar[dict[str, Any]] = {}
    """Those that it shows where they have another value than this."""

    def __init__(
        self,
        fn: Callable[..., Any],
        reduction: Any = "sum_over_batch_size",
        name: str | None = None,
        dtype: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(name=name, reduction=reduction, dtype=dtype)
        self.fn = fn
        self._fn_kwargs = kwargs
        vars(self).update((shown, kwargs[shown]) for shown in self._shown)
        self._bound: Bound | None = None
        binder = binders.get(fn) if getattr(fn, "__hash__", None) else None
        if binder is not None and type(self).call is LossFunctionWrapper.call:
            self._bound = binder(**kwargs)

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        bound = self._bound
        if bound is None or y_pred.__class__ is dict or y_true.__class__ is dict:
            return super().__call__(y_true, y_pred, sample_weight)
        mask = mask_of(y_pred)
        formula, statics, numbers, masks, _ = bound
        if masks or numbers or y_pred.__class__ is not Tensor or y_true.__class__ is not Tensor or formula.labels:
            y_true, y_pred = prepared(bound, y_true, y_pred)
        if formula.logits:
            statics, y_pred = on_logits(formula, statics, y_true, y_pred, floating_type(self._dtype))
        if sample_weight is None and mask is None:
            return record(formula.loss, statics + self._endings[False, False], (y_pred, y_true, *numbers))
        rest = [] if sample_weight is None else [_weight(sample_weight)]
        if mask is not None:
            rest.append(mask)
        ending = self._endings[sample_weight is not None, mask is not None]
        return record(formula.loss, statics + ending, (y_pred, y_true, *numbers, *rest))

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """The function's values, of labels and predictions brought to one rank."""
        if is_tensor_like(y_true) and is_tensor_like(y_pred):
            shapes = same_rank_shapes(y_true.aval.shape, y_pred.aval.shape)
            if shapes != (y_true.aval.shape, y_pred.aval.shape):
                y_true, y_pred = reshape(y_true, shapes[0]), reshape(y_pred, shapes[1])
        return self.fn(y_true, y_pred, **self._fn_kwargs)

    def get_config(self) -> dict[str, Any]:
        """The arguments of the constructor."""
        config = super().get_config()
        if type(self) is LossFunctionWrapper:
            return config | {"fn": self.fn} | self._fn_kwargs
        config |= {name: self._fn_kwargs[name] for name in self._shown}
        changed = self._shown_if_changed.items()
        return config | {name: self._fn_kwargs[name] for name, usual in changed if self._fn_kwargs[name] != usual}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """The loss that `get_config` described, in Keras 2 or 3."""
        if cls is not LossFunctionWrapper and "fn" in config:
            config = {name: value for name, value in config.items() if name != "fn"}
        return cls(**config)

    def __repr__(self) -> str:
        return f"<LossFunctionWrapper({self.fn}, kwargs={self._fn_kwargs})>"


def _weight(value: Any) -> Any:
    """A sample weight as a tensor."""
    return value if is_tensor_like(value) else convert(value)


def _is_structure(value: Any) -> bool:
    """Whether a value is a structure of tensors rather than one tensor."""
    if isinstance(value, dict):
        return True
    return isinstance(value, list | tuple) and any(is_tensor_like(each) or _is_array(each) for each in value)


def _is_array(value: Any) -> bool:
    return isinstance(value, np.ndarray | dict) or _is_structure(value)


def _map(function: Callable[[Any], Any], value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _map(function, each) for key, each in value.items()}
    if _is_structure(value):
        return type(value)(_map(function, each) for each in value)
    return function(value)


def _tensors(value: Any) -> Any:
    """A value, or the parts of a structure, as tensors."""
    return _map(lambda each: each if is_tensor_like(each) else convert(each), value)


def _leaves(value: Any) -> list[Any]:
    if isinstance(value, dict):
        value = list(value.values())
    return [leaf for each in value for leaf in _leaves(each)] if isinstance(value, list | tuple) else [value]


def _cast_all(value: Any, dtype: str) -> Any:
    """As `_tensors`, of one dtype."""

    def one(each: Any) -> Any:
        given = each if is_tensor_like(each) else convert(each, hint=float32)
        return given if given.aval.dtype.name == dtype else cast(given, dtype)

    return _map(one, value)
