"""Help for tests, under TensorFlow's names (`tf.test`)."""

from __future__ import annotations

from functape._namespace import lazy
from functape._testing._build import (
    gpu_device_name,
    is_built_with_cuda,
    is_built_with_gpu_support,
    is_built_with_rocm,
    is_built_with_xla,
    is_cpu_target_available,
    is_gpu_available,
)

__all__ = [
    "gpu_device_name",
    "is_built_with_cuda",
    "is_built_with_gpu_support",
    "is_built_with_rocm",
    "is_built_with_xla",
    "is_cpu_target_available",
    "is_gpu_available",
]

_LAZY = {
    "Benchmark": "functape._testing._benchmark:Benchmark",
    "TestCase": "functape._testing._case:TestCase",
    "benchmark_config": "functape._testing._benchmark:benchmark_config",
    "compute_gradient": "functape.autodiff._checking:compute_gradient",
    "main": "functape._testing._benchmark:main",
    "mock": "unittest.mock",
}

__getattr__ = lazy(__name__, _LAZY, lambda: __all__)
