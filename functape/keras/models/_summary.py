"""`model.summary()`: the table of a model's layers."""

from __future__ import annotations

import inspect
import re
import shutil
from collections.abc import Callable
from typing import Any

from functape.keras.layers._layer_calls import map_leaves
from functape.keras.layers.core._input import InputLayer

_UNITS = ("B", "KB", "MB", "GB", "TB", "PB")


def print_summary(
    model: Any,
    line_length: int | None = None,
    positions: list[float] | None = None,
    print_fn: Callable[..., Any] | None = None,
    expand_nested: bool = False,
    show_trainable: bool = False,
    layer_range: Any = None,
) -> None:
    """Print the table; the arguments are those of `summary`."""
    text = "\n".join(summary_lines(model, line_length, positions, expand_nested, show_trainable, layer_range))
    if print_fn is None:
        print(text)
    else:
        print_fn(text + "\n")


def summary_lines(
    model: Any, line_length: int | None, positions: list[float] | None, nested: bool, trainable: bool, chosen: Any
) -> list[str]:
    """The table's lines.

    **Raises:** `ValueError` if it does not fit its width, or the range of layers makes no sense.
    """
    chain = _is_chain(model)
    header = ["Layer (type)", "Output Shape", "Param #"] + ([] if chain else ["Connected to"])
    width = 88 if chain else 108
    positions = positions or ([0.45, 0.80, 1.0] if chain else [0.3, 0.56, 0.74, 1.0])
    sides = ["<", "<", ">"] + ([] if chain else ["<"])
    if trainable:
        header, sides = [*header, "Trainable"], [*sides, "^"]
        width, positions = width + 12, [0.9 * each for each in positions] + [1.0]
    length = line_length or min(width, shutil.get_terminal_size().columns - 4)
    widths = _column_widths(positions, length)
    rows: list[list[str]] = []
    for layer in _chosen(model.layers_in_summary(), chosen):
        _add_rows(rows, model, layer, 0, chain, nested, trainable)
    return [
        f'Model: "{model.name}"',
        *_table(header, rows, widths, sides),
        *_totals(model),
    ]


def _column_widths(positions: list[float], length: int) -> list[int]:
    """The columns' widths inside their borders; what the borders take is taken from each in turn."""
    ends = [int(position * length) if position <= 1 else int(position) for position in positions]
    widths = [end - start for start, end in zip([0, *ends], ends, strict=False)]
    if min(widths) < 4:
        raise ValueError("Insufficient console width to print summary. Pass a larger `line_length`.")
    widths = [width + 2 for width in widths]
    excess = sum(widths) - (length - len(widths) - 1)
    for place in range(len(widths)):
        taken = min(widths[place], round(excess / (len(widths) - place)))
        widths[place] -= taken
        excess -= taken
    return [max(width - 2, 1) for width in widths]


def _is_chain(model: Any) -> bool:
    """Whether each layer just follows the one before."""
    graph = model._graph
    if graph is None or hasattr(model, "_stacked"):
        return True
    nodes = [node for node in graph.nodes if not node.is_input]
    kept = {id(node) for node in graph.nodes}
    if any(sum(id(node) in kept for node in layer._inbound_nodes) > 1 for layer in graph.layers):
        return False
    inputs = [node for node in graph.nodes if node.is_input]
    if len(inputs) > 1 or any(len(node.input_tensors) > 1 for node in nodes):
        return False
    taken = [id(tensor._node) for node in nodes for tensor in node.input_tensors]
    return len(set(taken)) == len(taken)


def _chosen(layers: list[Any], chosen: Any) -> list[Any]:
    if not chosen:
        return layers
    if len(chosen) != 2 or not all(isinstance(each, str) for each in chosen):
        raise ValueError(f"layer_range must hold the names of two layers. Received: {chosen}")
    lower = [place for place, layer in enumerate(layers) if re.match(chosen[0], layer.name)]
    upper = [place for place, layer in enumerate(layers) if re.match(chosen[1], layer.name)]
    if not lower or not upper:
        raise ValueError(f"Passed layer_names do not match the layer names in the model. Received: {chosen}")
    first, last = sorted((min(lower), max(upper)))
    return layers[first : last + 1]


def _add_rows(
    rows: list[list[str]], model: Any, layer: Any, depth: int, chain: bool, nested: bool, trainable: bool
) -> None:
    prefix = ""
    if depth:
        prefix = " " * (3 * depth) + "└ "
    row = [f"{prefix}{layer.name} ({type(layer).__name__})", _shape(layer), _count(layer)]
    if not chain:
        row.append(_connections(model, layer))
    if trainable:
        row.append(("Y" if layer.trainable else "N") if layer.weights else "-")
    rows.append(row)
    if nested and hasattr(layer, "layers_in_summary"):
        for each in layer.layers_in_summary():
            if not isinstance(each, InputLayer):
                _add_rows(rows, model, each, depth + 1, chain, nested, trainable)


