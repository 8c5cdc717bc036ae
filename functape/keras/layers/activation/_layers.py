"""Activations that are layers."""

from __future__ import annotations

from typing import Any

import numpy as np

from functape._api._choosing import where
from functape._api._elementwise import greater
from functape._api._static import invalid
from functape._core._cast import cast
from functape._engine._recorder import record
from functape._ops._activations import RELU
from functape.keras import activations, constraints, initializers, regularizers
from functape.keras.layers._layer import Layer
from functape.keras.layers._layer_specs import InputSpec


def _number(value: Any) -> Any:
    """A setting, as a Python number."""
    return value.item() if hasattr(value, "item") else value


class ReLU(Layer):
    """`x` where positive, else 0, with the bounds one wants (`tf.keras.layers.ReLU`).

    **Arguments:**
    - `max_value`: the largest value; none by default.
    - `negative_slope`: the slope below `threshold`.
    - `threshold`: below it the value is 0, or `negative_slope * (x - threshold)`.

    **Raises:** `ValueError` for a negative number.

    ```python
    >>> import functape as tf
    >>> print(tf.keras.layers.ReLU(max_value=6)(tf.constant([-1.0, 3.0, 9.0])).numpy())
    [0. 3. 6.]

    ```
    """

    def __init__(
        self, max_value: float | None = None, negative_slope: float = 0.0, threshold: float = 0.0, **kwargs: Any
    ) -> None:
        alpha = kwargs.pop("alpha", None)
        super().__init__(**kwargs)
        slope = negative_slope if alpha is None else alpha
        if max_value is not None and max_value < 0.0:
            raise ValueError(f"max_value of a ReLU layer cannot be a negative value. Received: max_value={max_value}")
        for name, value in (("negative_slope", slope), ("threshold", threshold)):
            if value is None or value < 0.0:
                raise ValueError(f"{name} of a ReLU layer cannot be None or a negative value. Received: {name}={value}")
        self.max_value, self.negative_slope, self.threshold = map(_number, (max_value, slope, threshold))
        self.supports_masking = True

    def call(self, inputs: Any) -> Any:
        """The outputs."""
        return activations.relu(inputs, self.negative_slope, self.max_value, self.threshold)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {
            **super().get_config(),
            "max_value": self.max_value,
            "negative_slope": self.negative_slope,
            "threshold": self.threshold,
        }


class LeakyReLU(Layer):
    """`x` where positive, else `negative_slope * x` (`tf.keras.layers.LeakyReLU`).

    **Arguments:**
    - `negative_slope`: the slope below 0; `alpha` in Keras 2.

    **Raises:** `ValueError` for None or a negative number.

    ```python
    >>> import functape as tf
    >>> print(tf.keras.layers.LeakyReLU(0.5)(tf.constant([-1.0, 3.0])).numpy())
    [-0.5  3. ]

    ```
    """

    def __init__(self, negative_slope: float = 0.3, **kwargs: Any) -> None:
        negative_slope = kwargs.pop("alpha", negative_slope)
        super().__init__(**kwargs)
        if negative_slope is None or negative_slope < 0:
            raise ValueError(
                "The negative_slope value of a Leaky ReLU layer cannot be None or negative value. Expected a float. "
                f"Received: negative_slope={negative_slope}"
            )
        self.negative_slope = _number(negative_slope)
        self.supports_masking = True

    @property
    def alpha(self) -> float:
        """Keras 2's name of `negative_slope`."""
        return self.negative_slope

    def call(self, inputs: Any) -> Any:
        """The outputs."""
        return activations.leaky_relu(inputs, self.negative_slope)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {**super().get_config(), "negative_slope": self.negative_slope}


