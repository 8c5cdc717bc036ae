"""The recording of a step that an optimizer has ended, which waits until its gradients are dropped.

What is still held when a program runs is one of its outputs and takes memory of its own. Most steps are functions whose
list of gradients dies as they return: a step with many or large gradients is run right then, without them. It is run
before, with them, if anything it computes is needed; where that happens again and again, steps do not wait any more.
"""

from __future__ import annotations

import sys
import weakref
from collections.abc import Callable
from functools import partial
from sys import getrefcount
from typing import Any

from functape._engine import _recorder
from functape._engine._bundle import PACKED_ELEMENTS
from functape._engine._cache import cache
from functape._engine._compat import HELD_ONCE
from functape._engine._gradient import GRADIENT
from functape._engine._inline import takes_tracers
from functape._engine._recorder import Recorder, Recording, local, new_tensor
from functape._engine._state import State, slot_avals
from functape._engine._tensor import BaseTensor

_REASON = "an optimizer step"
KEPT_OFTEN = 2
"""Steps in a row that were run with their gradients, after which those like them do not wait."""


def end_step(undo: Callable[[], None]) -> None:
    """Run the step that an optimizer has just recorded, or let it wait until its gradients are dropped.

    **Arguments:**
    - `undo`: takes back what the optimizer counted, if the step fails.
    """
    recorder = local.recorder
    recorder.finish_ended()
    if recorder.__class__ is Recorder and not recorder.open_tapes and not cache.op_by_op:
        state = recorder.state
        ends = state.ended()
        if ends.awaited is None:
            ends.awaited = _large_gradients(state)
        if ends.awaited and ends.kept < KEPT_OFTEN and all(log.used for log in recorder.tapes):
            ended = EndedStep(recorder, undo)
            if ended.watch():
                recorder.ended = ended
                recorder.restart()
                ended.waits = True
                return
    try:
        recorder.flush(_REASON)
    except Exception:
        undo()
        raise


def _large_gradients(state: State) -> tuple[int, ...]:
    """The slots of the gradients whose end a step waits for, if together they are large; none if its program acts on
    the world besides.

    Of those made together the first and the last: the references of a list die last to first, those of a dict first to
    last.
    """
    nodes = state.path()
    acts = any(node.op.effects is not None and node.op.effects(*node.statics) for node in nodes)
    if HELD_ONCE is None or acts or takes_tracers(nodes) or not nodes[-1].op.ends_step:
        return ()
    avals = slot_avals(nodes)
    groups = [node.outputs for node in nodes if node.op is GRADIENT]
    # What the optimizer was given may have been made from the gradients.
    groups.append(tuple(slot for slot in nodes[-1].refs if slot >= 0))
    if sum(avals[slot].size for slot in {slot for group in groups for slot in group}) <= PACKED_ELEMENTS:
        return ()
    return tuple(sorted({slot for group in groups if group for slot in (group[0], group[-1])}))


class EndedStep(Recorder):
    """What a recorder had recorded when a step ended. Nothing more is recorded here, so that any thread may run it.

    **Arguments:**
    - `recorder`: the recorder, which must begin anew.
    - `undo`: takes back what the optimizer counted.
    """

    __slots__ = ("undo", "failure", "awaited", "waits")

    def __init__(self, recorder: Recorder, undo: Callable[[], None]) -> None:
        self.open_tapes = []
        self.replaying = False
        self.ended = None
        self.state, self.outputs, self.inputs, self.slots = (
            recorder.state, recorder.outputs, recorder.inputs, recorder.slots,
        )  # fmt: skip
        self.kept, self.tapes, self.assigned = recorder.kept, recorder.tapes, recorder.assigned
        self.aliases, self.owners = recorder.aliases, recorder.owners
        self.undo = undo
        self.failure: BaseException | None = None
        """What the run raised where nothing can be raised."""
        self.awaited: dict[int, Any] = {}
        """Weak references to the gradients whose end is waited for, by slot."""
        self.waits = False
        """Whether their end runs the step."""

    def watch(self) -> bool:
        """Wait for the end of the gradients; False if nobody holds any of them."""
        outputs, slots = self.outputs, self.state.ended().awaited or ()
        counts = list(map(getrefcount, map(outputs.__getitem__, slots)))
        held = [slot for slot, count in zip(slots, counts, strict=True) if count > (HELD_ONCE or 0)]
        if held:
            outputs.recorder = self
        for slot in held:
            gradient, outputs[slot] = outputs[slot], _stand_in(outputs[slot])
            self.awaited[slot] = weakref.ref(gradient, partial(self._dropped, slot))
        return bool(held)

    def _dropped(self, slot: int, _: Any) -> None:
        self.awaited.pop(slot, None)
        if self.awaited or not self.waits or sys.is_finalizing():
            return
        # Whoever runs something meanwhile may wait for this thread: the step is then left to who needs its values.
        lock = _recorder._running
        if not lock.acquire(blocking=False):
            return
        try:
            self.state.ended().kept = 0
            super().flush(_REASON)
        except BaseException as error:
            self.failure = error
        finally:
            lock.release()

    def flush(self, reason: str) -> None:
        """As a recorder's, on behalf of whoever needs a value.

        **Raises:** what an earlier run raised.
        """
        with _recorder._running:
            self._end_waiting()
            failure, self.failure = self.failure, None
            if failure is not None:
                raise failure
            super().flush(reason)

    def _end_waiting(self) -> None:
        """Put the gradients that are still held back in their places, before anything else."""
        self.waits = False
        awaited, self.awaited = self.awaited, {}
        found = {slot: reference() for slot, reference in awaited.items()}
        held = {slot for slot, gradient in found.items() if gradient is not None}
        for slot in held:
            self.outputs[slot] = found[slot]
        ends = self.state.ended()
        if held and len(held) == len(ends.awaited or ()):
            ends.kept += 1
        elif held:
            # The others are dropped first: they decide from now on.
            ends.awaited = tuple(slot for slot in ends.awaited or () if slot not in held)

    def resolve(self, tensor: BaseTensor, reason: str) -> None:
        """As a recorder's, from whichever thread."""
        self.flush(reason)

    def value_for_other_thread(self, tensor: BaseTensor) -> Any:
        """As a recorder's: there is no thread to disturb."""
        return tensor.resolve("a step's value needed in the next")

    def restart(self) -> None:
        """Hold nothing more."""
        self.waits = False
        self._begin()
        self.outputs = Recording()

    def _abandon(self) -> None:
        super()._abandon()
        self.undo()


def _stand_in(tensor: BaseTensor) -> BaseTensor:
    """A tensor in the place of another."""
    made = new_tensor()
    made.aval, made.home, made.slot = tensor.aval, tensor.home, tensor.slot
    return made
