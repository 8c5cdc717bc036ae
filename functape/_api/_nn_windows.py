"""Reading what convolutions and poolings have in common: strides, windows, paddings and data formats."""

from __future__ import annotations

from typing import Any

from functape._api._static import array_of, as_int, invalid
from functape._core._convert import is_tensor_like
from functape._core._shape import TensorShape
from functape._engine._errors import UnimplementedError
from functape._ops._convolution import Padding

FORMATS = {1: ("NWC", "NCW"), 2: ("NHWC", "NCHW"), 3: ("NDHWC", "NCDHW")}
"""Names of the data formats by the number of spatial axes: channels last, channels first."""


def channels_first(data_format: Any, rank: int, op: str, error: type[Exception] | None = None) -> bool:
    """Whether a data format has the channels before the spatial axes.

    **Raises:** `error` (an `InvalidArgumentError` by default) for a name that is none.
    """
    last, first = FORMATS[rank]
    if data_format is None or data_format == last:
        return False
    if data_format == first:
        return True
    message = f"`data_format` must be {last!r} or {first!r} [Op:{op}]. Received: data_format={data_format!r}"
    raise invalid(message) if error is None else error(message)


def spatial(value: Any, rank: int, first: bool, name: str, op: str) -> tuple[int, ...]:
    """Strides, dilations or a window: one number for each spatial axis.

    **Arguments:**
    - `value`: an int, or a sequence of 1, `rank` or `rank + 2` of them.
    - `rank`: the number of spatial axes.
    - `first`: whether the channels come first.
    - `name`, `op`: for messages.

    **Raises:** `ValueError` for a sequence of another length; `UnimplementedError` for a number other than 1 that
    belongs to the batch or the channels.
    """
    numbers = entries(value, name)
    if len(numbers) == 1:
        return numbers * rank
    if len(numbers) == rank:
        return numbers
    if len(numbers) != rank + 2:
        raise ValueError(
            f"{name} should be of length 1, {rank} or {rank + 2}. Received: {name}={value} of length {len(numbers)}"
        )
    return inner(numbers, first, name, op)


def entries(value: Any, name: str) -> tuple[int, ...]:
    """The integers in an int, a sequence or a tensor."""
    if value.__class__ is int:
        return (value,)
    if isinstance(value, list | tuple | TensorShape):
        return tuple(as_int(each, name) for each in value)
    return (
        tuple(int(each) for each in array_of(value).reshape(-1))
        if is_tensor_like(value) or hasattr(value, "shape")
        else (as_int(value, name),)
    )


def inner(numbers: tuple[int, ...], first: bool, name: str, op: str) -> tuple[int, ...]:
    """The entries for spatial axes, of one entry for each axis.

    **Raises:** `UnimplementedError` if the others are not 1.
    """
    outer, kept = (numbers[:2], numbers[2:]) if first else ((numbers[0], numbers[-1]), numbers[1:-1])
    if outer != (1, 1):
        raise UnimplementedError(
            message=f"{name} other than 1 for the batch and the channels are not supported [Op:{op}]. "
            f"Received: {name}={list(numbers)}"
        )
    return kept


def listed(value: Any, rank: int, first: bool, name: str, op: str) -> tuple[int, ...]:
    """As `spatial`, where TensorFlow takes nothing but a list with an entry for each axis.

    **Raises:** `TypeError` for a single number; `InvalidArgumentError` for another length.
    """
    if not isinstance(value, list | tuple):
        raise TypeError(f"Expected list for {name!r} argument to {op!r} Op, not {value}.")
    numbers = entries(value, name)
    if len(numbers) != rank + 2:
        raise invalid(f"Sliding window {name} field must specify {rank + 2} dimensions [Op:{op}]. Received: {value}")
    return inner(numbers, first, name, op)


def padding_of(padding: Any, rank: int, first: bool, op: str, explicit: bool = True) -> Padding:
    """A padding as rows take it.

    **Arguments:**
    - `padding`: `"SAME"`, `"VALID"`, or a list of pairs, one for each axis, batch and channels among them.
    - `rank`, `first`, `op`: as for `spatial`.
    - `explicit`: whether the op takes a list.

    **Raises:** `ValueError` or `InvalidArgumentError` for another.
    """
    if isinstance(padding, str):
        if padding == "EXPLICIT":
            raise ValueError("'EXPLICIT' is not a valid value for `padding`. Pass the amounts themselves, as a list.")
        if padding not in ("SAME", "VALID"):
            raise invalid(
                f"Value for attr 'padding' of {padding!r} is not in the list of allowed values: 'SAME', 'VALID' "
                f"[Op:{op}]"
            )
        return padding
    if not explicit or not isinstance(padding, list | tuple):
        raise TypeError(f"Expected string for argument 'padding' not {padding!r}.")
    if len(padding) != rank + 2:
        raise ValueError(
            f"When padding is a list, it must be of size {rank + 2}. Received: padding={padding} of size {len(padding)}"
        )
    pairs = tuple(entries(pair, "padding") for pair in padding)
    for pair in pairs:
        if len(pair) != 2:
            raise ValueError(
                f"When padding is a list, each element must be a list of size 2. Received: padding={padding}"
            )
        if min(pair) < 0:
            raise invalid(f"All elements of explicit_paddings must be nonnegative [Op:{op}]. Received: {padding}")
    outer, kept = (pairs[:2], pairs[2:]) if first else ((pairs[0], pairs[-1]), pairs[1:-1])
    if any(pair != (0, 0) for pair in outer):
        raise invalid(
            f"Nonzero explicit padding in the batch or depth dimensions is not supported [Op:{op}]. "
            f"Received: padding={padding}"
        )
    return kept  # type: ignore[return-value]
