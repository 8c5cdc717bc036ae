"""Whether functions that differ in training train: the setting that holds where no `training` argument is given."""

from __future__ import annotations

import threading
from typing import Any, Literal


class _Local(threading.local):
    phase: Any = None


_local = _Local()


def learning_phase() -> Any:
    """0 for inference, as by default, or 1 for training (`tf.keras.backend.learning_phase`)."""
    return 0 if _local.phase is None else _local.phase


def given_learning_phase() -> Any:
    """What `set_learning_phase` was given; None if nothing."""
    return _local.phase


def set_learning_phase(value: Any) -> None:
    """Set whether to train where no `training` argument says so (`tf.keras.backend.set_learning_phase` of Keras 2).

    **Arguments:**
    - `value`: 0 or 1, False or True.

    **Raises:** `ValueError` for anything else.
    """
    if value not in (0, 1):
        raise ValueError(f"Expected learning phase to be 0 or 1. Received: {value!r}")
    _local.phase = value


class learning_phase_scope:
    """A context with another learning phase (`tf.keras.backend.learning_phase_scope` of Keras 2).

    **Arguments:**
    - `value`: 0 or 1.

    ```python
    >>> import functape as tf
    >>> with tf.keras.backend.learning_phase_scope(1):
    ...     tf.keras.backend.learning_phase()
    1

    ```
    """

    def __init__(self, value: Any) -> None:
        self._value = value

    def __enter__(self) -> None:
        self._before = _local.phase
        set_learning_phase(self._value)

    def __exit__(self, *_: object) -> Literal[False]:
        _local.phase = self._before
        return False


def forget_learning_phase() -> None:
    """Go back to the default."""
    _local.phase = None
