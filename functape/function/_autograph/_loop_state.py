"""The variables of a recorded loop: what they start from, and that an iteration leaves them what they were."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

from functape._api._creation import zeros
from functape._core._nest import flatten, pack_like
from functape._core._shape import TensorShape
from functape._engine._trace import ValueNeeded
from functape.function._autograph._symbols import check_iteration, dtype_of, is_value, shape_of
from functape.function._autograph._trial import trial
from functape.function._autograph._undefined import Undefined, UndefinedReturnValue, is_undefined

State = tuple[Any, ...]


class LoopState:
    """The variables that a loop assigns.

    **Arguments:**
    - `get_state`, `set_state`: read and write them.
    - `names`: their names.
    - `options`: what `set_loop_options` says.
    """

    def __init__(
        self,
        get_state: Callable[[], State],
        set_state: Callable[[State], None],
        names: tuple[str, ...],
        options: dict[str, Any],
    ) -> None:
        self.get_state = get_state
        self.set_state = set_state
        self.names = names
        self.before: State = get_state()
        """The values with which the loop starts."""
        self.entering = self.before
        """The values before the loop."""
        self.invariants = self._invariants(options.get("shape_invariants"))
        self.free = {index for index, shape in enumerate(self.invariants or ()) if _is_open(shape)}
        self.changes_shape = bool(self.free)
        """Whether a variable's shape may change from one iteration to the next."""

    def _invariants(self, pairs: Any) -> list[Any] | None:
        if pairs is None:
            return None
        return [next((TensorShape(shape) for tensor, shape in pairs if tensor is value), None) for value in self.before]

    def start_with(self, name: str, value: Callable[[], Any]) -> None:
        """Let a variable that has no value yet start from what `value` returns, if that is not None."""
        index = self.names.index(name) if name in self.names else None
        if index is not None and self.before[index].__class__ is Undefined:
            first = value()
            if first is not None:
                self.before = (*self.before[:index], first, *self.before[index + 1 :])

    def prepare(self, body: Callable[[], Any]) -> list[str]:
        """Find what variables that have no value yet start from.

        The body is traced once on trial: what it makes of them says their dtypes and shapes.

        **Arguments:**
        - `body`: one iteration.

        **Returns:** the names of those that get their first value in the loop, which must therefore run at least once.

        **Raises:** `ValueError` or `NotImplementedError` if the trial fails.
        """
        missing = [index for index, value in enumerate(self.before) if value is None or is_undefined(value)]
        if not missing:
            return []
        try:
            outcome = self._tried(body)
        except ValueNeeded:
            raise
        except (UnboundLocalError, TypeError, ValueError, KeyError) as error:
            self._refuse(missing, error)
            raise
        finally:
            self.set_state(self.entering)
        started, names = list(self.before), []
        for index in missing:
            after = outcome[index]
            leaves = [] if after is None or is_undefined(after) else flatten(after)
            if leaves and all(is_value(leaf) for leaf in leaves):
                started[index] = pack_like(after, [_zeros_like(leaf) for leaf in leaves])
                if self.entering[index].__class__ is not UndefinedReturnValue:
                    names.append(self.names[index])
        self.before = tuple(started)
        return names

    def _tried(self, body: Callable[[], Any]) -> State:
        found: list[State] = []

        def run() -> tuple[()]:
            self.set_state(self.entering)
            body()
            found.append(self.get_state())
            return ()

        trial(run)
        return found[-1]

    def _refuse(self, missing: list[int], error: Exception) -> None:
        """Raise the error for the first variable that must have a value before the loop."""
        for index in missing:
            name, value = self.names[index], self.before[index]
            if value.__class__ is UndefinedReturnValue:
                raise NotImplementedError(
                    "a return statement cannot be placed inside this loop over tensors. Assign the value to a variable "
                    "that has one before the loop, leave the loop with break, and return the variable after it."
                ) from error
            if value.__class__ is Undefined:
                raise ValueError(
                    f"'{name}' must be defined before the loop. Give it a value of the dtype and shape it has in the "
                    f"loop. The attempt to find out which failed: {error}"
                ) from error
            raise ValueError(
                f"'{name}' is not allowed to be None before the loop. Give it a value of the dtype and shape it has in "
                f"the loop. The attempt to find out which failed: {error}"
            ) from error

    def iteration(self, body: Callable[[], Any]) -> Callable[..., State]:
        """One iteration as a function from the variables' values to their next values."""

        def run(*values: Any) -> State:
            self.set_state(values)
            body()
            after = self.get_state()
            check_iteration(self.before, after, self.names, self.free)
            return after

        return run

    @contextlib.contextmanager
    def restored_on_error(self) -> Iterator[None]:
        """Give the variables their earlier values back if recording the loop fails."""
        try:
            yield
        except BaseException:
            self.set_state(self.entering)
            raise


def _is_open(shape: Any) -> bool:
    return shape is not None and not shape.is_fully_defined()


def _zeros_like(leaf: Any) -> Any:
    return zeros(shape_of(leaf), dtype_of(leaf))


def require_iteration(names: list[str], ran: Any) -> None:
    """Record the check that a loop which gives variables their first values runs at all.

    **Arguments:**
    - `names`: the variables.
    - `ran`: whether it does; a tensor.
    """
    if not names:
        return
    from functape import debugging

    for name in names:
        debugging.Assert(ran, [f"loop must iterate at least once to initialize {name}"])
