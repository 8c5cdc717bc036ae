"""`tf.experimental.dlpack`: arrays of other libraries as tensors, and tensors as theirs, where possible uncopied."""

from __future__ import annotations

import ctypes
from typing import Any

import jax

from functape._core._convert import is_tensor_like
from functape._core._holding import from_jax
from functape._engine._compat import enable_x64
from functape._engine._errors import InvalidArgumentError
from functape._namespace import lazy

__all__ = ["from_dlpack", "to_dlpack"]


class _Header(ctypes.Structure):
    """The beginning of a DLTensor: where the data is, and on which device."""

    _fields_ = (("data", ctypes.c_void_p), ("device_type", ctypes.c_int32), ("device_id", ctypes.c_int32))


class _Exported:
    """A capsule as an object of DLPack's protocol."""

    def __init__(self, capsule: Any) -> None:
        self._capsule = capsule

    def __dlpack__(self, **options: Any) -> Any:
        return self._capsule

    def __dlpack_device__(self) -> tuple[int, int]:
        pointer = ctypes.pythonapi.PyCapsule_GetPointer
        pointer.restype, pointer.argtypes = ctypes.c_void_p, (ctypes.py_object, ctypes.c_char_p)
        header = _Header.from_address(pointer(self._capsule, b"dltensor"))
        return header.device_type, header.device_id


def to_dlpack(tf_tensor: Any) -> Any:
    """A tensor's buffer as a DLPack capsule, to be taken once (`tf.experimental.dlpack.to_dlpack`).

    **Arguments:**
    - `tf_tensor`: a tensor of numbers. Libraries that know DLPack's protocol take the tensor itself as well.

    **Raises:** `InvalidArgumentError` if it is no tensor.

    ```python
    >>> import functape as tf
    >>> capsule = tf.experimental.dlpack.to_dlpack(tf.constant([1.0, 2.0]))
    >>> tf.experimental.dlpack.from_dlpack(capsule).numpy()
    array([1., 2.], dtype=float32)

    ```
    """
    if not is_tensor_like(tf_tensor):
        raise InvalidArgumentError(
            message=f"The argument to `to_dlpack` must be a TF tensor, not Python object. Received: {tf_tensor!r}"
        )
    return jax.numpy.asarray(tf_tensor).__dlpack__()


def from_dlpack(dlcapsule: Any) -> Any:
    """The tensor of a DLPack capsule, or of an array that has one (`tf.experimental.dlpack.from_dlpack`).

    **Arguments:**
    - `dlcapsule`: a capsule that was not taken yet, or an object with a method `__dlpack__`.

    **Raises:** `InvalidArgumentError` for anything else.
    """
    if not hasattr(dlcapsule, "__dlpack__"):
        if 'capsule object "dltensor"' not in repr(dlcapsule):
            raise InvalidArgumentError(
                message='DLPack tensor must be a capsule with name "dltensor". Note that a DLPack tensor may be '
                f"consumed at most once. Received: {dlcapsule!r}"
            )
        dlcapsule = _Exported(dlcapsule)
    with enable_x64(True):
        return from_jax(jax.dlpack.from_dlpack(dlcapsule))


__getattr__ = lazy(__name__, {}, lambda: __all__)
