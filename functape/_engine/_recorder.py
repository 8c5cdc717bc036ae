"""The recorder: walks the trie, and runs what was recorded when a value is needed or a step ends."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from sys import getrefcount
from typing import Any

import numpy as np

from functape._engine._avals import Aval, Kind
from functape._engine._bundle import Bundled
from functape._engine._cache import cache
from functape._engine._compat import HELD_ONCE
from functape._engine._hot import Counts, native, references
from functape._engine._op import Op
from functape._engine._report import user_line
from functape._engine._scalars import resolve_scalars
from functape._engine._state import Node, State
from functape._engine._tensor import BaseTensor

_running = threading.RLock()
"""Held while programs run, so that a thread asking for another thread's value never meets a half-done flush."""


class Recording(list[Any]):
    """The tensors a recording's ops returned, by slot. It is the home of those still pending."""

    __slots__ = ("recorder",)

    recorder: Recorder

    def __hash__(self) -> int:  # type: ignore[override]
        return id(self)

    def __eq__(self, other: object) -> bool:
        return self is other


class Cell:
    """Something whose value is replaced: a variable, an optimizer's slots. The old value's buffer may be reused."""

    __slots__ = ("tensor", "__weakref__")

    tensor: BaseTensor

    def receive(self, tensor: BaseTensor) -> None:
        """Take the value that a traced function computed for this cell."""
        raise NotImplementedError("A cell that functions may assign overrides `receive`.")


