"""`tf.debugging.assert_*`: checked at once where code runs at once, and by the program in a function being traced."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from functape._core._convert import convert
from functape._core._holding import is_tensor_like
from functape._core._print_value import summarize_array
from functape._core._shape import TensorShape
from functape._engine._errors import InvalidArgumentError
from functape._engine._trace import is_tracing
from functape.function._effects import record_check

_FIRST = 3
"""Entries shown of each tensor by default."""


def _text(value: Any, summarize: int | None) -> str:
    if isinstance(value, str | bytes):
        return value.decode("utf-8", "replace") if isinstance(value, bytes) else value
    return summarize_array(np.asarray(value), _FIRST if summarize is None else summarize)


def Assert(condition: Any, data: Any, summarize: int | None = None, name: str | None = None) -> None:
    """Raise an error unless a condition holds (`tf.debugging.Assert`).

    **Arguments:**
    - `condition`: a bool scalar, or a tensor all of whose elements must be true.
    - `data`: a list of tensors and texts to show.
    - `summarize`: how many entries to show of each.
    - `name`: accepted for compatibility.

    **Raises:** `InvalidArgumentError` if it does not hold; in a function being traced, when that runs.

    ```python
    >>> import functape as tf
    >>> tf.debugging.Assert(tf.constant(True), ["never shown"])

    ```
    """
    values = [each if isinstance(each, str | bytes) else convert(each) for each in data]

    def message(*arrays: Any) -> str:
        given = iter(arrays)
        shown = [_text(each if isinstance(each, str | bytes) else next(given), summarize) for each in values]
        return f"assertion failed: Expected the condition to be true. Summarized data: {' '.join(shown)}"

    _check(condition, message, [each for each in values if not isinstance(each, str | bytes)])


def _check(condition: Any, message: Callable[..., str], tensors: list[Any]) -> None:
    """Raise, now or when the program runs, unless all elements of `condition` are true."""
    texts = [each for each in tensors if each.dtype.name == "string"]
    if texts:
        tensors = [each for each in tensors if each.dtype.name != "string"]
    if not is_tracing():
        if not bool(np.all(np.asarray(condition))):
            raise InvalidArgumentError(message=message(*(np.asarray(each.numpy()) for each in tensors)))
        return

    def fail(*arrays: Any) -> None:
        raise InvalidArgumentError(message=message(*arrays))

    record_check(convert(condition), fail, tensors)


def _comparison(name: str, sign: str, compare: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    def check(x: Any, y: Any, message: str | None, summarize: int | None) -> None:
        left, right = (
            (convert(x), convert(y))
            if is_tensor_like(x) or not is_tensor_like(y)
            else (convert(x, y.dtype), convert(y))
        )
        if left.dtype is not right.dtype and not is_tensor_like(y):
            right = convert(y, left.dtype)

        def text(*arrays: Any) -> str:
            shown = [_text(each, summarize) for each in arrays]
            return (
                f"{message or ''}\nCondition x {sign} y did not hold.\nFirst elements of x:\n{shown[0]}\n"
                f"First elements of y:\n{shown[1]}"
            )

        _check(_all(compare(left, right)), text, [left, right])

    check.__name__ = name
    return check


def _all(condition: Any) -> Any:
    from functape._api._reductions import reduce_all

    return reduce_all(condition)


def _compared(function: str) -> Callable[[Any, Any], Any]:
    def compare(x: Any, y: Any) -> Any:
        from functape._api import _elementwise

        return getattr(_elementwise, function)(x, y)

    return compare


_equal = _comparison("assert_equal", "==", _compared("equal"))
_none_equal = _comparison("assert_none_equal", "!=", _compared("not_equal"))
_less = _comparison("assert_less", "<", _compared("less"))
_less_equal = _comparison("assert_less_equal", "<=", _compared("less_equal"))
_greater = _comparison("assert_greater", ">", _compared("greater"))
_greater_equal = _comparison("assert_greater_equal", ">=", _compared("greater_equal"))


def assert_equal(
    x: Any, y: Any, message: str | None = None, summarize: int | None = None, name: str | None = None
) -> None:
    """Raise `InvalidArgumentError` unless `x == y` everywhere (`tf.debugging.assert_equal`).

    **Arguments:**
    - `x`, `y`: numeric tensors whose shapes broadcast.
    - `message`: what the error begins with.
    - `summarize`: how many entries it shows.
    - `name`: accepted for compatibility.

    ```python
    >>> import functape as tf
    >>> tf.debugging.assert_equal(tf.constant(1), 1)

    ```
    """
    _equal(x, y, message, summarize)


def assert_none_equal(
    x: Any, y: Any, summarize: int | None = None, message: str | None = None, name: str | None = None
) -> None:
    """Raise `InvalidArgumentError` unless `x != y` everywhere; as `assert_equal` otherwise."""
    _none_equal(x, y, message, summarize)


def assert_less(
    x: Any, y: Any, message: str | None = None, summarize: int | None = None, name: str | None = None
) -> None:
    """Raise `InvalidArgumentError` unless `x < y` everywhere; as `assert_equal` otherwise."""
    _less(x, y, message, summarize)


def assert_less_equal(
    x: Any, y: Any, message: str | None = None, summarize: int | None = None, name: str | None = None
) -> None:
    """Raise `InvalidArgumentError` unless `x <= y` everywhere; as `assert_equal` otherwise."""
    _less_equal(x, y, message, summarize)


def assert_greater(
    x: Any, y: Any, message: str | None = None, summarize: int | None = None, name: str | None = None
) -> None:
    """Raise `InvalidArgumentError` unless `x > y` everywhere; as `assert_equal` otherwise."""
    _greater(x, y, message, summarize)


def assert_greater_equal(
    x: Any, y: Any, message: str | None = None, summarize: int | None = None, name: str | None = None
) -> None:
    """Raise `InvalidArgumentError` unless `x >= y` everywhere; as `assert_equal` otherwise."""
    _greater_equal(x, y, message, summarize)


def _zero(x: Any) -> tuple[Any, Any]:
    tensor = convert(x)
    return tensor, convert(0, tensor.dtype)


def assert_positive(x: Any, message: str | None = None, summarize: int | None = None, name: str | None = None) -> None:
    """Raise `InvalidArgumentError` unless `x > 0` everywhere; the arguments are as for `assert_equal`."""
    _greater(*_zero(x), message, summarize)


def assert_negative(x: Any, message: str | None = None, summarize: int | None = None, name: str | None = None) -> None:
    """Raise `InvalidArgumentError` unless `x < 0` everywhere; the arguments are as for `assert_equal`."""
    _less(*_zero(x), message, summarize)


def assert_non_negative(
    x: Any, message: str | None = None, summarize: int | None = None, name: str | None = None
) -> None:
    """Raise `InvalidArgumentError` unless `x >= 0` everywhere; the arguments are as for `assert_equal`."""
    _greater_equal(*_zero(x), message, summarize)


def assert_non_positive(
    x: Any, message: str | None = None, summarize: int | None = None, name: str | None = None
) -> None:
    """Raise `InvalidArgumentError` unless `x <= 0` everywhere; the arguments are as for `assert_equal`."""
    _less_equal(*_zero(x), message, summarize)


def assert_near(
    x: Any,
    y: Any,
    rtol: Any = None,
    atol: Any = None,
    message: str | None = None,
    summarize: int | None = None,
    name: str | None = None,
) -> None:
    """Raise `InvalidArgumentError` unless `|x - y| <= atol + rtol * |y|` everywhere (`tf.debugging.assert_near`).

    **Arguments:**
    - `x`, `y`: floating tensors whose shapes broadcast.
    - `rtol`, `atol`: the tolerances; ten times the dtype's resolution by default.
    - `message`, `summarize`, `name`: as for `assert_equal`.
    """
    left, right = convert(x), convert(y, hint=convert(x).dtype)
    resolution = 10 * float(np.finfo(left.dtype.as_numpy_dtype).eps) if left.dtype.is_floating else 0.0
    relative = convert(resolution if rtol is None else rtol, left.dtype)
    absolute = convert(resolution if atol is None else atol, left.dtype)

    def text(*arrays: Any) -> str:
        left, right = (_text(each, summarize) for each in arrays)
        return f"{message or ''}\nx and y not equal to tolerance.\nx: {left}\ny: {right}"

    _check(_all(abs(left - right) <= absolute + relative * abs(right)), text, [left, right])


def _finite_check(x: Any, message: str, op: str) -> Any:
    from functape._api._reductions import reduce_any
    from functape.math import is_inf, is_nan

    tensor = convert(x)
    if not tensor.dtype.is_floating:
        raise InvalidArgumentError(
            message=f"Value for attr 'T' of {tensor.dtype.spoken} is not in the list of allowed values: floating types "
            f"[Op:{op}]"
        )

    def text(array: Any) -> str:
        found = [word for word, test in (("Inf", np.isinf), ("NaN", np.isnan)) if test(array.astype(np.float64)).any()]
        return f"{message} : Tensor had {' and '.join(found)} values [Op:{op}]"

    wrong = reduce_any(is_nan(tensor)) | reduce_any(is_inf(tensor))
    _check(~wrong, text, [tensor])
    return tensor


def check_numerics(tensor: Any, message: str, name: str | None = None) -> Any:
    """The tensor, if it holds neither infinities nor NaNs (`tf.debugging.check_numerics`).

    **Raises:** `InvalidArgumentError` that begins with `message`.
    """
    return _finite_check(tensor, message, "CheckNumerics")


def assert_all_finite(x: Any, message: str, name: str | None = None) -> Any:
    """As `check_numerics` (`tf.debugging.assert_all_finite`)."""
    return _finite_check(x, message, "CheckNumerics")


# ---- known while tracing ---------------------------------------------------------------------------------------------


def _shape_of(value: Any) -> TensorShape:
    return TensorShape((value if is_tensor_like(value) else convert(value)).aval.shape)


def _prefix(message: str | None) -> str:
    return f"{message} " if message else ""


def assert_rank(x: Any, rank: Any, message: str | None = None, name: str | None = None) -> None:
    """Raise `ValueError` unless a tensor has the rank given (`tf.debugging.assert_rank`)."""
    shape, wanted = _shape_of(x), int(np.asarray(rank))
    if shape.rank != wanted:
        raise ValueError(f"{_prefix(message)}Tensor must have rank {wanted}. Received rank {shape.rank}, shape {shape}")


def assert_rank_at_least(x: Any, rank: Any, message: str | None = None, name: str | None = None) -> None:
    """Raise `ValueError` unless a tensor has at least the rank given (`tf.debugging.assert_rank_at_least`)."""
    shape, wanted = _shape_of(x), int(np.asarray(rank))
    if (shape.rank or 0) < wanted:
        raise ValueError(
            f"{_prefix(message)}Tensor must have rank at least {wanted}. Received rank {shape.rank}, shape {shape}"
        )


def assert_rank_in(x: Any, ranks: Any, message: str | None = None, name: str | None = None) -> None:
    """Raise `ValueError` unless a tensor has one of the ranks given (`tf.debugging.assert_rank_in`)."""
    shape, wanted = _shape_of(x), [int(np.asarray(each)) for each in ranks]
    if shape.rank not in wanted:
        raise ValueError(
            f"{_prefix(message)}Tensor must have rank in {wanted}. Received rank {shape.rank}, shape {shape}"
        )


def assert_scalar(tensor: Any, message: str | None = None, name: str | None = None) -> Any:
    """The tensor, if it is a scalar (`tf.debugging.assert_scalar`); raises `ValueError` otherwise."""
    shape = _shape_of(tensor)
    if shape.rank:
        raise ValueError(f"{_prefix(message)}Expected scalar shape, saw shape: {shape}.")
    return convert(tensor)


def assert_type(tensor: Any, tf_type: Any, message: str | None = None, name: str | None = None) -> None:
    """Raise `TypeError` unless a tensor has the dtype given (`tf.debugging.assert_type`)."""
    from functape._engine._dtypes import as_dtype

    found, wanted = convert(tensor).dtype, as_dtype(tf_type)
    if found is not wanted:
        raise TypeError(f"{_prefix(message)}tensor must be of type {wanted!r}; got {found!r}")


def assert_integer(x: Any, message: str | None = None, name: str | None = None) -> None:
    """Raise `TypeError` unless a tensor holds integers (`tf.debugging.assert_integer`)."""
    found = convert(x).dtype
    if not found.is_integer:
        raise TypeError(f"{_prefix(message)}Expected `x` to be integer type. Found: tensor of dtype {found!r}")


def assert_proper_iterable(values: Any) -> None:
    """Raise `TypeError` unless `values` is an iterable of tensors and no tensor itself "
    "(`tf.debugging.assert_proper_iterable`)."""
    if is_tensor_like(values) or isinstance(values, np.ndarray | str | bytes) or not hasattr(values, "__iter__"):
        raise TypeError(f"Expected argument `values` to be a list, a tuple or another iterable. Found: {type(values)}")


