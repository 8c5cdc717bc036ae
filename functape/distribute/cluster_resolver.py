"""What programs ask to find out whether there are TPUs (`tf.distribute.cluster_resolver`)."""

from __future__ import annotations

from typing import Any

from functape._namespace import lazy

__all__ = ["TPUClusterResolver"]
__getattr__ = lazy(__name__, {}, lambda: __all__)


class TPUClusterResolver:
    """Finds the TPUs of a cluster: there are none, which programs take for the sign to use another strategy.

    **Arguments:**
    - `tpu`: the cluster's name.

    **Raises:** `ValueError`, as TensorFlow does where there is no TPU.

    ```python
    >>> import functape as tf
    >>> try:
    ...     resolver = tf.distribute.cluster_resolver.TPUClusterResolver()
    ... except ValueError:
    ...     strategy = tf.distribute.get_strategy()
    >>> strategy.num_replicas_in_sync
    1

    ```
    """

    def __init__(self, tpu: Any = None, *args: Any, **kwargs: Any) -> None:
        raise ValueError(
            "Please provide a TPU Name to connect to: there is no cluster of TPUs here. JAX runs on the TPUs of this "
            f"machine by itself: use tf.distribute.get_strategy(). Received: tpu={tpu!r}"
        )
