"""The signatures of what is saved: functions from tensors by name to tensors by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from functape._core._spec import TensorSpec
from functape.function._concrete import ConcreteFunction
from functape.function._function import Function
from functape.saved_model._functions import RestoredFunction, RestoredProgram
from functape.saved_model._structures import filled, plain, specs_in

DEFAULT = "serving_default"


def chosen_signatures(obj: Any, signatures: Any, keras: dict[str, Any]) -> dict[str, Any]:
    """The functions that are signatures, by name.

    **Arguments:**
    - `obj`: what is saved.
    - `signatures`: the argument of `save`.
    - `keras`: the functions made for a Keras model.

    **Raises:** `ValueError` for a function that cannot be one.
    """
    if signatures is None:
        if hasattr(obj, "signatures") and isinstance(obj.signatures, Mapping):
            return dict(obj.signatures)
        if keras:
            return {DEFAULT: keras["serve"]._concrete[0][2]}
        found = [each for each in _own_functions(obj) if _as_concrete(each) is not None]
        return {DEFAULT: _as_concrete(found[0])} if len(found) == 1 else {}
    if not isinstance(signatures, Mapping):
        signatures = {DEFAULT: signatures}
    made = {}
    for key, function in signatures.items():
        made[key] = function if isinstance(function, RestoredProgram) else _as_concrete(function)
        if made[key] is None:
            raise ValueError(
                f"Expected a TensorFlow function for which to generate a signature, but got {function!r}. Only "
                "`tf.functions` with an input signature or concrete functions can be used as a signature."
            )
    return made


def _own_functions(obj: Any) -> list[Any]:
    functions = [getattr(type(obj), name, None) for name in dir(type(obj))]
    bound = [getattr(obj, each.name) for each in functions if isinstance(each, Function)]
    return bound + [each for each in vars(obj).values() if isinstance(each, Function | ConcreteFunction)]


def _as_concrete(function: Any) -> Any:
    if isinstance(function, Function) and function.input_signature is not None:
        return function.get_concrete_function()
    if isinstance(function, RestoredFunction) and len(function.concrete_functions) == 1:
        return function.concrete_functions[0]
    return function if isinstance(function, ConcreteFunction) else None


def signature_program(key: str, concrete: ConcreteFunction) -> tuple[Any, dict[str, TensorSpec]]:
    """A function of tensors by name that returns tensors by name, and the specs of the tensors it takes.

    **Raises:** `ValueError` if the results have no names.
    """
    structure = plain(concrete.structured_input_signature)
    specs: dict[str, TensorSpec] = {}
    for spec in specs_in(structure):
        name, number = spec.name or "args", 0
        while name in specs:
            number += 1
            name = f"{spec.name or 'args'}_{number}"
        specs[name] = TensorSpec(spec.shape, spec.dtype, name)

    def signature(**tensors: Any) -> Any:
        args, kwargs = filled(structure, iter([tensors[name] for name in specs]))
        return _named(key, concrete._function(*args, **kwargs))

    return signature, specs


def _named(key: str, results: Any) -> dict[str, Any]:
    if isinstance(results, Mapping):
        named = dict(results)
    else:
        parts = list(results) if isinstance(results, list | tuple) else [results]
        named = {f"output_{place}": each for place, each in enumerate(parts)}
    for name, each in named.items():
        if not isinstance(name, str) or not hasattr(each, "aval"):
            raise ValueError(
                f"Got a dictionary or sequence containing non-Tensor value {each!r} for key {name!r} in the output of "
                f"the function used to generate the SavedModel signature {key!r}. Outputs for functions used as "
                "signatures must be a single Tensor, a sequence of Tensors, or a dictionary from string to Tensor."
            )
    return named
