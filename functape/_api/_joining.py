"""Tensors put together and taken apart."""

from __future__ import annotations

from typing import Any

from functape._api._static import as_axis, as_int, as_ints, invalid, operand, operands
from functape._core._arrange import arrange
from functape._core._convert import convert, is_tensor_like
from functape._core._dispatch import composite
from functape._core._slices import IndexedSlices
from functape._engine._recorder import record_multiple
from functape._ops._operators import IDENTITY, PACK, STOP_GRADIENT
from functape._ops._shaping import CONCAT, MESHGRID, RESHAPE, SPLIT, UNPACK


@composite
def concat(values: Any, axis: Any, name: str = "concat") -> Any:
    """Tensors one after the other along an axis they have (`tf.concat`).

    **Arguments:**
    - `values`: a list of tensors whose shapes agree but for `axis`; a single tensor stands for itself.
    - `axis`: the axis; a static integer.
    - `name`: accepted for compatibility; ops have no names here.

    **Raises:** `InvalidArgumentError` if ranks, shapes or dtypes differ, or there is no such axis.

    ```python
    >>> import functape as tf
    >>> tf.concat([[1, 2], [3]], axis=0).numpy()
    array([1, 2, 3], dtype=int32)

    ```
    """
    given = operands(values if isinstance(values, list | tuple) else [values])
    if not given:
        raise invalid("`values` is an empty list: there is nothing to put together [Op:ConcatV2]")
    if len(given) == 1:
        as_axis(axis, max(given[0].aval.ndim, 1), "ConcatV2", ValueError)
        return arrange(IDENTITY, (), given)
    rank = given[0].aval.ndim
    if not rank:
        raise invalid(f"ConcatOp : Expected concatenating dimensions in the range [0, 0), but got {axis} [Op:ConcatV2]")
    return arrange(CONCAT, (as_axis(axis, rank, "ConcatV2"),), given)


@composite
def stack(values: Any, axis: Any = 0, name: str = "stack") -> Any:
    """Tensors of one shape one after the other along a new axis (`tf.stack`).

    **Arguments:**
    - `values`: a list of tensors of one shape and dtype, or a tensor, which is taken apart along its first axis.
    - `axis`: where the new axis goes; a static integer.
    - `name`: accepted for compatibility; ops have no names here.

    **Raises:** `InvalidArgumentError` if shapes or dtypes differ; `ValueError` if there is no such axis.

    ```python
    >>> import functape as tf
    >>> tf.stack([[1, 2], [3, 4]], axis=1).numpy()
    array([[1, 3],
           [2, 4]], dtype=int32)

    ```
    """
    parts = unstack(values) if is_tensor_like(values) else list(values)
    if axis == 0 and not any(map(is_tensor_like, parts)):
        return convert(parts)
    given = operands(parts)
    if not given:
        raise invalid("`values` is an empty list: there is nothing to put together [Op:Pack]")
    return arrange(PACK, (as_axis(axis, given[0].aval.ndim + 1, "Pack", ValueError),), given)


@composite
def unstack(value: Any, num: Any = None, axis: Any = 0, name: str = "unstack") -> list[Any]:
    """The parts of a tensor along an axis, without that axis (`tf.unstack`).

    **Arguments:**
    - `value`: a tensor of rank at least 1.
    - `num`: the length of the axis, checked if given.
    - `axis`: the axis; a static integer.
    - `name`: accepted for compatibility; ops have no names here.

    **Returns:** a list of tensors.

    **Raises:** `ValueError` if there is no such axis, or its length is not `num`.

    ```python
    >>> import functape as tf
    >>> [part.numpy().tolist() for part in tf.unstack([[1, 2], [3, 4]], axis=1)]
    [[1, 3], [2, 4]]

    ```
    """
    whole = operand(value)
    place = as_axis(axis, whole.aval.ndim, "Unpack", ValueError)
    length = whole.aval.shape[place]
    if num is not None and as_int(num, "num") != length:
        raise invalid(f"Input shape axis {place} must equal {num}, got shape {list(whole.aval.shape)} [Op:Unpack]")
    return list(arrange(UNPACK, (place,), (whole,)))


