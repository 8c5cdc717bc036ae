"""What the recurrent cells have in common: their arguments, weights and configuration."""

from __future__ import annotations

from typing import Any

from functape._api._creation import zeros
from functape._api._joining import concat
from functape._core._cast import cast
from functape._engine._dtypes import as_dtype
from functape.keras import activations, constraints, initializers, regularizers
from functape.keras.layers._layer import Layer
from functape.keras.layers._layer_activations import split_activation
from functape.keras.layers.recurrent._dropping import DropoutRNNCell
from functape.keras.random import SeedGenerator

_LOOKED_UP = {
    "activation": activations,
    "recurrent_activation": activations,
    "kernel_initializer": initializers,
    "recurrent_initializer": initializers,
    "bias_initializer": initializers,
    "kernel_regularizer": regularizers,
    "recurrent_regularizer": regularizers,
    "bias_regularizer": regularizers,
    "activity_regularizer": regularizers,
    "kernel_constraint": constraints,
    "recurrent_constraint": constraints,
    "bias_constraint": constraints,
}
"""Arguments that names stand for, with the module that knows the names."""

CELL_ARGUMENTS = """
    **Arguments:**
    - `units`: the length of the state and of the output.
    - `activation`, `recurrent_activation`: functions or their names, of the candidate and of the gates.
    - `use_bias`: whether to add a bias.
    - `kernel_initializer`, `recurrent_initializer`, `bias_initializer`: of the weights.
    - `kernel_regularizer`, `recurrent_regularizer`, `bias_regularizer`: functions from a weight to a loss.
    - `kernel_constraint`, `recurrent_constraint`, `bias_constraint`: functions that optimizers apply after an update.
    - `dropout`, `recurrent_dropout`: which part of the inputs and of the state to set to zero in training.
    - `seed`: of the dropout.
"""


def looked_up(name: str, value: Any) -> Any:
    """An argument's value, with what a name stands for in place of the name."""
    module = _LOOKED_UP.get(name)
    return value if module is None else module.get(value)


def told(name: str, value: Any) -> Any:
    """An argument's value as configurations have it."""
    module = _LOOKED_UP.get(name)
    return value if module is None else module.serialize(value)


class RecurrentCell(DropoutRNNCell, Layer):
    """The base of the built-in cells.

    **Arguments:**
    - `given`: the constructor's arguments by name, in the order of the configuration.
    - `kwargs`: those of `Layer`.

    **Raises:** `ValueError` if `units` is not positive.
    """

    _casts_integers = True
    _gates = 1
    _seeds_first = False
    _TF_MODULE_IGNORED_PROPERTIES = Layer._TF_MODULE_IGNORED_PROPERTIES | {"seed_generator"}

    def __init__(self, given: dict[str, Any], kwargs: dict[str, Any]) -> None:
        units = given["units"]
        if units <= 0:
            raise ValueError(
                f"Received an invalid value for argument `units`, expected a positive integer, got {units}."
            )
        implementation = kwargs.pop("implementation", 2)
        super().__init__(**kwargs)
        if self._seeds_first:
            self.seed_generator = SeedGenerator(seed=given["seed"])
        for name, value in given.items():
            setattr(self, name, looked_up(name, value))
        self.dropout = min(1.0, max(0.0, self.dropout))
        self.recurrent_dropout = min(1.0, max(0.0, self.recurrent_dropout))
        self.implementation = implementation
        if self._gates > 1:
            if self.recurrent_dropout != 0.0:
                self.implementation = 1
            if self.implementation == 1:
                self.dropout_mask_count = self._gates
        if not self._seeds_first:
            self.seed_generator = SeedGenerator(seed=given["seed"])
        self._given = tuple(given)
        self.state_size: Any = units
        self.output_size = units

    # ---- weights ---------------------------------------------------------------------------------------------

    def _bias_shape(self) -> tuple[int, ...]:
        return (self._gates * self.units,)

    def _bias_initializer(self) -> Any:
        return self.bias_initializer

    def build(self, input_shape: Any) -> None:
        """Make `kernel`, `recurrent_kernel` and `bias`."""
        width = self._gates * self.units
        self.kernel = self._weight("kernel", (input_shape[-1], width), self.kernel_initializer)
        self.recurrent_kernel = self._weight(
            "recurrent_kernel", (self.units, width), self.recurrent_initializer, "recurrent"
        )
        self.bias = self._weight("bias", self._bias_shape(), self._bias_initializer()) if self.use_bias else None

    def _weight(self, name: str, shape: tuple[Any, ...], initializer: Any, kind: str | None = None) -> Any:
        kind = name if kind is None else kind
        return self.add_weight(
            name=name,
            shape=shape,
            initializer=initializer,
            regularizer=getattr(self, f"{kind}_regularizer"),
            constraint=getattr(self, f"{kind}_constraint"),
        )

    def _weights_for_use(self) -> tuple[Any, Any, Any]:
        """Kernel, recurrent kernel and bias in the dtype of computations."""
        found = self.kernel, self.recurrent_kernel, self.bias
        if self.compute_dtype == self.variable_dtype:
            return found
        dtype = as_dtype(self.compute_dtype)
        kernel, recurrent, bias = (None if each is None else cast(each, dtype) for each in found)
        return kernel, recurrent, bias

    # ---- activations -----------------------------------------------------------------------------------------

    def _names(self) -> tuple[Any, ...] | None:
        """The activations' names in rows; None if a row has not both of them."""
        found = []
        for each in (self.activation, *([self.recurrent_activation] if self._gates > 1 else [])):
            name, after = split_activation(each, inner=True)
            if after is not None:
                return None
            found.append(name)
        return tuple(found)

    # ---- dropout ---------------------------------------------------------------------------------------------

    def _kept(self, training: Any, step_input: Any, state: Any) -> tuple[Any, Any]:
        """The factors of inputs and states; None where nothing is dropped."""
        inputs, states = self.get_dropout_mask(step_input), self.get_recurrent_dropout_mask(state)
        if not training:
            return None, None
        if self._gates > 1:
            inputs = inputs if 0.0 < self.dropout < 1.0 else None
            states = states if 0.0 < self.recurrent_dropout < 1.0 else None
        return inputs, states

    # ---- the rest --------------------------------------------------------------------------------------------

    def get_initial_state(self, inputs: Any = None, batch_size: Any = None, dtype: Any = None) -> Any:
        """States of zeros.

        **Arguments:**
        - `inputs`: as in Keras 2, a tensor that tells batch size and dtype.
        - `batch_size`: the number of examples.
        - `dtype`: by default that of the layer's computations.
        """
        if inputs is not None and not isinstance(inputs, int):
            batch_size, dtype = inputs.aval.shape[0], dtype or inputs.aval.dtype
        elif isinstance(inputs, int) and batch_size is None:
            batch_size = inputs
        sizes = [self.state_size] if isinstance(self.state_size, int) else self.state_size
        return [zeros((batch_size, size), as_dtype(dtype or self.compute_dtype)) for size in sizes]

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        config = super().get_config()
        config.pop("activity_regularizer", None)
        return {**config, **{name: told(name, getattr(self, name)) for name in self._given}}


def forget_gate_of_ones(initializer: Any, units: int) -> Any:
    """An initializer of a bias `[4 * units]` whose second quarter is one."""
    ones = initializers.get("ones")

    def made(shape: Any, **kwargs: Any) -> Any:
        parts = [initializer((units,), **kwargs), ones((units,), **kwargs), initializer((2 * units,), **kwargs)]
        return concat(parts, 0)

    return made
