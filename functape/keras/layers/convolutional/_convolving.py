"""What all convolutions have in common."""

from __future__ import annotations

from typing import Any

from functape._core._cast import cast
from functape._engine._dtypes import as_dtype
from functape._engine._op import Op
from functape._engine._recorder import record
from functape.keras import activations, constraints, initializers, regularizers
from functape.keras._configuration import standardize_data_format
from functape.keras.layers._layer import Layer
from functape.keras.layers._layer_activations import split_activation
from functape.keras.layers._layer_specs import InputSpec
from functape.keras.layers._layer_windows import integers, padding_name


class Convolving(Layer):
    """The base of convolutions: a window that moves over the spatial axes, a bias and an activation."""

    rank: int
    """How many spatial axes there are."""
    _row: Op
    _allows_causal = False
    _strides_and_dilations = False
    """Whether both may be above 1."""
    _weight_names: tuple[str, ...] = ("kernel", "bias")
    """What initializers, regularizers and constraints belong to."""

    def _take_window(
        self, kernel_size: Any, strides: Any, padding: Any, data_format: Any, dilation_rate: Any, activation: Any
    ) -> None:
        rank = self.rank
        self.kernel_size = integers(kernel_size, rank, "kernel_size")
        self.strides = integers(strides, rank, "strides")
        self.dilation_rate = integers(dilation_rate, rank, "dilation_rate")
        self.padding = padding_name(padding, self._allows_causal)
        self.data_format = standardize_data_format(data_format)
        self.activation = activations.get(activation)
        self.input_spec = InputSpec(min_ndim=rank + 2)
        if max(self.strides) > 1 and max(self.dilation_rate) > 1 and not self._strides_and_dilations:
            raise ValueError(
                "`strides > 1` not supported in conjunction with `dilation_rate > 1`. Received: "
                f"strides={self.strides} and dilation_rate={self.dilation_rate}"
            )

    def _take_weight_settings(self, given: dict[str, Any]) -> None:
        """Keep the initializers, regularizers and constraints among the constructor's arguments."""
        families = {"initializer": initializers, "regularizer": regularizers, "constraint": constraints}
        for weight in self._weight_names:
            for kind, family in families.items():
                name = f"{weight}_{kind}"
                setattr(self, name, family.get(given[name]))

    def _add(self, weight: str, shape: tuple[int, ...], name: str | None = None) -> Any:
        return self.add_weight(
            name=name or weight,
            shape=shape,
            initializer=getattr(self, f"{weight}_initializer"),
            regularizer=getattr(self, f"{weight}_regularizer"),
            constraint=getattr(self, f"{weight}_constraint"),
        )

    @property
    def _channel_axis(self) -> int:
        return -1 if self.data_format == "channels_last" else -1 - self.rank

    def _channels(self, input_shape: Any) -> int:
        """The number of input channels, which later inputs must have too.

        **Raises:** `ValueError` if it is not known.
        """
        axis = self._channel_axis
        channels = input_shape[axis]
        if channels is None:
            raise ValueError(
                f"The channel dimension of the inputs should be defined. The input_shape received is "
                f"{tuple(input_shape)}, where axis {axis} is the channel dimension, which found to be `None`."
            )
        self.input_spec = InputSpec(min_ndim=self.rank + 2, axes={axis: channels})
        return channels

    def _check_lengths(self, input_shape: Any) -> None:
        """Refuse inputs that are shorter than the window.

        **Raises:** `ValueError`.
        """
        if self.padding != "valid":
            return
        lengths = tuple(input_shape)[-self.rank - 1 :]
        lengths = lengths[:-1] if self.data_format == "channels_last" else lengths[1:]
        for length, width, dilation in zip(lengths, self.kernel_size, self.dilation_rate, strict=True):
            if length is not None and length < (width - 1) * dilation + 1:
                raise ValueError(
                    f"Computed output size would be zero or negative. Received: inputs shape={tuple(input_shape)}, "
                    f"kernel_size={self.kernel_size}, dilation_rate={self.dilation_rate}, strides={self.strides}, "
                    f"padding={self.padding}. Use a smaller window or padding='same'."
                )

    # ---- calls -----------------------------------------------------------------------------------------------

    def call(self, inputs: Any) -> Any:
        """The outputs."""
        settled = self._settled
        if settled is None:
            settled = self._settle()
        statics, after, casts = settled
        kernel, bias = self.kernel, self.bias
        if casts is not None:
            kernel, bias = cast(kernel, casts), None if bias is None else cast(bias, casts)
        outputs = record(self._row, statics, (inputs, kernel) if bias is None else (inputs, kernel, bias))
        return outputs if after is None else after(outputs)

    def _settle(self) -> Any:
        """What `call` needs to know: the attributes of the row, what comes after it, the dtype to cast to."""
        name, after = split_activation(self.activation)
        casts = None if self.compute_dtype == self.variable_dtype else as_dtype(self.compute_dtype)
        self._settled = self._statics(name), after, casts
        return self._settled

    def _statics(self, activation: str | None) -> tuple[Any, ...]:
        """The attributes of the row."""
        return self.strides, self._row_padding, self.dilation_rate, self.data_format == "channels_first", activation

    @property
    def _row_padding(self) -> Any:
        if self.padding == "causal":
            return tuple(
                (dilation * (width - 1), 0)
                for width, dilation in zip(self.kernel_size, self.dilation_rate, strict=True)
            )
        return self.padding.upper()

    def __setattr__(self, name: str, value: Any) -> None:
        if name in _SETTINGS:
            self.__dict__["_settled"] = None
        super().__setattr__(name, value)

    # ---- configuration ---------------------------------------------------------------------------------------

    def _window_config(self) -> dict[str, Any]:
        return {
            "kernel_size": self.kernel_size,
            "strides": self.strides,
            "padding": self.padding,
            "data_format": self.data_format,
            "dilation_rate": self.dilation_rate,
        }

    def _weights_config(self) -> dict[str, Any]:
        config = {"activation": activations.serialize(self.activation), "use_bias": self.use_bias}
        families = {"initializer": initializers, "regularizer": regularizers, "constraint": constraints}
        for kind, family in families.items():
            if kind == "constraint":
                config["activity_regularizer"] = regularizers.serialize(self.activity_regularizer)
            for weight in self._weight_names:
                config[f"{weight}_{kind}"] = family.serialize(getattr(self, f"{weight}_{kind}"))
        return config


_SETTINGS = frozenset(
    ("activation", "compute_dtype", "variable_dtype", "strides", "padding", "dilation_rate", "data_format",
     "kernel_size", "output_padding")
)  # fmt: skip


def positive(value: Any, name: str) -> Any:
    """A number of filters or the like.

    **Raises:** `ValueError` if it is not positive.
    """
    if value is not None and value <= 0:
        raise ValueError(
            f"Invalid value for argument `{name}`. Expected a strictly positive value. Received {name}={value}."
        )
    return int(value) if isinstance(value, float) and value.is_integer() else value
