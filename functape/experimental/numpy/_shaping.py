"""The functions of `tf.experimental.numpy` that arrange elements anew: shapes, axes, joining and splitting."""

from __future__ import annotations

from typing import Any

from functape._api import _joining as joining
from functape._api import _shaping as kernels
from functape._api._static import as_ints
from functape._core._convert import is_tensor_like
from functape.experimental.numpy._types import as_tensor, promoted


def reshape(a: Any, newshape: Any, order: str = "C") -> Any:
    """The elements in another shape, row by row or, for order `"F"`, column by column
    (`tf.experimental.numpy.reshape`)."""
    if order not in ("C", "F"):
        raise ValueError(f"Unsupported order argument {order}")
    tensor = as_tensor(a)
    lengths = [newshape] if isinstance(newshape, int) else newshape
    if order == "C":
        return kernels.reshape(tensor, lengths)
    return kernels.transpose(kernels.reshape(kernels.transpose(tensor), lengths[::-1]))


def ravel(a: Any) -> Any:
    """The elements as a vector (`tf.experimental.numpy.ravel`)."""
    return kernels.reshape(as_tensor(a), [-1])


def flatten(a: Any, order: str = "C") -> Any:
    """The elements as a vector, column by column for order `"F"` (`tf.experimental.numpy.flatten`)."""
    if order not in ("C", "A", "K", "F"):
        raise ValueError(f"order can only be C, A, K (all row major) or F (column major). Received: order={order!r}")
    tensor = as_tensor(a)
    return kernels.reshape(kernels.transpose(tensor) if order == "F" else tensor, [-1])


def expand_dims(a: Any, axis: Any) -> Any:
    """With an axis of length 1 more (`tf.experimental.numpy.expand_dims`)."""
    return kernels.expand_dims(as_tensor(a), axis)


def squeeze(a: Any, axis: Any = None) -> Any:
    """Without axes of length 1 (`tf.experimental.numpy.squeeze`)."""
    return kernels.squeeze(as_tensor(a), axis)


def transpose(a: Any, axes: Any = None) -> Any:
    """With its axes in another order, by default reversed (`tf.experimental.numpy.transpose`)."""
    return kernels.transpose(as_tensor(a), axes)


def swapaxes(a: Any, axis1: Any, axis2: Any) -> Any:
    """With two axes exchanged (`tf.experimental.numpy.swapaxes`)."""
    tensor = as_tensor(a)
    order = list(range(tensor.aval.ndim))
    first, second = as_ints([axis1, axis2], "axis")
    order[first], order[second] = order[second], order[first]
    return kernels.transpose(tensor, order)


def moveaxis(a: Any, source: Any, destination: Any) -> Any:
    """With some axes at other places (`tf.experimental.numpy.moveaxis`)."""
    tensor = as_tensor(a)
    rank = tensor.aval.ndim
    origins, targets = (
        [int(axis) % rank for axis in ([each] if isinstance(each, int) else each)] for each in (source, destination)
    )
    if len(origins) != len(targets):
        raise ValueError(
            f"The lengths of source and destination must equal. Received: source={source}, destination={destination}"
        )
    order = [axis for axis in range(rank) if axis not in origins]
    for target, origin in sorted(zip(targets, origins, strict=True)):
        order.insert(target, origin)
    return kernels.transpose(tensor, order)


def flip(m: Any, axis: Any = None) -> Any:
    """In reverse order along an axis, or all (`tf.experimental.numpy.flip`)."""
    tensor = as_tensor(m)
    rank = tensor.aval.ndim
    if not rank:
        return tensor
    return kernels.reverse(tensor, list(range(rank)) if axis is None else [_place(axis, rank)])


def flipud(m: Any) -> Any:
    """In reverse order along the first axis (`tf.experimental.numpy.flipud`)."""
    return flip(m, 0)


def fliplr(m: Any) -> Any:
    """In reverse order along the second axis (`tf.experimental.numpy.fliplr`)."""
    return flip(m, 1)


def rot90(m: Any, k: int = 1, axes: Any = (0, 1)) -> Any:
    """Turned by `k` right angles, from the first of two axes to the second (`tf.experimental.numpy.rot90`)."""
    tensor = as_tensor(m)
    first, second = (_place(axis, tensor.aval.ndim) for axis in axes)
    turns = k % 4
    if turns == 0:
        return m
    if turns == 2:
        return flip(flip(tensor, first), second)
    if turns == 1:
        return swapaxes(flip(tensor, second), first, second)
    return flip(swapaxes(tensor, first, second), second)


def _place(axis: Any, rank: int) -> int:
    place = int(axis)
    return place + rank if place < 0 else place


def roll(a: Any, shift: Any, axis: Any = None) -> Any:
    """Moved along axes, what leaves at an end coming in at the other (`tf.experimental.numpy.roll`)."""
    tensor = as_tensor(a)
    if axis is not None:
        return kernels.roll(tensor, shift, axis)
    return kernels.reshape(kernels.roll(kernels.reshape(tensor, [-1]), shift, 0), tensor.aval.shape)


def pad(array: Any, pad_width: Any, mode: str, **kwargs: Any) -> Any:
    """With a border (`tf.experimental.numpy.pad`) that is `"constant"`, `"reflect"` or `"symmetric"`.

    `pad_width` is a pair for each axis; `constant_values` the value of a constant border.
    """
    if mode not in ("constant", "reflect", "symmetric"):
        raise ValueError("Unsupported padding mode: " + mode)
    return kernels.pad(as_tensor(array), as_tensor(pad_width, "int32"), mode, kwargs.get("constant_values", 0))


