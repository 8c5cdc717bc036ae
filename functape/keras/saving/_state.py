"""The state of a model in Keras 3's layout: weights, and what the optimizer keeps."""

from __future__ import annotations

import os
import warnings
from typing import Any

from functape.keras.optimizers import Optimizer
from functape.keras.saving._store import entries_at, find_entries
from functape.keras.saving._walk import walk, walk_keras_2


def save_state(model: Any, file: Any, assets: str | None = None, skipped: Any = ()) -> None:
    """Store the state of a model and of all that is inside.

    **Arguments:**
    - `model`: the model.
    - `file`: an HDF5 file.
    - `assets`: a folder for what layers store in files of their own; None to leave that out.
    - `skipped`: layers and other parts that are left out.
    """
    for part, path in walk(model, skipped):
        if isinstance(part, Optimizer) and type(part).save_own_variables is Optimizer.save_own_variables:
            store = entries_at(file, path, part.name)
            for place, variable in enumerate(optimizer_variables(part)):
                store[str(place)] = variable
        elif hasattr(part, "save_own_variables"):
            part.save_own_variables(entries_at(file, path, part.name))
        if assets is not None and hasattr(part, "save_assets"):
            folder = os.path.join(assets, path)
            os.makedirs(folder, exist_ok=True)
            part.save_assets(folder)


def optimizer_variables(optimizer: Any) -> list[Any]:
    """The variables of an optimizer as Keras 3 orders them: after the count the learning rate, if it is a number."""
    variables = list(optimizer.variables)
    if getattr(optimizer, "_rate", None) is not None and optimizer._function is None:
        variables.insert(1, optimizer._rate)
    return variables


def load_state(
    model: Any, file: Any, assets: str | None = None, skip_mismatch: bool = False, skipped: Any = ()
) -> None:
    """Take the state of a model and of all that is inside from a file, of either Keras's making.

    **Arguments:**
    - `model`: the model, with its weights made.
    - `file`: an HDF5 file.
    - `assets`: the folder of what layers stored in files of their own.
    - `skip_mismatch`: whether to go on, with a warning, after parts that do not fit.
    - `skipped`: layers and other parts that are left as they are.

    **Raises:** `ValueError` if parts do not fit, once all others are loaded.
    """
    left_out = {id(each) for each in skipped}
    places = list(walk(model, skipped))
    fitting = _count_fitting(places, file)
    if fitting < len(places):
        others = [(part, path) for part, path in walk_keras_2(model) if id(part) not in left_out]
        if len(others) - _count_fitting(others, file) < len(places) - fitting:
            places = others
    failed: list[tuple[Any, Exception]] = []
    for part, path in places:
        try:
            if isinstance(part, Optimizer):
                _load_optimizer(part, find_entries(file, path), model)
            elif hasattr(part, "load_own_variables"):
                part.load_own_variables(find_entries(file, path))
            if assets is not None and hasattr(part, "load_assets"):
                part.load_assets(os.path.join(assets, path))
        except Exception as error:
            failed.append((part, error))
    if failed:
        _report(failed, skip_mismatch)


def _count_fitting(places: list[tuple[Any, str]], file: Any) -> int:
    return sum(_fits(part, file, path) for part, path in places)


def _fits(part: Any, file: Any, path: str) -> bool:
    """Whether a file has the variables of a part at a place."""
    if not hasattr(part, "_stored_variables"):
        return True
    shapes = [tuple(each.shape) for each in part._stored_variables()]
    found = find_entries(file, path)
    if len(found) < len(shapes):
        return False
    return all(str(place) not in found or found[str(place)].shape == shape for place, shape in enumerate(shapes))


def _load_optimizer(optimizer: Any, store: Any, model: Any) -> None:
    if not len(store):
        return
    if len(store) > len(optimizer_variables(optimizer)) and hasattr(optimizer, "build"):
        # Its state is made at the first step, which it had taken when it was saved.
        optimizer.build(model.trainable_variables)
    try:
        optimizer.load_own_variables(store)
    except ValueError as error:
        warnings.warn(f"The state of optimizer {optimizer.name!r} is left as it is: {error}", stacklevel=6)


def _report(failed: list[tuple[Any, Exception]], warn: bool) -> None:
    part, error = failed[0]
    message = (
        f"A total of {len(failed)} objects could not be loaded. Example error message for object {part}:\n\n{error}\n\n"
        f"List of objects that could not be loaded:\n{[each for each, _ in failed]}"
    )
    if not warn:
        raise ValueError(message) from error
    warnings.warn(message, stacklevel=5)