class Recorder:
    """One thread's recording in progress.

    The fields are read and written by the recording functions directly: a method call for each would cost as much as
    the recording itself.
    """

    __slots__ = (
        "state", "outputs", "inputs", "slots", "kept", "tapes", "open_tapes", "assigned", "aliases", "owners",
        "replaying", "ended",
    )  # fmt: skip

    tracing = False
    """Whether this records symbolic tensors, whose values nobody will ask for: see `_trace`."""
    created: list[Any]
    """Weak references to the variables made while tracing."""

    def __init__(self) -> None:
        self.open_tapes: list[Any] = []
        """Logs of the tapes that are on, outermost first."""
        self.replaying = False
        """Whether a tape's earlier recordings are being recorded again; they stay in one recording."""
        self.ended: Recorder | None = None
        """The step before, if it waits to be run: see `_ended`."""
        self._begin()

    def note_write(self, cell: Cell, old: Any) -> None:
        """Before a cell is given a new value: only a trace takes note."""

    def capture(self, tensor: BaseTensor) -> Aval:
        """Let a tensor of an outer recording enter; only a trace has one."""
        raise NotImplementedError("Only a trace has an outer recording.")

    def restart(self) -> None:
        """Begin at the trie's present root; nothing may be pending."""
        self._begin()
        for log in self.open_tapes:
            log.resume(self)

    def _begin(self) -> None:
        self.state: State = cache.root
        self.outputs = outputs = Recording()
        outputs.recorder = self
        self.inputs: list[Any] = []
        """What entered: tensors, and scalars as Python numbers."""
        self.slots: dict[int, int] = {}
        """Slot by `id` of each tensor that entered."""
        self.kept: list[BaseTensor] = []
        """The scalar tensors among them, so that their ids stay theirs."""
        self.tapes: list[Any] = []
        """Logs of the tapes that recorded here."""
        self.assigned = False
        """Whether a cell was given a new value here."""
        self.aliases: dict[tuple[Recording, int], int] = {}
        """Slot of each value that was replayed here, by the recording and slot that first had it."""
        self.owners: dict[int, Any] = {}
        """For each output slot replayed that had been a cell's value, a weak reference to the cell."""

    # ---- recording -------------------------------------------------------------------------------------------

    def miss(self, key: Any, op: Op, statics: tuple[Any, ...], args: tuple[Any, ...], refs: tuple[Any, ...]) -> Any:
        """Record an op for the first time on this path; returns its tensor, or a tuple of them.

        **Raises:** the op's error if the inputs do not fit; the recorder is then as before.
        """
        try:
            if self._full(op, statics, args):
                return self._afresh("too much pending", op, statics, args)
            state = self.state
            given = tuple(_aval_of(arg, ref) for arg, ref in zip(args, refs, strict=True))
            avals = resolve_scalars(op.name, given, args) if given else ()
            entered = tuple(each for each, ref in zip(avals, refs, strict=True) if ref.__class__ is not int)
            slots = []
            count = state.inputs
            for ref in refs:
                if ref.__class__ is int:
                    slots.append(ref)
                else:
                    slots.append(~count)
                    count += 1
            outputs = op.infer(statics, avals)
            first = state.outputs
            node = Node(op, statics, tuple(slots), tuple(range(first, first + len(outputs))), outputs, entered)
            node.line = user_line()
            following = State(state, node)
            following.assigned |= any(each.kind is Kind.VARIABLE for each in outputs)
            edge = (following, outputs, first) if op.multiple else (following, outputs[0], first)
        except BaseException:
            self.repair()
            raise
        cache.add(state, key, edge)
        made = tuple(follow(self, edge)) if op.multiple else follow(self, (following, outputs, first))[0]
        if cache.op_by_op and not self.replaying:
            self.flush("op by op")
        return made

    def event(self, op: Op, statics: tuple[Any, ...], refs: tuple[Any, ...] = (), entered: Aval | None = None) -> None:
        """Record an event of a tape."""
        key = (op, statics, *refs)
        following = self.state.get(key)
        if following is None:
            state = self.state
            slots = tuple(ref if ref.__class__ is int else ~state.inputs for ref in refs)
            following = State(state, Node(op, statics, slots, entered=() if entered is None else (entered,)))
            following.node.line = user_line()  # type: ignore[union-attr]
            cache.add(state, key, following)
        self.state = following

    def _full(self, op: Op, statics: tuple[Any, ...], args: tuple[Any, ...]) -> bool:
        """Whether to run what is pending before recording more.

        A loop that never looks at anything is cut where what began the recording comes round again, so that each round
        records the same program.
        """
        state = self.state
        if state.depth < cache.max_pending or self.open_tapes or self.replaying or op.ends_step:
            return False
        if state.depth >= LONGEST * cache.max_pending:
            return True
        first = state.first
        return (
            first is not None
            and first.op is op
            and first.statics == statics
            and _shapes(first.entered) == _shapes(each.aval for each in args if hasattr(each, "aval"))
        )

    def _afresh(self, reason: str, op: Op, statics: tuple[Any, ...], args: tuple[Any, ...]) -> Any:
        self.repair()
        self.flush(reason)
        return (record_multiple if op.multiple else record)(op, statics, args)

    def repair(self) -> None:
        """Forget what an op that failed or was interrupted left behind."""
        state = self.state
        while state.outputs > len(self.outputs) and state.parent is not None:
            state = state.parent
        self.state = state
        del self.outputs[state.outputs :]
        if len(self.inputs) > state.inputs:
            del self.inputs[state.inputs :]
            self.slots = {key: slot for key, slot in self.slots.items() if ~slot < state.inputs}
            self.kept = [tensor for tensor in self.kept if id(tensor) in self.slots]

    # ---- running ---------------------------------------------------------------------------------------------

    def flush(self, reason: str) -> None:
        """Compile what is pending, once for each state and set of live outputs, run it and begin a new recording."""
        if self.ended is not None:
            self.finish_ended()
        state = self.state
        if not state.depth:
            return
        with _running:
            outputs = self.outputs
            if state.outputs != len(outputs) or state.inputs != len(self.inputs):
                self.repair()
                state = self.state
            for log in self.tapes:
                if not log.used:
                    self._save_for_tapes()
                    break
            if state.outputs:
                counts = references(outputs)
                try:
                    ends = state.ends or state.ended()
                    program = ends.programs.get(counts) or self._find_program(state, counts, reason)
                    program.run(self.inputs, outputs)
                except Exception:
                    self._abandon()
                    raise
                cache.flushes = program.used = cache.flushes + 1
                cache.ops += state.depth
            self.restart()
            outputs.clear()

    def finish_ended(self) -> None:
        """Run the step before, if it waits.

        **Raises:** what its run raises.
        """
        ended, self.ended = self.ended, None
        if ended is not None:
            ended.flush("the next step began")

    def _abandon(self) -> None:
        """Drop a recording whose program failed; the cells it was to update keep the values they had."""
        before = {id(cell): holder for cell, holder in self._held()}
        for tensor in self.outputs:
            owner = getattr(tensor, "variable", None)
            cell = None if owner is None else owner()
            if cell is not None and cell.tensor is tensor and id(cell) in before:
                cell.tensor = before[id(cell)]
        self.restart()

    def _held(self) -> Iterator[tuple[Cell, BaseTensor]]:
        """The inputs that are or were cells' values, with their cells."""
        for holder in self.inputs:
            owner = getattr(holder, "variable", None)
            cell = None if owner is None else owner()
            if cell is not None:
                yield cell, holder

    def _save_for_tapes(self) -> None:
        """Let the tapes that may still be asked for a gradient keep the recording.

        Done before it is run, so that no buffer is reused that a gradient will need.
        """
        alive = [log for log in self.tapes if not log.used]
        if alive:
            # One reference from this list, one from `alive`, and those of whoever still holds the tape.
            bare = (HELD_ONCE or 0) + 1
            counts = tuple(map(getrefcount, alive))
            for log, count in zip(alive, counts, strict=True):
                if count > bare or log in self.open_tapes:
                    log.save(self)

    def _find_program(self, state: State, counts: Counts, reason: str) -> Any:
        bare = HELD_ONCE or 0
        live = tuple(slot for slot, count in enumerate(counts) if count > bare)
        program = state.ended().by_live.get(live)
        if program is None:
            program = cache.compile(state, live, self._replaced(), reason)
        cache.remember(state, counts, program)
        return program

    def _replaced(self) -> tuple[tuple[int, int], ...]:
        """For each input that was a cell's value and is not any more, its index and the slot of the value after it."""
        after = {id(holder): cell.tensor.slot for cell, holder in self._held() if cell.tensor.home is self.outputs}
        return tuple((index, after[id(holder)]) for index, holder in enumerate(self.inputs) if id(holder) in after)

    def resolve(self, tensor: BaseTensor, reason: str) -> None:
        """Give a tensor pending in this recorder its value, from whichever thread."""
        if self is local.recorder:
            self.flush(reason)
        else:
            tensor.value = self.value_for_other_thread(tensor)

    def value_for_other_thread(self, tensor: BaseTensor) -> Any:
        """The value of a tensor pending in this recorder, without disturbing the thread that records here."""
        with _running:
            if hasattr(tensor, "value"):
                return tensor.value
            state = self.state
            while state.parent is not None and state.parent.outputs > tensor.slot:
                state = state.parent
            live = (tensor.slot,)
            by_live = state.ended().by_live
            program = by_live.get(live)
            if program is None:
                program = by_live[live] = cache.compile(state, live, (), "value needed in another thread")
            results: dict[int, Any] = {tensor.slot: tensor}
            program.run(list(self.inputs), results)
            return tensor.value


