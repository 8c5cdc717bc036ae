"""Initializers that need no random numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from functape._api._creation import eye, fill, ones, zeros
from functape._api._shaping import broadcast_to, reshape
from functape._api._static import as_shape
from functape._core._cast import cast
from functape._core._convert import from_numpy, is_tensor_like
from functape._engine._dtypes import DType, string
from functape._engine._recorder import local
from functape.keras._serialization import deserialize_keras_object, serialize_keras_object
from functape.keras.initializers._base import Initializer, wanted_dtype, wanted_shape


def _filled(recorded: Callable[..., Any], at_once: Callable[..., Any], shape: Any, dtype: DType) -> Any:
    """Zeros or ones, made at once outside of traces: a program would be compiled for each model otherwise."""
    if local.recorder.tracing or dtype is string:
        return recorded(shape, dtype)
    return from_numpy(at_once(as_shape(shape, "shape"), dtype.as_numpy_dtype))


class Zeros(Initializer):
    """Zeros (`tf.keras.initializers.Zeros`).

    ```python
    >>> import functape as tf
    >>> print(tf.keras.initializers.Zeros()([2]).numpy())
    [0. 0.]

    ```
    """

    def __call__(self, shape: Any, dtype: Any = None, **kwargs: Any) -> Any:
        """A tensor of `shape` and `dtype`."""
        return _filled(zeros, np.zeros, wanted_shape(shape, kwargs), wanted_dtype(dtype))


class Ones(Initializer):
    """Ones (`tf.keras.initializers.Ones`).

    ```python
    >>> import functape as tf
    >>> print(tf.keras.initializers.Ones()([2]).numpy())
    [1. 1.]

    ```
    """

    def __call__(self, shape: Any, dtype: Any = None, **kwargs: Any) -> Any:
        """A tensor of `shape` and `dtype`."""
        return _filled(ones, np.ones, wanted_shape(shape, kwargs), wanted_dtype(dtype))


class Constant(Initializer):
    """The same value everywhere (`tf.keras.initializers.Constant`).

    **Arguments:**
    - `value`: a number; or an array or list, which broadcasts to the shape or has as many elements.

    ```python
    >>> import functape as tf
    >>> print(tf.keras.initializers.Constant(3.0)([2]).numpy())
    [3. 3.]

    ```
    """

    def __init__(self, value: Any = 0.0) -> None:
        self.value = value

    def __call__(self, shape: Any, dtype: Any = None, **kwargs: Any) -> Any:
        """A tensor of `shape` and `dtype`."""
        wanted, lengths = wanted_dtype(dtype), as_shape(wanted_shape(shape, kwargs), "shape")
        value = cast(self.value if is_tensor_like(self.value) else np.asarray(self.value), wanted)
        if not value.aval.shape:
            return fill(lengths, value)
        size = int(np.prod(lengths, dtype=np.int64))
        if value.aval.shape != lengths and int(np.prod(value.aval.shape, dtype=np.int64)) == size:
            return reshape(value, lengths)
        return broadcast_to(value, lengths)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {"value": serialize_keras_object(self.value)}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Constant:
        """The initializer that `get_config` described."""
        return cls(deserialize_keras_object(config.get("value", 0.0)))


class Identity(Initializer):
    """The identity matrix, scaled (`tf.keras.initializers.Identity`).

    **Arguments:**
    - `gain`: the number on the diagonal.

    ```python
    >>> import functape as tf
    >>> print(tf.keras.initializers.Identity()([2, 2]).numpy())
    [[1. 0.]
     [0. 1.]]

    ```
    """

    def __init__(self, gain: float = 1.0) -> None:
        self.gain = gain

    def __call__(self, shape: Any, dtype: Any = None, **kwargs: Any) -> Any:
        """A tensor of `shape` and `dtype`.

        **Raises:** `ValueError` unless `shape` is that of a matrix.
        """
        lengths = as_shape(wanted_shape(shape, kwargs), "shape")
        if len(lengths) != 2:
            raise ValueError(
                "Identity matrix initializer can only be used for 2D matrices. "
                f"Received: shape={shape} of rank {len(lengths)}."
            )
        wanted = wanted_dtype(dtype)
        return eye(*lengths, dtype=wanted) * cast(self.gain, wanted)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {"gain": self.gain}


class STFT(Initializer):
    """The kernels of a short-time Fourier transform (`tf.keras.initializers.STFT`).

    **Arguments:**
    - `side`: `"real"` or `"imag"`: which part of the transform.
    - `window`: a window's name for `scipy.signal.get_window`, its values, or None for none.
    - `scaling`: `"density"` to divide by the window's norm, `"spectrum"` by the sum of its absolute values, or None.
    - `periodic`: whether the window is periodic rather than symmetric.

    **Raises:** `ValueError` for another `side` or `scaling`, or a window scipy does not know.

    ```python
    >>> import functape as tf
    >>> tf.keras.initializers.STFT("imag")([16, 1, 9]).shape
    TensorShape([16, 1, 9])

    ```
    """

    def __init__(
        self, side: str = "real", window: Any = "hann", scaling: str | None = "density", periodic: bool = False
    ) -> None:
        if side not in ("real", "imag"):
            raise ValueError(f"side should be 'real' or 'imag', not {side!r}")
        if scaling not in (None, "density", "spectrum"):
            raise ValueError(f"Scaling must be None, 'density' or 'spectrum'. Received: scaling={scaling!r}")
        if isinstance(window, str):
            _window(window, 1, False)
        self.side, self.window, self.scaling, self.periodic = side, window, scaling, periodic

    def __call__(self, shape: Any, dtype: Any = None, **kwargs: Any) -> Any:
        """Kernels `[frame_length, 1, frequencies]`.

        **Raises:** `ValueError` if the window is not as long as the frame.
        """
        frame, _, frequencies = as_shape(wanted_shape(shape, kwargs), "shape")
        kind = wanted_dtype(dtype).as_numpy_dtype
        time = np.arange(frame, dtype=kind).reshape(frame, 1, 1)
        frequency = np.arange(frequencies, dtype=kind).reshape(1, 1, frequencies) / kind((frequencies - 1) * 2)
        angle = kind(-2) * time * frequency * np.arccos(kind(-1))
        kernel = np.cos(angle) if self.side == "real" else np.sin(angle)
        if self.window is None:
            return from_numpy(kernel.astype(kind))
        weights = _window(self.window, frame, self.periodic) if isinstance(self.window, str) else self.window
        weights = np.asarray(weights).astype(kind)
        if weights.shape != (frame,):
            raise ValueError(
                f"The shape of `window` must be equal to [frame_length], {[frame]}. Received: {list(weights.shape)}"
            )
        scale = {"density": np.sqrt(np.sum(np.square(weights))), "spectrum": np.sum(np.abs(weights))}
        return from_numpy((kernel * weights.reshape(frame, 1, 1) / scale.get(self.scaling or "", 1)).astype(kind))

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {"side": self.side, "window": self.window, "periodic": self.periodic, "scaling": self.scaling}


def _window(name: str, length: int, periodic: bool) -> np.ndarray[Any, Any]:
    from scipy.signal import get_window

    return get_window(name, length, periodic)
