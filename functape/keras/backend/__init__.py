"""Keras's settings, and the functions of its old backend interface (`tf.keras.backend`)."""

from __future__ import annotations

from functape._core._name_scope import name_scope
from functape._namespace import lazy
from functape.keras._configuration import (
    epsilon,
    floatx,
    image_data_format,
    set_epsilon,
    set_floatx,
    set_image_data_format,
    standardize_dtype,
)
from functape.keras._naming import clear_session, get_uid, reset_uids
from functape.keras._phase import learning_phase, learning_phase_scope, set_learning_phase
from functape.keras.backend import _arithmetic, _losses, _sequences, _shapes, _variables, _windows
from functape.keras.backend._types import backend, is_float_dtype, is_int_dtype, result_type

_PARTS = (_arithmetic, _losses, _sequences, _shapes, _variables, _windows)
_FUNCTIONS = {name: function for part in _PARTS for name, function in part.FUNCTIONS.items()}
globals().update(_FUNCTIONS)

__all__ = [ 
    "backend", "clear_session", "epsilon", "floatx", "get_uid", "image_data_format", "is_float_dtype", "is_int_dtype",
    "learning_phase", "learning_phase_scope", "name_scope", "reset_uids", "result_type", "set_epsilon", "set_floatx",
    "set_image_data_format", "set_learning_phase", "standardize_dtype", *_FUNCTIONS,
]  # fmt: skip

__getattr__ = lazy(__name__, {}, lambda: __all__)