def assert_same_float_dtype(tensors: Any = None, dtype: Any = None) -> Any:
    """The one floating dtype of some tensors (`tf.debugging.assert_same_float_dtype`); raises `ValueError` "
    "otherwise."""
    from functape._engine._dtypes import as_dtype, float32

    wanted = None if dtype is None else as_dtype(dtype)
    for each in tensors or ():
        found = convert(each).dtype
        if wanted is not None and found is not wanted:
            raise ValueError(f"Expected tensor of dtype {wanted!r}, got {found!r}")
        wanted = found
    wanted = wanted or float32
    if not wanted.is_floating:
        raise ValueError(f"Expected floating point type, got {wanted!r}.")
    return wanted


def assert_shapes(
    shapes: Any, data: Any = None, summarize: int | None = None, message: str | None = None, name: str | None = None
) -> None:
    """Raise `ValueError` unless tensors have the shapes given (`tf.debugging.assert_shapes`).

    **Arguments:**
    - `shapes`: pairs of a tensor and a shape, or a dict of them; a length may be a number, None or `"."` for any, or a
      symbol, which stands for one length throughout; a leading `...` or `"*"` stands for any lengths.
    - `data`, `summarize`, `name`: accepted for compatibility.
    - `message`: what the error begins with.

    ```python
    >>> import functape as tf
    >>> tf.debugging.assert_shapes([(tf.ones([2, 3]), ("N", 3)), (tf.ones([2]), ("N",))])

    ```
    """
    pairs = list(shapes.items()) if isinstance(shapes, dict) else list(shapes)
    known: dict[Any, int] = {}
    for tensor, wanted in pairs:
        value = tensor.deref() if hasattr(tensor, "deref") else tensor
        found = _shape_of(value).as_list()
        symbols = [wanted] if isinstance(wanted, int | str) else list(wanted)
        if symbols == [()] or wanted == ():
            symbols = []
        if symbols and (symbols[0] is Ellipsis or symbols[0] == "*"):
            symbols = symbols[1:]
            found = found[len(found) - len(symbols) :] if len(found) >= len(symbols) else found
        elif symbols and (symbols[-1] is Ellipsis or symbols[-1] == "*"):
            symbols = symbols[:-1]
            found = found[: len(symbols)]
        if len(found) != len(symbols):
            raise ValueError(
                f"{_prefix(message)}Tensor must have rank {len(symbols)}. Received shape {_shape_of(value)}"
            )
        for axis, (length, symbol) in enumerate(zip(found, symbols, strict=True)):
            if symbol is None or symbol == ".":
                continue
            expected = symbol if isinstance(symbol, int) else known.setdefault(symbol, length)  # type: ignore[arg-type]
            if length != expected:
                raise ValueError(
                    f"{_prefix(message)}Tensor dimension {axis} must have size {expected}. Received size {length}, "
                    f"shape {_shape_of(value)}"
                )


def is_numeric_tensor(tensor: Any) -> bool:
    """Whether something is a tensor of numbers (`tf.debugging.is_numeric_tensor`)."""
    return is_tensor_like(tensor) and (tensor.dtype.is_integer or tensor.dtype.is_floating or tensor.dtype.is_complex)
