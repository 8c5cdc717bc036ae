"""Options of a recorded loop, said in its first line."""

from __future__ import annotations

from typing import Any

from malt.lang.directives import UNSPECIFIED


def set_loop_options(
    parallel_iterations: Any = UNSPECIFIED,
    swap_memory: Any = UNSPECIFIED,
    maximum_iterations: Any = UNSPECIFIED,
    shape_invariants: Any = UNSPECIFIED,
) -> None:
    """Say something about the loop around it, as the first statement in its body
    (`tf.autograph.experimental.set_loop_options`).

    It concerns loops over tensors in a `tf.function`, and does nothing elsewhere.

    **Arguments:**
    - `parallel_iterations`, `swap_memory`: accepted for TensorFlow's signature; the compiler decides both.
    - `maximum_iterations`: the loop ends after so many iterations.
    - `shape_invariants`: pairs of a variable and a `tf.TensorShape`. A variable with an unknown length in it may change
      its shape from one iteration to the next, if the number of iterations is known: the loop is then unrolled.

    ```python
    >>> import functape as tf
    >>> @tf.function
    ... def count():
    ...     n = 0
    ...     for _ in tf.range(10):
    ...         tf.autograph.experimental.set_loop_options(maximum_iterations=3)
    ...         n += 1
    ...     return n
    >>> int(count())
    3

    ```
    """
