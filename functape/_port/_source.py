"""`to_jax_source`: a recorded step as a standalone Python module that imports only JAX."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import jax
import numpy as np

from functape._engine._gradient import GRADIENT
from functape._engine._recorder import Cell, local
from functape._engine._staged import CONNECT, Staged
from functape._port._block import Block, _dtype
from functape._port._helpers import RESERVED, Helpers, Parts
from functape._port._jaxpr import Unwritable, Writer, needs_wide, value_source
from functape._port._names import identifier, tensors_around, value_names
from functape.function._structure import TENSOR, Static, Template
from functape.functional._functionalize import PureStep, _constant, trace_step
from functape.functional._layout import canonical, packed, unpacked
from functape.keras.optimizers._optax_state import OptaxState
from functape.keras.optimizers._slots import Slots


def to_jax_source(fn: Callable[..., Any], *example_args: Any, **example_kwargs: Any) -> str:
    """A tape-style step as the source of a Python module that imports only JAX and NumPy.

    The module has one function of the step's name, `(state, *args) -> (state, outputs)`, the same as that of
    `functape.functionalize`, with the same state; and `zeros_state()`, a state of zeros. There is a line for each op,
    named as in the step where its line assigns a name; a gradient is `jax.value_and_grad` or `jax.vjp` of a function of
    what it is of. Ops that are no single JAX function become functions of the module, with TensorFlow's derivatives.

    **Arguments:**
    - `fn`, `example_args`, `example_kwargs`: as for `functionalize`.

    **Returns:** the source.

    **Raises:** `NotImplementedError` for a step that prints or calls Python while it runs; otherwise as
    `functionalize`.

    ```python
    >>> import functape as tf
    >>> w = tf.Variable(2.0, name="w")
    >>> def loss(x):
    ...     error = w * x - 1.0
    ...     return error
    >>> source = tf.to_jax_source(loss, tf.constant(3.0))
    >>> "mul = w * x" in source, "functape" in source.partition("import jax")[2]
    (True, False)

    ```
    """
    if not callable(fn):
        raise TypeError(f"`fn` must be a function. Received: {fn!r}")
    local.recorder.flush("a step is written as source")
    step = trace_step(fn, example_args, example_kwargs)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Explicitly requested dtype")
        try:
            return Module(step).text()
        except Unwritable as error:
            if "prints or calls" in str(error):
                raise
            return Module(step, whole=True).text()


class Module:
    """The emitted module of one step.

    **Arguments:**
    - `step`: the step.
    - `whole`: whether to write it from its traced form as a whole, which works for every step, though less readably.
    """

    def __init__(self, step: PureStep, whole: bool = False) -> None:
        self.step = step
        self.staged: Staged = step.first.staged
        self.template = step.first.template
        self.layout = step.layout
        self.whole = whole
        self.name = identifier(step.name if step.name != "<lambda>" else "step")
        self.helpers = Helpers()
        self.helpers.taken.add(self.name)
        self.lines: list[str] = []
        self.arrays: list[str] = []
        self.parameters, self.arguments = self._parameters()

    # ---- parameters ------------------------------------------------------------------------------------------

    def _parameters(self) -> tuple[list[str], list[str]]:
        """The function's parameters, and the expression of each dynamic argument."""
        args, kwargs = jax.tree.unflatten(
            self.step.structure, [_Place(place) for place in range(len(self.step.examples))]
        )
        signature = self.step.function._signature
        names = [] if signature is None else [
            each.name for each in signature.parameters.values()
            if each.kind in (each.POSITIONAL_ONLY, each.POSITIONAL_OR_KEYWORD)
        ]  # fmt: skip
        parameters: list[str] = []
        found: dict[int, str] = {}
        for place, value in enumerate(args):
            base = identifier(names[place] if place < len(names) else f"argument_{place}")
            name = _other(base, self.helpers.taken | set(parameters))
            parameters.append(name)
            _expressions(value, name, found)
        for key, value in kwargs.items():
            name = identifier(key)
            parameters.append(name)
            _expressions(value, name, found)
        shown = [name for name in parameters if any(text.startswith(name) for text in self._active(found))]
        # A Python value that is part of the step stays a parameter, so that calls are alike; it has no effect.
        fixed = {found[p]: e for p, e in enumerate(self.step.examples) if not self.step.dynamic[p] and p in found}
        listed = []
        for name in parameters:
            default = fixed.get(name)
            if name not in shown and isinstance(default, bool | int | float | str | type(None)):
                listed.append(f"{name}={default!r}")
            else:
                listed.append(name if not any("=" in each for each in listed) else f"{name}=None")
        self.helpers.taken |= set(parameters)
        return listed, self._active(found)

    def _active(self, found: dict[int, str]) -> list[str]:
        return [found[place] for place, active in enumerate(self.step.dynamic) if active]

    # ---- the body --------------------------------------------------------------------------------------------

    def text(self) -> str:
        """The module's source."""
        results, state = self._whole() if self.whole else self._readable()
        body = "\n".join(self.lines)
        outputs = self._outputs(self.template, iter(results))
        functions = self.helpers.text()
        head = [
            _docstring(self),
            "",
            "import jax",
            "import jax.numpy as jnp",
            "import numpy as np",
            "from jax import lax",
        ]
        whole = functions + body + "".join(self.arrays)
        if "base64." in whole:
            head.insert(2, "import base64\nimport io\n")
        if "primitives." in whole:
            head.append("from jax.extend.core import primitives")
        parts = ["\n".join(head)]
        if self.arrays:
            parts.append("\n".join(self.arrays))
        if functions:
            parts.append(functions.rstrip())
        signature = ", ".join(["state", *self.parameters])
        doc = f'    """One step: the state after it, and what {self.name} returns. See the module for the shapes."""'
        new_state = [f"    state = {state}"] if state != "state" else []
        parts.append(
            "\n".join([f"def {self.name}({signature}):", doc, body, *new_state, f"    return state, {outputs}"])
        )
        parts.append(_zeros(self))
        text = "\n\n\n".join(part.strip("\n") for part in parts) + "\n"
        return "\n".join(line for line in text.split("\n"))

    def _entry_names(self) -> list[Any]:
        """For each cell the names of its arrays, after the lines that read them."""
        cells: list[Any] = []
        taken = self.helpers.taken
        for cell, entries in zip(self.layout.cells, self.layout.entries, strict=True):
            names = []
            for entry in entries:
                base = identifier(entry.path[-1])
                if isinstance(cell, Slots | OptaxState):
                    base = identifier("_".join(entry.path[-3:] if len(entry.path) > 2 else entry.path))
                elif base in taken and len(entry.path) > 1:
                    base = identifier("_".join(entry.path[-2:]))
                if base.isdigit() or base in ("state", "value_0"):
                    base = identifier("_".join(entry.path))
                name = _other(base, taken)
                taken.add(name)
                names.append(name)
                self.lines.append(f"    {name} = state{''.join(f'[{key!r}]' for key in entry.path)}".replace("'", '"'))
            cells.append(names)
        return cells

    def _inputs(self) -> tuple[dict[int, Any], dict[int, Any]]:
        """The expressions of what enters, by slot and by cell."""
        staged = self.staged
        by_cell: dict[int, Any] = {}
        for cell, entries, names in zip(self.layout.cells, self.layout.entries, self._entry_names(), strict=True):
            if isinstance(cell, Slots | OptaxState):
                structs = [jax.ShapeDtypeStruct(entry.shape, canonical(entry.dtype)) for entry in entries]
                zero = f"np.{np.dtype(canonical(np.int64)).name}(0)"
                count = jax.ShapeDtypeStruct((), canonical(np.int64))
                by_cell[id(cell)] = Parts([*names, zero], [*structs, count])
            else:
                by_cell[id(cell)] = names[0]
        known: dict[int, Any] = {}
        names_around = tensors_around(self.step.fn)
        for position, place in enumerate(self.step.first.order):
            text = self.arguments[place]
            each = self.step.avals[place]
            if not text.isidentifier():
                name = _other(identifier(text), self.helpers.taken)
                self.helpers.taken.add(name)
            else:
                name = text
            self.lines.append(f"    {name} = jnp.asarray({text}, {_dtype(each)})")
            known[~position] = name
        for slot, source in zip(staged.capture_slots, staged.captures, strict=True):
            if isinstance(source, Cell):
                known[slot] = by_cell[id(source)]
            else:
                name = _other(names_around.get(id(source), "CONSTANT"), self.helpers.taken)
                self.helpers.taken.add(name)
                value = np.asarray(_constant(source))
                self.arrays.append(f"{name} = {value_source(value.astype(canonical(value.dtype)))}")
                known[slot] = name
        return known, by_cell

    def _readable(self) -> tuple[list[Any], str]:
        staged = self.staged
        connects = [node for node in staged.needed if node.op is CONNECT]
        walked = {step for node in staged.needed if node.op is GRADIENT for step, _ in node.statics.steps}
        if not walked.isdisjoint(connects):
            raise Unwritable("A gradient goes through an assignment.")
        nodes = [node for node in staged.needed if node.op is not CONNECT]
        known, by_cell = self._inputs()
        block = Block(
            nodes, staged.avals, value_names(nodes), self.helpers, known, staged.output_slots,
            constants=staged.constants,
        )  # fmt: skip
        values = [block.need(slot) for slot in staged.output_slots]
        self.lines += block.lines
        count = len(staged.results)
        for (cell, _), value in zip(staged.writes, values[count:], strict=True):
            by_cell[id(cell)] = value
        return values[:count], self._state(by_cell)

    def _whole(self) -> tuple[list[Any], str]:
        """The body from the step's traced form."""
        structs = [jax.ShapeDtypeStruct(e.shape, canonical(e.dtype)) for e in self.layout.flat]
        given = [jax.ShapeDtypeStruct(a.shape, canonical(a.dtype.as_numpy_dtype)) for a in self.step.avals]

        def flat(*arrays: Any) -> list[Any]:
            after, results = self.step.evaluate(
                self.step.first, list(arrays[: len(structs)]), list(arrays[len(structs) :])
            )
            return [*after, *results]

        closed = jax.make_jaxpr(flat)(*structs, *given)
        names = [name for names in self._entry_names() for name in names]
        inputs = []
        for text, each in zip(self.arguments, self.step.avals, strict=True):
            name = (
                _other(identifier(text), RESERVED)
                if text.isidentifier()
                else _other(identifier(text), self.helpers.taken)
            )
            self.helpers.taken.add(name)
            self.lines.append(f"    {name} = jnp.asarray({text}, {_dtype(each)})")
            inputs.append(name)
        lines: list[str] = []
        wide = needs_wide(closed.jaxpr)
        writer = Writer(lines, set(self.helpers.taken), "        " if wide else "    ")
        made = writer.body(closed.jaxpr, closed.consts, [*names, *inputs])
        self.lines += ["    with jax.enable_x64(True):", *lines] if wide else lines
        by_cell: dict[int, Any] = {}
        following = iter(made)
        for cell, entries in zip(self.layout.cells, self.layout.entries, strict=True):
            parts = [next(following) for _ in entries]
            by_cell[id(cell)] = packed(cell, parts) if isinstance(cell, Slots | OptaxState) else parts[0]
        return list(following), self._state(by_cell)

    # ---- what comes out --------------------------------------------------------------------------------------

    def _state(self, by_cell: dict[int, Any]) -> str:
        tree: dict[str, Any] = {}
        for cell, entries in zip(self.layout.cells, self.layout.entries, strict=True):
            values = unpacked(cell, by_cell[id(cell)])
            for entry, value in zip(entries, values, strict=True):
                inner = tree
                for key in entry.path[:-1]:
                    inner = inner.setdefault(key, {})
                inner[entry.path[-1]] = value
        return _dict(tree, "    ")

    def _outputs(self, template: Any, values: Any) -> str:
        if template is TENSOR:
            return next(values)
        if isinstance(template, Static):
            return repr(template.value) if template.value is None else "None"
        assert isinstance(template, Template)
        kind = template.kind[0]
        parts = [self._outputs(part, values) for part in template.parts]
        if isinstance(kind, type) and issubclass(kind, dict) and len(template.kind) > 1:
            return f"{{{', '.join(f'{key!r}: {part}' for key, part in zip(template.kind[1], parts, strict=True))}}}"
        if kind is list:
            return f"[{', '.join(parts)}]"
        return f"({', '.join(parts)}{',' if len(parts) == 1 else ''})"


