"""Settings of `tf.config` that scripts begin with: memory growth, logical devices, threads, placement.

JAX decides all of these when its backend starts: what is set here is checked, kept and read back.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import jax

from functape._engine._errors import InvalidArgumentError


class PhysicalDevice(NamedTuple):
    """A device of this machine (`tf.config.PhysicalDevice`)."""

    name: str
    device_type: str


class LogicalDevice(NamedTuple):
    """A device programs run on (`tf.config.LogicalDevice`)."""

    name: str
    device_type: str


class LogicalDeviceConfiguration(NamedTuple):
    """How part of a device would be used (`tf.config.LogicalDeviceConfiguration`)."""

    memory_limit: Any = None
    experimental_priority: Any = None
    experimental_device_ordinal: Any = None


_kept: dict[Any, Any] = {}


def list_physical_devices(device_type: str | None = None) -> list[PhysicalDevice]:
    """The devices JAX sees (`tf.config.list_physical_devices`).

    **Arguments:**
    - `device_type`: `"CPU"`, `"GPU"` or `"TPU"`; all by default.

    ```python
    >>> import functape as tf
    >>> tf.config.list_physical_devices("CPU")[0].device_type
    'CPU'

    ```
    """
    return [PhysicalDevice(f"/physical_device:{kind}:{index}", kind) for kind, index in _devices(device_type)]


def list_logical_devices(device_type: str | None = None) -> list[LogicalDevice]:
    """The devices programs run on (`tf.config.list_logical_devices`); as `list_physical_devices`."""
    return [LogicalDevice(f"/device:{kind}:{index}", kind) for kind, index in _devices(device_type)]


def _devices(device_type: str | None) -> list[tuple[str, int]]:
    found = [("CPU", device.id) for device in jax.devices("cpu")]
    if jax.default_backend() != "cpu":
        found += [(device.platform.upper(), device.id) for device in jax.devices()]
    return [each for each in found if device_type is None or each[0] == device_type]


def _checked(device: Any) -> PhysicalDevice:
    if device not in list_physical_devices():
        raise ValueError(f"Unrecognized device: {device!r}. Devices: {list_physical_devices()}")
    return device  # type: ignore[no-any-return]


def get_visible_devices(device_type: str | None = None) -> list[PhysicalDevice]:
    """The devices made visible, all by default (`tf.config.get_visible_devices`)."""
    found = _kept.get("visible") or {}
    every = list_physical_devices(device_type)
    return [each for each in every if each.device_type not in found or each in found[each.device_type]]


def set_visible_devices(devices: Any, device_type: str | None = None) -> None:
    """Keep which devices are visible (`tf.config.set_visible_devices`).

    JAX's own choice is made by `JAX_PLATFORMS` and `CUDA_VISIBLE_DEVICES` before the program starts.

    **Raises:** `ValueError` for what is no device, or none of the type given.
    """
    given = (
        list(devices) if isinstance(devices, list | tuple) and not isinstance(devices, PhysicalDevice) else [devices]
    )
    chosen = [_checked(each) for each in given if each]
    if device_type is not None and any(each.device_type != device_type for each in chosen):
        raise ValueError(f"Unrecognized device: {chosen}: not all are of type {device_type}")
    kinds = {device_type} if device_type else {each.device_type for each in list_physical_devices()}
    visible = _kept.setdefault("visible", {})
    for kind in kinds:
        visible[kind] = [each for each in chosen if each.device_type == kind]


def get_memory_growth(device: Any) -> bool | None:
    """What `set_memory_growth` was given (`tf.config.experimental.get_memory_growth`)."""
    return _kept.get(("growth", _checked(device)))


def set_memory_growth(device: Any, enable: bool) -> None:
    """Keep whether memory should grow as needed (`tf.config.experimental.set_memory_growth`).

    JAX decides by the environment variable `XLA_PYTHON_CLIENT_PREALLOCATE`, read when its backend starts.

    **Raises:** `ValueError` for what is no GPU.
    """
    if _checked(device).device_type == "CPU":
        raise ValueError("Cannot set memory growth on non-GPU and non-Pluggable devices")
    _kept["growth", device] = bool(enable)


def get_logical_device_configuration(device: Any) -> Any:
    """What `set_logical_device_configuration` was given (`tf.config.get_logical_device_configuration`)."""
    return _kept.get(("logical", _checked(device)))


def set_logical_device_configuration(device: Any, logical_devices: Any) -> None:
    """Keep how a device is to be divided (`tf.config.set_logical_device_configuration`).

    Several CPU devices are had with `jax.config.update("jax_num_cpu_devices", n)` before the first use of JAX; a limit
    of memory with `XLA_PYTHON_CLIENT_MEM_FRACTION`.
    """
    chosen = _checked(device)
    if chosen.device_type == "CPU" and any(each.memory_limit is not None for each in logical_devices):
        raise ValueError("Setting memory limit on CPU virtual devices is currently not supported")
    _kept["logical", chosen] = list(logical_devices)


def get_soft_device_placement() -> bool:
    """What `set_soft_device_placement` was given; True at first (`tf.config.get_soft_device_placement`)."""
    return bool(_kept.get("soft", True))


def set_soft_device_placement(enabled: bool) -> None:
    """Keep whether ops may run elsewhere (`tf.config.set_soft_device_placement`): they run on JAX's device."""
    _kept["soft"] = bool(enabled)


def get_device_details(device: Any) -> dict[str, Any]:
    """What is known of a GPU; nothing of a CPU (`tf.config.experimental.get_device_details`)."""
    chosen = _checked(device)
    if chosen.device_type == "CPU":
        return {}
    return {"device_name": jax.devices()[int(chosen.name.rpartition(":")[2])].device_kind}


