"""`tf.keras.optimizers.LossScaleOptimizer`: a loss scale that follows the gradients."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from functape._api._elementwise import is_finite, multiply
from functape._api._joining import stack
from functape._api._reductions import reduce_all
from functape._core._cast import cast
from functape._core._convert import convert
from functape._core._slices import IndexedSlices
from functape._core._variable import Variable
from functape._engine._dtypes import float32, int64
from functape.function._control_flow import cond
from functape.keras._serialization import deserialize_keras_object, serialize_keras_object
from functape.keras.optimizers._host import HostVariable
from functape.keras.optimizers._optimizer import Optimizer
from functape.keras.optimizers._weights import VariableList


class LossScaleOptimizer(Optimizer):
    """Scales the loss so that gradients in half precision do not vanish (`tf.keras.optimizers.LossScaleOptimizer`).

    A step whose gradients are not all finite is left out, and the scale is halved; after enough steps in a row with
    finite ones it is doubled. Multiply the loss by way of `scale_loss` before differentiating; `apply_gradients`
    divides.

    **Arguments:**
    - `inner_optimizer`: the optimizer that takes the steps.
    - `initial_scale`: the scale to begin with; 32768 by default.
    - `dynamic_growth_steps`: after how many steps the scale is doubled; 2000 by default.
    - `name`: its name.
    - `dynamic`: False for a scale that stays as it is, as in Keras 2.

    **Raises:** `TypeError` for an inner optimizer that is none, or scales losses itself.

    ```python
    >>> import functape as tf
    >>> w = tf.Variable(3.0)
    >>> optimizer = tf.keras.optimizers.LossScaleOptimizer(tf.keras.optimizers.SGD(0.25), initial_scale=8.0)
    >>> with tf.GradientTape() as tape:
    ...     loss = optimizer.scale_loss(w * w)
    >>> _ = optimizer.apply_gradients([(tape.gradient(loss, w), w)])
    >>> print(w.numpy())
    1.5

    ```
    """

    def __init__(
        self,
        inner_optimizer: Optimizer,
        initial_scale: float | None = 2.0**15,
        dynamic_growth_steps: int | None = 2000,
        name: str | None = None,
        dynamic: bool = True,
        **kwargs: Any,
    ) -> None:
        if isinstance(initial_scale, bool):
            # Keras 2 has `dynamic` in this place.
            dynamic, initial_scale = initial_scale, 2.0**15
        if not isinstance(inner_optimizer, Optimizer) or isinstance(inner_optimizer, LossScaleOptimizer):
            raise TypeError(
                '"inner_optimizer" must be an instance of `tf.keras.optimizers.Optimizer` other than '
                f"LossScaleOptimizer. Received: {inner_optimizer!r}"
            )
        rejected = {each: value for each, value in kwargs.items() if value not in (None, False, 0.99)}
        if rejected:
            raise ValueError(f"LossScaleOptimizer does not support {rejected}: set them on the `inner_optimizer`.")
        super().__init__(0.0, name=name)
        self.inner_optimizer = inner_optimizer
        self.initial_scale = 2.0**15 if initial_scale is None else float(initial_scale)
        self.dynamic_growth_steps = 2000 if dynamic_growth_steps is None else int(dynamic_growth_steps)
        self.dynamic = bool(dynamic)
        self._keras_2 = False
        """Whether the gradients that come are no longer scaled, since Keras 2's programs divide them themselves."""
        inner_optimizer.loss_scale_factor = None
        self.step_counter = HostVariable(0, "step_counter", int64)
        self.dynamic_scale = HostVariable(self.initial_scale, "dynamic_scale", float32)

    def apply_gradients(
        self,
        grads_and_vars: Iterable[tuple[Any, Variable]],
        name: str | None = None,
        skip_gradients_aggregation: bool = False,
        experimental_aggregate_gradients: bool = True,
    ) -> Variable:
        """Take one step if all gradients are finite, and adjust the scale; as `Optimizer.apply_gradients`."""
        pairs = list(grads_and_vars)
        inner = self.inner_optimizer
        finite = [_all_finite(gradient) for gradient, _ in pairs if gradient is not None]

        def step() -> None:
            unscaled = pairs if self._keras_2 else [(self._unscaled(gradient), each) for gradient, each in pairs]
            inner.apply_gradients(unscaled, name)
            if self.dynamic:
                cond(self.step_counter == self.dynamic_growth_steps - 1, lambda: self._rescale(2.0), self._count)
            else:
                self._count()

        if self.dynamic and finite:
            # A branch cannot make the state.
            inner.build([variable for _, variable in pairs])
            cond(reduce_all(stack(finite)), step, lambda: self._rescale(0.5))
        else:
            step()
        return inner._applied

    def _rescale(self, factor: float) -> None:
        self.step_counter.assign(0)
        self.dynamic_scale.assign(multiply(self.dynamic_scale, factor))

    def _count(self) -> None:
        self.step_counter.add(1)

    def apply(self, grads: Iterable[Any], trainable_variables: Iterable[Variable] | None = None) -> None:
        """Take one step, with gradients and variables in two lists; as `Optimizer.apply`."""
        inner = self.inner_optimizer
        variables = inner._slots.variables if trainable_variables is None and inner._slots else trainable_variables
        LossScaleOptimizer.apply_gradients(self, zip(grads, variables or (), strict=True))

    def _unscaled(self, gradient: Any) -> Any:
        if gradient is None:
            return None
        if isinstance(gradient, IndexedSlices):
            return IndexedSlices(self._unscaled(gradient.values), gradient.indices, gradient.dense_shape)
        return gradient / cast(self.dynamic_scale, gradient.dtype)

    def scale_loss(self, loss: Any) -> Any:
        """The loss times the scale. `apply_gradients` divides by it, as in Keras 3."""
        self._keras_2 = False
        return self._scaled(loss)

    def _scaled(self, loss: Any) -> Any:
        return loss * cast(self.dynamic_scale, convert(loss).dtype)

    def get_scaled_loss(self, loss: Any) -> Any:
        """The loss times the scale; a function that returns the loss gives one that returns the scaled loss."""
        return (lambda: self._scaled(loss())) if callable(loss) else self._scaled(loss)

    def get_unscaled_gradients(self, grads: Iterable[Any]) -> list[Any]:
        """Gradients of a scaled loss divided by the scale. `apply_gradients` takes them as they are, as in Keras 2."""
        self._keras_2 = True
        return [self._unscaled(each) for each in grads]

    def build(self, var_list: Iterable[Variable]) -> None:
        """Make the inner optimizer's state for variables that have none yet."""
        self.inner_optimizer.build(var_list)

    @property
    def built(self) -> bool:
        """Whether there is state for any variable."""
        return self.inner_optimizer.built

    @built.setter
    def built(self, value: bool) -> None:
        self._built = value

    @property
    def loss_scale(self) -> Any:
        """The present scale."""
        return self.dynamic_scale.value()

    @property
    def dynamic_counter(self) -> Any:
        """How many steps were taken since the scale changed."""
        return self.step_counter

    @property
    def variables(self) -> VariableList:
        """The counter, the scale, and the inner optimizer's variables."""
        return VariableList([self.step_counter, self.dynamic_scale, *self.inner_optimizer.variables])

    @property
    def learning_rate(self) -> Any:
        """The inner optimizer's."""
        return self.inner_optimizer.learning_rate

    @learning_rate.setter
    def learning_rate(self, value: Any) -> None:
        self.inner_optimizer.learning_rate = value

    lr = learning_rate

    @property
    def iterations(self) -> Any:
        """The inner optimizer's: steps that were left out do not count."""
        return self.inner_optimizer.iterations

    @iterations.setter
    def iterations(self, value: Any) -> None:
        self.inner_optimizer.iterations = value

    def finalize_variable_values(self, var_list: Iterable[Variable]) -> None:
        """As `Optimizer.finalize_variable_values`."""
        self.inner_optimizer.finalize_variable_values(var_list)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an optimizer like this one."""
        return {
            "name": self.name,
            "inner_optimizer": serialize_keras_object(self.inner_optimizer),
            "initial_scale": self.initial_scale,
            "dynamic_growth_steps": self.dynamic_growth_steps,
        } | ({} if self.dynamic else {"dynamic": False})

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> Any:
        """An optimizer from what `get_config` returned; the arguments are as for `Optimizer.from_config`."""
        config = dict(config)
        inner = config.pop("inner_optimizer")
        return cls(deserialize_keras_object(inner, custom_objects) if isinstance(inner, dict) else inner, **config)


def _all_finite(gradient: Any) -> Any:
    values = gradient.values if isinstance(gradient, IndexedSlices) else gradient
    return reduce_all(is_finite(values))
