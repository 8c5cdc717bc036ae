"""Arranging elements anew: shapes, axes, joining and splitting."""

from __future__ import annotations

import math
from typing import Any

from functape._api import _joining as joining
from functape._api import _shaping as kernels
from functape._api._elementwise import complex as complex_number
from functape._api._elementwise import imag, real
from functape._api._static import as_ints
from functape._core._convert import is_tensor_like
from functape._engine._recorder import record
from functape._ops import _array_functions as rows
from functape.experimental.numpy import _shaping as numpy_shaping
from functape.keras.ops._table import Rows, described
from functape.keras.ops._types import common, tensor


def _reshaped(x: Any, shape: Any) -> Any:
    lengths = [shape] if isinstance(shape, int) else shape
    if isinstance(lengths, list | tuple):
        lengths = [-1 if each is None else each for each in lengths]
    return kernels.reshape(tensor(x), lengths)


def _with_axes(x: Any, axis: Any) -> Any:
    given = tensor(x)
    if not isinstance(axis, list | tuple):
        return kernels.expand_dims(given, axis)
    rank = given.aval.ndim + len(axis)
    for place in sorted(each % rank for each in axis):
        given = kernels.expand_dims(given, place)
    return given


def _broadcast(x: Any, shape: Any) -> Any:
    return kernels.broadcast_to(tensor(x), shape)


def _tiled(x: Any, repeats: Any) -> Any:
    counts = as_ints([repeats] if isinstance(repeats, int) else repeats, "repeats")
    return record(rows.TILE, (counts,), (tensor(x),))


def _repeated(x: Any, repeats: Any, axis: Any) -> Any:
    given = tensor(x)
    if axis is None:
        given, axis = kernels.reshape(given, [-1]), 0
    return kernels.repeat(given, repeats if isinstance(repeats, int) else tensor(repeats), axis)


def _flipped(x: Any, axis: Any) -> Any:
    return record(rows.FLIP, (tuple(axis) if isinstance(axis, list) else axis,), (tensor(x),))


def _turned(array: Any, k: int, axes: Any) -> Any:
    given = tensor(array)
    if given.aval.ndim < 2:
        raise ValueError(f"Input array must have at least 2 dimensions. Received: array.ndim={given.aval.ndim}")
    if len(axes) != 2 or axes[0] == axes[1]:
        raise ValueError(f"Invalid axes: {axes}. Axes must be a tuple of two different dimensions.")
    return record(rows.ROT90, (k, tuple(axes)), (given,))


def _padded(x: Any, pad_width: Any, mode: str, constant_values: Any) -> Any:
    given = tensor(x)
    if constant_values is not None and mode != "constant":
        raise ValueError(
            "Argument `constant_values` can only be provided when `mode == 'constant'`. Received: mode="
            f"{mode}, constant_values={constant_values}"
        )
    widths = pad_width
    if isinstance(widths, int):
        widths = ((widths, widths),) * given.aval.ndim
    elif len(widths) == 2 and isinstance(widths[0], int):
        widths = (tuple(widths),) * given.aval.ndim
    elif len(widths) == 1:
        widths = (*widths,) * given.aval.ndim
    value = 0 if constant_values is None else tensor(constant_values, given.aval.dtype)
    return kernels.pad(given, [list(each) for each in widths], mode, value)


def _joined(xs: Any, axis: Any) -> Any:
    return joining.concat(common(xs), axis)


def _stacked(x: Any, axis: Any) -> Any:
    return joining.stack(common(joining.unstack(x) if is_tensor_like(x) else x), axis)


def _appended(x1: Any, x2: Any, axis: Any) -> Any:
    first, second = common((tensor(x1), tensor(x2)))
    if axis is None:
        return joining.concat([kernels.reshape(first, [-1]), kernels.reshape(second, [-1])], 0)
    return joining.concat([first, second], axis)


def _cut(x: Any, parts: Any, axis: int) -> Any:
    given = tensor(x)
    if isinstance(parts, int):
        return joining.split(given, parts, axis)
    places = as_ints(parts, "indices_or_sections")
    return [given[(slice(None),) * (axis % given.aval.ndim) + (part,)] for part in _between(places)]


def _between(places: Any) -> list[slice]:
    return [slice(begin, end) for begin, end in zip((0, *places), (*places, None), strict=True)]


def _cut_unevenly(x: Any, parts: Any, axis: int) -> Any:
    given = tensor(x)
    if not isinstance(parts, int):
        return _cut(given, parts, axis)
    short, longer = divmod(given.aval.shape[axis], parts)
    ends = [short * place + min(place, longer) for place in range(1, parts)]
    return _cut(given, ends, axis)


def _split_along(axis: int) -> Any:
    return lambda x, indices_or_sections: _cut(x, indices_or_sections, axis)


def _split_across(x: Any, parts: Any) -> Any:
    given = tensor(x)
    return _cut(given, parts, 0 if given.aval.ndim == 1 else 1)


def _joining(function: Any) -> Any:
    return lambda xs: function([tensor(each) for each in common(xs)])


def _rolled(x: Any, shift: Any, axis: Any) -> Any:
    given = tensor(x)
    if axis is not None:
        return kernels.roll(given, shift, axis)
    return kernels.reshape(kernels.roll(kernels.reshape(given, [-1]), shift, 0), given.aval.shape)


def _unstacked(x: Any, num: Any, axis: int) -> Any:
    given = tensor(x)
    return joining.unstack(given, num, axis)


