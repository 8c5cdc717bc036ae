"""`tf.keras.layers.MultiHeadAttention`."""

from __future__ import annotations

import math
import string
from typing import Any

from functape._core._masks import mask_of
from functape._core._shape import TensorShape
from functape._engine._recorder import record
from functape._ops._matrix import EINSUM
from functape.keras import constraints, initializers, regularizers
from functape.keras.layers.attention._heads import Heads


class MultiHeadAttention(Heads):
    """Attention of several heads, each with its own projections (`tf.keras.layers.MultiHeadAttention`).

    **Arguments:**
    - `num_heads`: the number of heads.
    - `key_dim`, `value_dim`: the number of features of queries and keys, and of values, for each head; `value_dim` is
      `key_dim` by default.
    - `dropout`, `seed`: which part of the shares to set to zero in training.
    - `use_bias`: whether the projections have biases.
    - `output_shape`: the last axes of the outputs; those of the query by default.
    - `attention_axes`: the axes attended over; all but the first and the last by default.
    - `sliding_window`: how far a position sees, both ways.
    - `flash_attention`: None or False.
    - `kernel_initializer`, `bias_initializer`, `kernel_regularizer`, `bias_regularizer`, `activity_regularizer`,
      `kernel_constraint`, `bias_constraint`: of the projections.
    - `use_gate`: whether the heads' outputs are multiplied by a sigmoid of the query.

    **Raises:** `ValueError` for numbers that are not positive, or shapes that do not go together.

    ```python
    >>> import functape as tf
    >>> layer = tf.keras.layers.MultiHeadAttention(num_heads=2, key_dim=4)
    >>> layer(tf.ones((3, 5, 8)), tf.ones((3, 6, 8))).shape
    TensorShape([3, 5, 8])

    ```
    """

    def __init__(
        self,
        num_heads: int,
        key_dim: int,
        value_dim: int | None = None,
        dropout: float = 0.0,
        use_bias: bool = True,
        output_shape: Any = None,
        attention_axes: Any = None,
        sliding_window: int | None = None,
        flash_attention: bool | None = None,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        use_gate: bool = False,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        for name, number in (("num_heads", num_heads), ("key_dim", key_dim), ("value_dim", value_dim)):
            if number is None and name == "value_dim":
                continue
            if not isinstance(number, int) or number <= 0:
                raise ValueError(
                    f"Received an invalid value for argument `{name}`, expected a positive integer. "
                    f"Received: {name}={number}"
                )
        super().__init__(locals(), sliding_window, kwargs)
        self._num_heads = num_heads
        self._key_dim = key_dim
        self._value_dim = value_dim or key_dim
        self._dropout = dropout
        self._use_bias = use_bias
        self._use_gate = use_gate
        if output_shape:
            try:
                output_shape = (output_shape,) if isinstance(output_shape, int) else tuple(output_shape)
            except TypeError:
                raise ValueError(
                    f"Invalid `output_shape`: {output_shape}. When specified, the `output_shape` should be of type "
                    "tuple, list, or int."
                ) from None
        self._output_shape = output_shape
        if isinstance(attention_axes, int):
            attention_axes = (attention_axes,)
        elif attention_axes and not isinstance(attention_axes, list | tuple):
            raise ValueError(
                f"`attention_axes` must be an int, list, or tuple. Received: attention_axes={attention_axes}"
            )
        self._attention_axes = attention_axes
        self._flash_attention = bool(flash_attention)
        if flash_attention:
            raise ValueError("Flash attention is not supported. Leave `flash_attention` out.")
        self.seed = seed
        self._inverse_sqrt_key_dim = 1.0 / math.sqrt(float(key_dim))

    def build(  # type: ignore[override]
        self, query_shape: Any, value_shape: Any, key_shape: Any = None
    ) -> None:
        """Make the projections.

        **Raises:** `ValueError` if value and key have other lengths.
        """
        key_shape = value_shape if key_shape is None else key_shape
        _check_lengths(value_shape, key_shape)
        self._build_shapes = {"query_shape": query_shape, "value_shape": value_shape, "key_shape": key_shape}
        heads, bias = self._num_heads, self._use_bias
        query_rank, value_rank = len(query_shape), len(value_shape)

        def project(name: str, shape: Any, features: int, **others: Any) -> Any:
            equation, axes, rank = projection(len(shape) - 1, 1, 2)
            output = [None] * (rank - 3) + [heads, features]
            return self._projection(name, equation, output, axes if bias else None, shape, **others)

        self._query_dense = project("query", query_shape, self._key_dim)
        self._key_dense = project("key", key_shape, self._key_dim)
        if self._use_gate:
            self._gate_dense = project("gate", query_shape, self._value_dim, activation="sigmoid")
        self._value_dense = project("value", value_shape, self._value_dim)
        self._build_attention(value_rank + 1)
        last = self._output_shape or [query_shape[-1]]
        equation, axes, rank = projection(query_rank - 1, 2, len(last))
        shape = TensorShape((*tuple(query_shape)[:-1], heads, self._value_dim))
        output = [None] * (rank - 1 - len(last)) + list(last)
        self._output_dense = self._projection("attention_output", equation, output, axes if bias else None, shape)

    def _build_attention(self, rank: int) -> None:
        """Decide how to compute, given the rank of projected tensors."""
        if self._attention_axes is None:
            self._attention_axes = tuple(range(1, rank - 2))
        else:
            self._attention_axes = tuple(axis if axis >= 0 else rank - 1 + axis for axis in self._attention_axes)
        self._dot_product_equation, self._combine_equation = attention_equations(rank, self._attention_axes)
        self._make_generator(self._dropout, self.seed)

    def call(
        self,
        query: Any,
        value: Any,
        key: Any = None,
        query_mask: Any = None,
        value_mask: Any = None,
        key_mask: Any = None,
        attention_mask: Any = None,
        return_attention_scores: bool = False,
        training: Any = None,
        use_causal_mask: bool = False,
    ) -> Any:
        """The outputs `[batch, queries, ...]`.

        **Arguments:**
        - `query`: `[batch, queries, features]`, with more axes in between if attended over several.
        - `value`, `key`: `[batch, keys, features]`; the key is the value by default.
        - `query_mask`, `value_mask`, `key_mask`: come with the tensors.
        - `attention_mask`: which query may see which key, `[batch, queries, keys]`.
        - `return_attention_scores`: whether the shares `[batch, heads, queries, keys]` are returned too.
        - `use_causal_mask`: whether a position sees those up to it only.
        """
        key = value if key is None else key
        query_mask = mask_of(query)
        masks = (query_mask, value_mask, key_mask, attention_mask, self._sliding_window)
        own = type(self)._compute_attention is MultiHeadAttention._compute_attention
        causal_only = bool(use_causal_mask) and all(each is None for each in masks) and own
        if not causal_only:
            attention_mask = self._compute_attention_mask(
                query, value, query_mask, value_mask, key_mask, attention_mask, use_causal_mask
            )
        gate = self._gate_dense(query) if self._use_gate else None
        query, key, value = self._query_dense(query), self._key_dense(key), self._value_dense(value)
        causal = {"use_causal_mask": True} if causal_only else {}
        output, shares = self._compute_attention(
            query, key, value, attention_mask, training, return_attention_scores, **causal
        )
        output = self._output_dense(output if gate is None else output * gate)
        return (output, shares) if return_attention_scores else output

    def _compute_attention(
        self,
        query: Any,
        key: Any,
        value: Any,
        attention_mask: Any = None,
        training: Any = None,
        return_attention_scores: bool = False,
        use_causal_mask: bool = False,
    ) -> Any:
        """The heads' outputs and the shares (None where they were not needed); subclasses may override it."""
        if not (self._dropout > 0.0 or return_attention_scores or len(query.aval.shape) != 4):
            scale = self._inverse_sqrt_key_dim
            return self._at_once(query, key, value, scale, attention_mask, use_causal_mask), None
        if use_causal_mask:
            attention_mask = self._compute_causal_mask(query, value)
        scores = record(EINSUM, (self._dot_product_equation,), (key, query * self._inverse_sqrt_key_dim))
        shares = self._masked_softmax(scores, attention_mask)
        dropped = self._dropped(shares, self._dropout, training)
        return record(EINSUM, (self._combine_equation,), (dropped, value)), shares

    def _masked_softmax(self, attention_scores: Any, attention_mask: Any = None) -> Any:
        return self._shares(attention_scores, attention_mask, len(self._attention_axes))

    def compute_output_shape(  # type: ignore[override]
        self, query_shape: Any, value_shape: Any, key_shape: Any = None
    ) -> Any:
        """The shape of the outputs.

        **Raises:** `ValueError` if value and key have other lengths.
        """
        _check_lengths(value_shape, value_shape if key_shape is None else key_shape)
        if self._output_shape:
            return TensorShape((*tuple(query_shape)[:-1], *self._output_shape))
        return TensorShape(tuple(query_shape))

    num_heads = property(lambda self: self._num_heads, doc="The number of heads.")
    key_dim = property(lambda self: self._key_dim, doc="The number of features of each head's queries and keys.")
    value_dim = property(lambda self: self._value_dim, doc="The number of features of each head's values.")
    dropout = property(lambda self: self._dropout, doc="Which part of the shares is set to zero in training.")
    use_bias = property(lambda self: self._use_bias, doc="Whether the projections have biases.")
    attention_axes = property(lambda self: self._attention_axes, doc="The axes attended over.")
    query_dense = property(lambda self: self._query_dense, doc="The projection of queries.")
    key_dense = property(lambda self: self._key_dense, doc="The projection of keys.")
    value_dense = property(lambda self: self._value_dense, doc="The projection of values.")
    output_dense = property(lambda self: self._output_dense, doc="The projection of the heads' outputs.")

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {
            **super().get_config(),
            "num_heads": self._num_heads,
            "key_dim": self._key_dim,
            "value_dim": self._value_dim,
            "dropout": self._dropout,
            "use_bias": self._use_bias,
            "use_gate": self._use_gate,
            "output_shape": self._output_shape,
            "attention_axes": self._attention_axes,
            "sliding_window": self._sliding_window,
            "kernel_initializer": initializers.serialize(self._kernel_initializer),
            "bias_initializer": initializers.serialize(self._bias_initializer),
            "kernel_regularizer": regularizers.serialize(self._kernel_regularizer),
            "bias_regularizer": regularizers.serialize(self._bias_regularizer),
            "activity_regularizer": regularizers.serialize(self._activity_regularizer),
            "kernel_constraint": constraints.serialize(self._kernel_constraint),
            "bias_constraint": constraints.serialize(self._bias_constraint),
            "seed": self.seed,
        }


def _check_lengths(value_shape: Any, key_shape: Any) -> None:
    if tuple(value_shape)[1:-1] != tuple(key_shape)[1:-1]:
        raise ValueError(
            "All dimensions of `value` and `key`, except the last one, must be equal. Received: "
            f"value_shape={tuple(value_shape)} and key_shape={tuple(key_shape)}"
        )


def projection(free: int, bound: int, made: int) -> tuple[str, str, int]:
    """The equation of a projection, the letters of its bias, and the rank of what it makes.

    **Arguments:**
    - `free`: the number of axes that stay.
    - `bound`: the number of axes summed over.
    - `made`: the number of new axes.
    """
    letters = iter(string.ascii_lowercase)
    stay, summed, new = ("".join(next(letters) for _ in range(count)) for count in (free, bound, made))
    return f"{stay}{summed},{summed}{new}->{stay}{new}", new, free + made


def attention_equations(rank: int, axes: tuple[int, ...]) -> tuple[str, str]:
    """The equations for scores and for outputs.

    **Arguments:**
    - `rank`: of the projected tensors; their last two axes are heads and features.
    - `axes`: those attended over.
    """
    query = string.ascii_lowercase[:rank]
    others = iter(string.ascii_lowercase[rank:])
    key = "".join(next(others) if axis in axes else query[axis] for axis in range(rank))
    kept = "".join(query[axis] for axis in range(rank - 1) if axis not in axes)
    scores = kept + "".join(query[axis] for axis in axes) + "".join(key[axis] for axis in axes)
    return f"{key},{query}->{scores}", f"{scores},{key}->{query}"
