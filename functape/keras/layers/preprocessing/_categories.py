"""`tf.keras.layers.CategoryEncoding` and `tf.keras.layers.Discretization`."""

from __future__ import annotations

from typing import Any

import numpy as np

from functape._api._choosing import one_hot
from functape._api._ordering import searchsorted
from functape._api._reductions import reduce_max, reduce_sum
from functape._api._shaping import expand_dims, reshape, squeeze
from functape._core._cast import cast
from functape._core._convert import convert
from functape._engine._dtypes import as_dtype, int32
from functape.keras.layers._layer import Layer
from functape.keras.layers.preprocessing._numbers import _as_array, _batches

_MODES = ("one_hot", "multi_hot", "count")


def encoded(numbers: Any, mode: str, depth: int, dtype: Any, weights: Any = None) -> Any:
    """Categories as vectors.

    **Arguments:**
    - `numbers`: an integer tensor; for `"multi_hot"` and `"count"` the last axis is that of one example.
    - `mode`: `"one_hot"`, `"multi_hot"` or `"count"`.
    - `depth`: the number of categories.
    - `dtype`: of the vectors.
    - `weights`: how much each counts.
    """
    shape = numbers.aval.shape
    if mode == "one_hot":
        if shape and shape[-1] == 1:
            numbers = squeeze(numbers, [-1])
        return one_hot(numbers, depth, dtype=dtype)
    if not shape:
        numbers = reshape(numbers, (1,))
    vectors = one_hot(numbers, depth, dtype=dtype)
    if mode == "multi_hot":
        return reduce_max(vectors, -2)
    return reduce_sum(vectors if weights is None else vectors * expand_dims(cast(weights, dtype), -1), -2)