class _Place:
    """The place of an argument."""

    def __init__(self, number: int) -> None:
        self.number = number


def _expressions(value: Any, text: str, found: dict[int, str]) -> None:
    if isinstance(value, _Place):
        found[value.number] = text
    elif isinstance(value, dict):
        for key, each in value.items():
            _expressions(each, f"{text}[{key!r}]", found)
    elif isinstance(value, list | tuple):
        for place, each in enumerate(value):
            _expressions(each, f"{text}[{place}]", found)


def _other(name: str, taken: set[str]) -> str:
    candidate, number = name, 1
    while candidate in taken:
        number += 1
        candidate = f"{name}_{number}"
    return candidate


def _dict(tree: Any, indent: str) -> str:
    if not isinstance(tree, dict):
        return tree
    inner = indent + "    "
    lines = [f'{inner}"{key}": {_dict(value, inner)},' for key, value in tree.items()]
    return "\n".join(["{", *lines, indent + "}"]) if lines else "{}"


def _shape(shape: Sequence[int], dtype: Any) -> str:
    return f"{np.dtype(canonical(dtype)).name}[{', '.join(map(str, shape))}]"


def _docstring(module: Module) -> str:
    step = module.step
    lines = [f'"""{module.name} as a pure JAX function: `{module.name}(state, ...) -> (state, outputs)`.', ""]
    place = _place_of(step.fn)
    if place:
        lines += [f"Written by functape from {place}.", ""]
    lines.append("State:")
    for entry in module.layout.flat:
        trainable = ", trainable" if entry.trainable else ""
        lines.append(f"    {'/'.join(entry.path)}: {_shape(entry.shape, entry.dtype)}{trainable}")
    if step.avals:
        lines += ["", "Arguments:"]
        for text, each in zip(module.arguments, step.avals, strict=True):
            lines.append(f"    {text}: {_shape(each.shape, each.dtype.as_numpy_dtype)}")
    count = len(module.staged.results)
    if count:
        lines += ["", "Outputs:"]
        lines += [f"    {_shape(a.shape, a.dtype.as_numpy_dtype)}" for a in module.staged.output_avals[:count]]
    return "\n".join([*lines, '"""']).replace("\\", "/")


def _place_of(fn: Any) -> str:
    try:
        plain = inspect.unwrap(getattr(fn, "python_function", fn))
        file = inspect.getsourcefile(plain) or ""
        return f"{file.rpartition('/')[2]}, line {inspect.getsourcelines(plain)[1]}"
    except (TypeError, OSError, AttributeError):
        return ""


def _zeros(module: Module) -> str:
    tree: dict[str, Any] = {}
    for entry in module.layout.flat:
        inner = tree
        for key in entry.path[:-1]:
            inner = inner.setdefault(key, {})
        inner[entry.path[-1]] = f"jnp.zeros({entry.shape}, np.{np.dtype(canonical(entry.dtype)).name})".replace(
            "np.bfloat16", "jnp.bfloat16"
        )
    doc = '    """A state of zeros, for the structure and the shapes."""'
    return "\n".join(["def zeros_state():", doc, f"    return {_dict(tree, '    ')}"])
