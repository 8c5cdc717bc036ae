"""functape: TensorFlow 2 `GradientTape` code on JAX.

`import functape as tf` gives TensorFlow 2's names. What a program does with tensors is recorded, and the recording is
differentiated and compiled by JAX.
"""

from __future__ import annotations

from functape._core._cast import cast
from functape._core._constants import constant, convert_to_tensor, is_tensor
from functape._core._masking import boolean_mask
from functape._core._module import Module
from functape._core._name_scope import name_scope
from functape._core._print import tf_print as print
from functape._core._shape import TensorShape
from functape._core._slices import IndexedSlices
from functape._core._spec import IndexedSlicesSpec, TensorSpec, TypeSpec
from functape._core._tensor import Tensor
from functape._core._variable import Variable, VariableAggregation, VariableSynchronization
from functape._engine._dtypes import (
    DType,
    as_dtype,
    bfloat16,
    complex64,
    complex128,
    float16,
    float32,
    float64,
    int8,
    int16,
    int32,
    int64,
    string,
    uint8,
    uint16,
    uint32,
    uint64,
)
from functape._engine._dtypes import bool_ as bool
from functape._namespace import lazy
from functape._version import __version__ as functape_version
from functape.autodiff import GradientTape, UnconnectedGradients

half, double = float16, float64
newaxis = None
__version__ = "2.21.0"
"""The TensorFlow API level, which scripts test; functape's own version is `functape_version`."""

_LAZY: dict[str, str] = {
    "config": "functape.config",
    "dtypes": "functape.dtypes",
    "errors": "functape.errors",
    "install": "functape.tensorflow_alias:install",
    "uninstall": "functape.tensorflow_alias:uninstall",
}
__getattr__ = lazy(__name__, _LAZY, lambda: [name for name in globals() if not name.startswith("_")])
