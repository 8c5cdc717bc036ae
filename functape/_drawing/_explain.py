"""Why a gradient is None, in words."""

from __future__ import annotations

import enum
import linecache
from typing import Any

from functape._core._convert import is_tensor_like
from functape._core._variable import Variable
from functape._drawing._view import View
from functape._engine._avals import Kind
from functape._engine._gradient import ENTER, EVENTS, WATCH
from functape._engine._recorder import Cell
from functape._engine._state import Node


class Cause(enum.Enum):
    """Why a gradient is None."""

    CONNECTED = "connected"
    """It is not."""
    NOT_A_TENSOR = "not a tensor"
    """The target or the source is a NumPy array or a Python number."""
    NUMPY = "went through NumPy"
    """A value on the way left the recording, and came back as a constant."""
    NOT_WATCHED = "not watched"
    """The tape does not watch the source."""
    INTEGER = "integer dtype"
    """The source, the target or a value on the way is of a dtype that has no derivative."""
    OUTSIDE = "recorded outside the tape"
    """An op on the way ran before the tape was on, after it, or while it was paused."""
    STOPPED = "stopped"
    """An op on the way passes no gradient on."""
    UNUSED = "not used"
    """The target was computed without the source."""


class Explanation(str):
    """Why a gradient is None: text, which is also shown where it is the value of a notebook's cell.

    **Arguments:**
    - `text`: the whole sentence.
    - `cause`: which of the causes it is.
    - `line`: the user's line to blame, `file:line in function`; empty if there is none.
    """

    cause: Cause
    line: str

    def __new__(cls, text: str, cause: Cause, line: str = "") -> Explanation:
        made = super().__new__(cls, text)
        made.cause = cause
        made.line = line
        return made

    def __repr__(self) -> str:
        return str(self)


def explain(tape: Any, target: Any, source: Any) -> Explanation:
    """Why `tape.gradient(target, source)` is None.

    It may be asked before the gradient or after it, of any tape.

    **Arguments:**
    - `tape`: a `tf.GradientTape`.
    - `target`: what was to be differentiated.
    - `source`: what with respect to.

    **Returns:** text that names the cause, the line to blame and the remedy; its attribute `cause` is a member of an
    enumeration.

    ```python
    >>> import functape as tf
    >>> x = tf.constant(3.0)
    >>> with tf.GradientTape() as tape:
    ...     y = x * x
    >>> tape.gradient(y, x) is None
    True
    >>> tf.explain(tape, y, x).cause.value
    'not watched'

    ```
    """
    for value, what in ((target, "target"), (source, "source")):
        if not is_tensor_like(value):
            return Explanation(
                f"The {what} is no tensor but {value!r} of type {type(value).__name__}: what leaves TensorFlow, "
                "through .numpy(), float() or NumPy, is a constant to the tape. Keep it a tensor: tf.* functions do "
                "what NumPy's do.",
                Cause.NOT_A_TENSOR,
            )
    log = tape._log
    if log is None:
        return Explanation("The tape was never on: compute the target inside `with tape:`.", Cause.OUTSIDE)
    view = View(log, [target], [source])
    return _explained(view, target, source)


def _explained(view: View, target: Any, source: Any) -> Explanation:
    (targets,), (sources,) = view.targets, view.sources
    name = repr(source.name) if isinstance(source, Variable) else "the source"
    if view.plan is not None and any(view.plan.connected):
        return Explanation(f"The gradient is connected: the target depends on {name}.", Cause.CONNECTED)
    for value, what, slots in ((source, name, sources), (target, "the target", targets)):
        if not value.aval.differentiable:
            line = _line_of(view, slots)
            where = f" ({_place(line)})" if line else ""
            return Explanation(
                f"{_upper(what)}{where} has dtype {value.dtype.name}, and only floating and complex values have "
                "derivatives. Make it a float from the start: tf.constant(x, tf.float32).",
                Cause.INTEGER,
                line,
            )
    if not targets:
        return _target_from_outside(view, target, source, sources)
    downstream = view.descendants(set(sources)) if sources else set()
    if downstream.isdisjoint(targets):
        return _not_computed_from(view, name, source, targets, downstream)
    return _blocked(view, name, set(targets), set(sources), downstream)


