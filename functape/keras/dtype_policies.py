"""Which dtypes layers compute in and keep their weights in (`tf.keras.dtype_policies`)."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

from functape._core._cast import cast
from functape._core._convert import convert, is_tensor_like
from functape._namespace import lazy
from functape.keras._configuration import floatx, standardize_dtype
from functape.keras._naming import on_clear
from functape.keras._serialization import deserialize_keras_object, serialize_keras_object

__all__ = [
    "DTypePolicy",
    "DTypePolicyMap",
    "FloatDTypePolicy",
    "deserialize",
    "get",
    "serialize",
]


class DTypePolicy:
    """What dtype a layer computes in, and what its weights have (`tf.keras.dtype_policies.DTypePolicy`).

    **Arguments:**
    - `name`: a dtype's name for both; or `"mixed_float16"` or `"mixed_bfloat16"`, which compute in that dtype with
      float32 weights. The global policy by default.

    **Raises:** `ValueError` for another name; `TypeError` for what is no name.

    ```python
    >>> import functape as tf
    >>> policy = tf.keras.mixed_precision.Policy("mixed_bfloat16")
    >>> policy.compute_dtype, policy.variable_dtype
    ('bfloat16', 'float32')

    ```
    """

    quantization_mode = None
    """Always None: quantized layers are not supported."""

    def __init__(self, name: str | None = None) -> None:
        name = dtype_policy().name if name is None else name
        if not isinstance(name, str):
            raise TypeError(f"'name' must be a string, such as 'mixed_float16'. Received: name={name!r}")
        if name.startswith("mixed_") and name.removeprefix("mixed_") in ("float16", "bfloat16"):
            self._compute_dtype, self._variable_dtype = name.removeprefix("mixed_"), "float32"
        else:
            self._compute_dtype = self._variable_dtype = _plain(name)
        self._name = name

    @property
    def name(self) -> str:
        """The policy's name."""
        return self._name

    @property
    def compute_dtype(self) -> str:
        """The name of the dtype to compute in."""
        return self._compute_dtype

    @property
    def variable_dtype(self) -> str:
        """The name of the weights' dtype."""
        return self._variable_dtype

    def convert_input(self, x: Any, autocast: bool, dtype: Any) -> Any:
        """An input as a layer takes it: arrays as tensors, floating ones in `dtype` if `autocast` is set."""
        if not is_tensor_like(x) and not hasattr(x, "__array__"):
            return x
        tensor = x if is_tensor_like(x) else convert(x)
        wanted = standardize_dtype(dtype)
        floating = tensor.aval.dtype.is_floating
        return cast(tensor, wanted) if autocast and floating and tensor.aval.dtype.name != wanted else tensor

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {"name": self.name}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> DTypePolicy:
        """The policy that `get_config` described."""
        return cls(**config)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DTypePolicy) and self._name == other._name

    def __hash__(self) -> int:
        return hash(self._name)

    def __repr__(self) -> str:
        return f'<DTypePolicy "{self._name}">'


class FloatDTypePolicy(DTypePolicy):
    """The same as `DTypePolicy` (`tf.keras.dtype_policies.FloatDTypePolicy`)."""


def _plain(name: str) -> str:
    try:
        return standardize_dtype(name)
    except ValueError:
        raise ValueError(
            f"Cannot convert '{name}' to a mixed precision DTypePolicy. Valid policies are 'mixed_float16', "
            "'mixed_bfloat16', and the name of a dtype such as 'float32'; quantized ones are not supported."
        ) from None


class _Local(threading.local):
    policy: DTypePolicy | None = None


_local = _Local()


def dtype_policy() -> DTypePolicy:
    """The policy of layers that are given none (`tf.keras.config.dtype_policy`)."""
    return DTypePolicy(floatx()) if _local.policy is None else _local.policy


def set_dtype_policy(policy: Any) -> None:
    """Set the policy of layers that are given none (`tf.keras.config.set_dtype_policy`).

    **Arguments:**
    - `policy`: a policy or its name; None for `floatx()`.

    **Raises:** `ValueError` for anything else.

    ```python
    >>> import functape as tf
    >>> tf.keras.mixed_precision.set_global_policy("mixed_bfloat16")
    >>> tf.keras.mixed_precision.global_policy()
    <DTypePolicy "mixed_bfloat16">
    >>> tf.keras.mixed_precision.set_global_policy("float32")

    ```
    """
    if policy is not None and not isinstance(policy, str | DTypePolicy):
        raise ValueError(
            "Invalid `policy` argument. Expected the string name of a policy (such as 'mixed_float16') or a "
            f"`DTypePolicy` instance. Received: policy={policy!r}"
        )
    _local.policy = DTypePolicy(policy) if isinstance(policy, str) else policy


