"""Layers around a function: activations, lambdas, masks."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from functape._api._elementwise import not_equal
from functape._api._reductions import reduce_any
from functape._core._cast import cast
from functape._core._shape import TensorShape
from functape.keras import activations, regularizers
from functape.keras._serialization import deserialize_keras_object, serialize_keras_object
from functape.keras.layers._layer import Layer
from functape.keras.layers._layer_calls import converted


class Activation(Layer):
    """A function of each element (`tf.keras.layers.Activation`).

    **Arguments:**
    - `activation`: a function or its name.

    ```python
    >>> import functape as tf
    >>> print(tf.keras.layers.Activation("relu")(tf.constant([-1.0, 2.0])).numpy())
    [0. 2.]

    ```
    """

    _has_nothing_to_build = True

    def __init__(self, activation: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True
        self.activation = activations.get(activation)

    def call(self, inputs: Any) -> Any:
        """The outputs."""
        return self.activation(inputs)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {**super().get_config(), "activation": activations.serialize(self.activation)}


class Identity(Layer):
    """The inputs themselves (`tf.keras.layers.Identity`)."""

    _has_nothing_to_build = True

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True

    def call(self, inputs: Any) -> Any:
        """The inputs."""
        return inputs


class ActivityRegularization(Layer):
    """The inputs themselves, which add a penalty to the losses (`tf.keras.layers.ActivityRegularization`).

    **Arguments:**
    - `l1`, `l2`: weights of the sums of the absolute values and of the squares.
    """

    _has_nothing_to_build = True

    def __init__(self, l1: float = 0.0, l2: float = 0.0, **kwargs: Any) -> None:
        super().__init__(activity_regularizer=regularizers.L1L2(l1=l1, l2=l2), **kwargs)
        self.supports_masking = True
        self.l1, self.l2 = l1, l2

    def call(self, inputs: Any) -> Any:
        """The inputs."""
        return inputs

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        config = super().get_config()
        config.pop("activity_regularizer", None)
        return {**config, "l1": self.l1, "l2": self.l2}


class Masking(Layer):
    """A mask for the steps all of whose features have one value (`tf.keras.layers.Masking`).

    **Arguments:**
    - `mask_value`: the value; the steps' outputs are zero.

    ```python
    >>> import functape as tf
    >>> tf.keras.layers.Masking()(tf.constant([[[0.0], [1.0]]]))._keras_mask.numpy().tolist()
    [[False, True]]

    ```
    """

    _has_nothing_to_build = True

    def __init__(self, mask_value: float = 0.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.mask_value = mask_value
        self.supports_masking = True

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """Whether any feature of a step has another value."""
        return reduce_any(not_equal(inputs, cast(self.mask_value, inputs.aval.dtype)), -1)

    def call(self, inputs: Any) -> Any:
        """The outputs."""
        kept = reduce_any(not_equal(inputs, cast(self.mask_value, inputs.aval.dtype)), -1, keepdims=True)
        return inputs * cast(kept, inputs.aval.dtype)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {**super().get_config(), "mask_value": self.mask_value}


class Lambda(Layer):
    """Any function of tensors (`tf.keras.layers.Lambda`).

    **Arguments:**
    - `function`: takes the inputs, and `mask` and `training` if it has parameters of these names.
    - `output_shape`: the shape without the first axis, or a function of the input shape; worked out by itself if left
      out.
    - `mask`: a mask, or a function of inputs and their mask.
    - `arguments`: further keyword arguments for the function.

    ```python
    >>> import functape as tf
    >>> print(tf.keras.layers.Lambda(lambda x: x * 2)(tf.constant([1.0])).numpy())
    [2.]

    ```
    """

    def __init__(
        self,
        function: Callable[..., Any],
        output_shape: Any = None,
        mask: Any = None,
        arguments: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.__dict__["arguments"] = arguments or {}
        self.function = function
        self.__dict__["_output_shape"] = output_shape
        self.__dict__["mask"] = mask
        self.supports_masking = True
        try:
            parameters = inspect.signature(function).parameters
        except (TypeError, ValueError):
            parameters = {}  # type: ignore[assignment]
        self._passes = tuple(name for name in ("mask", "training") if name in parameters)

    def call(self, inputs: Any, mask: Any = None, training: Any = None) -> Any:
        """The function of the inputs."""
        given = {"mask": mask, "training": training}
        further = {**self.__dict__["arguments"], **{name: given[name] for name in self._passes}}
        return converted(self.function)(inputs, **further)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """The mask given to the constructor, if any."""
        own = self.__dict__["mask"]
        return own(inputs, mask) if callable(own) else own

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The shape given to the constructor, or that of the function's result."""
        given = self.__dict__["_output_shape"]
        if given is None:
            return super().compute_output_shape(input_shape)
        if callable(given):
            return given(input_shape)
        first = input_shape[0] if not isinstance(input_shape[0], list | tuple | TensorShape) else input_shape[0][0]
        return TensorShape((first, *given))

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        config = {**super().get_config(), "function": serialize_keras_object(self.function)}
        for name, value in (("output_shape", self.__dict__["_output_shape"]), ("mask", self.__dict__["mask"])):
            if value is not None:
                config[name] = serialize_keras_object(value) if callable(value) else value
        return {**config, "arguments": serialize_keras_object(self.__dict__["arguments"])}

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None, safe_mode: Any = None) -> Lambda:
        """The layer that `get_config` described.

        **Raises:** `ValueError` for a lambda function, unless unsafe deserialization is allowed.
        """
        config = dict(config)
        for name in ("function", "output_shape", "mask"):
            value = config.get(name)
            if isinstance(value, dict) and "class_name" in value:
                config[name] = deserialize_keras_object(value, custom_objects)
        return cls(**config)
