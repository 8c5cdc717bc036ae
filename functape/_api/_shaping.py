"""Another shape for the same elements, or the same elements more than once."""

from __future__ import annotations

from typing import Any

import numpy as np

from functape._api._static import array_of, as_axis, as_ints, as_shape, invalid, operand
from functape._core._arrange import arrange
from functape._core._convert import convert, is_tensor_like
from functape._core._dispatch import composite
from functape._core._layered import layered
from functape._engine._avals import Kind
from functape._engine._recorder import record
from functape._ops._gathering import GATHER
from functape._ops._shaping import BROADCAST_TO, MIRROR_PAD, PAD, REPEAT, RESHAPE, REVERSE, ROLL, TILE, TRANSPOSE


def reshape(tensor: Any, shape: Any, name: str | None = None) -> Any:
    """The elements of `tensor` in another shape (`tf.reshape`).

    **Arguments:**
    - `tensor`: a tensor of any shape.
    - `shape`: the lengths, of which one may be -1; ints, or an integer vector, whose value is needed at once.
    - `name`: accepted for compatibility; ops have no names here.

    **Raises:** `InvalidArgumentError` if the number of elements does not fit.

    ```python
    >>> import functape as tf
    >>> tf.reshape([1, 2, 3, 4], [2, -1]).numpy()
    array([[1, 2],
           [3, 4]], dtype=int32)

    ```
    """
    return arrange(RESHAPE, (as_ints(shape, "shape"),), (operand(tensor),))


@composite
def expand_dims(input: Any, axis: Any, name: str | None = None) -> Any:
    """`input` with an axis of length 1 more (`tf.expand_dims`).

    **Arguments:**
    - `input`: a tensor of any shape.
    - `axis`: where the new axis goes, in the result; a static integer.
    - `name`: accepted for compatibility; ops have no names here.

    **Raises:** `InvalidArgumentError` if there is no such place.

    ```python
    >>> import functape as tf
    >>> tf.expand_dims([1, 2], -1).shape
    TensorShape([2, 1])

    ```
    """
    values = operand(input)
    lengths = values.aval.shape
    place = as_axis(axis, len(lengths) + 1, "ExpandDims")
    return arrange(RESHAPE, ((*lengths[:place], 1, *lengths[place:]),), (values,))


@composite
def squeeze(input: Any, axis: Any = None, name: str | None = None) -> Any:
    """`input` without its axes of length 1 (`tf.squeeze`).

    **Arguments:**
    - `input`: a tensor of any shape.
    - `axis`: the axes to drop, an int or a list; all of length 1 by default.
    - `name`: accepted for compatibility; ops have no names here.

    **Raises:** `InvalidArgumentError` if an axis to drop does not exist or is not of length 1.

    ```python
    >>> import functape as tf
    >>> tf.squeeze([[[1], [2]]]).shape
    TensorShape([2])

    ```
    """
    values = operand(input)
    lengths = values.aval.shape
    asked = () if axis is None else as_ints(axis, "axis")
    dropped = {as_axis(each, len(lengths), "Squeeze") for each in asked}
    for each in dropped:
        if lengths[each] != 1:
            raise invalid(f"Can not squeeze dim[{each}], expected a dimension of 1, got {lengths[each]} [Op:Squeeze]")
    if not asked:
        dropped = {at for at, length in enumerate(lengths) if length == 1}
    shape = tuple(length for at, length in enumerate(lengths) if at not in dropped)
    return arrange(RESHAPE, (shape,), (values,))


def transpose(a: Any, perm: Any = None, conjugate: bool = False, name: str = "transpose") -> Any:
    """`a` with its axes in another order (`tf.transpose`).

    **Arguments:**
    - `a`: a tensor of rank n.
    - `perm`: the old number of each new axis; reversed order by default.
    - `conjugate`: whether to conjugate complex elements too.
    - `name`: accepted for compatibility; ops have no names here.

    **Raises:** `InvalidArgumentError` if `perm` does not name each axis once.

    ```python
    >>> import functape as tf
    >>> tf.transpose([[1, 2], [3, 4]]).numpy()
    array([[1, 3],
           [2, 4]], dtype=int32)

    ```
    """
    values = operand(a)
    order = tuple(reversed(range(values.aval.ndim))) if perm is None else as_ints(perm, "perm")
    return arrange(TRANSPOSE, (order, bool(conjugate) and values.aval.dtype.is_complex), (values,))