def _forget() -> None:
    _local.policy = None


on_clear.append(_forget)


class DTypePolicyMap(dict[str, Any]):
    """Policies by a layer's path (`tf.keras.dtype_policies.DTypePolicyMap`).

    A path that is not in it has the policy of the only key it begins with or contains, or the default one.

    **Arguments:**
    - `default_policy`: a policy or its name; the global one by default.
    - `policy_map`: policies by path.

    ```python
    >>> import functape as tf
    >>> policies = tf.keras.dtype_policies.DTypePolicyMap("float32", {"head": tf.keras.DTypePolicy("float64")})
    >>> policies["head/dense"], policies["body"]
    (<DTypePolicy "float64">, <DTypePolicy "float32">)

    ```
    """

    def __init__(self, default_policy: Any = None, policy_map: dict[str, Any] | None = None) -> None:
        super().__init__()
        self._default = None if default_policy is None else get(default_policy)
        for key, policy in (policy_map or {}).items():
            self[key] = policy

    @property
    def default_policy(self) -> DTypePolicy:
        """The policy of paths that are not in it."""
        return dtype_policy() if self._default is None else self._default

    def __setitem__(self, key: str, policy: Any) -> None:
        if key in self.keys():
            raise ValueError(f"{key} already exists in the DTypePolicyMap. Delete it first.")
        if not isinstance(policy, DTypePolicy):
            raise ValueError(f"{policy!r} is no `DTypePolicy`. Pass tf.keras.DTypePolicy(name).")
        super().__setitem__(key, policy)

    def __missing__(self, key: str) -> DTypePolicy:
        found = [each for each in self.keys() if each in key]
        if len(found) > 1:
            raise ValueError(
                f"Path '{key}' matches multiple dtype policy specification keys: {found}. Keep one of them."
            )
        return super().__getitem__(found[0]) if found else self.default_policy

    def __iter__(self) -> Iterator[str]:
        return super().__iter__()

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        default = None if self._default is None else self._default.name
        return {"default_policy": default, "policy_map": {key: serialize(value) for key, value in self.items()}}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> DTypePolicyMap:
        """The map that `get_config` described."""
        return cls(config["default_policy"], {key: deserialize(each) for key, each in config["policy_map"].items()})


def serialize(dtype_policy: Any) -> Any:
    """The configuration of a policy (`tf.keras.dtype_policies.serialize`)."""
    return serialize_keras_object(dtype_policy)


def deserialize(config: Any, custom_objects: dict[str, Any] | None = None) -> Any:
    """The policy that a configuration describes (`tf.keras.dtype_policies.deserialize`)."""
    known = {each.__name__: each for each in (DTypePolicy, FloatDTypePolicy, DTypePolicyMap)} | {"Policy": DTypePolicy}
    return deserialize_keras_object(config, custom_objects, module_objects=known)


def get(identifier: Any) -> Any:
    """The policy that `identifier` stands for (`tf.keras.dtype_policies.get`).

    **Arguments:**
    - `identifier`: a policy, its name or configuration, a dtype, or None for the global policy.

    **Raises:** `ValueError` for anything else.

    ```python
    >>> import functape as tf
    >>> tf.keras.dtype_policies.get("float64")
    <DTypePolicy "float64">

    ```
    """
    if identifier is None:
        return dtype_policy()
    if isinstance(identifier, DTypePolicy | DTypePolicyMap):
        return identifier
    if isinstance(identifier, dict):
        return deserialize(identifier)
    if isinstance(identifier, str):
        return DTypePolicy(identifier)
    try:
        return DTypePolicy(standardize_dtype(identifier))
    except ValueError:
        raise ValueError(
            "Cannot interpret `dtype` argument. Expected a string or an instance of DTypePolicy. "
            f"Received: dtype={identifier!r}"
        ) from None


__getattr__ = lazy(__name__, {}, lambda: __all__)
