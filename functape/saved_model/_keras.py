"""The functions that a saved Keras model has: its call, and `serve`."""

from __future__ import annotations

from typing import Any

from functape._core._spec import TensorSpec
from functape.function._function import Function


def keras_functions(model: Any, input_signature: Any = None) -> dict[str, Function]:
    """`__call__`, in training and not, and `serve` of a Keras model or layer; none for another object.

    **Arguments:**
    - `model`: the model.
    - `input_signature`: the specs of its inputs; those it was made or called with by default.

    **Raises:** `ValueError` for a model whose inputs are not known.
    """
    if not hasattr(model, "get_config") or not hasattr(model, "call"):
        return {}
    specs = input_signature if input_signature is not None else _specs(model)
    if specs is None:
        if not hasattr(model, "layers"):
            return {}
        raise ValueError(
            f"The inputs of the model {model.name!r} are not known. Call it on a batch first, or save it with "
            "model.export(path, input_signature=[tf.TensorSpec([None, 8])])."
        )

    def call(inputs: Any, training: bool = False) -> Any:
        return model(inputs, training=training)

    def serve(*inputs: Any) -> Any:
        return model(inputs[0] if len(inputs) == 1 else list(inputs), training=False)

    called = Function(call)
    whole = specs[0] if len(specs) == 1 else list(specs)
    for training in (False, True):
        called._add(None, (), (whole, training), {})
    served = Function(serve)
    served._add(None, (), tuple(specs), {})
    return {"__call__": called, "serve": served}


def export_model(
    model: Any, filepath: Any, format: str, verbose: bool | None, input_signature: Any, others: dict[str, Any]
) -> None:
    """Write a model's folder; the arguments are those of `tf.keras.Model.export`.

    **Raises:** `ValueError` for another format or further arguments, or a model whose inputs are not known.
    """
    from functape.saved_model._save import write

    if format != "tf_saved_model":
        raise ValueError(
            f"Unrecognized format={format!r}. Supported formats are: ['tf_saved_model']. For others save the model to "
            "a `.keras` file, which Keras loads and exports."
        )
    if others:
        raise ValueError(f"`export` takes no other arguments for format={format!r}. Received: {list(others)}")
    specs = None
    if input_signature is not None:
        listed = input_signature if isinstance(input_signature, list | tuple) else [input_signature]
        specs = tuple(_as_spec(each) for each in listed)
        if not model.built:
            model.build(specs[0].shape if len(specs) == 1 else [each.shape for each in specs])
    functions = keras_functions(model, specs)
    served = functions["serve"]._concrete[0][2]
    write(model, filepath, functions, {"serve": served, "serving_default": served})
    if verbose or verbose is None:
        shown = "\n".join(f"  {each}" for each in served.inputs)
        print(f"Saved artifact at '{filepath}'. The following endpoints are available:\n\n* Endpoint 'serve'\n{shown}")


def _as_spec(each: Any) -> Any:
    if isinstance(each, dict):
        return {name: _as_spec(inner) for name, inner in each.items()}
    return each if isinstance(each, TensorSpec) else TensorSpec(each.shape, each.dtype, getattr(each, "name", None))


def _specs(model: Any) -> tuple[Any, ...] | None:
    """The specs of a model's inputs."""
    inputs = getattr(model, "inputs", None)
    if inputs:
        structure = model._graph.inputs if getattr(model, "_graph", None) is not None else inputs
        if isinstance(structure, dict):
            return ({name: _spec(each, name) for name, each in structure.items()},)
        names = ["inputs"] if len(inputs) == 1 else [each.name for each in inputs]
        return tuple(_spec(each, name) for each, name in zip(inputs, names, strict=True))
    ready = [each for each in getattr(model, "_ready", ()) if each.shape]
    if not ready:
        return None
    first = next(iter(ready))
    return (TensorSpec([None, *first.shape[1:]], first.dtype, "inputs"),)


def _spec(each: Any, name: str) -> TensorSpec:
    # Also a model that was built for one batch takes others.
    return TensorSpec([None, *tuple(each.shape)[1:]], each.dtype, name)