@layered("broadcast_to")
def broadcast_to(input: Any, shape: Any, name: str | None = None) -> Any:
    """`input` repeated to a shape it broadcasts to (`tf.broadcast_to`).

    **Arguments:**
    - `input`: a tensor of any shape.
    - `shape`: the shape of the result.
    - `name`: accepted for compatibility; ops have no names here.

    **Raises:** `InvalidArgumentError` if the shapes do not broadcast.

    ```python
    >>> import functape as tf
    >>> tf.broadcast_to([1, 2], [2, 2]).numpy()
    array([[1, 2],
           [1, 2]], dtype=int32)

    ```
    """
    return arrange(BROADCAST_TO, (as_shape(shape, "shape"),), (operand(input),))


@layered("tile")
@composite
def tile(input: Any, multiples: Any, name: str | None = None) -> Any:
    """`input` laid side by side with itself (`tf.tile`).

    **Arguments:**
    - `input`: a tensor of rank n.
    - `multiples`: how many times along each of the n axes.
    - `name`: accepted for compatibility; ops have no names here.

    **Raises:** `InvalidArgumentError` if `multiples` has not n entries, or one is negative.

    ```python
    >>> import functape as tf
    >>> tf.tile([1, 2], [2]).numpy()
    array([1, 2, 1, 2], dtype=int32)

    ```
    """
    values, times = operand(input), as_ints(multiples, "multiples")
    if len(times) != values.aval.ndim or any(each < 0 for each in times):
        raise invalid(
            f"Expected multiples argument to be a vector of {values.aval.ndim} non-negative numbers. "
            f"Received: {list(times)} [Op:Tile]"
        )
    return arrange(TILE, (times,), (values,))


def repeat(input: Any, repeats: Any, axis: Any = None, name: str | None = None) -> Any:
    """`input` with its elements repeated (`tf.repeat`).

    **Arguments:**
    - `input`: a tensor of any shape.
    - `repeats`: how many times: an int, or a vector with a number for each element along `axis`. Its value is needed
      at once.
    - `axis`: along which axis; by default `input` is made a vector first.
    - `name`: accepted for compatibility; ops have no names here.

    **Raises:** `ValueError` if `repeats` does not fit; `InvalidArgumentError` if it is negative.

    ```python
    >>> import functape as tf
    >>> tf.repeat([1, 2], [1, 2]).numpy()
    array([1, 2, 2], dtype=int32)

    ```
    """
    values = operand(input)
    if axis is None:
        values = arrange(RESHAPE, ((-1,),), (values,))
    place = as_axis(0 if axis is None else axis, values.aval.ndim, "Repeat", ValueError)
    times = array_of(repeats)
    if times.size and times.min() < 0:
        raise invalid(f"`repeats` must be non-negative. Received: {times.tolist()}")
    if times.size == 1:
        return arrange(REPEAT, (int(times.reshape(())), place), (values,))
    length = values.aval.shape[place]
    if times.ndim != 1 or times.size != length:
        raise ValueError(f"`repeats` must be a number or {length} numbers. Received shape {list(times.shape)}")
    places = np.repeat(np.arange(length, dtype=np.int32), times)
    return arrange(GATHER, (place, 0), (values,), (convert(places),))


@composite
def reverse(tensor: Any, axis: Any, name: str | None = None) -> Any:
    """`tensor` with some axes in reverse order (`tf.reverse`).

    **Arguments:**
    - `tensor`: a tensor of any shape.
    - `axis`: a list of axes.
    - `name`: accepted for compatibility; ops have no names here.

    **Raises:** `InvalidArgumentError` if there is no such axis, or one is named twice.

    ```python
    >>> import functape as tf
    >>> tf.reverse([1, 2, 3], [0]).numpy()
    array([3, 2, 1], dtype=int32)

    ```
    """
    values = operand(tensor)
    given = array_of(axis)
    if given.ndim != 1:
        raise invalid(f"`axis` must be a list of axes. Received: {axis!r} [Op:ReverseV2]")
    axes = tuple(as_axis(each, values.aval.ndim, "ReverseV2") for each in given.tolist())
    if len(set(axes)) != len(axes):
        raise invalid(f"`axis` names an axis twice. Received: {given.tolist()} [Op:ReverseV2]")
    return arrange(REVERSE, (tuple(int(each) for each in axes),), (values,))