def repeat(a: Any, repeats: Any, axis: Any = None) -> Any:
    """Each element or slice several times (`tf.experimental.numpy.repeat`)."""
    return kernels.repeat(as_tensor(a), as_tensor(repeats), axis)


def tile(a: Any, reps: Any) -> Any:
    """The whole several times along each axis (`tf.experimental.numpy.tile`)."""
    tensor = as_tensor(a)
    counts = list(as_ints([reps] if isinstance(reps, int) else reps, "reps"))
    shape = list(tensor.aval.shape)
    counts = [1] * (len(shape) - len(counts)) + counts
    return kernels.tile(kernels.reshape(tensor, [1] * (len(counts) - len(shape)) + shape), counts)


def atleast_1d(*arys: Any) -> Any:
    """With at least one axis (`tf.experimental.numpy.atleast_1d`); a list for several arrays."""
    return _with_axes(arys, lambda shape: (1,))


def atleast_2d(*arys: Any) -> Any:
    """With at least two axes (`tf.experimental.numpy.atleast_2d`); a list for several arrays."""
    return _with_axes(arys, lambda shape: (1,) * (2 - len(shape)) + shape, 2)


def atleast_3d(*arys: Any) -> Any:
    """With at least three axes (`tf.experimental.numpy.atleast_3d`); a list for several arrays."""
    return _with_axes(arys, lambda shape: {0: (1, 1, 1), 1: (1, *shape, 1), 2: (*shape, 1)}[len(shape)], 3)


def _with_axes(arys: tuple[Any, ...], lengthened: Any, rank: int = 1) -> Any:
    made = [as_tensor(each) for each in arys]
    made = [
        each if each.aval.ndim >= rank else kernels.reshape(each, lengthened(tuple(each.aval.shape))) for each in made
    ]
    return made[0] if len(made) == 1 else made


def concatenate(arys: Any, axis: Any = 0) -> Any:
    """The arrays one after the other (`tf.experimental.numpy.concatenate`)."""
    arrays = arys if isinstance(arys, list | tuple) else [arys]
    if not arrays:
        raise ValueError(f"Need at least one array to concatenate. Received empty input: arys={arys}")
    return joining.concat(promoted(*arrays), axis)


def append(arr: Any, values: Any, axis: Any = None) -> Any:
    """The values after the array (`tf.experimental.numpy.append`)."""
    if axis is None:
        return concatenate([ravel(arr), ravel(values)], 0)
    return concatenate([arr, values], axis)


def stack(arrays: Any, axis: Any = 0) -> Any:
    """The arrays along a new axis (`tf.experimental.numpy.stack`)."""
    if is_tensor_like(arrays):
        return arrays if axis == 0 else swapaxes(arrays, 0, axis)
    return joining.stack(promoted(*arrays), axis)


def vstack(tup: Any) -> Any:
    """The arrays below one another (`tf.experimental.numpy.vstack`)."""
    return joining.concat(promoted(*(atleast_2d(each) for each in tup)), 0)


def hstack(tup: Any) -> Any:
    """The arrays beside one another (`tf.experimental.numpy.hstack`)."""
    arrays = promoted(*(atleast_1d(each) for each in tup))
    return joining.concat(arrays, 0 if arrays[0].aval.ndim == 1 else 1)


def dstack(tup: Any) -> Any:
    """The arrays behind one another (`tf.experimental.numpy.dstack`)."""
    return joining.concat(promoted(*(atleast_3d(each) for each in tup)), 2)


def split(ary: Any, indices_or_sections: Any, axis: int = 0) -> list[Any]:
    """Equal parts, or parts that end at given places (`tf.experimental.numpy.split`)."""
    tensor = as_tensor(ary)
    if isinstance(indices_or_sections, int):
        return joining.split(tensor, indices_or_sections, axis)
    if axis >= tensor.aval.ndim:
        raise ValueError(f"axis {axis} is out of bound for shape {tensor.shape}")
    length = tensor.aval.shape[axis]
    ends = [*as_ints(indices_or_sections, "indices_or_sections"), None]
    sizes, begin, used = [], 0, 0
    for place, end in enumerate(ends):
        if end is not None and end < begin:
            raise ValueError(f"The {place}-th boundary {end} is smaller than the previous boundary {begin}")
        rest = max(0, length - used)
        sizes.append(rest if end is None else min(end - begin, rest))
        used += sizes[-1]
        begin = begin if end is None else end
    return joining.split(tensor, sizes, axis)


def vsplit(ary: Any, indices_or_sections: Any) -> list[Any]:
    """Parts along the first axis (`tf.experimental.numpy.vsplit`)."""
    return _split_evenly(ary, indices_or_sections, 0)


def hsplit(ary: Any, indices_or_sections: Any) -> list[Any]:
    """Parts along the second axis, of a vector the first (`tf.experimental.numpy.hsplit`)."""
    return _split_evenly(ary, indices_or_sections, 0 if len(as_tensor(ary).aval.shape) == 1 else 1)


def dsplit(ary: Any, indices_or_sections: Any) -> list[Any]:
    """Parts along the third axis (`tf.experimental.numpy.dsplit`)."""
    return _split_evenly(ary, indices_or_sections, 2)


def _split_evenly(ary: Any, parts: Any, axis: int) -> list[Any]:
    tensor = as_tensor(ary)
    if isinstance(parts, int) and tensor.aval.shape[axis] % parts:
        raise ValueError(
            f"array split does not result in an equal division: {tensor.aval.shape[axis]} into {parts} along {axis}"
        )
    return split(tensor, parts, axis)