def _target_from_outside(view: View, target: Any, source: Any, sources: tuple[int, ...]) -> Explanation:
    """The tape has not seen the target at all."""
    if getattr(target, "home", None) in (None, ()) and not isinstance(target, Cell):
        read = view.read_at(view.descendants(set(sources)), source)
        where = f" A value was read at {_place(read)}." if read else ""
        return Explanation(
            "The target was made of a value (tf.constant of a number or a NumPy array), not computed by TensorFlow "
            f"ops: what went through NumPy is a constant to the tape.{where} Compute the target with tf.* functions "
            "inside the tape's block.",
            Cause.NUMPY,
            read or _tape_line(view),
        )
    return Explanation(
        f"The target was computed outside the tape, which was on from {_place(_tape_line(view))}: move the "
        "computation into its `with` block.",
        Cause.OUTSIDE,
        _tape_line(view),
    )


def _not_computed_from(
    view: View, name: str, source: Any, targets: tuple[int, ...], downstream: set[int]
) -> Explanation:
    """No op leads from the source to the target."""
    read = view.read_at(downstream, source)
    upstream = view.ancestors(set(targets))
    constants = [
        node
        for node in view.nodes
        if node.op not in EVENTS
        and not upstream.isdisjoint(node.outputs)
        and any(slot < 0 and slot not in view.names for slot in node.refs)
    ]
    if read and constants:
        node = constants[-1]
        return Explanation(
            f"The target does not depend on {name} by TensorFlow's ops: a value was read at {_place(read)}, and came "
            f"back as a constant, such as the one in {view.what(node)} at {_place(node.line)}. What went through "
            "NumPy, .numpy() or float() is a constant to the tape. Keep it a tensor all the way: tf.* functions do "
            "what NumPy's do.",
            Cause.NUMPY,
            read,
        )
    line = _line_of(view, targets)
    return Explanation(
        f"The target does not depend on {name}: no op between them was recorded. The target was computed at "
        f"{_place(line)}. Compute it from {name}, with TensorFlow's ops only.",
        Cause.UNUSED,
        line,
    )


def _blocked(view: View, name: str, targets: set[int], sources: set[int], downstream: set[int]) -> Explanation:
    """Ops lead from the source to the target; somewhere on the way the gradient ends."""
    between = downstream & view.ancestors(targets)
    path = [node for node in view.nodes if node.op not in EVENTS and not between.isdisjoint(node.refs)]
    path = [node for node in path if not between.isdisjoint(node.outputs)]
    first = next(node for node in path if not sources.isdisjoint(node.refs))
    tracked = {node for node, _ in view.steps}
    late = first in view.seen and first not in tracked and first.op.differentiable
    if late and all(node.op is not WATCH or sources.isdisjoint(node.refs) for node in _until(view, first)):
        late = not _is_trainable(view, sources) or not _watches_accessed(view)
    unwatched = sources.isdisjoint(view.tracked) and (first in view.seen or not _is_trainable(view, sources))
    if late or unwatched:
        return _not_watched(view, name, sources, first)
    carried = set(sources)
    for node in path:
        carrying = [position for position, slot in enumerate(node.refs) if slot in carried]
        if not carrying:
            continue
        found = _obstacle(view, node, carrying)
        if found is None:
            carried.update(node.outputs)
        elif carried.isdisjoint(targets):
            blocked = found
    return blocked