LONGEST = 4
"""How many times the bound on pending ops a recording may have that never comes back to where it began."""


def _shapes(avals: Iterable[Aval]) -> set[tuple[int, ...]]:
    return {each.shape for each in avals if each.kind is not Kind.SCALAR}


def _aval_of(arg: Any, ref: Any) -> Any:
    """The aval of an argument, or the Python type of a scalar."""
    return arg.aval if ref.__class__ is int else ref


class _Settings:
    """What the layer above supplies."""

    tensor_class: type[BaseTensor] = BaseTensor
    convert: Any = None
    on_host: Any = None


def install(
    tensor_class: type[BaseTensor],
    convert: Callable[[Op, tuple[Any, ...]], tuple[Any, ...]],
    on_host: Callable[[Op, tuple[Any, ...], tuple[Any, ...]], Any],
) -> None:
    """Supply the class of the tensors that recording makes, and what to do with arguments that cannot be recorded.

    **Arguments:**
    - `tensor_class`: a subclass of `BaseTensor` that is made without arguments.
    - `convert`: given an op and its arguments, returns them with whatever is no tensor converted, or raises.
    - `on_host`: given an op, its attributes and its arguments, some of them strings, returns what the op gives.
    """
    _settings.tensor_class = tensor_class
    _settings.on_host = on_host
    _settings.convert = convert


_settings = _Settings()


def new_tensor() -> BaseTensor:
    """A tensor with nothing set."""
    return _settings.tensor_class()


def blank(aval: Aval, slot: int) -> Any:
    """A tensor of no recording that is about to be given its value.

    **Arguments:**
    - `aval`: the tensor's.
    - `slot`: its place among what it is returned with.
    """
    tensor = _settings.tensor_class()
    tensor.aval = aval
    tensor.home = None
    tensor.slot = slot
    return tensor


class _Local(threading.local):
    def __init__(self) -> None:
        self.recorder = Recorder()


local = _Local()


def record(op: Op, statics: tuple[Any, ...], args: tuple[Any, ...]) -> Any:
    """Record an op with one output.

    **Arguments:**
    - `op`: the op's row.
    - `statics`: values of its attributes; hashable.
    - `args`: tensors, variables, Python numbers, or whatever converts to a tensor.

    **Returns:** its pending tensor.
    """
    recorder = local.recorder
    outputs, slots, tensor_class = recorder.outputs, recorder.slots, _settings.tensor_class
    try:
        key: list[Any] = [op, statics]
        for arg in args:
            kind = arg.__class__
            if kind is tensor_class:
                if arg.home is outputs:
                    key.append(arg.slot)
                else:
                    ref = slots.get(id(arg))
                    key.append(arg.enter_anew(recorder) if ref is None else ref)
            elif kind is float or kind is int or kind is bool:
                recorder.inputs.append(arg)
                key.append(kind)
            else:
                key.append(arg.enter(recorder))
        full = tuple(key)
        recorder.state, aval, slot = recorder.state[full]
    except KeyError:
        return recorder.miss(full, op, statics, args, full[2:])
    except BaseException as error:
        return _recover(recorder, error, op, statics, args)
    tensor = tensor_class()
    tensor.aval = aval
    tensor.home = outputs
    tensor.slot = slot
    outputs.append(tensor)
    return tensor


