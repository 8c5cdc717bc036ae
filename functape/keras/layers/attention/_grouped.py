"""`tf.keras.layers.GroupQueryAttention`."""

from __future__ import annotations

import math
from typing import Any

from functape._api._shaping import repeat
from functape._core._shape import TensorShape
from functape._engine._recorder import record
from functape._ops._matrix import EINSUM
from functape.keras import constraints, initializers, regularizers
from functape.keras.layers.attention._heads import Heads


class GroupedQueryAttention(Heads):
    """Attention in which several heads of queries share keys and values (`tf.keras.layers.GroupQueryAttention`).

    **Arguments:**
    - `head_dim`: the number of features of each head.
    - `num_query_heads`: the number of heads of queries, a multiple of
    - `num_key_value_heads`: the number of heads of keys and values.
    - the others: as for `MultiHeadAttention`.

    **Raises:** `ValueError` if the numbers of heads do not go together.

    ```python
    >>> import functape as tf
    >>> layer = tf.keras.layers.GroupQueryAttention(head_dim=4, num_query_heads=4, num_key_value_heads=2)
    >>> layer(tf.ones((3, 5, 8)), tf.ones((3, 6, 8))).shape
    TensorShape([3, 5, 8])

    ```
    """

    def __init__(
        self,
        head_dim: int,
        num_query_heads: int,
        num_key_value_heads: int,
        dropout: float = 0.0,
        use_bias: bool = True,
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
        super().__init__(locals(), sliding_window, kwargs)
        if num_query_heads % num_key_value_heads != 0:
            raise ValueError("`num_query_heads` must be divisible by `num_key_value_heads`.")
        if flash_attention:
            raise ValueError("Flash attention is not supported. Leave `flash_attention` out.")
        self.head_dim = head_dim
        self.num_query_heads = num_query_heads
        self.num_key_value_heads = num_key_value_heads
        self.num_repeats = num_query_heads // num_key_value_heads
        self.dropout = dropout
        self.use_bias = use_bias
        self.use_gate = use_gate
        self.sliding_window = sliding_window
        self.seed = seed
        self._inverse_sqrt_head_dim = 1.0 / math.sqrt(float(head_dim))

    def build(  # type: ignore[override]
        self, query_shape: Any, value_shape: Any, key_shape: Any = None
    ) -> None:
        """Make the projections."""
        key_shape = value_shape if key_shape is None else key_shape
        self._build_shapes = {"query_shape": query_shape, "value_shape": value_shape, "key_shape": key_shape}
        self.feature_dim = query_shape[-1]
        queries, keys = (None, self.num_query_heads, self.head_dim), (None, self.num_key_value_heads, self.head_dim)
        of_queries, of_keys = ("uh", "vh") if self.use_bias else (None, None)
        self._query_dense = self._projection("query", "bqm,muh->bquh", queries, of_queries, query_shape)
        self._key_dense = self._projection("key", "bkm,mvh->bkvh", keys, of_keys, key_shape)
        if self.use_gate:
            self._gate_dense = self._projection(
                "gate", "bqm,muh->bquh", queries, of_queries, query_shape, activation="sigmoid"
            )
        self._value_dense = self._projection("value", "bkm,mvh->bkvh", keys, of_keys, value_shape)
        self._make_generator(self.dropout, self.seed)
        shape = TensorShape((None, None, self.num_query_heads, self.head_dim))
        bias = "m" if self.use_bias else None
        output = (None, self.feature_dim)
        self._output_dense = self._projection("attention_output", "bquh,uhm->bqm", output, bias, shape)

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
        """The outputs `[batch, queries, features]`; the arguments are as for `MultiHeadAttention`."""
        key = value if key is None else key
        masks = (query_mask, value_mask, key_mask, attention_mask, self._sliding_window)
        causal_only = bool(use_causal_mask) and all(each is None for each in masks)
        if not causal_only:
            attention_mask = self._compute_attention_mask(
                query, value, query_mask, value_mask, key_mask, attention_mask, use_causal_mask
            )
        gate = self._gate_dense(query) if self.use_gate else None
        query = self._query_dense(query)
        key = repeat(self._key_dense(key), self.num_repeats, axis=2)
        value = repeat(self._value_dense(value), self.num_repeats, axis=2)
        if self.dropout > 0.0 or return_attention_scores:
            if causal_only:
                attention_mask = self._compute_causal_mask(query, value)
            scores = record(EINSUM, ("bquh,bkuh->buqk",), (query * self._inverse_sqrt_head_dim, key))
            shares = self._shares(scores, attention_mask, 1)
            output = record(EINSUM, ("buqk,bkuh->bquh",), (self._dropped(shares, self.dropout, training), value))
        else:
            shares = None
            output = self._at_once(query, key, value, self._inverse_sqrt_head_dim, attention_mask, causal_only)
        output = self._output_dense(output if gate is None else output * gate)
        return (output, shares) if return_attention_scores else output

    def compute_output_shape(  # type: ignore[override]
        self, query_shape: Any, value_shape: Any, key_shape: Any = None
    ) -> Any:
        """The shape of the outputs: that of the query."""
        return TensorShape(tuple(query_shape))

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {
            **super().get_config(),
            "head_dim": self.head_dim,
            "num_query_heads": self.num_query_heads,
            "num_key_value_heads": self.num_key_value_heads,
            "use_bias": self.use_bias,
            "use_gate": self.use_gate,
            "dropout": self.dropout,
            "sliding_window": self.sliding_window,
            "kernel_initializer": initializers.serialize(self._kernel_initializer),
            "bias_initializer": initializers.serialize(self._bias_initializer),
            "kernel_regularizer": regularizers.serialize(self._kernel_regularizer),
            "bias_regularizer": regularizers.serialize(self._bias_regularizer),
            "activity_regularizer": regularizers.serialize(self._activity_regularizer),
            "kernel_constraint": constraints.serialize(self._kernel_constraint),
            "bias_constraint": constraints.serialize(self._bias_constraint),
            "seed": self.seed,
        }