def roll(input: Any, shift: Any, axis: Any, name: str | None = None) -> Any:
    """`input` with its elements moved round along some axes (`tf.roll`).

    **Arguments:**
    - `input`: a tensor of rank at least 1.
    - `shift`: by how much; a number or a vector. It may change from step to step.
    - `axis`: along which axis, or axes.
    - `name`: accepted for compatibility; ops have no names here.

    **Raises:** `InvalidArgumentError` if there is no such axis, or `shift` and `axis` differ in length.

    ```python
    >>> import functape as tf
    >>> tf.roll([1, 2, 3], 1, 0).numpy()
    array([3, 1, 2], dtype=int32)

    ```
    """
    values, shifts = operand(input), operand(shift)
    if not values.aval.ndim:
        raise invalid("input must be 1-D or higher [Op:Roll]")
    axes = tuple(as_axis(each, values.aval.ndim, "Roll") for each in as_ints(axis, "axis"))
    if shifts.aval.ndim > 1 or shifts.aval.size != len(axes):
        raise invalid(f"shift and axis must have the same size. Received shapes {shifts.aval.shape} and ({len(axes)},)")
    return arrange(ROLL, (axes,), (values,), (reshape(shifts, (len(axes),)),))


@layered("pad")
def pad(tensor: Any, paddings: Any, mode: str = "CONSTANT", constant_values: Any = 0, name: str | None = None) -> Any:
    """`tensor` with more elements around it (`tf.pad`).

    **Arguments:**
    - `tensor`: a tensor of rank n.
    - `paddings`: n rows of two numbers: how many elements before and after, along each axis.
    - `mode`: `CONSTANT`, `REFLECT` (mirrored, the edge not repeated) or `SYMMETRIC` (mirrored with the edge).
    - `constant_values`: the element put around in `CONSTANT` mode, a scalar. It may change from step to step.
    - `name`: accepted for compatibility; ops have no names here.

    **Raises:** `ValueError` for another mode; `InvalidArgumentError` if `paddings` does not fit.

    ```python
    >>> import functape as tf
    >>> tf.pad([1, 2, 3], [[1, 2]], "REFLECT").numpy()
    array([2, 1, 2, 3, 2, 1], dtype=int32)

    ```
    """
    kind = mode.upper()
    if kind not in ("CONSTANT", "REFLECT", "SYMMETRIC"):
        raise ValueError(
            "Value of argument `mode` expected to be one of 'CONSTANT', 'REFLECT', or 'SYMMETRIC'. "
            f"Received `mode` = {mode}"
        )
    values, given = operand(tensor), array_of(paddings)
    if given.ndim != 2 or given.shape[1] != 2:
        raise invalid(f"paddings must be a matrix with 2 columns: {list(given.shape)} [Op:PadV2]")
    if given.dtype.kind not in "iuO":
        raise invalid(f"paddings must be integers. Received: {paddings!r} [Op:PadV2]")
    rows = tuple((int(before), int(after)) for before, after in given)
    if kind != "CONSTANT":
        return arrange(MIRROR_PAD, (rows, kind.lower()), (values,))
    if values.aval.kind is Kind.HOST:
        blank = constant_values if is_tensor_like(constant_values) or constant_values else ""
        return arrange(PAD, (rows,), (values, operand(blank)))
    number = constant_values
    if number.__class__ not in (int, float, bool) or values.aval.dtype.is_bool:
        number = operand(number, hint=values.aval.dtype)
        if values.aval.dtype.is_bool and number.aval.kind is Kind.SCALAR:
            number = operand(bool(number.value))
    return record(PAD, (rows,), (values, number))
