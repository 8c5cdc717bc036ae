"""The backend's functions of shapes and of parts of tensors."""

from __future__ import annotations

from typing import Any

from functape._api import _choosing as choosing
from functape._api import _creation as creation
from functape._api import _joining as joining
from functape._api import _measuring as measuring
from functape._api import _shaping as shaping
from functape._api._static import operand
from functape._core._constants import constant
from functape.keras._configuration import floatx, standardize_data_format
from functape.keras.backend._table import described


def _int_shape(x: Any) -> Any:
    """The shape as a tuple of ints and None, or None where nothing is known."""
    shape = getattr(x, "shape", None)
    if shape is None:
        return None
    return tuple(shape.as_list()) if hasattr(shape, "as_list") else tuple(shape)


def _flat(x: Any, axes: int) -> Any:
    given = operand(x)
    size = 1
    for length in given.aval.shape[axes:]:
        size *= length
    return shaping.reshape(given, (*given.aval.shape[:axes], size))


def _concatenate(tensors: Any, axis: int) -> Any:
    given = [operand(each) for each in tensors]
    return joining.concat(given, axis % given[0].aval.ndim if axis < 0 and given[0].aval.ndim else axis)


def _repeat(x: Any, n: int) -> Any:
    given = operand(x)
    if given.aval.ndim != 2:
        raise ValueError(f"`repeat` takes a matrix. Received: shape={given.shape}")
    return shaping.tile(shaping.expand_dims(given, 1), [1, n, 1])


def _spatial(x: Any, padding: Any, data_format: Any, axes: int) -> Any:
    if len(padding) != axes or any(len(each) != 2 for each in padding):
        raise ValueError(f"`padding` must hold {axes} pairs. Received: padding={padding}")
    pairs = [list(each) for each in padding]
    channels_first = standardize_data_format(data_format) == "channels_first"
    return shaping.pad(x, [[0, 0], [0, 0], *pairs] if channels_first else [[0, 0], *pairs, [0, 0]])


def _reversed(x: Any, axes: Any) -> Any:
    return shaping.reverse(x, [axes] if isinstance(axes, int) else axes)


def _arange(start: Any, stop: Any, step: Any, dtype: Any) -> Any:
    if stop is None and start < 0:
        start = 0
    return creation.range(start, limit=stop, delta=step, dtype=dtype)


FUNCTIONS = described(
    {
        "arange": (
            "Numbers at equal distances",
            lambda start, stop=None, step=1, dtype="int32": _arange(start, stop, step, dtype),
        ),
        "batch_flatten": ("Rows of all but the first axis", lambda x: _flat(x, 1)),
        "concatenate": ("Tensors joined along an axis", lambda tensors, axis=-1: _concatenate(tensors, axis)),
        "constant": (
            "A tensor with a value",
            lambda value, dtype=None, shape=None, name=None: constant(value, dtype or floatx(), shape),
        ),
        "expand_dims": ("A tensor with an axis of length 1 more", lambda x, axis=-1: shaping.expand_dims(x, axis)),
        "flatten": ("A vector of all elements", lambda x: shaping.reshape(x, [-1])),
        "int_shape": ("A shape as a tuple", lambda x: _int_shape(x)),
        "ndim": ("The number of axes", lambda x: len(_int_shape(x)) if hasattr(x, "shape") else operand(x).aval.ndim),
        "one_hot": (
            "Rows with a single one",
            lambda indices, num_classes: choosing.one_hot(indices, num_classes, axis=-1),
        ),
        "permute_dimensions": (
            "A tensor with its axes in another order",
            lambda x, pattern: shaping.transpose(x, pattern),
        ),
        "repeat": ("A matrix repeated along a new axis 1", lambda x, n: _repeat(x, n)),
        "repeat_elements": ("Each slice repeated along an axis", lambda x, rep, axis: shaping.repeat(x, rep, axis)),
        "reshape": ("The same elements in another shape", lambda x, shape: shaping.reshape(x, shape)),
        "reverse": ("A tensor reversed along axes", lambda x, axes: _reversed(x, axes)),
        "shape": ("A shape as a tensor", lambda x: measuring.shape(x)),
        "spatial_2d_padding": (
            "Images with zeros around them",
            lambda x, padding=((1, 1), (1, 1)), data_format=None: _spatial(x, padding, data_format, 2),
        ),
        "spatial_3d_padding": (
            "Volumes with zeros around them",
            lambda x, padding=((1, 1), (1, 1), (1, 1)), data_format=None: _spatial(x, padding, data_format, 3),
        ),
        "squeeze": ("A tensor without an axis of length 1", lambda x, axis: shaping.squeeze(x, [axis])),
        "stack": ("Tensors joined along a new axis", lambda x, axis=0: joining.stack(x, axis)),
        "temporal_padding": (
            "Sequences with zeros around them",
            lambda x, padding=(1, 1): shaping.pad(x, [[0, 0], list(padding), [0, 0]]),
        ),
        "tile": ("A tensor repeated along each axis", lambda x, n: shaping.tile(x, [n] if isinstance(n, int) else n)),
        "transpose": ("A tensor with its axes reversed", lambda x: shaping.transpose(x)),
        "is_sparse": (
            "Whether a tensor is sparse",
            lambda tensor: hasattr(tensor, "dense_shape") and hasattr(tensor, "indices"),
        ),
        "is_keras_tensor": (
            "Whether something is a symbolic tensor of Keras's",
            lambda x: type(x).__name__ == "KerasTensor",
        ),
        "to_dense": ("A sparse tensor made dense", lambda tensor: operand(tensor)),
    },
    "functape.keras.backend",
)
