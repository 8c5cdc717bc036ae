"""Flax modules as pure functions of named arrays."""

from __future__ import annotations

import inspect
from typing import Any

import jax
import numpy as np

from functape._engine._compat import enable_x64
from functape._engine._op import Op

Path = tuple[Any, ...]


class PureModule:
    """A Flax module, nnx or Linen, as a function `(arrays, key, args) -> (outputs, new mutable arrays)`.

    **Arguments:**
    - `method`: what to call of the module: `(module, *args, ...)`; its `__call__` by default.
    """

    names: list[Path]
    """What each array is called in the module."""
    trained: list[bool]
    """Whether each array is a parameter, as against state that the module changes."""
    first: list[Any]
    """The arrays' first values."""

    def __init__(self, module: Any, method: Any) -> None:
        self.module = module
        self.method = method
        self.structures: dict[Any, Any] = {}
        function = type(module).__call__ if method is None else method
        self.parameters = frozenset(inspect.signature(function).parameters)

    def arguments(self, training: bool) -> dict[str, bool]:
        """The keywords by which the module is told whether it is being trained."""
        told = {
            "training": training,
            "train": training,
            "deterministic": not training,
            "use_running_average": not training,
        }
        return {name: value for name, value in told.items() if name in self.parameters}

    def run(self, arrays: list[Any], key: Any, args: list[Any], training: bool) -> tuple[Any, list[Any]]:
        """Outputs, and the new values of the arrays that are state."""
        raise NotImplementedError

    def begin(self, key: Any, args: list[Any]) -> None:
        """Find the arrays."""
        raise NotImplementedError


class PureNnx(PureModule):
    """An nnx module."""

    def begin(self, key: Any, args: list[Any]) -> None:
        from flax import nnx

        self.graph, state = nnx.split(self.module)
        flat = list(nnx.to_flat_state(state))
        self._states = [each for _, each in flat]
        self.names = [tuple(map(str, path)) for path, _ in flat]
        self.trained = [issubclass(each.type, nnx.Param) for _, each in flat]
        self._paths = [path for path, _ in flat]
        values = [each.get_value() for _, each in flat]
        self._keys = [
            jax.random.key_impl(value) if jax.dtypes.issubdtype(value.dtype, jax.dtypes.prng_key) else None
            for value in values
        ]
        self.first = [
            value if impl is None else jax.random.key_data(value)
            for value, impl in zip(values, self._keys, strict=True)
        ]

    def run(self, arrays: list[Any], key: Any, args: list[Any], training: bool) -> tuple[Any, list[Any]]:
        from flax import nnx

        leaves = [
            state.replace(array if impl is None else jax.random.wrap_key_data(array, impl=impl))
            for state, array, impl in zip(self._states, arrays, self._keys, strict=True)
        ]
        module = nnx.merge(self.graph, nnx.from_flat_state(list(zip(self._paths, leaves, strict=True))))
        if training:
            module.train()
        else:
            module.eval()
        function = type(module).__call__ if self.method is None else self.method
        outputs = function(module, *args, **self.arguments(training))
        after = dict(nnx.to_flat_state(nnx.state(module)))
        changed = []
        for path, trained, impl in zip(self._paths, self.trained, self._keys, strict=True):
            if not trained:
                value = after[path].get_value()
                changed.append(value if impl is None else jax.random.key_data(value))
        return outputs, changed


class PureLinen(PureModule):
    """A Linen module.

    **Arguments:**
    - `variables`: its variables, if they were made already.
    """

    def __init__(self, module: Any, method: Any, variables: Any) -> None:
        super().__init__(module, method)
        self._given = variables

    def begin(self, key: Any, args: list[Any]) -> None:
        variables = self._given
        if variables is None:
            names = ("params", "dropout")
            keys = dict(zip(names, jax.random.split(key, len(names)), strict=True))
            with enable_x64(False):
                variables = self.module.init(keys, *args, method=self.method, **self.arguments(False))
        flat, self._tree = jax.tree_util.tree_flatten_with_path(variables)
        self.names = [tuple(str(getattr(part, "key", part)) for part in path) for path, _ in flat]
        self.trained = [name[0] == "params" for name in self.names]
        self._collections = sorted({name[0] for name in self.names} - {"params"})
        self.first = [value for _, value in flat]

    def run(self, arrays: list[Any], key: Any, args: list[Any], training: bool) -> tuple[Any, list[Any]]:
        variables = jax.tree.unflatten(self._tree, arrays)
        given = {**self.arguments(training), "rngs": {"dropout": key}, "method": self.method}
        mutable = self._collections if training else []
        if not mutable:
            outputs = self.module.apply(variables, *args, **given)
            after = dict(variables)
        else:
            outputs, changed = self.module.apply(variables, *args, mutable=mutable, **given)
            after = {**variables, **changed}
        leaves = jax.tree.leaves(after)
        return outputs, [leaf for leaf, trained in zip(leaves, self.trained, strict=True) if not trained]


def pure_module(module: Any, method: Any, variables: Any) -> PureModule:
    """A Flax module as a pure function.

    **Raises:** `ValueError` for what is no Flax module.
    """
    from flax import linen, nnx

    if isinstance(module, nnx.Module):
        return PureNnx(module, method)
    if isinstance(module, linen.Module):
        return PureLinen(module, method, variables)
    raise ValueError(f"FlaxLayer takes a flax.nnx or flax.linen module. Received: {module!r} of type {type(module)}")


def _apply(*inputs: Any, pure: PureModule, count: int, structure: Any, training: bool) -> tuple[Any, ...]:
    key = jax.random.wrap_key_data(jax.lax.convert_element_type(inputs[0], np.uint32))
    arrays, leaves = list(inputs[1 : count + 1]), inputs[count + 1 :]
    wide = any(each.dtype.itemsize == 8 for each in (*arrays, *leaves))
    with enable_x64(wide):
        outputs, changed = pure.run(arrays, key, list(jax.tree.unflatten(structure, leaves)), training)
    flat, shape = jax.tree.flatten(outputs)
    pure.structures[structure, training] = shape
    return (*flat, *changed)


FLAX = Op("FlaxModule", _apply, ("pure", "count", "structure", "training"), multiple=True, unconnected=(0,))
"""`(key, arrays..., leaves of the arguments...)`: a Flax module's outputs, then its new state."""
