"""Computing in half precision (`tf.keras.mixed_precision`)."""

from __future__ import annotations

from functape._namespace import lazy
from functape.keras.dtype_policies import DTypePolicy, dtype_policy, set_dtype_policy

Policy = DTypePolicy
global_policy = dtype_policy
set_global_policy = set_dtype_policy

__all__ = ["DTypePolicy", "Policy", "dtype_policy", "global_policy", "set_dtype_policy", "set_global_policy"]

_LAZY = {"LossScaleOptimizer": "functape.keras.optimizers:LossScaleOptimizer"}

__getattr__ = lazy(__name__, _LAZY, lambda: __all__)
