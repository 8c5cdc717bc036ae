"""Pictures of what a tape recorded: text in a terminal, SVG in a notebook."""

from __future__ import annotations

from typing import Any, NamedTuple

from functape._core._convert import is_tensor_like
from functape._core._nest import flatten
from functape._core._variable import Variable
from functape._drawing._explain import explain
from functape._drawing._svg import render
from functape._drawing._view import View, shape_of
from functape._engine._avals import Kind
from functape._engine._gradient import EVENTS


class Box(NamedTuple):
    """One value in a picture."""

    slot: int
    title: str
    """Its name, or the op that makes it."""
    shape: str
    inputs: tuple[int, ...]
    """Slots of what it is computed from."""
    roles: tuple[str, ...]
    """What it is: `source`, `target`, `watched`, `variable`, `constant`."""
    flows: bool
    """Whether the gradient passes through it."""
    line: str
    """The user's line that computed it."""
    note: str
    """Why a source has no gradient."""


class Picture:
    """What a tape recorded between sources and targets. A notebook shows it as a drawing, `print` as text.

    **Arguments:**
    - `boxes`: the values, in the order in which they were computed.
    """

    def __init__(self, boxes: list[Box]) -> None:
        self.boxes = boxes

    def _repr_svg_(self) -> str:
        return render(self.boxes)

    @property
    def svg(self) -> str:
        """The drawing, as the text of an SVG file."""
        return self._repr_svg_()

    def __str__(self) -> str:
        names = {box.slot: f"%{place}" for place, box in enumerate(self.boxes)}
        rows = []
        for box in self.boxes:
            inputs = ", ".join(names[slot] for slot in box.inputs)
            title = f"{box.title}({inputs})" if box.inputs else box.title
            rows.append((names[box.slot], title, box.shape, "*" if box.flows else "", ", ".join(box.roles)))
        widths = [max((len(row[column]) for row in rows), default=0) for column in range(4)]
        lines = ["what the tape recorded (* the gradient flows)"]
        for row, box in zip(rows, self.boxes, strict=True):
            cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
            lines.append("  ".join([cells[0], "=", *cells[1:], row[4]]).rstrip())
            if box.note:
                lines.append(f"     no gradient: {box.note}")
        return "\n".join(lines)

    __repr__ = __str__


def draw(tape: Any, target: Any, sources: Any) -> Picture:
    """A picture of the computation that a tape recorded: ops and shapes, what is watched, where the gradient flows,
    and why a source has none.

    **Arguments:**
    - `tape`: a `tf.GradientTape`; before its gradient is asked for, or after.
    - `target`: a tensor, or a structure of them.
    - `sources`: tensors and variables, or a structure of them.

    **Returns:** an object that a notebook shows as a drawing and `print` as text; its `svg` is the drawing's text.

    **Raises:** `TypeError` for what are no tensors; `ValueError` for a tape that was never on.

    ```python
    >>> import functape as tf
    >>> w = tf.Variable([1.0, 2.0], name="w")
    >>> with tf.GradientTape() as tape:
    ...     loss = tf.reduce_sum(w * w)
    >>> print(tf.draw(tape, loss, w))
    what the tape recorded (* the gradient flows)
    %0  =  w:0          float32[2]  *  variable, watched, source
    %1  =  Mul(%0, %0)  float32[2]  *
    %2  =  Sum(%1)      float32[]   *  target

    ```
    """
    targets, asked = flatten(target), flatten(sources)
    for each in (*targets, *asked):
        if not is_tensor_like(each):
            raise TypeError(
                f"Only tensors and variables can be drawn. Received: {each!r} of type {type(each).__name__!r}."
            )
    if tape._log is None:
        raise ValueError("The tape was never on, so that there is nothing to draw: use it in a `with` block first.")
    view = View(tape._log, targets, asked)
    notes: dict[int, str] = {}
    missing: list[tuple[Any, str]] = []
    for source, slots in zip(asked, view.sources, strict=True):
        why = _why_none(tape, targets, source)
        if why and slots:
            notes[slots[-1]] = why
        elif why:
            missing.append((source, why))
    return Picture([*_boxes(view, notes), *_unrecorded(missing)])


def _why_none(tape: Any, targets: list[Any], source: Any) -> str:
    found = [explain(tape, target, source) for target in targets]
    return "" if any(each.cause.value == "connected" for each in found) else str(found[-1])


def _unrecorded(missing: list[tuple[Any, str]]) -> list[Box]:
    """Sources that nothing was recorded of."""
    return [
        Box(-1_000_000 - place, source.name if isinstance(source, Variable) else "source", shape_of(source.aval), (),
            ("source",), False, "", why)
        for place, (source, why) in enumerate(missing)
    ]  # fmt: skip


def _boxes(view: View, notes: dict[int, str]) -> list[Box]:
    targets = {slot for slots in view.targets for slot in slots}
    sources = {slot for slots in view.sources for slot in slots}
    shown = view.ancestors(targets) | sources
    flowing = _flowing(view, targets, sources)
    boxes: list[Box] = []
    drawn: set[int] = set()

    def add(slot: int, title: str, inputs: tuple[int, ...], line: str) -> None:
        each = view.avals[slot]
        roles = []
        if each.kind is Kind.VARIABLE or view.names.get(slot, "").endswith(":0"):
            roles.append("variable")
        elif slot < 0 and slot not in sources:
            roles.append("constant")
        if slot in view.tracked and not inputs:
            roles.append("watched")
        roles += [role for role, slots in (("source", sources), ("target", targets)) if slot in slots]
        drawn.add(slot)
        boxes.append(Box(slot, title, shape_of(each), inputs, tuple(roles), slot in flowing, line, notes.get(slot, "")))

    for node in view.nodes:
        wanted = [slot for slot in node.outputs if slot in shown]
        if not wanted and not any(slot in sources and slot < 0 for slot in node.refs):
            continue
        for slot in node.refs:
            if slot < 0 and slot in shown and slot not in drawn:
                add(slot, view.describe(slot), (), node.line)
        if node.op in EVENTS:
            continue
        inputs = tuple(slot for slot in node.refs if slot in drawn)
        for slot in wanted:
            add(slot, node.op.name, inputs, node.line)
    return boxes


def _flowing(view: View, targets: set[int], sources: set[int]) -> set[int]:
    """The slots that the gradient passes through."""
    if view.plan is None:
        return set()
    forward = set(sources)
    for node, positions in view.plan.steps:
        if any(node.refs[position] in forward for position in positions):
            forward.update(node.outputs)
    backward = {slot for slot in targets if slot in forward}
    for node, positions in reversed(view.plan.steps):
        if not backward.isdisjoint(node.outputs):
            backward.update(node.refs[position] for position in positions)
    return forward & backward
