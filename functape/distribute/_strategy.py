"""Strategies: the default one, one device, and a mirrored one with a single copy."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from functape._api._reductions import reduce_mean, reduce_sum
from functape._core._device import device as checked_device
from functape.distribute._context import ReplicaContext, default_is, entered, get_strategy, has_strategy
from functape.distribute._options import InputContext, ReduceOp
from functape.function._autograph import convert_callback


class StrategyExtended:
    """What libraries ask a strategy (`tf.distribute.StrategyExtended`).

    **Arguments:**
    - `container_strategy`: the strategy.
    - `device`: where its variables are; None if the strategy does not decide it.
    """

    should_checkpoint = True
    should_save_summary = True
    experimental_require_static_shapes = False

    def __init__(self, container_strategy: Strategy, device: str | None) -> None:
        self._strategy = container_strategy
        self._device = device

    @property
    def worker_devices(self) -> tuple[str, ...]:
        """The devices that compute.

        **Raises:** `RuntimeError` for the default strategy.
        """
        return self._devices("worker_devices")

    @property
    def parameter_devices(self) -> tuple[str, ...]:
        """The devices that hold variables.

        **Raises:** `RuntimeError` for the default strategy.
        """
        return self._devices("parameter_devices")

    def _devices(self, name: str) -> tuple[str, ...]:
        if self._device is None:
            raise RuntimeError(f"{name}() method unsupported by default tf.distribute.Strategy.")
        return (self._device,)

    def variable_created_in_scope(self, v: Any) -> bool:
        """Whether a variable is one of the strategy's: all are."""
        return True

    def colocate_vars_with(self, colocate_with_variable: Any) -> contextlib.AbstractContextManager[None]:
        """A context that changes nothing: all variables are in one place."""
        return contextlib.nullcontext()

    def call_for_each_replica(self, fn: Callable[..., Any], args: Sequence[Any] = (), kwargs: Any = None) -> Any:
        """As the strategy's `run`."""
        return self._strategy.run(fn, args, kwargs)

    def broadcast_to(self, tensor: Any, destinations: Any) -> Any:
        """The tensor."""
        return tensor

    def reduce_to(self, reduce_op: Any, value: Any, destinations: Any, options: Any = None) -> Any:
        """The sum or mean of the replicas' values: the value itself."""
        ReduceOp.of(reduce_op)
        return value

    def batch_reduce_to(self, reduce_op: Any, value_destination_pairs: Iterable[Any], options: Any = None) -> list[Any]:
        """As `reduce_to`, for several."""
        return [self.reduce_to(reduce_op, value, destination) for value, destination in value_destination_pairs]

    def update(
        self, var: Any, fn: Callable[..., Any], args: Sequence[Any] = (), kwargs: Any = None, group: bool = True
    ) -> Any:
        """Call a function of a variable.

        **Returns:** what it returns; a list of it with `group=False`.
        """
        result = convert_callback(fn)(var, *args, **(kwargs or {}))
        return result if group else [result]


