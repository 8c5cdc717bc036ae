"""`tf.keras.layers.Layer`: weights, and a function of tensors that uses them."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable
from typing import Any

import jax
import numpy as np

from functape._core import _name_scope as scopes
from functape._core._cast import cast
from functape._core._convert import convert, is_tensor_like
from functape._core._masks import mask_of, masks, set_mask
from functape._core._shape import make_shape
from functape._core._tensor import Tensor
from functape._engine._dtypes import as_dtype
from functape.keras._batch_axis import for_all_batches
from functape.keras._naming import unique_name
from functape.keras._phase import given_learning_phase
from functape.keras.layers import _layer_losses as losses
from functape.keras.layers._layer_calls import call_spec, calls, converted, leaves_of, map_leaves, usage
from functape.keras.layers._layer_nodes import Nodes
from functape.keras.layers._layer_specs import check_inputs
from functape.keras.layers._layer_storing import Stored
from functape.keras.layers._layer_tracking import changed

_KERAS_2_ARGUMENTS = ("input_shape", "batch_input_shape", "input_dim", "batch_size", "weights", "implementation",
                      "dynamic", "input_dtype")  # fmt: skip


class Layer(losses.Losses, Nodes, Stored):
    """The base of all layers (`tf.keras.layers.Layer`).

    A subclass makes its weights in `build(input_shape)`, with `add_weight`, and computes in `call(inputs)`. Variables,
    layers and lists and dicts of them assigned to attributes are found by themselves.

    **Arguments:**
    - `trainable`: whether the weights are to be trained.
    - `name`: by default the class's name in snake case, with a number if it was used before.
    - `dtype`: the dtype of computations and weights, or a dtype policy.
    - `activity_regularizer`: a function from the output to a loss.
    - `autocast`: whether floating inputs are cast to the layer's dtype.
    - `input_shape`, `batch_input_shape`, `input_dim`, `batch_size`, `weights`: Keras 2's arguments of a first layer.

    **Raises:** `ValueError` for an argument that is not known.

    ```python
    >>> import functape as tf
    >>> class Scale(tf.keras.layers.Layer):
    ...     def build(self, input_shape):
    ...         self.factor = self.add_weight(name="factor", shape=(input_shape[-1],), initializer="ones")
    ...     def call(self, inputs):
    ...         return inputs * self.factor
    >>> layer = Scale()
    >>> print(layer(tf.constant([[1.0, 2.0]])).numpy(), layer.weights[0].name)
    [[1. 2.]] scale/factor:0

    ```
    """

    _TF_MODULE_IGNORED_PROPERTIES = frozenset(
        ("_tracked", "_own", "_gathered", "_regularized", "_inbound_nodes", "_outbound_nodes", "_call_losses",
         "_auto_config", "_build_shape", "_batch_input_shape", "_ready", "_call_spec", "_callable_losses")
    )  # fmt: skip

    _auto_config: tuple[tuple[Any, ...], dict[str, Any]]
    _has_nothing_to_build = False
    """Whether Keras counts it as built from the start."""
    _casts_integers = False
    """Whether integer inputs too are cast to the dtype of computations."""

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        self = object.__new__(cls)
        state = self.__dict__
        state["_tracked"], state["_own"], state["_gathered"] = {}, [], {}
        state["_regularized"], state["_ready"] = [], set()
        state["_inbound_nodes"], state["_outbound_nodes"] = [], []
        state["_auto_config"] = args, kwargs
        state["_leaf"] = False
        state["_trainable"] = True
        return self

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "build" in cls.__dict__:
            cls.build = _noting_build(cls.build)  # type: ignore[method-assign]

    def __init__(
        self,
        trainable: bool = True,
        name: str | None = None,
        dtype: Any = None,
        dynamic: bool = False,
        *,
        activity_regularizer: Any = None,
        autocast: bool = True,
        **kwargs: Any,
    ) -> None:
        self._name = unique_name(type(self).__name__) if name is None else str(name)
        if name is not None and "/" in self._name:
            raise ValueError(f"The `name` of a layer cannot contain the character `/`. Received: name={name}")
        self._initialized = True
        self._trainable = bool(trainable)
        self._policy = losses.policy_of(dtype)
        self.compute_dtype = self._policy.compute_dtype
        self.variable_dtype = self._policy.variable_dtype
        self.autocast = autocast
        self.built = False
        self.supports_masking = False
        self.input_spec: Any = None
        self.activity_regularizer = losses.regularizer_of(activity_regularizer)
        self._call_losses: list[Any] = []
        self._build_shape: Any = None
        self._take_keras_2_arguments(kwargs)

    def _take_keras_2_arguments(self, kwargs: dict[str, Any]) -> None:
        """Keep what Keras 2 says of a first layer's input.

        **Raises:** `ValueError` for an argument that neither Keras knows.
        """
        unknown = {key: value for key, value in kwargs.items() if key not in _KERAS_2_ARGUMENTS}
        if unknown:
            raise ValueError(f"Unrecognized keyword arguments passed to {type(self).__name__}: {unknown}")
        batch_shape = kwargs.get("batch_input_shape")
        shape = kwargs.get("input_shape")
        if shape is None and kwargs.get("input_dim") is not None:
            shape = (kwargs["input_dim"],)
        if batch_shape is None and shape is not None:
            shape = (shape,) if isinstance(shape, int) else shape
            batch_shape = (kwargs.get("batch_size"), *shape)
        self._batch_input_shape = None if batch_shape is None else tuple(batch_shape)
        self._input_dtype = kwargs.get("input_dtype")
        self._initial_weights = kwargs.get("weights")

    # ---- what subclasses write -------------------------------------------------------------------------------

    def build(self, input_shape: Any) -> None:
        """Make the weights; called before the first `call`, with the shape of its first argument.

        **Arguments:**
        - `input_shape`: a `tf.TensorShape`, or a structure of them.
        """
        if self._build_shape is None:
            self._build_shape = input_shape
        self.built = True

    def call(self, *args: Any, **kwargs: Any) -> Any:
        """Compute the outputs; a subclass overrides it.

        **Raises:** `NotImplementedError` if it does not.
        """
        raise NotImplementedError(f"Layer {type(self).__name__} does not have a `call()` method implemented.")

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """The mask of the outputs, given that of the inputs, which is passed on."""
        return mask

    # ---- calls -----------------------------------------------------------------------------------------------

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """The outputs for some inputs.

        **Arguments:**
        - `args`, `kwargs`: what `call` takes; arrays become tensors, floating ones of the layer's dtype. `training`
          and `mask` may be given whether `call` takes them or not; the layers inside take `training` from the layer
          around them.
        """
        if len(args) == 1:
            inputs = args[0]
            if inputs.__class__ is Tensor and inputs.aval in self._ready and not (masks and id(inputs) in masks):
                if self._leaf and not kwargs:
                    return self.call(inputs)
                if not kwargs or (len(kwargs) == 1 and "training" in kwargs):
                    return self._call_inside(inputs, kwargs.get("training"))
        return self._call_in_full(args, kwargs)

    def _call_inside(self, inputs: Any, training: Any) -> Any:
        """Call with the context that the layers inside need, where nothing else is to be done."""
        state, scope = calls, scopes._local
        around, prefix = state.training, scope.prefix
        if training is None:
            training = around
        if not state.depth and usage.losses_used:
            self._clear_losses()
        state.training = training
        state.depth += 1
        scope.prefix = f"{prefix}{self._name}/"
        try:
            spec = self._spec
            if spec.takes_training:
                return self.call(inputs, training=self._resolved(training, spec))
            return self.call(inputs)
        finally:
            state.depth -= 1
            state.training = around
            scope.prefix = prefix

    @property
    def _spec(self) -> Any:
        found = self.__dict__.get("_call_spec")
        if found is None:
            found = call_spec(self.call)
            object.__setattr__(self, "_call_spec", found)
        return found

    def _resolved(self, training: Any, spec: Any) -> Any:
        if training is None:
            training = given_learning_phase()
        if training is None:
            training = spec.default_training
        return False if training is None else training

    def _call_in_full(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        self._check_initialized()
        spec = self._spec
        args, kwargs = self._converted(args, kwargs)
        if not calls.abstract:
            from functape.keras._symbolic import KerasTensor

            if any(isinstance(leaf, KerasTensor) for leaf in leaves_of((args, kwargs))):
                return self._call_symbolically(args, kwargs)
        given = spec.bind(args, kwargs)
        first = given.get(spec.first)
        check_inputs(self.input_spec, first, self.name)
        state, around = calls, calls.training
        training = kwargs.get("training")
        if training is None and "training" in given:
            training = given["training"]
        if training is None:
            training = around
        if not state.depth and usage.losses_used and not state.abstract:
            self._clear_losses()
        state.training = training
        state.depth += 1
        try:
            with scopes.name_scope(self._name if self._scope_is_relative() else f"{self._name}/"):
                if not self.built:
                    self._build_for(given)
                kwargs = self._with_training(args, kwargs, training)
                kwargs, incoming = self._with_masks(args, kwargs, given)
                outputs = converted(self.call)(*args, **kwargs)
                if self.activity_regularizer is not None:
                    self._regularize_activity(outputs)
            self._pass_masks_on(first, outputs, incoming)
        finally:
            state.depth -= 1
            state.training = around
        self._take_note_of(args, kwargs, incoming)
        return outputs

    def _scope_is_relative(self) -> bool:
        return calls.depth > 1 or not calls.abstract

    def _take_note_of(self, args: tuple[Any, ...], kwargs: dict[str, Any], incoming: Any) -> None:
        """Let calls like this one go the short way from now on."""
        if len(args) != 1 or args[0].__class__ is not Tensor or self.activity_regularizer is not None:
            return
        spec = self._spec
        if spec.needs_mask or incoming is not None or set(kwargs) - {"training"}:
            return
        if not self._masks_nothing():
            return
        self._leaf = not spec.takes_training and not self._layers_inside() and not self.__dict__.get("_adds_losses")
        self._ready.add(args[0].aval)

    def _masks_nothing(self) -> bool:
        """Whether inputs without a mask have outputs without one."""
        return type(self).compute_mask is Layer.compute_mask

    def _check_initialized(self) -> None:
        if "_initialized" not in self.__dict__:
            raise RuntimeError(
                f"In layer '{type(self).__name__}', you forgot to call `super().__init__()` as the first statement in "
                "the `__init__()` method. Go add it!"
            )

    def _converted(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Arrays as tensors, and floating ones in the dtype of computations."""
        if args and isinstance(args[0], list | tuple) and _is_numbers(args[0]):
            args = (np.asarray(args[0], None if _holds_integers(args[0]) else self.compute_dtype), *args[1:])
        elif args and args[0].__class__ in (float, int, bool):
            args = (convert(args[0]), *args[1:])
        args = tuple([map_leaves(self._converted_leaf, each) for each in args])
        return args, {
            key: each if key == "training" else map_leaves(self._converted_leaf, each) for key, each in kwargs.items()
        }

    def _converted_leaf(self, value: Any) -> Any:
        if is_tensor_like(value):
            dtype = value.aval.dtype
            castable = dtype.is_floating or (self._casts_integers and dtype.is_integer)
            if self.autocast and castable and dtype.name != self.compute_dtype:
                mask = mask_of(value)
                value = cast(value, as_dtype(self.compute_dtype))
                if mask is not None:
                    set_mask(value, mask)
            return value
        if isinstance(value, np.ndarray | np.generic | jax.Array):
            kind = np.dtype(value.dtype).kind
            castable = kind == "f" or value.dtype.name == "bfloat16" or (self._casts_integers and kind in "iu")
            if self.autocast and castable:
                return convert(value, as_dtype(self.compute_dtype))
            return convert(value)
        return value

    def _with_training(self, args: tuple[Any, ...], kwargs: dict[str, Any], training: Any) -> dict[str, Any]:
        spec = self._spec
        if not spec.takes_training:
            if spec.takes_any_keyword and kwargs.get("training") is not None:
                return kwargs
            return {key: each for key, each in kwargs.items() if key != "training"}
        if "training" in spec.names[: len(args)]:
            return kwargs
        return {**kwargs, "training": self._resolved(training, spec)}

    # ---- masks -----------------------------------------------------------------------------------------------

    def _with_masks(self, args: Any, kwargs: dict[str, Any], given: dict[str, Any]) -> tuple[dict[str, Any], Any]:
        """The keyword arguments with the masks that came with the tensors; and the first argument's mask."""
        spec = self._spec
        incoming = given.get("mask")
        if incoming is None and masks:
            first = given.get(spec.first)
            found = [mask_of(leaf) for leaf in leaves_of(first) if is_tensor_like(leaf)]
            if any(mask is not None for mask in found):
                incoming = found[0] if not isinstance(first, list | tuple | dict) else map_leaves(_mask_of_leaf, first)
        if incoming is not None and not spec.takes_mask and given.get("mask") is not None:
            kwargs = {key: each for key, each in kwargs.items() if key != "mask"}
        if "mask" in kwargs and not spec.takes_mask and not spec.takes_any_keyword:
            kwargs = {key: each for key, each in kwargs.items() if key != "mask"}
        if spec.takes_mask and incoming is not None and "mask" not in spec.names[: len(args)]:
            kwargs = {**kwargs, "mask": incoming}
        for name in spec.masks:
            about = given.get(name.removesuffix("_mask"))
            if given.get(name) is None and is_tensor_like(about) and mask_of(about) is not None:
                kwargs = {**kwargs, name: mask_of(about)}
        return kwargs, incoming

    def _pass_masks_on(self, inputs: Any, outputs: Any, incoming: Any) -> None:
        overridden = type(self).compute_mask is not Layer.compute_mask
        if not (self.supports_masking or overridden):
            lost = incoming is not None and any(mask is not None for mask in leaves_of(incoming))
            if lost and not self._layers_inside() and not self._spec.takes_mask:
                warnings.warn(
                    f"Layer '{self.name}' (of type {type(self).__name__}) was passed an input with a mask attached to "
                    "it. However, this layer does not support masking and will therefore destroy the mask information. "
                    "Downstream layers will not see the mask.",
                    stacklevel=4,
                )
            return
        if incoming is None and not overridden:
            return
        flat = [leaf for leaf in leaves_of(outputs) if is_tensor_like(leaf)]
        if all(mask_of(leaf) is not None for leaf in flat):
            return
        computed = self.compute_mask(inputs, incoming)
        if computed is None:
            return
        spread = leaves_of(computed)
        if len(spread) == 1 and len(flat) > 1:
            spread = spread * len(flat)
        for leaf, mask in zip(flat, spread, strict=False):
            if mask is not None and not any(leaf is each for each in leaves_of(inputs)):
                set_mask(leaf, mask)

    # ---- building --------------------------------------------------------------------------------------------

    def _build_for(self, given: dict[str, Any]) -> None:
        """Call `build` with the shapes of the arguments given."""
        shapes = {
            name: map_leaves(_shape_of, value)
            for name, value in given.items()
            if any(is_tensor_like(leaf) for leaf in leaves_of(value))
        }
        parameters = [
            each.name
            for each in inspect.signature(self.build).parameters.values()
            if each.kind.name in ("POSITIONAL_ONLY", "POSITIONAL_OR_KEYWORD", "KEYWORD_ONLY")
        ]
        first = shapes.get(self._spec.first)
        if len(parameters) > 1 and all(f"{name}_shape" in parameters for name in shapes):
            self.build(**{f"{name}_shape": shape for name, shape in shapes.items()})
        elif parameters or any(
            each.kind.name.startswith("VAR") for each in inspect.signature(self.build).parameters.values()
        ):
            self.build(first)
        else:
            self.build()  # type: ignore[call-arg]
        self.built = True
        if self._initial_weights is not None:
            self.set_weights(self._initial_weights)
            self._initial_weights = None
        changed()

    # ---- properties ------------------------------------------------------------------------------------------

    @property
    def name(self) -> str:
        """The layer's name."""
        return self._name

    @property
    def name_scope(self) -> scopes.name_scope:
        """The scope that the names of its weights begin with."""
        return scopes.name_scope(self._name)

    @property
    def path(self) -> str:
        """The layer's name, with those of the scopes around it."""
        return f"{scopes.current_scope_prefix()}{self._name}"

    @property
    def trainable(self) -> bool:
        """Whether the weights are to be trained; setting it sets it for all layers inside."""
        return self._trainable

    @trainable.setter
    def trainable(self, value: bool) -> None:
        for layer in self._flatten_layers():
            object.__setattr__(layer, "_trainable", bool(value))
            layer._trainable_was_set()
        changed()

    def _trainable_was_set(self) -> None:
        """Called when `trainable` was set."""

    @property
    def dtype(self) -> str:
        """The dtype of the weights."""
        return self.variable_dtype

    @property
    def dtype_policy(self) -> Any:
        """The dtypes of computations and weights."""
        return self._policy

    @dtype_policy.setter
    def dtype_policy(self, value: Any) -> None:
        self._policy = losses.policy_of(value)
        self.compute_dtype, self.variable_dtype = self._policy.compute_dtype, self._policy.variable_dtype
        self._ready.clear()

    @property
    def _compute_dtype(self) -> str:
        return self.compute_dtype

    @property
    def dynamic(self) -> bool:
        """False: every layer is recorded as it runs."""
        return False

    @property
    def stateful(self) -> bool:
        """Whether it carries state from one batch to the next."""
        return bool(self.__dict__.get("_stateful", False))

    @stateful.setter
    def stateful(self, value: bool) -> None:
        self._stateful = value

    # ---- configuration ---------------------------------------------------------------------------------------

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments; a subclass adds its own.

        **Raises:** `NotImplementedError` if the constructor takes arguments that cannot be told.
        """
        base = {"name": self.name, "trainable": self.trainable, "dtype": losses.policy_config(self._policy)}
        if self._batch_input_shape is not None:
            base["batch_input_shape"] = self._batch_input_shape
        if self.activity_regularizer is not None:
            from functape.keras import regularizers

            base["activity_regularizer"] = regularizers.serialize(self.activity_regularizer)
        if type(self).get_config is not Layer.get_config or type(self) is Layer:
            return base
        return {**base, **self._told_arguments()}

    def _told_arguments(self) -> dict[str, Any]:
        """The arguments the constructor was called with, where they can be part of a configuration."""
        args, kwargs = self._auto_config
        signature = inspect.signature(type(self).__init__)
        try:
            bound = signature.bind(self, *args, **kwargs)
        except TypeError:
            return {}
        told = dict(list(bound.arguments.items())[1:])
        for parameter in signature.parameters.values():
            if parameter.kind is inspect.Parameter.VAR_KEYWORD:
                told.update(told.pop(parameter.name, {}))
        wrong = {key: each for key, each in told.items() if not _is_plain(each)}
        if wrong:
            raise NotImplementedError(
                f"Object {type(self).__name__} was created by passing non-serializable argument values in "
                f"`__init__()`, and therefore the object must override `get_config()` in order to be serializable. "
                f"Please implement `get_config()`. Those arguments are: {sorted(wrong)}"
            )
        return told

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """A layer from what `get_config` returned."""
        try:
            return cls(**config)
        except TypeError as error:
            raise TypeError(
                f"Error when deserializing class '{cls.__name__}' using config={config}. Exception encountered: {error}"
            ) from error

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.__dict__.get('_name')}, built={self.__dict__.get('built', False)}>"


def _noting_build(build: Callable[..., Any]) -> Callable[..., Any]:
    """A `build` method that notes that the layer is built, and for which shape."""
    if getattr(build, "_notes", False):
        return build

    def noting(self: Any, *args: Any, **kwargs: Any) -> Any:
        self._check_initialized()
        if self._build_shape is None and (args or kwargs):
            object.__setattr__(self, "_build_shape", args[0] if args else kwargs)
        result = build(self, *args, **kwargs)
        self.built = True
        changed()
        return result

    noting.__name__, noting.__doc__, noting.__wrapped__ = "build", build.__doc__, build  # type: ignore[attr-defined]
    noting._notes = True  # type: ignore[attr-defined]
    return noting


def _shape_of(value: Any) -> Any:
    return for_all_batches(make_shape(tuple(value.shape))) if is_tensor_like(value) else None


def _mask_of_leaf(value: Any) -> Any:
    return mask_of(value) if is_tensor_like(value) else None


def _is_numbers(value: Any) -> bool:
    """Whether nested lists hold nothing but Python numbers."""
    flat = leaves_of(value)
    return bool(flat) and all(each.__class__ in (float, int, bool) for each in flat)


def _holds_integers(value: Any) -> bool:
    return all(each.__class__ is not float for each in leaves_of(value))


def _is_plain(value: Any) -> bool:
    if isinstance(value, dict):
        return all(isinstance(key, str) and _is_plain(each) for key, each in value.items())
    if isinstance(value, list | tuple):
        return all(map(_is_plain, value))
    return value is None or isinstance(value, str | int | float | bool)
