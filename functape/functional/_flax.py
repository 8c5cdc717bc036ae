"""Flax's states and parameters as those of functape's models, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jax
import numpy as np

from functape._core._convert import convert
from functape._core._holding import is_tensor_like
from functape._core._variable import Variable
from functape.functional._state import load_state, pytree


def to_flax(obj: Any, like: Any = None) -> Any:
    """The variables of a model as Flax has them.

    **Arguments:**
    - `obj`: what `pytree` takes.
    - `like`: a `flax.nnx.State`, Linen parameters, optax state or any other pytree; the variables fill its leaves in
      order, which must have their shapes. A plain nested dict by default.

    **Returns:** a pytree of the structure of `like`, of `jax.Array`s.

    **Raises:** `ValueError` if numbers or shapes of arrays differ.
    """
    if like is None:
        return pytree(obj)
    leaves, structure = jax.tree.flatten(like)
    values = _in_order(obj)
    _check([np.shape(each) for each in values], [np.shape(each) for each in leaves])
    return jax.tree.unflatten(structure, [jax.numpy.array(each, dtype=each.dtype) for each in values])


def from_flax(obj: Any, state: Any) -> None:
    """Give the variables of a model the arrays of a Flax state, Linen parameters or any other pytree.

    **Arguments:**
    - `obj`: what `pytree` takes.
    - `state`: a pytree. A nested dict with the variables' names is taken by name; anything else in order.

    **Raises:** `ValueError` if numbers or shapes of arrays differ.
    """
    if isinstance(state, Mapping):
        try:
            load_state(obj, state)
            return
        except ValueError:
            pass
    variables = _variables(obj)
    leaves = jax.tree.leaves(state)
    _check([each.aval.shape for each in variables], [np.shape(each) for each in leaves])
    for variable, leaf in zip(variables, leaves, strict=True):
        variable.assign(convert(np.asarray(leaf).astype(variable.dtype.as_numpy_dtype)))


def _variables(obj: Any) -> list[Variable]:
    if isinstance(obj, Variable):
        return [obj]
    if isinstance(obj, list | tuple):
        return [variable for each in obj for variable in _variables(each)]
    found = obj.variables
    return list(found() if callable(found) else found)


def _in_order(obj: Any) -> list[Any]:
    return [each.__jax_array__() for each in _variables(obj) if is_tensor_like(each)]


def _check(own: list[tuple[int, ...]], given: list[tuple[int, ...]]) -> None:
    if [tuple(each) for each in own] != [tuple(each) for each in given]:
        raise ValueError(
            f"The variables have the shapes {own}, in this order, and the arrays {given}. Load by name instead, with a "
            "nested dict: functape.load_state."
        )
