"""`tf.device` and `tf.DeviceSpec`: names of devices. Everything runs on JAX's default device."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from typing import Any

_FIELDS = ("job", "replica", "task", "device_type", "device_index")
_SHORT = re.compile(r"(cpu|gpu|tpu)(?::(\d+|\*))?", re.IGNORECASE)


class DeviceSpec:
    """The parts of a device's name (`tf.DeviceSpec`).

    **Arguments:**
    - `job`, `device_type`: names, or None.
    - `replica`, `task`, `device_index`: numbers, or None.

    ```python
    >>> import functape as tf
    >>> tf.DeviceSpec(job="worker", device_type="CPU", device_index=0).to_string()
    '/job:worker/device:CPU:0'

    ```
    """

    __slots__ = tuple(f"_{each}" for each in _FIELDS)

    def __init__(
        self, job: Any = None, replica: Any = None, task: Any = None, device_type: Any = None, device_index: Any = None
    ) -> None:
        self._job = None if job is None else str(job)
        self._replica = None if replica is None else int(replica)
        self._task = None if task is None else int(task)
        self._device_type = None if device_type is None else str(device_type).upper()
        self._device_index = None if device_index is None else int(device_index)

    @classmethod
    def from_string(cls, spec: str) -> DeviceSpec:
        """The parts of a name such as `/job:worker/task:1/device:GPU:0`.

        **Raises:** `ValueError` if it is none.
        """
        parts: dict[str, Any] = {}
        for part in filter(None, spec.split("/")):
            key, *rest = part.split(":")
            short = _SHORT.fullmatch(part)
            if key in ("job", "replica", "task") and len(rest) == 1:
                parts[key] = rest[0]
            elif key == "device" and len(rest) in (1, 2):
                parts["device_type"] = rest[0]
                parts["device_index"] = None if len(rest) == 1 or rest[1] == "*" else rest[1]
            elif short is not None:
                parts["device_type"] = short[1]
                parts["device_index"] = None if short[2] in (None, "*") else short[2]
            else:
                raise ValueError(f"Unknown attribute '{key}' is encountered while parsing the device spec: '{spec}'.")
        return cls(**parts)

    @property
    def job(self) -> str | None:
        """The job's name."""
        return self._job

    @property
    def replica(self) -> int | None:
        """The replica's number."""
        return self._replica

    @property
    def task(self) -> int | None:
        """The task's number."""
        return self._task

    @property
    def device_type(self) -> str | None:
        """`CPU`, `GPU` or `TPU`."""
        return self._device_type

    @property
    def device_index(self) -> int | None:
        """The device's number."""
        return self._device_index

    def _parts(self) -> tuple[Any, ...]:
        return tuple(getattr(self, each) for each in _FIELDS)

    def replace(self, **kwargs: Any) -> DeviceSpec:
        """The same with other parts."""
        return DeviceSpec(**(dict(zip(_FIELDS, self._parts(), strict=True)) | kwargs))

    def parse_from_string(self, spec: str) -> DeviceSpec:
        """As `from_string`."""
        return self.from_string(spec)

    def make_merged_spec(self, dev: DeviceSpec) -> DeviceSpec:
        """The same, with the parts that `dev` has."""
        pairs = zip(_FIELDS, self._parts(), dev._parts(), strict=True)
        return DeviceSpec(**{name: own if other is None else other for name, own, other in pairs})

    def to_string(self) -> str:
        """The name."""
        text = "".join(
            f"/{name}:{value}" for name, value in zip(_FIELDS[:3], self._parts()[:3], strict=True) if value is not None
        )
        if self._device_type is not None:
            text += f"/device:{self._device_type}:{'*' if self._device_index is None else self._device_index}"
        return text

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DeviceSpec) and self._parts() == other._parts()

    def __hash__(self) -> int:
        return hash(self._parts())

    def __repr__(self) -> str:
        given = zip(_FIELDS, self._parts(), strict=True)
        return f"<DeviceSpec {', '.join(f'{name}={value!r}' for name, value in given if value is not None)}>"


def device(device_name: Any) -> contextlib.AbstractContextManager[None]:
    """A context in which TensorFlow would place ops on a device (`tf.device`); here the name is only checked.

    **Arguments:**
    - `device_name`: a name such as `"/CPU:0"`, a `tf.DeviceSpec`, a logical device, or None.

    **Raises:** `ValueError` if it is no device's name; `RuntimeError` for a function.

    ```python
    >>> import functape as tf
    >>> with tf.device("/CPU:0"):
    ...     print(tf.constant(1).numpy())
    1

    ```
    """
    if callable(device_name):
        raise RuntimeError("tf.device does not support functions. Pass a name.")
    name = getattr(device_name, "name", device_name)
    if isinstance(name, DeviceSpec):
        name = name.to_string()
    if isinstance(name, bytes):
        name = name.decode()
    if name is not None and not isinstance(name, str):
        raise ValueError(f"Expecting a string device name. Received: {device_name!r}")
    if name:
        try:
            DeviceSpec.from_string(name)
        except ValueError:
            raise ValueError(
                f"Failed to parse device name: {name!r}. Pass a name such as '/CPU:0' or '/GPU:0'."
            ) from None
    return _nothing()


@contextlib.contextmanager
def _nothing() -> Iterator[None]:
    yield
