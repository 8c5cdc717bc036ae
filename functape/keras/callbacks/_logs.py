"""What callbacks are told: numbers by name."""

from __future__ import annotations

from typing import Any


def as_numbers(logs: Any) -> dict[str, Any]:
    """Logs with tensors as Python numbers, sorted by name.

    **Arguments:**
    - `logs`: values by name; a dict among them is spread. What is no scalar stays as it is.

    ```python
    >>> import functape as tf
    >>> as_numbers({"loss": tf.constant(2.0), "compile_metrics": {"accuracy": tf.constant(0.5)}})
    {'accuracy': 0.5, 'loss': 2.0}

    ```
    """
    numbers: dict[str, Any] = {}
    for name in sorted(logs or {}):
        value = logs[name]
        if isinstance(value, dict):
            numbers |= as_numbers(value)
            continue
        try:
            numbers[name] = float(value)
        except (TypeError, ValueError):
            numbers[name] = value
    return numbers
