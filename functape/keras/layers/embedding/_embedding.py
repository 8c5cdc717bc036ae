"""`tf.keras.layers.Embedding`."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from functape._api._elementwise import not_equal
from functape._api._gathering import gather
from functape._core._cast import cast
from functape._engine._dtypes import as_dtype, int32
from functape.keras import constraints, initializers, regularizers
from functape.keras.layers._layer import Layer


class Embedding(Layer):
    """A row of a matrix for each number (`tf.keras.layers.Embedding`).

    **Arguments:**
    - `input_dim`: the number of rows; numbers are from 0 to below it.
    - `output_dim`: the length of a row.
    - `embeddings_initializer`, `embeddings_regularizer`, `embeddings_constraint`: of the weight `embeddings`.
    - `activity_regularizer`: a function from the outputs to a loss.
    - `mask_zero`: whether the number 0 is a place to leave out, of which the layers after are told.
    - `input_length`: Keras 2's, the number of steps.
    - `weights`: the matrix to begin with.
    - `lora_rank`, `lora_alpha`, `quantization_config`: None: not supported.

    **Raises:** `ValueError` if the numbers of rows or columns are no positive integers, or for an argument that is not
    supported.

    ```python
    >>> import functape as tf
    >>> tf.keras.layers.Embedding(10, 4)(tf.constant([[1, 2, 3]])).shape
    TensorShape([1, 3, 4])

    ```
    """

    def __init__(
        self,
        input_dim: int,
        output_dim: int,
        embeddings_initializer: Any = "uniform",
        embeddings_regularizer: Any = None,
        embeddings_constraint: Any = None,
        mask_zero: bool = False,
        weights: Any = None,
        lora_rank: int | None = None,
        lora_alpha: float | None = None,
        quantization_config: Any = None,
        **kwargs: Any,
    ) -> None:
        for name, value in (("input_dim", input_dim), ("output_dim", output_dim)):
            if isinstance(value, bool) or not isinstance(value, int | np.integer) or value <= 0:
                raise ValueError(
                    f"`{name}` must be a positive integer. Received: {name}={value} (of type {type(value).__name__})."
                )
        for name, other in (("lora_rank", lora_rank), ("quantization_config", quantization_config)):
            if other is not None:
                raise ValueError(f"The argument `{name}` is not supported. Received: {name}={other}. Leave it out.")
        input_length = kwargs.pop("input_length", None)
        if input_length is not None:
            warnings.warn("Argument `input_length` is deprecated. Just remove it.", stacklevel=2)
            if not {"input_shape", "batch_input_shape", "input_dim"} & set(kwargs):
                lengths = input_length if isinstance(input_length, list | tuple) else (input_length,)
                kwargs["input_shape"] = tuple(lengths)
        super().__init__(**kwargs)
        self.input_dim = int(input_dim)
        self.output_dim = int(output_dim)
        self.embeddings_initializer = initializers.get(embeddings_initializer)
        self.embeddings_regularizer = regularizers.get(embeddings_regularizer)
        self.embeddings_constraint = constraints.get(embeddings_constraint)
        self.mask_zero = mask_zero
        self.supports_masking = bool(mask_zero)
        self.autocast = False
        if weights is not None:
            self.__dict__["_initial_weights"] = (
                weights if isinstance(weights, list) and len(weights) == 1 else [weights]
            )

    def build(self, input_shape: Any = None) -> None:
        """Make `embeddings` `[input_dim, output_dim]`."""
        if self.built:
            return
        self._embeddings = self.add_weight(
            name="embeddings",
            shape=(self.input_dim, self.output_dim),
            initializer=self.embeddings_initializer,
            regularizer=self.embeddings_regularizer,
            constraint=self.embeddings_constraint,
        )
        self.built = True

    @property
    def embeddings(self) -> Any:
        """The matrix.

        **Raises:** `AttributeError` before the layer is built.
        """
        if not self.built:
            raise AttributeError("You must build the layer before accessing `embeddings`.")
        return self._embeddings

    def call(self, inputs: Any) -> Any:
        """The rows `[..., output_dim]` of numbers `[...]`."""
        if inputs.aval.dtype.name not in ("int32", "int64"):
            inputs = cast(inputs, int32)
        rows = gather(self._embeddings, inputs, axis=0)
        return rows if self.compute_dtype == self.variable_dtype else cast(rows, as_dtype(self.compute_dtype))

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """Whether a number is not 0, if 0 is to be left out."""
        return not_equal(inputs, 0) if self.mask_zero else None

    def _masks_nothing(self) -> bool:
        return not self.mask_zero

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        config = super().get_config()
        return {
            **config,
            "input_dim": self.input_dim,
            "output_dim": self.output_dim,
            "embeddings_initializer": initializers.serialize(self.embeddings_initializer),
            "embeddings_regularizer": regularizers.serialize(self.embeddings_regularizer),
            "activity_regularizer": regularizers.serialize(self.activity_regularizer),
            "embeddings_constraint": constraints.serialize(self.embeddings_constraint),
            "mask_zero": self.mask_zero,
            "quantization_config": None,
        }
