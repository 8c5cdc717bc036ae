"""`tf.keras.layers.BatchNormalization`."""

from __future__ import annotations

from typing import Any

from functape._engine._recorder import record, record_multiple
from functape._ops._normalization import BATCH_NORM_INFER, BATCH_NORM_TRAIN
from functape.keras import initializers
from functape.keras.layers._layer_calls import calls
from functape.keras.layers._layer_specs import InputSpec
from functape.keras.layers.normalization._renorm import Renorm, check_clipping
from functape.keras.layers.normalization._scaling import Scaling


class BatchNormalization(Scaling):
    """Each channel with the batch's mean and variance taken out (`tf.keras.layers.BatchNormalization`).

    Ioffe and Szegedy, 2015. In training, with the statistics of the batch, which move `moving_mean` and
    `moving_variance` as well; else, and where `trainable` is False, with these.

    **Arguments:**
    - `axis`: the axis of the channels.
    - `momentum`: how much of the moving statistics stays at each step.
    - `epsilon`: added to the variance.
    - `center`, `scale`: whether to add `beta` and to multiply by `gamma`.
    - `beta_initializer`, `gamma_initializer`, `moving_mean_initializer`, `moving_variance_initializer`: of the weights,
      each as long as there are channels.
    - `beta_regularizer`, `gamma_regularizer`: functions from weights to a loss.
    - `beta_constraint`, `gamma_constraint`: functions that optimizers apply after an update.
    - `renorm`: whether to correct the batch's statistics towards the moving ones (Ioffe, 2017).
    - `renorm_clipping`: bounds `rmin`, `rmax`, `dmax` of that correction.
    - `renorm_momentum`: as `momentum`, for the correction's own moving statistics.
    - `synchronized`: whether replicas share their statistics; one program sees the whole batch, so it makes no
      difference.
    - `fused`: Keras 2's argument; True makes the moving variance that of a sample, as its kernel does.

    **Raises:** `ValueError` for clippings that do not fit, or Keras 2's `virtual_batch_size` and `adjustment`.

    ```python
    >>> import functape as tf
    >>> layer = tf.keras.layers.BatchNormalization(epsilon=0.0)
    >>> print(layer(tf.constant([[1.0], [3.0]]), training=True).numpy().ravel(), layer.moving_mean.numpy())
    [-1.  1.] [0.02]

    ```
    """

    _casts_integers = True

    def __init__(
        self,
        axis: int = -1,
        momentum: float = 0.99,
        epsilon: float = 1e-3,
        center: bool = True,
        scale: bool = True,
        beta_initializer: Any = "zeros",
        gamma_initializer: Any = "ones",
        moving_mean_initializer: Any = "zeros",
        moving_variance_initializer: Any = "ones",
        beta_regularizer: Any = None,
        gamma_regularizer: Any = None,
        beta_constraint: Any = None,
        gamma_constraint: Any = None,
        renorm: bool = False,
        renorm_clipping: dict[str, float] | None = None,
        renorm_momentum: float = 0.99,
        synchronized: bool = False,
        **kwargs: Any,
    ) -> None:
        given = dict(locals())
        self._unbiased = bool(kwargs.pop("fused", None))
        for name in ("virtual_batch_size", "adjustment"):
            if kwargs.pop(name, None) is not None:
                raise ValueError(f"The argument `{name}` of `BatchNormalization` is not supported. Leave it out.")
        super().__init__(**kwargs)
        axes = axis if isinstance(axis, list | tuple) else (axis,)
        if len(axes) != 1:
            raise TypeError(f"`axis` must be one axis, an int. Received: axis={axis}")
        self.axis = int(axes[0])
        self._take_scaling(float(epsilon), center, scale, given)
        self.momentum = float(momentum)
        self.moving_mean_initializer = initializers.get(moving_mean_initializer)
        self.moving_variance_initializer = initializers.get(moving_variance_initializer)
        self.synchronized = synchronized
        self.renorm = renorm
        self.renorm_clipping = check_clipping(renorm_clipping) if renorm else renorm_clipping
        self.renorm_momentum = renorm_momentum
        self._settled: Any = None

    def build(self, input_shape: Any) -> None:
        """Make `gamma`, `beta` and the moving statistics.

        **Raises:** `ValueError` if there is no such axis, or its length is not known.
        """
        rank = len(tuple(input_shape))
        if not -rank <= self.axis < rank:
            raise ValueError(f"Axis {self.axis} is out of bounds for input shape {tuple(input_shape)}.")
        channels = input_shape[self.axis]
        if channels is None:
            raise ValueError(
                f"Input has undefined `axis` dimension. Received input with shape {tuple(input_shape)} and "
                f"axis={self.axis}."
            )
        self._add_scaling((channels,))
        self.moving_mean = self._moving("moving_mean", channels, self.moving_mean_initializer)
        self.moving_variance = self._moving("moving_variance", channels, self.moving_variance_initializer)
        self._renorm = Renorm(self, channels) if self.renorm else None
        self.input_spec = InputSpec(ndim=rank, axes={self.axis: channels})

    def _moving(self, name: str, channels: int, initializer: Any) -> Any:
        return self.add_weight(name=name, shape=(channels,), initializer=initializer, trainable=False)

    def call(self, inputs: Any, training: Any = None, mask: Any = None) -> Any:
        """The outputs.

        **Arguments:**
        - `inputs`: a floating tensor.
        - `training`: whether to use the batch's statistics, and to move the others.
        - `mask`: whether each step counts, without the axis of channels.

        **Raises:** `ValueError` for a mask of another rank.
        """
        settled = self._settled
        if settled is None:
            settled = self._settle()
        mean, variance = self.moving_mean, self.moving_variance
        if not (training and self._trainable):
            return record(BATCH_NORM_INFER, settled[0], self._scaled_by(inputs, mean, variance))
        given = self._scaled_by(inputs, mean, variance)
        if mask is not None:
            if len(mask.shape) != len(inputs.shape) - 1:
                raise ValueError(
                    "The mask provided should be one dimension less than the inputs. Received: "
                    f"mask.shape={tuple(mask.shape)}, inputs.shape={tuple(inputs.shape)}"
                )
            given = *given, mask
        outputs, batch_mean, batch_variance, new_mean, new_variance = record_multiple(
            BATCH_NORM_TRAIN, settled[1 if mask is None else 2], given
        )
        if self._renorm is not None:
            return self._renorm.outputs(inputs, batch_mean, batch_variance)
        if not calls.abstract:
            mean._settle()
            mean._adopt(new_mean)
            variance._settle()
            variance._adopt(new_variance)
        return outputs

    def _settle(self) -> Any:
        """The attributes of the rows: at inference, in training, in training with a mask."""
        has = self.gamma is not None, self.beta is not None
        plain = self.axis, self.momentum, self.epsilon, *has
        self._settled = (self.axis, self.epsilon, *has), (*plain, False, self._unbiased), (*plain, True, self._unbiased)
        return self._settled

    def __setattr__(self, name: str, value: Any) -> None:
        if name in ("momentum", "epsilon", "gamma", "beta", "axis"):
            self.__dict__["_settled"] = None
        super().__setattr__(name, value)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {
            **super().get_config(),
            "axis": self.axis,
            "momentum": self.momentum,
            "epsilon": self.epsilon,
            "center": self.center,
            "scale": self.scale,
            "moving_mean_initializer": initializers.serialize(self.moving_mean_initializer),
            "moving_variance_initializer": initializers.serialize(self.moving_variance_initializer),
            **self._scaling_config(),
            "synchronized": self.synchronized,
            "renorm": self.renorm,
            "renorm_clipping": self.renorm_clipping,
            "renorm_momentum": self.renorm_momentum,
        }
