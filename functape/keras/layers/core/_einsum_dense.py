"""`tf.keras.layers.EinsumDense`."""

from __future__ import annotations

import re
from typing import Any

from functape._core._cast import cast
from functape._core._shape import TensorShape
from functape._engine._dtypes import as_dtype
from functape._engine._recorder import record
from functape._ops._matrix import EINSUM
from functape.keras import activations, constraints, initializers, regularizers
from functape.keras.initializers import VarianceScaling
from functape.keras.layers._layer import Layer


class EinsumDense(Layer):
    """`activation(einsum(equation, inputs, kernel) + bias)` (`tf.keras.layers.EinsumDense`).

    **Arguments:**
    - `equation`: as `"ab,bc->ac"`: inputs, kernel, outputs; `...` stands for axes in front of or behind them.
    - `output_shape`: the outputs' lengths without the batch axis; None for one that the inputs tell.
    - `activation`: a function or its name.
    - `bias_axes`: the output's letters that the bias has axes for; no bias by default.
    - `kernel_initializer`, `bias_initializer`, `kernel_regularizer`, `bias_regularizer`, `activity_regularizer`,
      `kernel_constraint`, `bias_constraint`: as for `Dense`.
    - `lora_rank`, `lora_alpha`, `gptq_unpacked_column_size`, `quantization_config`: None: not supported.

    **Raises:** `ValueError` if equation, inputs and output shape do not go together.

    ```python
    >>> import functape as tf
    >>> tf.keras.layers.EinsumDense("abc,cd->abd", output_shape=(None, 5), bias_axes="d")(tf.ones((2, 3, 4))).shape
    TensorShape([2, 3, 5])

    ```
    """

    def __init__(
        self,
        equation: str,
        output_shape: Any,
        activation: Any = None,
        bias_axes: str | None = None,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        lora_rank: int | None = None,
        lora_alpha: float | None = None,
        gptq_unpacked_column_size: int | None = None,
        quantization_config: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        for name, value in (("lora_rank", lora_rank), ("quantization_config", quantization_config)):
            if value is not None:
                raise ValueError(f"The argument `{name}` is not supported. Received: {name}={value}. Leave it out.")
        self.equation = equation
        self.partial_output_shape = (output_shape,) if isinstance(output_shape, int) else tuple(output_shape)
        self.bias_axes = bias_axes
        self.activation = activations.get(activation)
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.bias_regularizer = regularizers.get(bias_regularizer)
        self.kernel_constraint = constraints.get(kernel_constraint)
        self.bias_constraint = constraints.get(bias_constraint)

    def build(self, input_shape: Any) -> None:
        """Make `kernel` and `bias`."""
        kernel, bias, full = analyze(self.equation, self.bias_axes, tuple(input_shape), self.partial_output_shape)
        self.full_output_shape = full
        self.kernel = self.add_weight(
            name="kernel",
            shape=kernel,
            initializer=_with_axes(self.kernel_initializer, self.equation),
            regularizer=self.kernel_regularizer,
            constraint=self.kernel_constraint,
        )
        self.bias = None
        if bias is not None:
            self.bias = self.add_weight(
                name="bias",
                shape=bias,
                initializer=self.bias_initializer,
                regularizer=self.bias_regularizer,
                constraint=self.bias_constraint,
            )
        self.built = True

    def call(self, inputs: Any) -> Any:
        """The outputs."""
        kernel, bias = self.kernel, self.bias
        if self.compute_dtype != self.variable_dtype:
            dtype = as_dtype(self.compute_dtype)
            kernel, bias = cast(kernel, dtype), None if bias is None else cast(bias, dtype)
        outputs = record(EINSUM, (self.equation.replace(" ", ""),), (inputs, kernel))
        if bias is not None:
            outputs = outputs + bias
        return self.activation(outputs)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The shape of the outputs for inputs of a shape."""
        return TensorShape(analyze(self.equation, self.bias_axes, tuple(input_shape), self.partial_output_shape)[2])

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {
            **super().get_config(),
            "output_shape": self.partial_output_shape,
            "equation": self.equation,
            "activation": activations.serialize(self.activation),
            "bias_axes": self.bias_axes,
            "kernel_initializer": initializers.serialize(self.kernel_initializer),
            "bias_initializer": initializers.serialize(self.bias_initializer),
            "kernel_regularizer": regularizers.serialize(self.kernel_regularizer),
            "bias_regularizer": regularizers.serialize(self.bias_regularizer),
            "activity_regularizer": regularizers.serialize(self.activity_regularizer),
            "kernel_constraint": constraints.serialize(self.kernel_constraint),
            "bias_constraint": constraints.serialize(self.bias_constraint),
            "quantization_config": None,
        }


def _with_axes(initializer: Any, equation: str) -> Any:
    """An initializer that scales by the axes which the equation sums over, and those it makes."""
    if not isinstance(initializer, VarianceScaling):
        return initializer
    if initializer.input_axes is not None and initializer.output_axes is not None:
        return initializer
    weights, outputs = equation.replace(" ", "").split(",")[1].split("->")
    config = {
        **initializer.get_config(),
        "seed": initializer.seed,
        "input_axes": [axis for axis, letter in enumerate(weights) if letter not in outputs],
        "output_axes": [axis for axis, letter in enumerate(weights) if letter in outputs],
    }
    return type(initializer).from_config(config)


def analyze(equation: str, bias_axes: str | None, shape: Any, output: Any) -> tuple[Any, Any, Any]:
    """The shapes of kernel, bias and outputs.

    **Arguments:**
    - `equation`, `bias_axes`: as for the layer.
    - `shape`: the inputs' shape.
    - `output`: the output's shape without the batch axis.

    **Raises:** `ValueError` if they do not go together.
    """
    plain = equation.replace(" ", "")
    found = re.fullmatch(r"(\.\.\.)?([a-zA-Z]+)(\.\.\.)?,([a-zA-Z]+)->(\.\.\.)?([a-zA-Z]+)(\.\.\.)?", plain)
    if found is None or (found[1] and found[3]):
        raise ValueError(
            f"Invalid einsum equation '{equation}'. Equations must be in the form [X],[Y]->[Z], ...[X],[Y]->...[Z], or "
            "[X]...,[Y]->[Z]...."
        )
    inputs, weights, outputs = found[2], found[4], found[6]
    left = bool(found[1])
    more = len(shape) - len(inputs)
    full = [shape[0], *output]
    if left:
        # The axes that `...` stands for are not part of the given output shape.
        for place in range(1, more):
            full.insert(1, shape[place])
    elif more > 0:
        full += shape[len(shape) - more :]
    shift = more if left else 0
    lengths = dict(zip(inputs, shape[shift:], strict=False))
    told = dict(zip(outputs, full[shift:], strict=False))
    for letter, length in lengths.items():
        if letter in told and told[letter] is not None and length is not None and told[letter] != length:
            raise ValueError(
                f"Input shape and output shape do not match at shared dimension '{letter}'. Input shape is {length}, "
                f"and output shape is {told[letter]}."
            )
    for letter in outputs:
        if letter not in inputs and letter not in weights:
            raise ValueError(
                f"Dimension '{letter}' was specified in the output '{outputs}' but has no corresponding dim in the "
                f"input spec '{inputs}' or weight spec '{weights}'"
            )
    kernel = []
    for letter in weights:
        length = lengths.get(letter, told.get(letter))
        if letter not in lengths and letter not in told:
            raise ValueError(
                f"Weight dimension '{letter}' did not have a match in either the input spec '{inputs}' or the output "
                f"spec '{outputs}'. For this layer, the weight must be fully specified."
            )
        kernel.append(length)
    complete = tuple(
        lengths.get(letter) if length is None else length for letter, length in zip(outputs, full[shift:], strict=False)
    )
    full_shape = (*full[:shift], *complete, *full[shift + len(complete) :])
    if bias_axes is None:
        return tuple(kernel), None, full_shape
    wrong = [letter for letter in bias_axes if letter not in outputs]
    if wrong:
        raise ValueError(f"Bias dimension '{wrong[0]}' was requested, but is not part of the output spec '{outputs}'")
    sizes = dict(zip(outputs, complete, strict=False))
    first = min(outputs.find(letter) for letter in bias_axes)
    bias = [sizes[letter] if letter in bias_axes else 1 for letter in outputs[first:]]
    if not left:
        bias += [1] * max(more, 0)
    return tuple(kernel), tuple(bias), full_shape
