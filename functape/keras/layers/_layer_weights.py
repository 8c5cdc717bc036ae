"""The weights of a layer: making them, gathering them, reading and setting their values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from functape._core._deferred import has_new_parts, waiting
from functape._core._module import Module
from functape._core._shape import TensorShape
from functape._core._variable import Variable
from functape._engine._dtypes import as_dtype
from functape.keras.layers import _layer_tracking as tracking
from functape.keras.layers._layer_tracking import changed, found_in, is_metric, structure

_KERAS_2 = ("name", "shape", "dtype", "initializer", "regularizer", "trainable", "constraint", "use_resource",
            "synchronization", "aggregation")  # fmt: skip
_KERAS_3 = ("shape", "initializer", "dtype", "trainable", "autocast", "regularizer", "constraint", "aggregation",
            "overwrite_with_gradient", "name")  # fmt: skip
_KNOWN = {*_KERAS_2, *_KERAS_3, "layout", "experimental_autocast", "caching_device", "getter", "collections",
          "partitioner", "experimental_create_in_graph"}  # fmt: skip


def weight_arguments(args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
    """The arguments of `add_weight` by name: Keras 2 begins with the name, Keras 3 with the shape.

    **Raises:** `TypeError` for arguments that neither knows.
    """
    order = _KERAS_2 if args and (args[0] is None and "shape" not in kwargs or isinstance(args[0], str)) else _KERAS_3
    if len(args) > len(order):
        raise TypeError(f"add_weight() takes at most {len(order)} positional arguments. Received: {args}")
    given = dict(zip(order, args, strict=False))
    twice = set(given) & set(kwargs)
    if twice:
        raise TypeError(f"add_weight() got multiple values for argument {sorted(twice)[0]!r}")
    unknown = set(kwargs) - _KNOWN
    if unknown:
        raise TypeError(f"Unknown keyword argument to add_weight: {sorted(unknown)[0]!r}. Known are {sorted(_KNOWN)}.")
    return {**given, **kwargs}


class Weights(Module):
    """The part of a layer that holds weights."""

    _own: list[Variable]
    _tracked: dict[str, Any]
    _gathered: dict[str, Any]
    _trainable: bool
    _regularized: list[tuple[Variable, Any]]
    _ready: set[Any]
    variable_dtype: str
    built: bool

    def add_weight(self, *args: Any, **kwargs: Any) -> Variable:
        """Make a weight; called in `build` or in the constructor (`tf.keras.layers.Layer.add_weight`).

        Both orders of positional arguments are understood: Keras 2's, which begins with `name`, and Keras 3's, which
        begins with `shape`.

        **Arguments:**
        - `name`: the last part of the variable's name.
        - `shape`: its shape, fully known; a scalar by default.
        - `dtype`: the layer's dtype for variables by default.
        - `initializer`: what makes the first value of a shape and dtype, by name or as an object; for floating dtypes
          Glorot's uniform one by default, else zeros.
        - `regularizer`: a function from the weight to a loss, or its name.
        - `trainable`: whether it is to be trained.
        - `constraint`: a function from value to value that optimizers apply after an update.
        - `autocast`, `aggregation`, `synchronization`, `use_resource`, `layout`: accepted for compatibility.

        **Raises:** `ValueError` for a shape with unknown lengths; `TypeError` for an unknown argument.

        ```python
        >>> import functape as tf
        >>> layer = tf.keras.layers.Layer(name="mine")
        >>> layer.add_weight("scale", shape=(2,), initializer="ones")
        <tf.Variable 'scale:0' shape=(2,) dtype=float32, numpy=array([1., 1.], dtype=float32)>

        ```
        """
        given = weight_arguments(args, kwargs)
        shape = TensorShape(() if given.get("shape") is None else given["shape"])
        if not shape.is_fully_defined():
            raise ValueError(
                f"A weight's shape must be fully known. Received: shape={tuple(shape)} for weight "
                f"{given.get('name')!r} of layer {self.name!r}. Use input_shape[-1], or a fixed length."
            )
        dtype = as_dtype(given.get("dtype") or self.variable_dtype)
        initializer = _initializer(given.get("initializer"), dtype)
        regularizer, constraint = _regularizer(given.get("regularizer")), _constraint(given.get("constraint"))
        trainable = given.get("trainable")
        variable = Variable(
            lambda: initializer(tuple(shape), dtype=dtype),
            trainable=True if trainable is None else bool(trainable),
            name=given.get("name"),
            dtype=dtype,
            constraint=constraint,
        )
        if regularizer is not None:
            self._regularized.append((variable, regularizer))
            variable.regularizer = regularizer  # type: ignore[attr-defined]
        self._own.append(variable)
        changed()
        return variable

    # ---- what is inside --------------------------------------------------------------------------------------

    def _inside(self) -> Iterator[Any]:
        """The layers, other modules, metrics and loose variables among the attributes, each once."""
        seen = {id(self)}
        for value in self._tracked.values():
            for each in found_in(value):
                if id(each) not in seen:
                    seen.add(id(each))
                    yield each

    def _layers_inside(self) -> list[Any]:
        return [each for each in self._inside() if isinstance(each, Weights)]

    def _flatten_layers(self, recursive: bool = True, include_self: bool = True) -> Iterator[Any]:
        """This layer and those inside it, each once, in order."""
        yield from self._walk_layers(recursive, include_self, set())

    def _walk_layers(self, recursive: bool, include_self: bool, seen: set[int]) -> Iterator[Any]:
        if include_self and id(self) not in seen:
            seen.add(id(self))
            yield self
        for layer in self._layers_inside():
            if id(layer) not in seen:
                if recursive:
                    yield from layer._walk_layers(True, True, seen)
                else:
                    seen.add(id(layer))
                    yield layer

    def _gather(self, which: str) -> list[Variable]:
        """The weights of one kind: one's own, then those of what is inside."""
        kept = self._gathered.get(which)
        if kept is None or kept[0] != structure.version:
            found: dict[int, Variable] = {}
            for variable in self._find_weights(which):
                found.setdefault(id(variable), variable)
            kept = self._gathered[which] = structure.version, list(found.values())
        return kept[1]

    def _find_weights(self, which: str) -> Iterator[Variable]:
        if which == "trainable" and not self._trainable:
            return
        everything = which == "all" or (which == "frozen" and not self._trainable)
        if everything or which == "trainable":
            yield from (each for each in self._own if each.trainable)
        if everything or which == "frozen":
            yield from (each for each in self._own if not each.trainable)
        if everything:
            which = "all"
        for each in self._inside():
            if isinstance(each, Weights):
                yield from each._gather(which)
            elif isinstance(each, Variable):
                if which == "all" or each.trainable == (which == "trainable"):
                    yield each
            elif not is_metric(each):
                names = {"all": "variables", "trainable": "trainable_variables", "frozen": "non_trainable_variables"}
                yield from getattr(each, names[which])

    @property
    def weights(self) -> list[Variable]:
        """All weights: one's own (those to be trained first), then those of the layers inside, in order."""
        return list(self._gather("all"))

    @property
    def trainable_weights(self) -> list[Variable]:
        """The weights to be trained; none while `trainable` is False."""
        kept = self._gathered.get("trainable")
        if kept is not None and kept[0] == structure.version:
            return kept[1].copy()
        return list(self._gather("trainable"))

    @property
    def non_trainable_weights(self) -> list[Variable]:
        """The other weights; all of them while `trainable` is False."""
        return list(self._gather("frozen"))

    @property
    def variables(self) -> list[Variable]:  # type: ignore[override]
        """As `weights`."""
        return self.weights

    trainable_variables = trainable_weights  # type: ignore[assignment]
    non_trainable_variables = non_trainable_weights  # type: ignore[assignment]

    # ---- values ----------------------------------------------------------------------------------------------

    def get_weights(self) -> list[np.ndarray[Any, Any]]:
        """The values of `weights` as NumPy arrays."""
        return [np.asarray(variable.numpy()) for variable in self.weights]

    def set_weights(self, weights: Any) -> None:
        """Set the values of `weights`.

        **Arguments:**
        - `weights`: an array for each weight, in their order.

        **Raises:** `ValueError` for another number of arrays, or an array of another shape.
        """
        variables, given = self.weights, list(weights)
        if len(variables) != len(given):
            raise ValueError(
                f"You called `set_weights(weights)` on layer '{self.name}' with a weight list of length {len(given)}, "
                f"but the layer was expecting {len(variables)} weights."
            )
        for variable, value in zip(variables, given, strict=True):
            if tuple(variable.shape) != tuple(np.shape(value)):
                raise ValueError(
                    f"Layer {self.name} weight shape {tuple(variable.shape)} is not compatible with provided weight "
                    f"shape {tuple(np.shape(value))}."
                )
        for variable, value in zip(variables, given, strict=True):
            variable.assign(np.asarray(value).astype(variable.dtype.as_numpy_dtype))

    def count_params(self) -> int:
        """The number of scalars in the weights.

        **Raises:** `ValueError` if the layer was not built.
        """
        if not self.built:
            raise ValueError(
                f"You tried to call `count_params` on layer '{self.name}', but the layer isn't built. You can build it "
                "manually via: `layer.build(input_shape)`."
            )
        return sum(variable.tensor.aval.size for variable in self.weights)

    # ---- attributes ------------------------------------------------------------------------------------------

    def __setattr__(self, name: str, value: Any) -> None:
        before = self.__dict__.get(name)
        if name in self._TF_MODULE_IGNORED_PROPERTIES:
            object.__setattr__(self, name, value)
            return
        if isinstance(value, Variable):
            self._attach_variable(name, value)
        elif tracking.is_trackable(value) and not isinstance(getattr(type(self), name, None), property):
            value = tracking.track(value)
            self._tracked[name] = value
            changed()
        elif name in self._tracked:
            del self._tracked[name]
            changed()
        elif name == "input_spec":
            self._ready.clear()
        object.__setattr__(self, name, value)
        if isinstance(before, Variable) and before is not value:
            self._detach_variable(before)
        if waiting:
            has_new_parts(self)

    def _attach_variable(self, name: str, variable: Variable) -> None:
        self._tracked.pop(name, None)
        if not any(each is variable for each in self._own) and not any(each is variable for each in self.weights):
            self._own.append(variable)
        changed()

    def _detach_variable(self, variable: Variable) -> None:
        if not any(each is variable for each in vars(self).values()):
            object.__setattr__(self, "_own", [each for each in self._own if each is not variable])
            changed()

    def __delattr__(self, name: str) -> None:
        before = self.__dict__.get(name)
        object.__delattr__(self, name)
        self._tracked.pop(name, None)
        if isinstance(before, Variable):
            self._detach_variable(before)
        changed()


def _initializer(given: Any, dtype: Any) -> Any:
    from functape.keras import initializers

    if given is None:
        given = "glorot_uniform" if dtype.is_floating else "zeros"
    return initializers.get(given)


def _regularizer(given: Any) -> Any:
    if given is None or (callable(given) and not isinstance(given, type)):
        return given
    from functape.keras import regularizers

    return regularizers.get(given)


def _constraint(given: Any) -> Any:
    if given is None or (callable(given) and not isinstance(given, type)):
        return given
    from functape.keras import constraints

    return constraints.get(given)
