"""`tf.keras.layers.Dense`."""

from __future__ import annotations

from typing import Any

from functape._core._cast import cast
from functape._engine._dtypes import as_dtype
from functape._engine._recorder import record
from functape._ops._fused import DENSE
from functape.keras import activations, constraints, initializers, regularizers
from functape.keras.layers._layer import Layer
from functape.keras.layers._layer_activations import split_activation
from functape.keras.layers._layer_specs import InputSpec


class Dense(Layer):
    """`activation(inputs @ kernel + bias)` over the last axis (`tf.keras.layers.Dense`).

    **Arguments:**
    - `units`: the length of the last axis of the outputs.
    - `activation`: a function or its name; none by default.
    - `use_bias`: whether to add a bias.
    - `kernel_initializer`, `bias_initializer`: of the weights `kernel` `[in, units]` and `bias` `[units]`.
    - `kernel_regularizer`, `bias_regularizer`, `activity_regularizer`: functions from weights or outputs to a loss.
    - `kernel_constraint`, `bias_constraint`: functions that optimizers apply after an update.
    - `lora_rank`, `lora_alpha`, `quantization_config`: None: neither is supported.

    **Raises:** `ValueError` if `units` is no positive integer, or for an argument that is not supported.

    ```python
    >>> import functape as tf
    >>> layer = tf.keras.layers.Dense(2, kernel_initializer="ones")
    >>> print(layer(tf.constant([[1.0, 2.0]])).numpy())
    [[3. 3.]]

    ```
    """

    _casts_integers = True

    def __init__(
        self,
        units: int,
        activation: Any = None,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        lora_rank: int | None = None,
        lora_alpha: float | None = None,
        quantization_config: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(activity_regularizer=activity_regularizer, **kwargs)
        for name, value in (("lora_rank", lora_rank), ("quantization_config", quantization_config)):
            if value is not None:
                raise ValueError(f"The argument `{name}` is not supported. Received: {name}={value}. Leave it out.")
        if isinstance(units, bool) or not hasattr(units, "__index__") or int(units) <= 0:
            raise ValueError(
                f"Received an invalid value for `units`, expected a positive integer. Received: units={units}"
            )
        self.units = int(units)
        self.use_bias = use_bias
        self.activation = activations.get(activation)
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.bias_regularizer = regularizers.get(bias_regularizer)
        self.kernel_constraint = constraints.get(kernel_constraint)
        self.bias_constraint = constraints.get(bias_constraint)
        self.input_spec = InputSpec(min_ndim=2)
        self.supports_masking = True

    def build(self, input_shape: Any) -> None:
        """Make `kernel` and `bias`.

        **Raises:** `ValueError` if the last axis is not known.
        """
        length = input_shape[-1]
        if length is None:
            raise ValueError(
                f"The last dimension of the inputs to a Dense layer should be defined. Found None. Full input shape "
                f"received: {tuple(input_shape)}"
            )
        self.kernel = self.add_weight(
            name="kernel",
            shape=(length, self.units),
            initializer=self.kernel_initializer,
            regularizer=self.kernel_regularizer,
            constraint=self.kernel_constraint,
        )
        self.bias = None
        if self.use_bias:
            self.bias = self.add_weight(
                name="bias",
                shape=(self.units,),
                initializer=self.bias_initializer,
                regularizer=self.bias_regularizer,
                constraint=self.bias_constraint,
            )
        self.input_spec = InputSpec(min_ndim=2, axes={-1: length})
        self.built = True

    def call(self, inputs: Any) -> Any:
        """The outputs."""
        plain = self._plain
        if plain is None:
            plain = self._settle()
        statics, after, casts = plain
        if casts is not None:
            return self._cast_call(inputs, statics, after, casts)
        bias = self.bias
        outputs = record(DENSE, statics, (inputs, self.kernel) if bias is None else (inputs, self.kernel, bias))
        return outputs if after is None else after(outputs)

    def _settle(self) -> Any:
        """What `call` needs to know of the activation and the dtypes."""
        name, after = split_activation(self.activation)
        casts = None if self.compute_dtype == self.variable_dtype else as_dtype(self.compute_dtype)
        self._plain = (name,), after, casts
        return self._plain

    def _cast_call(self, inputs: Any, statics: tuple[Any, ...], after: Any, dtype: Any) -> Any:
        weights = [cast(each, dtype) for each in (self.kernel, self.bias) if each is not None]
        outputs = record(DENSE, statics, (inputs, *weights))
        return outputs if after is None else after(outputs)

    def __setattr__(self, name: str, value: Any) -> None:
        if name in ("activation", "compute_dtype", "variable_dtype"):
            self.__dict__["_plain"] = None
        super().__setattr__(name, value)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {
            **super().get_config(),
            "units": self.units,
            "activation": activations.serialize(self.activation),
            "use_bias": self.use_bias,
            "kernel_initializer": initializers.serialize(self.kernel_initializer),
            "bias_initializer": initializers.serialize(self.bias_initializer),
            "kernel_regularizer": regularizers.serialize(self.kernel_regularizer),
            "bias_regularizer": regularizers.serialize(self.bias_regularizer),
            "kernel_constraint": constraints.serialize(self.kernel_constraint),
            "bias_constraint": constraints.serialize(self.bias_constraint),
            "quantization_config": None,
        }