def _obstacle(view: View, node: Node, carrying: list[int]) -> Explanation | None:
    """Why a node passes no gradient on to its inputs at `carrying`; None if it does."""
    op, where = node.op, f"{view.what(node)} at {_place(node.line)}"
    if node not in view.seen:
        return Explanation(
            f"{where} was recorded outside the tape, which was on from {_place(_tape_line(view))}: move the op into "
            "the tape's `with` block.",
            Cause.OUTSIDE,
            node.line,
        )
    if not any(each.differentiable for each in node.avals):
        return Explanation(
            f"{where} returns {', '.join(each.dtype.name for each in node.avals)}, and only floating and complex "
            "values have derivatives: the gradient ends there. Stay with floats on the way to the target.",
            Cause.INTEGER,
            node.line,
        )
    if op.name == "StopGradient":
        return Explanation(
            f"{where} stops the gradient, as tf.stop_gradient is meant to. Leave it out where the gradient is wanted.",
            Cause.STOPPED,
            node.line,
        )
    carries = range(len(node.refs)) if op.carries is None else op.carries(node.statics, tuple(carrying), False)
    if not op.differentiable or all(each in op.unconnected or each not in carries for each in carrying):
        if op.carries is not None:
            how = "returned None for this argument, in its @tf.custom_gradient"
        elif not op.differentiable:
            how = "has no gradient: it is flat almost everywhere, or not a function of numbers"
        else:
            how = "passes no gradient on to this input"
        return Explanation(f"{where} {how}. The gradient stops there.", Cause.STOPPED, node.line)
    if any(step is node for step, _ in view.steps):
        return None
    return Explanation(
        f"{where} is where the gradient ends: it does not vary with what came before.", Cause.STOPPED, node.line
    )


def _not_watched(view: View, name: str, sources: set[int], first: Node) -> Explanation:
    kinds = {view.avals[slot].kind for slot in sources}
    if Kind.VARIABLE in kinds:
        remedy = (
            "The tape was made with watch_accessed_variables=False: call tape.watch on the variable inside its block."
        )
    elif sources & set(view.names) and any(view.names[slot].endswith(":0") for slot in sources):
        remedy = "The variable is not trainable: make it with trainable=True, or call tape.watch on it."
    else:
        remedy = "Only trainable variables are watched by themselves: call tape.watch on the tensor first."
    late = next((node for node in view.nodes if node.op is WATCH and not sources.isdisjoint(node.refs)), None)
    if late is not None:
        remedy = (
            f"It was watched at {_place(late.line)} only, when it had been used already: watch it before its first use."
        )
    return Explanation(
        f"{_upper(name)} was not watched by the tape when it was used at {_place(first.line)} ({view.what(first)}). "
        f"{remedy}",
        Cause.NOT_WATCHED,
        first.line,
    )


def _is_trainable(view: View, slots: set[int]) -> bool:
    return any(view.avals[slot].kind is Kind.VARIABLE for slot in slots)


def _watches_accessed(view: View) -> bool:
    return any(node.op is ENTER and node.statics[0] == view.index and node.statics[1] for node in view.nodes)


def _until(view: View, end: Node) -> list[Node]:
    """The nodes recorded before `end`."""
    return view.nodes[: view.nodes.index(end)]


def _line_of(view: View, slots: tuple[int, ...]) -> str:
    """The line that computed the value in the last of `slots`, or first used it."""
    for slot in reversed(slots):
        node = view.makers.get(slot) or view.enters(slot)
        if node is not None:
            return node.line
    return ""


def _tape_line(view: View) -> str:
    node = next((node for node in view.nodes if node.op is ENTER and node.statics[0] == view.index), None)
    return "" if node is None else node.line


def _place(line: str) -> str:
    """A line with its text, if there is any."""
    if not line:
        return "a line that is not known"
    place = line.split(" in ")[0]
    file, _, number = place.rpartition(":")
    text = linecache.getline(file, int(number)).strip() if number.isdigit() else ""
    return f"{line}: `{text}`" if text else line


def _upper(text: str) -> str:
    return text[0].upper() + text[1:]