def get_memory_info(device: str) -> dict[str, int]:
    """The bytes in use now and at most, by a device's name (`tf.config.experimental.get_memory_info`).

    **Raises:** `ValueError` for a device that does not tell, such as a CPU.
    """
    place = str(device).upper().rpartition("/")[2].removeprefix("DEVICE:")
    kind, _, number = place.partition(":")
    found = [each for each in jax.devices() if each.platform.upper() == kind and each.id == int(number or 0)]
    stats = found[0].memory_stats() if found else None
    if not stats:
        raise ValueError(f"Allocator stats not available for device '{device}'")
    return {"current": stats["bytes_in_use"], "peak": stats["peak_bytes_in_use"]}


def get_memory_usage(device: str) -> int:
    """The bytes in use (`tf.config.experimental.get_memory_usage`); as `get_memory_info`."""
    return get_memory_info(device)["current"]


def reset_memory_stats(device: str) -> None:
    """Not possible: JAX keeps the peak of the whole process (`tf.config.experimental.reset_memory_stats`).

    **Raises:** `ValueError`.
    """
    raise ValueError(f"Cannot reset memory stats on device '{device}': JAX keeps them for the whole process.")


def _kept_setting(name: str, first: Any) -> tuple[Any, Any]:
    def get() -> Any:
        return _kept.get(name, first)

    def put(value: Any) -> None:
        _kept[name] = value

    get.__doc__, put.__doc__ = f"What `{name}` was set to.", f"Keep `{name}`; XLA decides by itself."
    return get, put


get_synchronous_execution, _put_synchronous = _kept_setting("synchronous_execution", True)
get_device_policy, _put_policy = _kept_setting("device_policy", "silent")
get_inter_op_parallelism_threads, _put_inter = _kept_setting("inter_op_parallelism_threads", 0)
get_intra_op_parallelism_threads, _put_intra = _kept_setting("intra_op_parallelism_threads", 0)
tensor_float_32_execution_enabled, _put_tensor_float_32 = _kept_setting("tensor_float_32_execution", True)


def set_inter_op_parallelism_threads(num_threads: int) -> None:
    """Keep the number of threads between ops; XLA has its own (`tf.config.threading`)."""
    _put_inter(num_threads)


def set_intra_op_parallelism_threads(num_threads: int) -> None:
    """Keep the number of threads in an op; XLA has its own (`tf.config.threading`)."""
    _put_intra(num_threads)


def set_synchronous_execution(enable: bool) -> None:
    """Keep whether ops should be waited for (`tf.config.experimental.set_synchronous_execution`)."""
    _put_synchronous(enable)


def set_device_policy(device_policy: str | None) -> None:
    """Keep how values go between devices (`tf.config.experimental.set_device_policy`).

    **Raises:** `ValueError` for another word than TensorFlow's.
    """
    if device_policy not in ("silent", "silent_for_int32", "warn", "explicit", None):
        raise ValueError(f"Not a valid device policy: {device_policy!r}")
    _put_policy(device_policy or "silent")


def enable_tensor_float_32_execution(enabled: bool) -> None:
    """Choose the precision of float32 products on GPUs (`tf.config.experimental`): JAX's default, or full."""
    jax.config.update("jax_default_matmul_precision", None if enabled else "highest")
    _put_tensor_float_32(bool(enabled))


def enable_op_determinism() -> None:
    """Ask for the same results in each run (`tf.config.experimental.enable_op_determinism`).

    They are on CPUs and TPUs; on GPUs add `--xla_gpu_deterministic_ops=true` to `XLA_FLAGS` before the program starts.
    """
    _kept["determinism"] = True


def enable_mlir_bridge() -> None:
    """Nothing to do: XLA always compiles through MLIR (`tf.config.experimental.enable_mlir_bridge`)."""


def disable_mlir_bridge() -> None:
    """Nothing to do: XLA always compiles through MLIR (`tf.config.experimental.disable_mlir_bridge`)."""


def get_jit() -> str:
    """`"autoclustering"` once `set_jit` asked for it, else empty (`tf.config.optimizer.get_jit`)."""
    return _kept.get("jit", "")


def set_jit(enabled: bool | str) -> None:
    """Keep whether to compile (`tf.config.optimizer.set_jit`): everything is, anyway."""
    if enabled not in (True, False, "autoclustering"):
        raise ValueError(f"`enabled` must be a bool or 'autoclustering'. Received: {enabled!r}")
    _kept["jit"] = "autoclustering" if enabled else ""


def get_experimental_options() -> dict[str, Any]:
    """What `set_experimental_options` was given (`tf.config.optimizer.get_experimental_options`)."""
    return dict(_kept.get("options", {}))


def set_experimental_options(options: dict[str, Any]) -> None:
    """Keep options of TensorFlow's graph optimizer (`tf.config.optimizer.set_experimental_options`)."""
    _kept.setdefault("options", {}).update(options)


def set_log_device_placement(enabled: bool) -> None:
    """Keep whether to log where ops run (`tf.debugging.set_log_device_placement`): it is JAX's default device."""
    _kept["log placement"] = bool(enabled)


def get_log_device_placement() -> bool:
    """What `set_log_device_placement` was given (`tf.debugging.get_log_device_placement`)."""
    return bool(_kept.get("log placement", False))


def no_cluster(*args: Any, **kwargs: Any) -> None:
    """Not possible: processes are joined by JAX.

    **Raises:** `InvalidArgumentError`.
    """
    raise InvalidArgumentError(message="Processes are joined with jax.distributed.initialize, when they start.")