def _rearranged(x: Any, pattern: str, lengths: dict[str, int]) -> Any:
    """Elements in the order that a pattern in the manner of einops gives."""
    given = tensor(x)
    before, after = (_axes_of(side) for side in pattern.split("->"))
    known = dict(lengths)
    if len(before) != given.aval.ndim:
        raise ValueError(f"The pattern {pattern!r} has {len(before)} axes; the tensor has {given.aval.ndim}.")
    for group, length in zip(before, given.aval.shape, strict=True):
        open_names = [name for name in group if name not in known]
        if len(open_names) > 1:
            raise ValueError(f"Only one length of {group} in {pattern!r} may be left open. Pass the others by name.")
        if open_names:
            known[open_names[0]] = length // math.prod(known[name] for name in group if name in known)
    names = [name for group in before for name in group]
    order = [name for group in after for name in group]
    if sorted(names) != sorted(order):
        raise ValueError(f"Both sides of the pattern {pattern!r} must have the same names.")
    apart = kernels.reshape(given, [known[name] for name in names])
    moved = kernels.transpose(apart, [names.index(name) for name in order])
    return kernels.reshape(moved, [math.prod(known[name] for name in group) for group in after])


def _axes_of(side: str) -> list[list[str]]:
    groups: list[list[str]] = []
    inside = False
    for word in side.replace("(", " ( ").replace(")", " ) ").split():
        if word == "(":
            groups.append([])
        elif word != ")" and inside:
            groups[-1].append(word)
        elif word != ")":
            groups.append([] if word == "1" else [word])
        inside = word == "(" or (inside and word != ")")
    return groups


_SHAPES: Rows = {
    "reshape": ("The elements in another shape", lambda x, newshape: _reshaped(x, newshape)),
    "ravel": ("The elements as a vector", lambda x: kernels.reshape(tensor(x), [-1])),
    "expand_dims": ("With axes of length 1 more", lambda x, axis: _with_axes(x, axis)),
    "squeeze": ("Without axes of length 1", lambda x, axis=None: kernels.squeeze(tensor(x), axis)),
    "transpose": ("With the axes in another order", lambda x, axes=None: kernels.transpose(tensor(x), axes)),
    "swapaxes": ("With two axes exchanged", lambda x, axis1, axis2: numpy_shaping.swapaxes(tensor(x), axis1, axis2)),
    "moveaxis": (
        "With axes at other places",
        lambda x, source, destination: numpy_shaping.moveaxis(tensor(x), source, destination),
    ),
    "broadcast_to": ("Repeated to a shape", lambda x, shape: _broadcast(x, shape)),
    "tile": ("The whole several times along each axis", lambda x, repeats: _tiled(x, repeats)),
    "repeat": ("Each element or slice several times", lambda x, repeats, axis=None: _repeated(x, repeats, axis)),
    "flip": ("In reverse order", lambda x, axis=None: _flipped(x, axis)),
    "fliplr": ("In reverse order along the second axis", lambda x: _flipped(x, 1)),
    "flipud": ("In reverse order along the first axis", lambda x: _flipped(x, 0)),
    "rot90": ("Turned by right angles", lambda array, k=1, axes=(0, 1): _turned(array, k, axes)),
    "roll": ("Moved along axes, round the ends", lambda x, shift, axis=None: _rolled(x, shift, axis)),
    "pad": (
        "With a border",
        lambda x, pad_width, mode="constant", constant_values=None: _padded(x, pad_width, mode, constant_values),
    ),
    "rearrange": (
        "The axes split, reordered and joined by a pattern",
        lambda tensor, pattern, **axes_lengths: _rearranged(tensor, pattern, axes_lengths),
    ),
    "view_as_complex": (
        "Pairs along the last axis as complex numbers",
        lambda x: complex_number(tensor(x)[..., 0], tensor(x)[..., 1]),
    ),
    "view_as_real": (
        "Complex numbers as pairs along a last axis",
        lambda x: joining.stack([real(tensor(x)), imag(tensor(x))], -1),
    ),
}

_JOINING: Rows = {
    "concatenate": ("The tensors one after the other", lambda xs, axis=0: _joined(xs, axis)),
    "stack": ("The tensors along a new axis", lambda x, axis=0: _stacked(x, axis)),
    "append": ("The second tensor after the first", lambda x1, x2, axis=None: _appended(x1, x2, axis)),
    "vstack": ("The tensors below one another", _joining(numpy_shaping.vstack)),
    "hstack": ("The tensors beside one another", _joining(numpy_shaping.hstack)),
    "dstack": ("The tensors behind one another", _joining(numpy_shaping.dstack)),
    "split": (
        "Equal parts, or parts that end at given places",
        lambda x, indices_or_sections, axis=0: _cut(x, indices_or_sections, axis),
    ),
    "array_split": (
        "Parts as equal as can be",
        lambda x, indices_or_sections, axis=0: _cut_unevenly(x, indices_or_sections, axis),
    ),
    "vsplit": ("Parts along the first axis", _split_along(0)),
    "hsplit": ("Parts along the second axis", lambda x, indices_or_sections: _split_across(x, indices_or_sections)),
    "dsplit": ("Parts along the third axis", _split_along(2)),
    "unstack": ("The slices along an axis", lambda x, num=None, axis=0: _unstacked(x, num, axis)),
}

FUNCTIONS = described(_SHAPES | _JOINING)
