"""`tf.keras.layers.FlaxLayer`: any Flax module as a layer."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np

from functape._core._variable import Variable
from functape._engine._recorder import record_multiple
from functape.function._modes import init_scope
from functape.keras.layers._layer import Layer
from functape.keras.layers._layer_calls import calls
from functape.keras.layers._layer_tracking import changed
from functape.keras.layers.core._flax_modules import FLAX, pure_module
from functape.keras.random import SeedGenerator


class FlaxLayer(Layer):
    """A `flax.nnx` or `flax.linen` module as a layer (`tf.keras.layers.FlaxLayer`).

    Its parameters are trainable weights; its other state (batch statistics, random streams) is assigned back after
    each call. `training` reaches an nnx module through `train()` and `eval()`, and either kind through an argument of
    its method named `training`, `train`, `deterministic` or `use_running_average`.

    **Arguments:**
    - `module`: the module; an nnx one has its parameters already, a Linen one gets them at the first call.
    - `method`: a function `(module, *inputs)` to call instead of the module itself.
    - `variables`: a Linen module's variables, if they were made before.
    - `seed`: for the random numbers of a Linen module.
    - `kwargs`: as for `tf.keras.layers.Layer`.

    **Raises:** `ValueError` for what is no Flax module.
    """

    def __init__(
        self, module: Any, method: Any = None, variables: Any = None, seed: int | None = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.__dict__["module"] = module
        self.__dict__["_pure"] = pure_module(module, method, variables)
        self.__dict__["_arrays"] = []
        self.__dict__["seed_generator"] = SeedGenerator(seed)

    def _begin(self, inputs: Any) -> None:
        """Make a variable of each of the module's arrays."""
        pure = self.__dict__["_pure"]
        with init_scope():
            words = np.asarray(self.seed_generator.next().numpy()).astype(np.uint32)
        key = jax.random.wrap_key_data(jax.numpy.asarray(words))
        pure.begin(key, jax.tree.map(_example, inputs, is_leaf=_is_tensor))
        arrays = self.__dict__["_arrays"]
        for name, trained, first in zip(pure.names, pure.trained, pure.first, strict=True):
            variable = Variable(np.asarray(first), trainable=trained, name="/".join(name))
            arrays.append(variable)
            self._own.append(variable)
        changed()

    def call(self, inputs: Any, *others: Any, training: Any = None) -> Any:
        """The module's outputs."""
        pure, arrays = self.__dict__["_pure"], self.__dict__["_arrays"]
        if not arrays:
            self._begin((inputs, *others))
        leaves, structure = jax.tree.flatten((inputs, *others), is_leaf=_is_tensor)
        key = self.seed_generator.state if calls.abstract else self.seed_generator.next()
        statics = (pure, len(arrays), structure, bool(training))
        made = record_multiple(FLAX, statics, (key, *arrays, *leaves))
        state = [variable for variable, trained in zip(arrays, pure.trained, strict=True) if not trained]
        count = len(made) - len(state)
        if not calls.abstract:
            for variable, value in zip(state, made[count:], strict=True):
                variable.assign(value)
        return jax.tree.unflatten(pure.structures[structure, bool(training)], made[:count])

    @property
    def seed_generator(self) -> SeedGenerator:
        """What seeds the random numbers of a Linen module."""
        return self.__dict__["seed_generator"]

    def get_config(self) -> dict[str, Any]:
        """Not possible: a Flax module has no configuration.

        **Raises:** `NotImplementedError`.
        """
        raise NotImplementedError(
            "A FlaxLayer has no configuration: its module is a Python object. Make the module again in code, and save "
            "and load the weights."
        )


def _is_tensor(value: Any) -> bool:
    return hasattr(value, "aval")


def _example(tensor: Any) -> np.ndarray[Any, Any]:
    """Zeros like a tensor, with one for an unknown length."""
    shape = tuple(1 if length is None else length for length in tensor.shape)
    return np.zeros(shape, tensor.aval.dtype.as_numpy_dtype)