def _shape(layer: Any) -> str:
    if isinstance(layer, InputLayer):
        return str(layer.__dict__["batch_shape"])
    try:
        if layer._inbound_nodes:
            # As in Keras, the outputs of a call in a model are a flat list, whatever their structure.
            shapes: Any = [tuple(each.shape) for each in layer._inbound_nodes[-1].output_tensors]
            shapes = shapes[0] if len(shapes) == 1 else shapes
        elif getattr(layer, "_build_shape", None) is not None and layer.built:
            shapes = map_leaves(tuple, _shape_when_built(layer))
        elif getattr(layer, "_graph", None) is not None:
            shapes = layer.output_shape
        else:
            return "?"
    except Exception:
        # A layer that cannot be run on symbolic tensors has no shape to print, which is no reason to fail.
        return "?"
    return str(shapes)


def _shape_when_built(layer: Any) -> Any:
    """The output shape for the shapes the layer was built for, which have the arguments' names if they were several."""
    given = layer._build_shape
    named = isinstance(given, dict) and all(str(name).endswith("_shape") for name in given)
    if named and set(given) <= set(inspect.signature(layer.compute_output_shape).parameters):
        return layer.compute_output_shape(**given)
    return layer.compute_output_shape(next(iter(given.values())) if named else given)


def _count(layer: Any) -> str:
    if layer.built:
        return f"{sum(variable.tensor.aval.size for variable in layer.weights):,}"
    return "0" if not layer._layers_inside() and type(layer).__name__ in ("Dropout", "Flatten") else "0 (unbuilt)"


def _connections(model: Any, layer: Any) -> str:
    graph = model._graph
    kept = {id(node) for node in graph.nodes} if graph is not None else set()
    texts = []
    for node in layer._inbound_nodes:
        if id(node) in kept:
            for tensor in node.input_tensors:
                history = tensor._keras_history
                texts.append(f"{history.layer.name}[{history.node_index}][{history.tensor_index}]")
    return ",\n".join(texts) if texts else "-"


# ---- drawing ---------------------------------------------------------------------------------------------------------


def _table(header: list[str], rows: list[list[str]], widths: list[int], sides: list[str]) -> list[str]:
    def rule(left: str, line: str, cross: str, right: str) -> str:
        return left + cross.join(line * (width + 2) for width in widths) + right

    def cells(row: list[str], bar: str) -> list[str]:
        wrapped = [_wrapped(text, width) for text, width in zip(row, widths, strict=True)]
        height = max(map(len, wrapped))
        lines = []
        for place in range(height):
            parts = [
                f" {(lines_of[place] if place < len(lines_of) else ''):{side}{width}} "
                for lines_of, width, side in zip(wrapped, widths, sides, strict=True)
            ]
            lines.append(bar + bar.join(parts) + bar)
        return lines

    drawn = [rule("┏", "━", "┳", "┓"), *cells(header, "┃"), rule("┡", "━", "╇", "┩")]
    for place, row in enumerate(rows):
        if place:
            drawn.append(rule("├", "─", "┼", "┤"))
        drawn += cells(row, "│")
    return [*drawn, rule("└", "─", "┴", "┘")]


def _wrapped(text: str, width: int) -> list[str]:
    """Lines of at most `width` characters, broken at spaces; a longer word ends in an ellipsis."""
    lines = []
    for paragraph in text.split("\n"):
        indent = len(paragraph) - len(paragraph.lstrip())
        words = paragraph.split()
        line = " " * indent + words[0] if words else ""
        for word in words[1:]:
            if len(line) + 1 + len(word) <= width:
                line += " " + word
            else:
                lines.append(line)
                line = word
        lines.append(line)
    return [line if len(line) <= width else line[: width - 1] + "…" for line in lines]


def _totals(model: Any) -> list[str]:
    trained, others = model.trainable_weights, model.non_trainable_weights
    used = getattr(model, "optimizer", None)
    optimizer = list(getattr(used, "variables", None) or [])
    if optimizer and getattr(used, "_schedule", used) is None:
        # Keras counts the learning rate among the optimizer's variables, unless a schedule gives it.
        optimizer.append(used._rate)  # type: ignore[union-attr]
    lines = [
        f" Total params: {_size(trained + others + optimizer)}",
        f" Trainable params: {_size(trained)}",
        f" Non-trainable params: {_size(others)}",
    ]
    return [*lines, f" Optimizer params: {_size(optimizer)}"] if optimizer else lines


def _size(variables: list[Any]) -> str:
    count = sum(variable.shape.num_elements() for variable in variables)
    size = float(sum(variable.shape.num_elements() * variable.dtype.size for variable in variables))
    unit = 0
    while size >= 1024 and unit < len(_UNITS) - 1:
        size /= 1024
        unit += 1
    return f"{count:,} ({size:.2f} {_UNITS[unit]})"