def record_one(op: Op, statics: tuple[Any, ...], argument: Any) -> Any:
    """As `record`, of an op with one input: what most functions do, in less time."""
    recorder = local.recorder
    outputs = recorder.outputs
    try:
        ref = argument.slot if argument.home is outputs else argument.enter(recorder)
        recorder.state, aval, slot = recorder.state[op, statics, ref]
    except Exception:
        recorder.repair()
        return record(op, statics, (argument,))
    except BaseException:
        recorder.repair()
        raise
    tensor = _settings.tensor_class()
    tensor.aval = aval
    tensor.home = outputs
    tensor.slot = slot
    outputs.append(tensor)
    return tensor


def record_multiple(op: Op, statics: tuple[Any, ...], args: tuple[Any, ...]) -> tuple[Any, ...]:
    """Record an op that returns a tuple; as `record` otherwise."""
    recorder = local.recorder
    outputs, slots, tensor_class = recorder.outputs, recorder.slots, _settings.tensor_class
    try:
        key: list[Any] = [op, statics]
        for arg in args:
            kind = arg.__class__
            if kind is tensor_class:
                if arg.home is outputs:
                    key.append(arg.slot)
                else:
                    ref = slots.get(id(arg))
                    key.append(arg.enter_anew(recorder) if ref is None else ref)
            elif kind is float or kind is int or kind is bool:
                recorder.inputs.append(arg)
                key.append(kind)
            else:
                key.append(arg.enter(recorder))
        full = tuple(key)
        return tuple(follow(recorder, recorder.state[full]))
    except KeyError:
        return recorder.miss(full, op, statics, args, full[2:])
    except BaseException as error:
        return _recover(recorder, error, op, statics, args)


def follow(recorder: Recorder, edge: tuple[State, Any, int]) -> list[Any]:
    """Take an edge of an op with several outputs; an aval of None stands for an output that is None."""
    recorder.state, avals, slot = edge
    outputs, tensor_class = recorder.outputs, _settings.tensor_class
    made: list[BaseTensor | None] = []
    for each in avals:
        if each is None:
            made.append(None)
            continue
        tensor = tensor_class()
        tensor.aval = each
        tensor.home = outputs
        tensor.slot = slot
        slot += 1
        outputs.append(tensor)
        made.append(tensor)
    return made


def _recover(recorder: Recorder, error: BaseException, op: Op, statics: tuple[Any, ...], args: tuple[Any, ...]) -> Any:
    """Record an op whose arguments could not be recorded as they are.

    **Raises:** `error`, if they cannot be recorded at all; the recorder is then as before.
    """
    recorder.repair()
    if isinstance(error, AttributeError):
        return _record_otherwise(op, statics, args)
    frozen = _frozen(statics) if isinstance(error, TypeError) else statics
    if frozen is statics:
        raise error
    return (record_multiple if op.multiple else record)(op, frozen, args)


def _record_otherwise(op: Op, statics: tuple[Any, ...], args: tuple[Any, ...]) -> Any:
    """Record an op some of whose arguments are no tensors: a stand-in for one records by itself, the others convert.

    An op of strings is not recorded: it runs at once, on the host.
    """
    for arg in args:
        stand_in = getattr(arg.__class__, "record_with_stand_in", None)
        if stand_in is not None:
            return stand_in(op, statics, args)
    if any(getattr(getattr(arg, "aval", None), "kind", None) is Kind.HOST for arg in args):
        return _settings.on_host(op, statics, args)
    return (record_multiple if op.multiple else record)(op, statics, _settings.convert(op, args))


def _frozen(statics: tuple[Any, ...]) -> tuple[Any, ...]:
    """Attributes with lists as tuples, so that they can be hashed; the same object if there are none."""
    frozen = tuple(_freeze(each) for each in statics)
    return statics if all(new is old for new, old in zip(frozen, statics, strict=True)) else frozen


def _freeze(value: Any) -> Any:
    return tuple(_freeze(each) for each in value) if value.__class__ is list else value


def install_variables(variable_class: type[Cell]) -> None:
    """Supply the class of variables, the last that recording must know."""
    if native is not None:
        classes = (
            BaseTensor, _settings.tensor_class, Cell, variable_class, Recorder, Recording, State, Aval, np.ndarray,
            Bundled,
        )  # fmt: skip
        native.install(
            local,
            classes,
            Kind.SCALAR,
            (record_in_python, record_multiple_in_python, follow_in_python, _recover),
            HELD_ONCE,
        )


record_in_python, record_multiple_in_python, follow_in_python = record, record_multiple, follow
if native is not None:
    record, record_one, record_multiple, follow, blank = (
        native.record,
        native.record_one,
        native.record_multiple,
        native.follow,
        native.blank,
    )
