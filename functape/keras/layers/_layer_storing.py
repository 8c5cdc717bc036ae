"""What a layer puts into files, and takes from them: its weights, and the shapes it was built for."""

from __future__ import annotations

from typing import Any

import numpy as np

from functape._core import _name_scope as scopes
from functape._core._shape import TensorShape
from functape._core._variable import Variable
from functape.keras.layers._layer_weights import Weights


class Stored(Weights):
    """The part of a layer that is stored."""

    _name: str
    _build_shape: Any
    _has_nothing_to_build: bool
    build: Any

    def _stored_variables(self) -> list[Variable]:
        """The variables of the layer itself, without those of the layers inside: those to be trained first."""
        found = {id(each): each for each in self._own}
        found |= {id(each): each for each in self._inside() if isinstance(each, Variable)}
        return sorted(found.values(), key=lambda each: not each.trainable)

    def save_own_variables(self, store: Any) -> None:
        """Put the values of the layer's own variables into a mapping, under the names `"0"`, `"1"` and so on.

        A layer with other state overrides it.

        **Arguments:**
        - `store`: a mapping from names to arrays.
        """
        for place, variable in enumerate(self._stored_variables()):
            store[str(place)] = np.asarray(variable.numpy())

    def load_own_variables(self, store: Any) -> None:
        """Take the values of the layer's own variables from a mapping that `save_own_variables` filled.

        **Arguments:**
        - `store`: a mapping from names to arrays.

        **Raises:** `ValueError` for another number of values, or a value of another shape; nothing is assigned then.
        """
        variables = self._stored_variables()
        if len(store.keys()) != len(variables):
            if not variables and not self.built:
                reason = (
                    "the layer isn't built, so it has no variables yet. Call it on data, or its `build` method, first"
                )
            elif not store.keys():
                reason = "the file has none under its place in the model, whose architecture must be another"
            else:
                reason = "its configuration must be another than that of the layer which was saved"
            raise ValueError(
                f"Layer '{self.name}' expected {len(variables)} variables, but received {len(store.keys())} variables "
                f"during loading: {reason}. Expected: {[each.name for each in variables]}"
            )
        values = [np.asarray(store[str(place)]) for place in range(len(variables))]
        for variable, value in zip(variables, values, strict=True):
            if tuple(variable.shape) != value.shape:
                raise ValueError(
                    f"The shape of the target variable and the shape of the target value in `variable.assign(value)` "
                    f"must match. variable.shape={tuple(variable.shape)}, Received: value.shape={value.shape}. Target "
                    f"variable: {variable.name} of layer '{self.name}'"
                )
        for variable, value in zip(variables, values, strict=True):
            variable.assign(value.astype(variable.dtype.as_numpy_dtype))

    def get_build_config(self) -> dict[str, Any] | None:
        """What `build_from_config` needs to make the same weights."""
        shape = self._build_shape
        if shape is None or self._has_nothing_to_build:
            return None
        plain = _as_plain(shape)
        if isinstance(plain, dict) and all(str(key).endswith("_shape") for key in plain):
            # The arguments of a `build` that takes the shape of each of the inputs.
            given = {key: each for key, each in plain.items() if each is not None}
            return {"shapes_dict": given} if len(given) > 1 else {"input_shape": next(iter(given.values()), None)}
        return {"input_shape": plain}

    def build_from_config(self, config: dict[str, Any]) -> None:
        """Build with the shapes that `get_build_config` told."""
        shape = config.get("input_shape") if config else None
        several = config.get("shapes_dict") if config else None
        if several and not self.built:
            with scopes.name_scope(self._name):
                self.build(**{key: _as_shapes(each) for key, each in several.items()})
            self.built = True
        if shape is not None and not self.built:
            with scopes.name_scope(self._name):
                self.build(_as_shapes(shape))
            self.built = True


def _as_plain(shape: Any) -> Any:
    """Shapes as tuples."""
    if isinstance(shape, TensorShape):
        return tuple(shape)
    if isinstance(shape, dict):
        return {key: _as_plain(each) for key, each in shape.items()}
    if isinstance(shape, list | tuple) and not all(each is None or isinstance(each, int) for each in shape):
        return [_as_plain(each) for each in shape]
    return shape


def _as_shapes(shape: Any) -> Any:
    """Shapes as `tf.TensorShape`s: a tuple or list of lengths is one shape."""
    if isinstance(shape, dict):
        return {key: _as_shapes(each) for key, each in shape.items()}
    if isinstance(shape, list | tuple):
        if all(each is None or isinstance(each, int) for each in shape):
            return TensorShape(shape)
        return [_as_shapes(each) for each in shape]
    return shape