class CategoryEncoding(Layer):
    """Numbers of categories as vectors (`tf.keras.layers.CategoryEncoding`).

    **Arguments:**
    - `num_tokens`: the number of categories.
    - `output_mode`: `"multi_hot"`, `"one_hot"` or `"count"`.
    - `sparse`: False: sparse tensors are not supported.

    **Raises:** `ValueError` for another mode, or no number of categories.

    ```python
    >>> import functape as tf
    >>> print(tf.keras.layers.CategoryEncoding(3)([[0, 2], [1, 1]]).numpy())
    [[1. 0. 1.]
     [0. 1. 0.]]

    ```
    """

    def __init__(
        self, num_tokens: int | None = None, output_mode: str = "multi_hot", sparse: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        if output_mode == "binary":
            output_mode = "multi_hot"
        if output_mode not in _MODES:
            raise ValueError(
                "Unknown argument for output_mode: must be one of ('count', 'one_hot', 'multi_hot'). Received: "
                f"{output_mode}"
            )
        if num_tokens is None:
            raise ValueError(
                "num_tokens must be set to use this layer. If the number of tokens is not known beforehand, use the "
                "IntegerLookup layer instead."
            )
        if num_tokens < 1:
            raise ValueError(f"`num_tokens` must be >= 1. Received: num_tokens={num_tokens}.")
        if sparse:
            raise ValueError("`sparse=True` is not supported. Leave it out.")
        self.num_tokens, self.output_mode, self.sparse = num_tokens, output_mode, sparse

    def call(self, inputs: Any, count_weights: Any = None) -> Any:
        """The vectors.

        **Arguments:**
        - `inputs`: integers.
        - `count_weights`: for `"count"`, how much each counts.
        """
        if count_weights is not None and self.output_mode != "count":
            raise ValueError(
                "`count_weights` is not used when `output_mode` is not `'count'`. Received "
                f"`count_weights={count_weights}`."
            )
        numbers = cast(inputs, int32)
        return encoded(numbers, self.output_mode, self.num_tokens, as_dtype(self.compute_dtype), count_weights)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {**super().get_config(), "num_tokens": self.num_tokens, "output_mode": self.output_mode}


class Discretization(Layer):
    """Numbers of the bins that values fall into (`tf.keras.layers.Discretization`).

    **Arguments:**
    - `bin_boundaries`: where a bin ends and the next begins.
    - `num_bins`: the number of bins, whose boundaries `adapt` finds.
    - `epsilon`: how exactly.
    - `output_mode`: `"int"`, or as for `CategoryEncoding`.
    - `sparse`: False: sparse tensors are not supported.

    **Raises:** `ValueError` for another mode, or unless one of boundaries and number is given.

    ```python
    >>> import functape as tf
    >>> tf.keras.layers.Discretization([0.0, 1.0])([-1.5, 0.5, 3.0]).numpy().tolist()
    [0, 1, 2]

    ```
    """

    def __init__(
        self,
        bin_boundaries: Any = None,
        num_bins: int | None = None,
        epsilon: float = 0.01,
        output_mode: str = "int",
        sparse: bool = False,
        dtype: Any = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(name=name, dtype=dtype, **kwargs)
        if output_mode not in ("int", *_MODES):
            raise ValueError(
                "Unknown value for argument `output_mode` of layer Discretization. Expected one of ('int', 'one_hot', "
                f"'multi_hot', 'count'). Received: output_mode={output_mode}"
            )
        if sparse:
            raise ValueError("`sparse=True` is not supported. Leave it out.")
        if num_bins is not None and num_bins < 0:
            raise ValueError(f"`num_bins` must be greater than or equal to 0. Received: `num_bins={num_bins}`")
        if num_bins is not None and bin_boundaries is not None:
            raise ValueError(
                "Both `num_bins` and `bin_boundaries` should not be set. Received: "
                f"`num_bins={num_bins}` and `bin_boundaries={bin_boundaries}`"
            )
        if num_bins is None and bin_boundaries is None:
            raise ValueError("You need to set either `num_bins` or `bin_boundaries`.")
        self.autocast = False
        self.__dict__["bin_boundaries"] = bin_boundaries
        self.num_bins, self.epsilon, self.output_mode, self.sparse = num_bins, epsilon, output_mode, sparse
        self.__dict__["_seen"] = []

    def adapt(self, data: Any, steps: int | None = None) -> None:
        """Find boundaries that put about as many of some values into each bin.

        **Arguments:**
        - `data`: an array, a tensor, or an iterable of batches.
        - `steps`: how many batches to look at.

        **Raises:** `ValueError` if the boundaries were given.
        """
        if self.num_bins is None:
            raise ValueError(
                "Cannot adapt a Discretization layer that has been initialized with `bin_boundaries`, use `num_bins` "
                "instead."
            )
        seen = [_as_array(batch).ravel() for batch, _ in zip(_batches(data), range(steps or 10**9), strict=False)]
        values = np.sort(np.concatenate(seen).astype(np.float32))
        stride = max(int(len(values) * self.epsilon), 1)
        values = values[max(stride - 1, 0) :: stride] if stride > 1 else values
        shares = np.cumsum(np.full(len(values), 1 / len(values)))
        wanted = np.arange(1, self.num_bins) / self.num_bins
        self.__dict__["bin_boundaries"] = np.interp(wanted, shares, values).tolist()

    def call(self, inputs: Any) -> Any:
        """The numbers of the bins, or vectors.

        **Raises:** `ValueError` before boundaries are known.
        """
        boundaries = self.__dict__["bin_boundaries"]
        if boundaries is None:
            raise ValueError("Call `adapt` first, or pass `bin_boundaries`.")
        inputs = convert(inputs)
        flat = reshape(inputs, (-1,))
        edges = convert(np.asarray(boundaries, flat.aval.dtype.as_numpy_dtype))
        places = reshape(searchsorted(edges, flat, side="right"), inputs.aval.shape)
        if self.output_mode == "int":
            return cast(places, int32)
        return encoded(places, self.output_mode, len(boundaries) + 1, as_dtype(self.compute_dtype))

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        names = ("bin_boundaries", "num_bins", "epsilon", "output_mode", "sparse")
        told = {name: self.__dict__[name] for name in names}
        return {**told, "name": self.name, "dtype": self.dtype}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Discretization:
        """A layer of the same arguments, with the boundaries that `adapt` found."""
        if config.get("bin_boundaries") is None or config.get("num_bins") is None:
            return cls(**config)
        layer = cls(**{**config, "bin_boundaries": None})
        layer.__dict__["bin_boundaries"] = config["bin_boundaries"]
        return layer
