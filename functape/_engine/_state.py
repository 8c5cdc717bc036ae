"""The trie of recorder states.

A recording is a path from the root; recording an op follows one edge. An edge is found by one dict look-up whose key
says which op, with which attributes, on which inputs *numbered relative to the recording*; its target already knows
what the op returns. In a training loop the second iteration is nothing but look-ups.

Slots number the values of a recording: 0, 1, 2, ... are what its ops returned, -1, -2, ... what entered from outside.
A reference in a key is a slot, or, for a value that enters with this very op, its `Aval` (or the Python type of a
scalar).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from functape._engine._avals import Aval
from functape._engine._hot import Counts

if TYPE_CHECKING:
    from functape._engine._op import Op
    from functape._engine._program import Program


class Node:
    """What one edge of the trie records: an op on slots, or an event of a tape."""

    __slots__ = ("op", "statics", "refs", "outputs", "avals", "entered", "line")

    def __init__(
        self,
        op: Op,
        statics: Any,
        refs: tuple[int, ...],
        outputs: tuple[int, ...] = (),
        avals: tuple[Aval, ...] = (),
        entered: tuple[Aval, ...] = (),
    ) -> None:
        self.op = op
        self.statics = statics
        self.refs = refs
        """Slots of the inputs."""
        self.outputs = outputs
        """Slots of the outputs."""
        self.avals = avals
        """Avals of the outputs."""
        self.entered = entered
        """Avals of the values that entered the recording with this op."""
        self.line = ""
        """The user's line that recorded it for the first time."""

    def __repr__(self) -> str:
        return f"{self.outputs} = {self.op.name}{self.refs}"


class Ends:
    """What is known of the recordings that end in a state."""

    __slots__ = ("programs", "by_live", "awaited", "kept")

    def __init__(self) -> None:
        self.programs: dict[Counts, Program] = {}
        """Programs by the reference counts of the recording's tensors: the look-up of the steady state."""
        self.by_live: dict[tuple[int, ...], Program] = {}
        """The same programs by the slots they return."""
        self.awaited: tuple[int, ...] | None = None
        """The slots of the gradients whose end a step that ends here waits for; None if that is not known yet."""
        self.kept = 0
        """How many steps in a row that ended here were run while they were still held."""


class State(dict[Any, Any]):
    """A recorder state: the dict of its edges.

    A recording of ten thousand ops reads as many states in a row: what every recording reads comes first, and what few
    states need is not there before they do.
    """

    __slots__ = ("key", "edge", "parent", "node", "depth", "inputs", "outputs", "assigned", "first", "ends")

    key: tuple[Any, ...]
    """Of the edge taken last, which the C extension tries before it looks it up; unset before the first was taken."""
    edge: Any
    """The edge taken last."""

    def __init__(self, parent: State | None = None, node: Node | None = None) -> None:
        super().__init__()
        self.parent = parent
        self.node = node
        self.ends: Ends | None = None
        if parent is None or node is None:
            self.depth = self.inputs = self.outputs = 0
            self.assigned = False
            self.first: Node | None = None
        else:
            self.depth = parent.depth + 1
            self.inputs = parent.inputs + len(node.entered)
            self.outputs = parent.outputs + len(node.outputs)
            self.assigned = parent.assigned
            self.first = parent.first or node

    def ended(self) -> Ends:
        """What is known of the recordings that end here."""
        if self.ends is None:
            self.ends = Ends()
        return self.ends

    def path(self) -> list[Node]:
        """The nodes from the root to here."""
        nodes: list[Node] = []
        state: State | None = self
        while state is not None and state.node is not None:
            nodes.append(state.node)
            state = state.parent
        nodes.reverse()
        return nodes

    def __hash__(self) -> int:  # type: ignore[override]
        return id(self)

    def __eq__(self, other: object) -> bool:
        return self is other


def slot_avals(nodes: list[Node]) -> dict[int, Aval]:
    """The aval of every slot a path defines."""
    avals: dict[int, Aval] = {}
    entered = 0
    for node in nodes:
        for each in node.entered:
            avals[~entered] = each
            entered += 1
        avals.update(zip(node.outputs, node.avals, strict=True))
    return avals
