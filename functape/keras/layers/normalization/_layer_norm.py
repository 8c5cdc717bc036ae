"""Normalizations of each example by itself."""

from __future__ import annotations

import warnings
from typing import Any

from functape._api._elementwise import rsqrt
from functape._api._nn import moments
from functape._api._shaping import reshape
from functape._core._cast import cast
from functape._engine._dtypes import as_dtype
from functape._engine._recorder import record
from functape._ops._activations import L2_NORMALIZE
from functape._ops._normalization import GROUP_NORM, LAYER_NORM, RMS_NORM
from functape.keras.layers._layer import Layer
from functape.keras.layers._layer_specs import InputSpec
from functape.keras.layers.normalization._scaling import Scaling


def _plain(axis: Any) -> Any:
    """An axis, or a plain list of them."""
    return list(axis) if isinstance(axis, list) else axis


class LayerNormalization(Scaling):
    """Each example with its own mean and variance taken out (`tf.keras.layers.LayerNormalization`).

    Ba, Kiros and Hinton, 2016.

    **Arguments:**
    - `axis`: the axes over which to take them, an integer or several.
    - `epsilon`: added to the variance.
    - `center`, `scale`: whether to add `beta` and to multiply by `gamma`, both of the shape of these axes.
    - `beta_initializer`, `gamma_initializer`, `beta_regularizer`, `gamma_regularizer`, `beta_constraint`,
      `gamma_constraint`: of these weights.
    - `rms_scaling`: Keras 3's deprecated argument: leave the mean in, and `beta` out.

    **Raises:** `TypeError` for an axis that is no integer.

    ```python
    >>> import functape as tf
    >>> print(tf.keras.layers.LayerNormalization(epsilon=0.0)(tf.constant([[1.0, 3.0]])).numpy())
    [[-1.  1.]]

    ```
    """

    _casts_integers = True

    def __init__(
        self,
        axis: Any = -1,
        epsilon: float = 1e-3,
        center: bool = True,
        scale: bool = True,
        beta_initializer: Any = "zeros",
        gamma_initializer: Any = "ones",
        beta_regularizer: Any = None,
        gamma_regularizer: Any = None,
        beta_constraint: Any = None,
        gamma_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        given = dict(locals())
        rms_scaling = kwargs.pop("rms_scaling", False)
        super().__init__(**kwargs)
        if not isinstance(axis, int | list | tuple):
            raise TypeError(f"Expected an int or a list/tuple of ints for the argument 'axis', but received: {axis!r}")
        if rms_scaling:
            warnings.warn(
                "You passed `rms_scaling=True`, which is deprecated: it scales by the variance, not by the mean "
                "square. Use `tf.keras.layers.RMSNormalization` instead.",
                stacklevel=2,
            )
        self.axis: Any = axis if isinstance(axis, int) else list(axis)
        self.rms_scaling = bool(rms_scaling)
        self._take_scaling(epsilon, center, scale, given)

    def build(self, input_shape: Any) -> None:
        """Make `gamma` and `beta`.

        **Raises:** `ValueError` if there is no such axis.
        """
        self.axis = [self.axis] if isinstance(self.axis, int) else sorted(self.axis)
        rank = len(tuple(input_shape))
        if any(not -rank <= each < rank for each in self.axis):
            raise ValueError(
                f"Invalid value for `axis` argument. Expected 0 <= axis < inputs.rank (with inputs.rank={rank}). "
                f"Received: axis={tuple(self.axis)}"
            )
        if len({each % rank for each in self.axis}) != len(self.axis):
            raise ValueError(f"Duplicate axis: {tuple(self.axis)}")
        shape = tuple(input_shape[each] for each in self.axis)
        if self.rms_scaling:
            self.gamma = self._add("gamma", shape)
        else:
            self._add_scaling(shape)
        self._statics = tuple(self.axis), self.epsilon, self.gamma is not None, self.beta is not None

    def call(self, inputs: Any) -> Any:
        """The outputs."""
        if self.rms_scaling:
            return self._scaled_only(inputs)
        return record(LAYER_NORM, self._statics, self._scaled_by(inputs))

    def _scaled_only(self, inputs: Any) -> Any:
        wide = cast(inputs, "float32") if inputs.aval.dtype.size < 4 else inputs
        _, variance = moments(wide, self.axis, keepdims=True)
        axes = [each % wide.aval.ndim for each in self.axis]
        shape = [length if axis in axes else 1 for axis, length in enumerate(wide.aval.shape)]
        outputs = wide * rsqrt(variance + self.epsilon) * cast(reshape(self.gamma, shape), wide.aval.dtype)
        return cast(outputs, as_dtype(self.compute_dtype))

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {
            **super().get_config(),
            "axis": _plain(self.axis),
            "epsilon": self.epsilon,
            "center": self.center,
            "scale": self.scale,
            "rms_scaling": self.rms_scaling,
            **self._scaling_config(),
        }


class GroupNormalization(Scaling):
    """Each example's groups of channels with their mean and variance taken out (`tf.keras.layers.GroupNormalization`).

    Wu and He, 2018.

    **Arguments:**
    - `groups`: how many groups the channels are dealt into; -1 for one a channel.
    - `axis`: the axis of the channels.
    - `epsilon`: added to the variance.
    - `center`, `scale`: whether to add `beta` and to multiply by `gamma`, both as long as there are channels.
    - `beta_initializer`, `gamma_initializer`, `beta_regularizer`, `gamma_regularizer`, `beta_constraint`,
      `gamma_constraint`: of these weights.

    **Raises:** `ValueError` for a number of groups that does not fit.

    ```python
    >>> import functape as tf
    >>> tf.keras.layers.GroupNormalization(2)(tf.ones((3, 5, 5, 4))).shape
    TensorShape([3, 5, 5, 4])

    ```
    """

    _casts_integers = True

    def __init__(
        self,
        groups: int = 32,
        axis: int = -1,
        epsilon: float = 1e-3,
        center: bool = True,
        scale: bool = True,
        beta_initializer: Any = "zeros",
        gamma_initializer: Any = "ones",
        beta_regularizer: Any = None,
        gamma_regularizer: Any = None,
        beta_constraint: Any = None,
        gamma_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        given = dict(locals())
        super().__init__(**kwargs)
        if groups != -1 and groups <= 0:
            raise ValueError(
                "Received an invalid value for argument `groups`, expected a positive integer (or `-1` for instance "
                f"normalization). Received: groups={groups}"
            )
        self.groups = groups
        self.axis = axis
        self._take_scaling(epsilon, center, scale, given)

    def build(self, input_shape: Any) -> None:
        """Make `gamma` and `beta`.

        **Raises:** `ValueError` if the channels do not fit the groups.
        """
        channels = input_shape[self.axis]
        if channels is None:
            raise ValueError(
                f"Axis {self.axis} of input tensor should have a defined dimension but the layer received an input "
                f"with shape {tuple(input_shape)}."
            )
        if self.groups == -1:
            self.groups = channels
        if channels < self.groups:
            raise ValueError(
                f"Number of groups ({self.groups}) cannot be more than the number of channels ({channels})."
            )
        if channels % self.groups:
            raise ValueError(
                f"Number of groups ({self.groups}) must be a multiple of the number of channels ({channels})."
            )
        self.input_spec = InputSpec(ndim=len(tuple(input_shape)), axes={self.axis: channels})
        self._add_scaling((channels,))
        self._statics = self.groups, self.axis, self.epsilon, self.gamma is not None, self.beta is not None

    def call(self, inputs: Any) -> Any:
        """The outputs."""
        return record(GROUP_NORM, self._statics, self._scaled_by(inputs))

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {
            **super().get_config(),
            "groups": self.groups,
            "axis": self.axis,
            "epsilon": self.epsilon,
            "center": self.center,
            "scale": self.scale,
            **self._scaling_config(),
        }


class RMSNormalization(Layer):
    """Each example over the root of its mean square (`tf.keras.layers.RMSNormalization`). Zhang and Sennrich, 2019.

    **Arguments:**
    - `axis`: the axes over which to take it, an integer or several.
    - `epsilon`: added to the mean square.

    ```python
    >>> import functape as tf
    >>> print(tf.keras.layers.RMSNormalization(epsilon=0.0)(tf.constant([[3.0, -3.0]])).numpy())
    [[ 1. -1.]]

    ```
    """

    _casts_integers = True

    def __init__(self, axis: Any = -1, epsilon: float = 1e-6, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.axis = axis
        self.epsilon = epsilon

    def build(self, input_shape: Any) -> None:
        """Make `scale`, of the shape of the axes."""
        axes = tuple(self.axis) if isinstance(self.axis, list | tuple) else (self.axis,)
        self.scale = self.add_weight(name="scale", shape=tuple(input_shape[each] for each in axes), initializer="ones")
        self.axis = list(axes)
        self._statics = axes, self.epsilon, True

    def call(self, inputs: Any) -> Any:
        """The outputs."""
        return record(RMS_NORM, self._statics, (inputs, self.scale))

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {**super().get_config(), "axis": _plain(self.axis), "epsilon": self.epsilon}


class UnitNormalization(Layer):
    """Each vector over its length (`tf.keras.layers.UnitNormalization`).

    **Arguments:**
    - `axis`: the axes of the vectors, an integer or several.

    **Raises:** `TypeError` for an axis that is no integer.

    ```python
    >>> import functape as tf
    >>> print(tf.keras.layers.UnitNormalization()(tf.constant([[3.0, 4.0]])).numpy())
    [[0.6 0.8]]

    ```
    """

    def __init__(self, axis: Any = -1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not isinstance(axis, int | list | tuple):
            raise TypeError(
                f"Invalid value for `axis` argument: expected an int or a list/tuple of ints. Received: axis={axis}"
            )
        self.axis = list(axis) if isinstance(axis, list | tuple) else axis
        self.supports_masking = True
        self._statics = ((tuple(axis) if isinstance(axis, list | tuple) else axis),)

    def call(self, inputs: Any) -> Any:
        """The outputs."""
        return record(L2_NORMALIZE, self._statics, (inputs, 1e-12))

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {**super().get_config(), "axis": _plain(self.axis)}
