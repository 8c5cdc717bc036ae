"""Images as the classifiers take them, and what their outputs mean (`tf.keras.applications.imagenet_utils`)."""

from __future__ import annotations

import functools
import json
from typing import Any

import numpy as np

from functape.keras._configuration import floatx, image_data_format
from functape.keras.datasets._files import cached

__all__ = ["decode_predictions", "preprocess_input"]

_MODES = ("caffe", "tf", "torch")
_LAYOUTS = ("channels_first", "channels_last")
_CAFFE_MEAN = (103.939, 116.779, 123.68)
_TORCH_MEAN, _TORCH_DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
_CLASSES = 1000
_INDEX = "imagenet_class_index.json"
_INDEX_ADDRESS = "https://storage.googleapis.com/download.tensorflow.org/data/imagenet_class_index.json"
_INDEX_HASH = "c2c37ea517e94d9795004a39431a14cb"


def preprocess_input(x: Any, data_format: str | None = None, mode: str = "caffe") -> Any:
    """Images with values from 0 to 255 as a classifier was trained on them.

    **Arguments:**
    - `x`: images `[..., height, width, 3]` (or with channels first) in an array or a tensor. As in Keras, an array of
      floats is changed in place.
    - `data_format`: where the channels are; `image_data_format()` by default.
    - `mode`: `"caffe"`: blue, green, red, less the means of ImageNet; `"tf"`: from -1 to 1; `"torch"`: from 0 to 1,
      then less the means and divided by the standard deviations of ImageNet.

    **Raises:** `ValueError` for another mode or layout.

    ```python
    >>> import functape as tf, numpy as np
    >>> tf.keras.applications.imagenet_utils.preprocess_input(np.array([[[0.0, 127.5, 255.0]]]), mode="tf")
    array([[[-1.,  0.,  1.]]])

    ```
    """
    if mode not in _MODES:
        raise ValueError(f"Expected mode to be one of `caffe`, `tf` or `torch`. Received: mode={mode}")
    layout = image_data_format() if data_format is None else data_format
    if layout not in _LAYOUTS:
        raise ValueError(
            "Expected data_format to be one of `channels_first` or `channels_last`. Received: "
            f"data_format={data_format}"
        )
    if isinstance(x, np.ndarray):
        return _in_place(x if np.issubdtype(x.dtype, np.floating) else x.astype(floatx()), layout, mode)
    return _of_tensor(x, layout, mode)


def _in_place(x: np.ndarray[Any, Any], layout: str, mode: str) -> np.ndarray[Any, Any]:
    rank = x.ndim
    if mode == "tf":
        x /= 127.5
        x -= 1.0
        return x
    if mode == "torch":
        x /= 255.0
        x -= _along_channels(_TORCH_MEAN, layout, rank, x.dtype)
        x /= _along_channels(_TORCH_DEVIATION, layout, rank, x.dtype)
        return x
    x = x[_reversed_channels(layout, rank)]
    x -= _along_channels(_CAFFE_MEAN, layout, rank, x.dtype)
    return x


def _of_tensor(x: Any, layout: str, mode: str) -> Any:
    rank, dtype = len(x.shape), np.dtype(getattr(x.dtype, "as_numpy_dtype", x.dtype))
    if mode == "tf":
        return x / 127.5 - 1.0
    if mode == "torch":
        x = x / 255.0 - _along_channels(_TORCH_MEAN, layout, rank, dtype)
        return x / _along_channels(_TORCH_DEVIATION, layout, rank, dtype)
    return x[_reversed_channels(layout, rank)] - _along_channels(_CAFFE_MEAN, layout, rank, dtype)


def _reversed_channels(layout: str, rank: int) -> tuple[Any, ...]:
    if layout == "channels_last":
        return (..., slice(None, None, -1))
    return (slice(None),) * (rank - 3) + (slice(None, None, -1), slice(None), slice(None))


def _along_channels(values: tuple[float, ...], layout: str, rank: int, dtype: Any) -> np.ndarray[Any, Any]:
    shape = (3,) if layout == "channels_last" else (3, 1, 1)
    return np.asarray(values, dtype).reshape((1,) * (rank - len(shape)) + shape)


@functools.cache
def _class_index() -> dict[str, list[str]]:
    path = cached(_INDEX, _INDEX_ADDRESS, _INDEX_HASH, "models")
    return json.loads(path.read_text(encoding="utf-8"))


def decode_predictions(preds: Any, top: int = 5) -> list[list[tuple[str, str, Any]]]:
    """The likeliest classes of ImageNet for each image.

    **Arguments:**
    - `preds`: the outputs of a classifier, `[images, 1000]`.
    - `top`: how many classes.

    **Returns:** for each image, tuples of the class's number in WordNet, its name, and its score, the best first.

    **Raises:** `ValueError` for another shape; `FileNotFoundError` that says which file to put where, if the names of
    the classes are not in Keras's cache and cannot be fetched.
    """
    if len(preds.shape) != 2 or preds.shape[1] != _CLASSES:
        raise ValueError(
            "`decode_predictions` expects a batch of predictions (i.e. a 2D array of shape (samples, 1000)). Received "
            f"array with shape: {preds.shape}"
        )
    index = _class_index()
    decoded = []
    for scores in np.asarray(preds.numpy() if hasattr(preds, "numpy") else preds):
        best = scores.argsort()[-top:][::-1]
        decoded.append([(*index[str(each)], scores[each]) for each in best])
    return decoded