class PReLU(Layer):
    """`x` where positive, else `alpha * x`, with `alpha` to be learnt (`tf.keras.layers.PReLU`).

    He et al., 2015.

    **Arguments:**
    - `alpha_initializer`, `alpha_regularizer`, `alpha_constraint`: of `alpha`, which has an example's shape.
    - `shared_axes`: axes along which `alpha` is the same.

    **Raises:** `IndexError`, when built, for an axis that there is not.

    ```python
    >>> import functape as tf
    >>> layer = tf.keras.layers.PReLU("ones")
    >>> print(layer(tf.constant([[-1.0, 3.0]])).numpy(), layer.alpha.numpy())
    [[-1.  3.]] [1. 1.]

    ```
    """

    def __init__(
        self,
        alpha_initializer: Any = "Zeros",
        alpha_regularizer: Any = None,
        alpha_constraint: Any = None,
        shared_axes: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True
        self.alpha_initializer = initializers.get(alpha_initializer)
        self.alpha_regularizer = regularizers.get(alpha_regularizer)
        self.alpha_constraint = constraints.get(alpha_constraint)
        self.shared_axes = None
        if shared_axes is not None:
            self.shared_axes = list(shared_axes) if isinstance(shared_axes, list | tuple) else [shared_axes]

    def build(self, input_shape: Any) -> None:
        """Make `alpha`."""
        shape = list(input_shape)[1:]
        for axis in self.shared_axes or ():
            shape[axis - 1] = 1
        self.alpha = self.add_weight(
            name="alpha",
            shape=tuple(shape),
            initializer=self.alpha_initializer,
            regularizer=self.alpha_regularizer,
            constraint=self.alpha_constraint,
        )
        shared = self.shared_axes or ()
        lengths = {axis: length for axis, length in enumerate(tuple(input_shape)) if axis and axis not in shared}
        self._lengths = lengths
        self.input_spec = InputSpec(ndim=len(tuple(input_shape)))

    def call(self, inputs: Any) -> Any:
        """The outputs.

        **Raises:** `InvalidArgumentError` for inputs of another length than those it was built for.
        """
        shape = inputs.aval.shape
        if any(shape[axis] != length for axis, length in self._lengths.items()):
            raise invalid(
                f"Incompatible shapes: {list(self.alpha.shape)} vs. {list(shape)}. This layer was built for inputs of "
                "another shape."
            )
        alpha = self.alpha
        if self.compute_dtype != self.variable_dtype:
            alpha = cast(alpha, self.compute_dtype)
        return record(RELU, (), (inputs,)) - alpha * record(RELU, (), (-inputs,))

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {
            **super().get_config(),
            "alpha_initializer": initializers.serialize(self.alpha_initializer),
            "alpha_regularizer": regularizers.serialize(self.alpha_regularizer),
            "alpha_constraint": constraints.serialize(self.alpha_constraint),
            "shared_axes": None if self.shared_axes is None else list(self.shared_axes),
        }


class ELU(Layer):
    """`x` where positive, else `alpha * (exp(x) - 1)` (`tf.keras.layers.ELU`).

    **Arguments:**
    - `alpha`: a number.

    **Raises:** `ValueError` for None.

    ```python
    >>> import functape as tf
    >>> print(tf.keras.layers.ELU(2.0)(tf.constant([-100.0, 3.0])).numpy())
    [-2.  3.]

    ```
    """

    def __init__(self, alpha: float = 1.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if alpha is None:
            raise ValueError("Alpha of an ELU layer cannot be None, expecting a float. Received: None")
        self.alpha = _number(alpha)
        self.supports_masking = True

    def call(self, inputs: Any) -> Any:
        """The outputs."""
        return activations.elu(inputs, self.alpha)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {**super().get_config(), "alpha": self.alpha}


class Softmax(Layer):
    """Exponentials, scaled to sum to one along an axis (`tf.keras.layers.Softmax`).

    **Arguments:**
    - `axis`: the axis, or several.
    - `robust_masking`: Keras 2's argument; masked elements are left out either way.

    ```python
    >>> import functape as tf
    >>> layer = tf.keras.layers.Softmax()
    >>> print(layer(tf.constant([[1.0, 1.0, 9.0]]), mask=tf.constant([[True, True, False]])).numpy())
    [[0.5 0.5 0. ]]

    ```
    """

    def __init__(self, axis: Any = -1, **kwargs: Any) -> None:
        kwargs.pop("robust_masking", None)
        super().__init__(**kwargs)
        self.axis = list(axis) if isinstance(axis, list | tuple) else axis
        self.supports_masking = True

    def call(self, inputs: Any, mask: Any = None) -> Any:
        """The outputs.

        **Arguments:**
        - `inputs`: a floating tensor.
        - `mask`: which elements count, of the same shape or one that broadcasts to it.

        **Raises:** `ValueError` for a mask that does not broadcast.
        """
        if mask is None:
            return self._softmax(inputs)
        _check_mask(mask, inputs)
        kept = mask if mask.aval.dtype.is_bool else greater(cast(mask, "float32"), 0.5)
        lowest = -3e4 if inputs.aval.dtype.name == "float16" else -1e9
        outputs = self._softmax(where(kept, inputs, cast(lowest, inputs.aval.dtype)))
        return where(kept, outputs, cast(0.0, outputs.aval.dtype))

    def _softmax(self, x: Any) -> Any:
        axis = self.axis
        if isinstance(axis, list):
            return activations.softmax(x, axis[0] if len(axis) == 1 else tuple(axis))
        return activations.softmax(x, axis)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {**super().get_config(), "axis": list(self.axis) if isinstance(self.axis, list) else self.axis}


def _check_mask(mask: Any, inputs: Any) -> None:
    shapes = mask.aval.shape, inputs.aval.shape
    ends = zip(reversed(shapes[0]), reversed(shapes[1]), strict=False)
    if len(shapes[0]) > len(shapes[1]) or any(one not in (1, other) for one, other in ends):
        raise ValueError(
            "The `mask` must be broadcastable to `inputs`. Received: "
            f"inputs.shape={tuple(inputs.shape)}, mask.shape={tuple(mask.shape)}"
        )


class ThresholdedReLU(Layer):
    """`x` where it is above `theta`, else 0 (`tf.keras.layers.ThresholdedReLU`).

    **Arguments:**
    - `theta`: the threshold.

    **Raises:** `ValueError` for None or a negative number.

    ```python
    >>> import functape as tf
    >>> print(tf.keras.layers.ThresholdedReLU()(tf.constant([0.5, 3.0])).numpy())
    [0. 3.]

    ```
    """

    def __init__(self, theta: float = 1.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if theta is None:
            raise ValueError(f"Theta of a Thresholded ReLU layer cannot be None, expecting a float. Received: {theta}")
        if theta < 0:
            raise ValueError(f"The theta value of a Thresholded ReLU layer should be >=0. Received: {theta}")
        # Keras keeps it in single precision.
        self.theta = float(np.float32(theta))
        self.supports_masking = True

    def call(self, inputs: Any) -> Any:
        """The outputs."""
        return inputs * cast(greater(inputs, self.theta), inputs.aval.dtype)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {**super().get_config(), "theta": self.theta}
