"""`tf.keras.utils.plot_model` and `model_to_dot`: pictures of a model's layers."""

from __future__ import annotations

import os
import pathlib
from typing import Any

from functape._drawing._picture import Box
from functape._drawing._svg import render
from functape.keras.layers._layer_calls import map_leaves

_SVG = ".svg"
_NEEDS = (
    "You must install pydot (`pip install pydot`) and Graphviz for `{}`. `plot_model` writes '.svg' files without them."
)


def _shapes(layer: Any) -> str:
    if not layer._inbound_nodes:
        return "?"
    return str(map_leaves(lambda each: tuple(each.shape), layer._inbound_nodes[0].outputs))


def _lines(
    layer: Any, show_shapes: bool, show_dtype: bool, show_layer_names: bool, activations: bool, trainable: bool
) -> list[str]:
    """What a layer's box says."""
    kind = type(layer).__name__
    lines = [f"{layer.name} ({kind})" if show_layer_names else kind]
    activation = getattr(layer, "activation", None)
    if activations and activation is not None:
        lines.append(f"Activation: {getattr(activation, '__name__', activation)}")
    if show_shapes:
        lines.append(f"Output shape: {_shapes(layer)}")
    if show_dtype:
        lines.append(f"Output dtype: {layer.compute_dtype}")
    if trainable:
        lines.append("trainable" if layer.trainable else "non-trainable")
    return lines


def _graph(model: Any, layer_range: Any) -> list[tuple[Any, list[Any]]]:
    """The layers in order, each with those whose outputs it takes.

    **Raises:** `ValueError` for a model that was never built.
    """
    if not getattr(model, "layers", None) or (not model.built and not model._inbound_nodes):
        raise ValueError(
            "This model has not yet been built. Build the model first by calling `build()` or by calling the model on "
            "a batch of data."
        )
    layers = list(model.layers_in_summary())
    if layer_range:
        names = [each.name for each in layers]
        begin, end = names.index(layer_range[0]), names.index(layer_range[1])
        layers = layers[begin : end + 1]
    found = []
    before = None
    for layer in layers:
        parents = [node.layer for each in layer._inbound_nodes[:1] for node in each.parents]
        inside = [each for each in parents if any(each is other for other in layers)]
        found.append((layer, inside or ([before] if before is not None and not layer._inbound_nodes else [])))
        before = layer
    return found


def model_to_dot(
    model: Any,
    show_shapes: bool = False,
    show_dtype: bool = False,
    show_layer_names: bool = True,
    rankdir: str = "TB",
    expand_nested: bool = False,
    dpi: int = 200,
    subgraph: bool = False,
    show_layer_activations: bool = False,
    show_trainable: bool = False,
    **kwargs: Any,
) -> Any:
    """A model as a graph of pydot's (`tf.keras.utils.model_to_dot`).

    **Arguments:**
    - `model`: a built model.
    - `show_shapes`, `show_dtype`, `show_layer_names`, `show_layer_activations`, `show_trainable`: what the boxes say.
    - `rankdir`: `"TB"` from top to bottom, or `"LR"` from left to right.
    - `expand_nested`: whether to show the layers of models inside.
    - `dpi`: dots an inch.
    - `subgraph`: whether to return a `pydot.Cluster`.

    **Returns:** a `pydot.Dot`.

    **Raises:** `ImportError` without pydot; `ValueError` for a model that is not built.
    """
    try:
        import pydot
    except ImportError as error:
        raise ImportError(_NEEDS.format("model_to_dot")) from error
    layer_range = kwargs.pop("layer_range", None)
    if kwargs:
        raise ValueError(f"Unrecognized keyword arguments: {kwargs}")
    dot = pydot.Cluster(style="dashed", graph_name=model.name) if subgraph else pydot.Dot()
    dot.set("rankdir", rankdir)
    dot.set("dpi", dpi)
    dot.set_node_defaults(shape="box")
    said = (show_shapes, show_dtype, show_layer_names, show_layer_activations, show_trainable)
    for layer, parents in _graph(model, layer_range):
        if expand_nested and getattr(layer, "layers", None):
            inner = model_to_dot(layer, *said[:3], rankdir, True, dpi, True, *said[3:])
            dot.add_subgraph(inner)
        dot.add_node(pydot.Node(str(id(layer)), label="\n".join(_lines(layer, *said))))
        for parent in parents:
            dot.add_edge(pydot.Edge(str(id(parent)), str(id(layer))))
    return dot


def plot_model(
    model: Any,
    to_file: Any = "model.png",
    show_shapes: bool = False,
    show_dtype: bool = False,
    show_layer_names: bool = False,
    rankdir: str = "TB",
    expand_nested: bool = False,
    dpi: int = 200,
    show_layer_activations: bool = False,
    show_trainable: bool = False,
    **kwargs: Any,
) -> Any:
    """Write a picture of a model (`tf.keras.utils.plot_model`).

    **Arguments:**
    - `to_file`: the file. An `.svg` from top to bottom is drawn without pydot and Graphviz, which all others need.
    - the others: as for `model_to_dot`.

    **Returns:** what a notebook shows as the picture; None without IPython.

    **Raises:** `ImportError` without pydot for other files than `.svg`; otherwise as `model_to_dot`.

    ```python
    >>> import functape as tf, tempfile, os
    >>> model = tf.keras.Sequential([tf.keras.Input((3,)), tf.keras.layers.Dense(2)])
    >>> path = os.path.join(tempfile.mkdtemp(), "model.svg")
    >>> _ = tf.keras.utils.plot_model(model, path, show_shapes=True)
    >>> os.path.exists(path)
    True

    ```
    """
    path = pathlib.Path(os.fspath(to_file))
    if path.suffix == _SVG and rankdir == "TB" and not expand_nested:
        layer_range = kwargs.pop("layer_range", None)
        if kwargs:
            raise ValueError(f"Unrecognized keyword arguments: {kwargs}")
        said = (show_shapes, show_dtype, show_layer_names, show_layer_activations, show_trainable)
        path.write_text(render(_boxes(_graph(model, layer_range), said)), encoding="utf-8")
    else:
        dot = model_to_dot(model, show_shapes, show_dtype, show_layer_names, rankdir, expand_nested, dpi, False,
                           show_layer_activations, show_trainable, **kwargs)  # fmt: skip
        dot.write(str(path), format=path.suffix[1:] or "png")
    try:
        from IPython import display
    except ImportError:
        return None
    return display.SVG(filename=str(path)) if path.suffix == _SVG else display.Image(filename=str(path))


def _boxes(graph: list[tuple[Any, list[Any]]], said: tuple[bool, ...]) -> list[Box]:
    numbers = {id(layer): number for number, (layer, _) in enumerate(graph)}
    boxes = []
    for layer, parents in graph:
        title, *rest = _lines(layer, *said)
        inputs = tuple(numbers[id(each)] for each in parents)
        role = ("source",) if not inputs else ()
        boxes.append(Box(numbers[id(layer)], title, ", ".join(rest), inputs, role, False, "", ""))
    return boxes