class Strategy:
    """How a computation is spread over devices (`tf.distribute.Strategy`): here it is on one.

    All strategies have one replica, so that `run` calls a function once, and reducing its result gives that result.

    **Arguments:**
    - `extended`: its `tf.distribute.StrategyExtended`.

    ```python
    >>> import functape as tf
    >>> strategy = tf.distribute.OneDeviceStrategy("/cpu:0")
    >>> with strategy.scope():
    ...     weight = tf.Variable(2.0)
    >>> loss = strategy.run(lambda x: weight * x, args=(tf.constant([1.0, 3.0]),))
    >>> strategy.reduce("MEAN", loss, axis=0).numpy()
    np.float32(4.0)

    ```
    """

    def __init__(self, extended: StrategyExtended) -> None:
        self._extended = extended

    @property
    def extended(self) -> StrategyExtended:
        """What libraries ask."""
        return self._extended

    @property
    def num_replicas_in_sync(self) -> int:
        """How many replicas share a step: 1."""
        return 1

    @property
    def cluster_resolver(self) -> None:
        """None: there is one process."""
        return

    def scope(self) -> contextlib.AbstractContextManager[Strategy]:
        """A context in which this is the present strategy.

        **Raises:** `RuntimeError` in the scope of another.
        """
        if has_strategy() and get_strategy() is not self:
            raise RuntimeError(f"Mixing different tf.distribute.Strategy objects: {self!r} is not {get_strategy()!r}")
        return entered(self, None)

    def run(self, fn: Callable[..., Any], args: Sequence[Any] = (), kwargs: Any = None, options: Any = None) -> Any:
        """Call a function in each replica.

        **Arguments:**
        - `fn`: a function.
        - `args`, `kwargs`: its arguments.
        - `options`: accepted for compatibility.

        **Returns:** what it returns.
        """
        with self.scope(), entered(self, ReplicaContext(self)):
            return convert_callback(fn)(*args, **(kwargs or {}))

    def reduce(self, reduce_op: Any, value: Any, axis: Any) -> Any:
        """The sum or mean of what the replicas returned.

        **Arguments:**
        - `reduce_op`: a `tf.distribute.ReduceOp`, or its name.
        - `value`: what `run` returned.
        - `axis`: axes to reduce too; None for none.

        **Returns:** a tensor.

        **Raises:** `ValueError` for another `reduce_op`.
        """
        reduction = ReduceOp.of(reduce_op)
        if axis is None or value is None:
            return value
        return (reduce_sum if reduction is ReduceOp.SUM else reduce_mean)(value, axis)

    def gather(self, value: Any, axis: int) -> Any:
        """The replicas' values one after another: the value itself."""
        return value

    def experimental_local_results(self, value: Any) -> tuple[Any, ...]:
        """The replicas' values."""
        return (value,)

    def experimental_distribute_dataset(self, dataset: Any, options: Any = None) -> Any:
        """A dataset for the replicas: the dataset itself."""
        return dataset

    def distribute_datasets_from_function(self, dataset_fn: Callable[[InputContext], Any], options: Any = None) -> Any:
        """The dataset that a function makes of a `tf.distribute.InputContext`."""
        return dataset_fn(InputContext())

    experimental_distribute_datasets_from_function = distribute_datasets_from_function

    def experimental_distribute_values_from_function(self, value_fn: Callable[[ReplicaContext], Any]) -> Any:
        """What a function makes of the replica's `tf.distribute.ReplicaContext`."""
        return value_fn(ReplicaContext(self))

    def __deepcopy__(self, memo: Any) -> Strategy:
        return self


class _DefaultDistributionStrategy(Strategy):
    """The strategy where none was chosen, all of whose code is that of the one replica."""

    def __init__(self) -> None:
        super().__init__(StrategyExtended(self, None))

    def scope(self) -> contextlib.AbstractContextManager[Strategy]:
        if has_strategy():
            raise RuntimeError("Must not nest tf.distribute.Strategy scopes.")
        return entered(self, ReplicaContext(self))


class OneDeviceStrategy(Strategy):
    """Everything on one device (`tf.distribute.OneDeviceStrategy`).

    **Arguments:**
    - `device`: its name; JAX's default device is used whatever it is.

    **Raises:** `ValueError` if it is no device's name.
    """

    def __init__(self, device: str) -> None:
        super().__init__(StrategyExtended(self, _checked(device)))


class MirroredStrategy(Strategy):
    """A copy of the variables on each device (`tf.distribute.MirroredStrategy`): here on one.

    **Arguments:**
    - `devices`: the name of one device; by default JAX's.
    - `cross_device_ops`: accepted for compatibility.

    **Raises:** `NotImplementedError` for several devices; `ValueError` for what is no device's name.
    """

    def __init__(self, devices: Any = None, cross_device_ops: Any = None) -> None:
        names = ["/device:CPU:0"] if devices is None else [devices] if isinstance(devices, str) else list(devices)
        if not names:
            raise ValueError(f"Got an empty `devices` list. Received: devices={devices!r}")
        if len(names) > 1:
            raise NotImplementedError(
                f"tf.distribute.MirroredStrategy has one replica here, on one device. Received: devices={devices!r}. "
                "Pass one, or make the step a pure function with functape.functionalize and split the batch over the "
                "devices with jax.shard_map."
            )
        super().__init__(StrategyExtended(self, _checked(names[0])))


def _checked(device: str) -> str:
    checked_device(device)
    return device


default_is(_DefaultDistributionStrategy())
