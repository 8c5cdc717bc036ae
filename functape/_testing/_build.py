"""What the devices and the build are, for tests that depend on them."""

from __future__ import annotations

import jax


def is_gpu_available(cuda_only: bool = False, min_cuda_compute_capability: tuple[int, int] | None = None) -> bool:
    """Whether JAX's default device is a GPU (`tf.test.is_gpu_available`).

    **Arguments:**
    - `cuda_only`: whether it must be NVIDIA's.
    - `min_cuda_compute_capability`: the least compute capability it must have.
    """
    if jax.default_backend() not in ("gpu", "cuda", "rocm"):
        return False
    device = jax.devices()[0]
    if cuda_only and "rocm" in str(getattr(device.client, "platform_version", "")).lower():
        return False
    if min_cuda_compute_capability is None:
        return True
    found = str(getattr(device, "compute_capability", "0.0")).split(".")
    return tuple(int(each) for each in found) >= tuple(min_cuda_compute_capability)


def gpu_device_name() -> str:
    """The name of the GPU, or empty text (`tf.test.gpu_device_name`)."""
    return "/device:GPU:0" if is_gpu_available() else ""


def is_built_with_cuda() -> bool:
    """Whether JAX has NVIDIA GPUs here (`tf.test.is_built_with_cuda`)."""
    return is_gpu_available(cuda_only=True)


def is_built_with_rocm() -> bool:
    """Whether JAX has AMD GPUs here (`tf.test.is_built_with_rocm`)."""
    return is_gpu_available() and not is_gpu_available(cuda_only=True)


def is_built_with_gpu_support() -> bool:
    """Whether JAX has GPUs here (`tf.test.is_built_with_gpu_support`)."""
    return is_gpu_available()


def is_built_with_xla() -> bool:
    """True: everything is compiled by XLA (`tf.test.is_built_with_xla`)."""
    return True


def is_cpu_target_available(target: str) -> bool:
    """Whether XLA compiles for a kind of CPU here (`tf.test.is_cpu_target_available`)."""
    import platform

    machine = platform.machine().lower()
    names = {"x86_64": "x86_64", "amd64": "x86_64", "aarch64": "aarch64", "arm64": "aarch64"}
    return names.get(machine, machine) == target
