"""`tf.keras.Input` and the layer behind it."""

from __future__ import annotations

from typing import Any

from functape._core._shape import TensorShape
from functape._engine._dtypes import as_dtype
from functape.keras._configuration import floatx
from functape.keras._naming import unique_name
from functape.keras._symbolic import KerasTensor
from functape.keras._symbolic_nodes import Node
from functape.keras.layers._layer import Layer


class InputLayer(Layer):
    """Where a functional model begins (`tf.keras.layers.InputLayer`).

    **Arguments:**
    - `shape`: the shape of an example, None for lengths that may be any.
    - `batch_size`: the number of examples, if fixed.
    - `dtype`: `floatx()` by default.
    - `sparse`, `ragged`: False; neither is supported.
    - `batch_shape`: the shape with the batch axis, instead of `shape` and `batch_size`.
    - `input_tensor`: a symbolic tensor to use.
    - `optional`: whether None may be passed for it.
    - `name`: its name.
    - `input_shape`, `batch_input_shape`: Keras 2's names for `shape` and `batch_shape`.

    **Raises:** `ValueError` without a shape, or with both kinds of shape.
    """

    def __init__(
        self,
        shape: Any = None,
        batch_size: int | None = None,
        dtype: Any = None,
        sparse: bool | None = None,
        ragged: bool | None = None,
        batch_shape: Any = None,
        input_tensor: Any = None,
        optional: bool = False,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        shape = kwargs.pop("input_shape", shape)
        batch_shape = kwargs.pop("batch_input_shape", batch_shape)
        kwargs.pop("type_spec", None)
        super().__init__(name=name or unique_name("input_layer"), **kwargs)
        if sparse or ragged:
            raise ValueError("Sparse and ragged inputs are not supported. Pass a dense shape.")
        if shape is not None and batch_shape is not None:
            raise ValueError("You cannot pass both `shape` and `batch_shape` at the same time.")
        if input_tensor is not None:
            if not isinstance(input_tensor, KerasTensor):
                raise ValueError(f"Argument `input_tensor` must be a KerasTensor. Received: {input_tensor!r}")
            batch_shape, dtype = tuple(input_tensor.shape), dtype or input_tensor.dtype
        elif batch_shape is None:
            if shape is None:
                raise ValueError("You must pass a `shape` argument.")
            shape = (shape,) if isinstance(shape, int) else shape
            batch_shape = (batch_size, *TensorShape(shape))
        self.__dict__["batch_shape"] = tuple(TensorShape(batch_shape))
        self._input_dtype: str = as_dtype(dtype or floatx()).name
        self.optional = optional
        self.sparse, self.ragged = bool(sparse), bool(ragged)
        self.built = True
        tensor = KerasTensor(batch_shape, self._input_dtype, name=name) if input_tensor is None else input_tensor
        Node(self, (), {}, tensor)

    @property
    def dtype(self) -> str:
        """The dtype of the input."""
        return self._input_dtype

    def call(self, inputs: Any = None) -> Any:
        """The input itself."""
        return inputs

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {
            "batch_shape": self.__dict__["batch_shape"],
            "dtype": self._input_dtype,
            "sparse": self.sparse,
            "ragged": self.ragged,
            "name": self.name,
            "optional": self.optional,
        }


def Input(
    shape: Any = None,
    batch_size: int | None = None,
    dtype: Any = None,
    sparse: bool | None = None,
    ragged: bool | None = None,
    batch_shape: Any = None,
    name: str | None = None,
    tensor: Any = None,
    optional: bool = False,
    type_spec: Any = None,
    batch_input_shape: Any = None,
) -> KerasTensor:
    """A symbolic tensor that a functional model begins with (`tf.keras.Input`).

    **Arguments:**
    - `shape`: the shape of an example, None for lengths that may be any.
    - `batch_size`: the number of examples, if fixed.
    - `dtype`: `floatx()` by default.
    - `sparse`, `ragged`: False; neither is supported.
    - `batch_shape`: the shape with the batch axis, instead of `shape` and `batch_size`.
    - `name`: the input's name.
    - `tensor`: a symbolic tensor to use.
    - `optional`: whether None may be passed for it.
    - `type_spec`: a `tf.TensorSpec` with the batch axis, instead of shape and dtype.
    - `batch_input_shape`: Keras 2's name for `batch_shape`.

    **Raises:** `ValueError` as `InputLayer` does.

    ```python
    >>> import functape as tf
    >>> x = tf.keras.Input((3,))
    >>> tf.keras.layers.Dense(2)(x).shape
    TensorShape([None, 2])

    ```
    """
    if type_spec is not None:
        batch_shape, dtype = tuple(type_spec.shape), type_spec.dtype
    layer = InputLayer(
        shape=shape,
        batch_size=batch_size,
        dtype=dtype,
        sparse=sparse,
        ragged=ragged,
        batch_shape=batch_shape if batch_input_shape is None else batch_input_shape,
        input_tensor=tensor,
        optional=optional,
        name=name,
    )
    return layer._inbound_nodes[0].output_tensors[0]
