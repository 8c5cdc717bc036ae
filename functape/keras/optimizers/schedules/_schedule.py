"""The base of the learning-rate schedules, and schedules by configuration."""

from __future__ import annotations

from typing import Any

from functape.keras._serialization import deserialize_keras_object, serialize_keras_object


class LearningRateSchedule:
    """A learning rate that depends on the number of steps (`tf.keras.optimizers.schedules.LearningRateSchedule`).

    A subclass of one's own defines `__call__(self, step)`, and `get_config` if it is to be stored.

    ```python
    >>> import functape as tf
    >>> class Halving(tf.keras.optimizers.schedules.LearningRateSchedule):
    ...     def __call__(self, step):
    ...         return 0.5 ** tf.cast(step, tf.float32)
    >>> optimizer = tf.keras.optimizers.SGD(Halving())
    >>> optimizer.iterations = 3
    >>> float(optimizer.learning_rate)
    0.125

    ```
    """

    def __call__(self, step: Any) -> Any:
        raise NotImplementedError(
            f"Learning rate schedule '{type(self).__name__}' must override `__call__(self, step)`."
        )

    def get_config(self) -> dict[str, Any]:
        """The arguments that make a schedule like this one; a subclass overrides it."""
        raise NotImplementedError(
            f"Learning rate schedule '{type(self).__name__}' must override `get_config()` in order to be serializable."
        )

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """A schedule from what `get_config` returned."""
        return cls(**config)


def serialize(learning_rate_schedule: LearningRateSchedule, use_legacy_format: bool = False) -> Any:
    """Class name and arguments of a schedule (`tf.keras.optimizers.schedules.serialize`).

    **Arguments:**
    - `learning_rate_schedule`: the schedule.
    - `use_legacy_format`: leave out all but `class_name` and `config`.

    ```python
    >>> import functape as tf
    >>> schedules = tf.keras.optimizers.schedules
    >>> schedules.serialize(schedules.ExponentialDecay(0.1, 10, 0.5))["class_name"]
    'ExponentialDecay'

    ```
    """
    if use_legacy_format:
        return {"class_name": type(learning_rate_schedule).__name__, "config": learning_rate_schedule.get_config()}
    return serialize_keras_object(learning_rate_schedule)


def deserialize(config: Any, custom_objects: dict[str, Any] | None = None, use_legacy_format: bool = False) -> Any:
    """The schedule that `serialize` described (`tf.keras.optimizers.schedules.deserialize`).

    **Arguments:**
    - `config`: `class_name` and `config`.
    - `custom_objects`: further classes by name.
    - `use_legacy_format`: accepted for compatibility; both formats are understood.

    ```python
    >>> import functape as tf
    >>> schedules = tf.keras.optimizers.schedules
    >>> described = schedules.serialize(schedules.ExponentialDecay(0.5, 10, 0.5))
    >>> float(schedules.deserialize(described)(10))
    0.25

    ```
    """
    from functape.keras.optimizers import schedules

    return deserialize_keras_object(config, custom_objects, module_objects=vars(schedules))


def check_steps(name: str, steps: Any) -> None:
    """Reject a number of steps that is not positive.

    **Raises:** `ValueError`.
    """
    if steps <= 0:
        raise ValueError(f"Argument `{name}` must be > 0. Received: {name}={steps}")