@composite
def split(value: Any, num_or_size_splits: Any, axis: Any = 0, num: Any = None, name: str = "split") -> list[Any]:
    """A tensor cut along an axis (`tf.split`).

    **Arguments:**
    - `value`: a tensor of rank at least 1.
    - `num_or_size_splits`: into how many equal parts, or the lengths of the parts, of which one may be -1.
    - `axis`: the axis; a static integer.
    - `num`: the number of parts where lengths are given, checked if given.
    - `name`: accepted for compatibility; ops have no names here.

    **Returns:** a list of tensors.

    **Raises:** `InvalidArgumentError` if the axis cannot be cut so.

    ```python
    >>> import functape as tf
    >>> [part.numpy().tolist() for part in tf.split([1, 2, 3], [1, -1])]
    [[1], [2, 3]]

    ```
    """
    whole = operand(value)
    place = as_axis(axis, whole.aval.ndim, "Split")
    length = whole.aval.shape[place]
    asked: Any = (
        num_or_size_splits if isinstance(num_or_size_splits, int | list | tuple) else operand(num_or_size_splits)
    )
    if is_tensor_like(asked) and not asked.aval.ndim:
        asked = as_int(asked, "num_or_size_splits")
    if isinstance(asked, int):
        if asked <= 0 or length % asked:
            raise invalid(f"Number of ways to split should evenly divide the split dimension, but got {length} "
                          f"elements for {asked} parts [Op:Split]")  # fmt: skip
        sizes: tuple[int, ...] = (length // asked,) * asked
    else:
        sizes = as_ints(asked, "num_or_size_splits")
        if num is not None and num != len(sizes):
            raise invalid(f"`num_or_size_splits` has {len(sizes)} lengths, but `num` is {num} [Op:SplitV]")
        if sizes.count(-1) == 1:
            rest = length - sum(sizes) - 1
            sizes = tuple(rest if each == -1 else each for each in sizes)
        if sum(sizes) != length or min(sizes, default=0) < 0:
            raise invalid(
                f"The lengths {list(sizes)} do not add up to the {length} elements of axis {place} [Op:SplitV]"
            )
    return list(arrange(SPLIT, (sizes, place), (whole,)))


def meshgrid(*args: Any, **kwargs: Any) -> list[Any]:
    """The coordinates of a grid (`tf.meshgrid`).

    **Arguments:**
    - `args`: vectors of one dtype, one for each axis of the grid.
    - `kwargs`: `indexing`: `xy` (the first two axes swapped, the default) or `ij`; `name`: accepted for compatibility.

    **Returns:** for each vector a tensor of the grid's shape.

    **Raises:** `TypeError` for another keyword; `ValueError` for another `indexing`.

    ```python
    >>> import functape as tf
    >>> across, down = tf.meshgrid([1, 2], [3, 4])
    >>> down.numpy()
    array([[3, 3],
           [4, 4]], dtype=int32)

    ```
    """
    indexing = kwargs.pop("indexing", "xy")
    kwargs.pop("name", None)
    if kwargs:
        raise TypeError(f"{next(iter(kwargs))!r} is an invalid keyword argument for tf.meshgrid.")
    if indexing not in ("xy", "ij"):
        raise ValueError(f"Argument `indexing` parameter must be either 'xy' or 'ij', got {indexing!r}")
    vectors = tuple(arrange(RESHAPE, ((-1,),), (operand(each),)) for each in args)
    return list(record_multiple(MESHGRID, (indexing == "ij",), vectors)) if vectors else []


@composite
def identity(input: Any, name: str | None = None) -> Any:
    """A tensor with the same value (`tf.identity`), an op of its own to the tape.

    **Arguments:**
    - `input`: a tensor, variable or what converts to a tensor.
    - `name`: accepted for compatibility; ops have no names here.

    ```python
    >>> import functape as tf
    >>> tf.identity([1, 2]).numpy()
    array([1, 2], dtype=int32)

    ```
    """
    if isinstance(input, IndexedSlices):
        return IndexedSlices(identity(input.values), identity(input.indices), input.dense_shape)
    return arrange(IDENTITY, (), (operand(input),))


def identity_n(input: Any, name: str | None = None) -> list[Any]:
    """Tensors with the same values (`tf.identity_n`).

    **Arguments:**
    - `input`: a list of tensors.
    - `name`: accepted for compatibility; ops have no names here.

    ```python
    >>> import functape as tf
    >>> [each.numpy().item() for each in tf.identity_n([1, 2])]
    [1, 2]

    ```
    """
    return [identity(convert(each) if not is_tensor_like(each) else each) for each in input]


def stop_gradient(input: Any, name: str | None = None) -> Any:
    """A tensor with the same value that passes no gradient on (`tf.stop_gradient`).

    **Arguments:**
    - `input`: a tensor of any shape.
    - `name`: accepted for compatibility; ops have no names here.

    ```python
    >>> import functape as tf
    >>> x = tf.Variable(3.0)
    >>> with tf.GradientTape() as tape:
    ...     y = x * tf.stop_gradient(x)
    >>> tape.gradient(y, x).numpy()
    np.float32(3.0)

    ```
    """
    return arrange(STOP_GRADIENT, (), (operand(input),))
