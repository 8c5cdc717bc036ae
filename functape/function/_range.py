"""A `tf.range` whose length is not known while a function is traced: only a loop can run over it."""

from __future__ import annotations

from typing import Any


class DynamicRange:
    """The numbers from `start` up to `limit` in steps of `delta`.

    **Arguments:**
    - `start`, `limit`, `delta`: scalar tensors of one dtype.
    """

    def __init__(self, start: Any, limit: Any, delta: Any) -> None:
        self.start = start
        self.limit = limit
        self.delta = delta
        self.dtype = start.dtype

    def cast(self, number: Any) -> Any:
        """The number of an iteration in the range's dtype."""
        from functape._core._cast import cast

        return cast(number, self.dtype)

    def count(self) -> Any:
        """How many numbers there are: an int32 scalar tensor."""
        from functape import cast, int32, maximum
        from functape.math import ceil

        distance = self.limit - self.start
        if self.dtype.is_floating:
            steps = cast(ceil(distance / self.delta), int32)
        else:
            steps = cast(-(-distance // self.delta), int32)
        return maximum(steps, 0)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        raise _needs_value(f"its attribute {name!r} is used")

    def __tf_tensor__(self, dtype: Any = None, name: str | None = None) -> Any:
        raise _needs_value("it is used as a tensor")


def dynamic_range(start: Any, limit: Any, delta: Any, dtype: Any) -> DynamicRange:
    """The range of `tf.range`'s arguments.

    **Arguments:**
    - `start`, `limit`, `delta`: numbers, scalar tensors or variables.
    - `dtype`: the dtype wanted, or None for the widest of theirs.
    """
    from functape import cast, convert_to_tensor
    from functape._engine._dtypes import float32, float64, int32, int64

    tensors = [convert_to_tensor(each) for each in (start, limit, delta)]
    order = [int32, int64, float32, float64]
    if dtype is None:
        dtype = max((each.dtype for each in tensors), key=lambda each: order.index(each) if each in order else -1)
    return DynamicRange(*(cast(each, dtype) for each in tensors))


def _needs_value(how: str) -> Exception:
    from functape._engine._trace import ValueNeeded

    return ValueNeeded(
        f"The length of a tf.range depends on a tensor that has no value while the function is traced, and {how}. "
        "Loop over it, or compute its limit from Python values or shapes."
    )
