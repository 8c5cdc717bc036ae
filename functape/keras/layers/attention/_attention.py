"""`tf.keras.layers.Attention` and `tf.keras.layers.AdditiveAttention`."""

from __future__ import annotations

from typing import Any

from functape._api._choosing import where
from functape._api._creation import zeros_like
from functape._api._elementwise import logical_and, tanh
from functape._api._matrix import matmul
from functape._api._reductions import reduce_sum
from functape._api._shaping import expand_dims
from functape._core._cast import cast
from functape._engine._dtypes import as_dtype, bool_
from functape._engine._recorder import record
from functape._ops._attention import CAUSAL_MASK, LOWERED_SOFTMAX
from functape.keras.layers._layer import Layer
from functape.keras.layers._layer_calls import calls
from functape.keras.random import SeedGenerator, dropout


class Attention(Layer):
    """Values averaged by how well their keys go with the query (`tf.keras.layers.Attention`).

    **Arguments:**
    - `use_scale`: whether the scores have a factor, a weight.
    - `score_mode`: `"dot"`, products of query and key; or `"concat"`, sums of the hyperbolic tangent of their sums.
    - `dropout`, `seed`: which part of the shares to set to zero in training.

    **Raises:** `ValueError` for another mode, or inputs that are no list of query, value and possibly key.

    ```python
    >>> import functape as tf
    >>> tf.keras.layers.Attention()([tf.ones((2, 4, 8)), tf.ones((2, 6, 8))]).shape
    TensorShape([2, 4, 8])

    ```
    """

    _TF_MODULE_IGNORED_PROPERTIES = Layer._TF_MODULE_IGNORED_PROPERTIES | {"seed_generator"}

    def __init__(
        self,
        use_scale: bool = False,
        score_mode: str = "dot",
        dropout: float = 0.0,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.use_scale = use_scale
        self.score_mode = score_mode
        self.dropout = dropout
        self.seed = seed
        if dropout > 0:
            self.seed_generator = SeedGenerator(seed=seed)
        if score_mode not in ("dot", "concat"):
            raise ValueError(
                "Invalid value for argument score_mode. Expected one of {'dot', 'concat'}. "
                f"Received: score_mode={score_mode}"
            )

    def build(self, input_shape: Any) -> None:
        """Make `scale` and `concat_score_weight`, where they are used."""
        self._check(input_shape)
        self.scale = self.concat_score_weight = None
        if self.use_scale:
            self.scale = self.add_weight(name="scale", shape=(), initializer="ones")
        if self.score_mode == "concat":
            self.concat_score_weight = self.add_weight(name="concat_score_weight", shape=(), initializer="ones")

    def _typed(self, weight: Any) -> Any:
        return weight if self.compute_dtype == self.variable_dtype else cast(weight, as_dtype(self.compute_dtype))

    def _calculate_scores(self, query: Any, key: Any) -> Any:
        """The scores `[batch, queries, keys]`."""
        if self.score_mode == "dot":
            scores = matmul(query, key, transpose_b=True)
            return scores if self.scale is None else scores * self._typed(self.scale)
        total = expand_dims(query, -2) + expand_dims(key, -3)
        if self.scale is not None:
            total = self._typed(self.scale) * total
        return self._typed(self.concat_score_weight) * reduce_sum(tanh(total), -1)

    def _apply_scores(self, scores: Any, value: Any, scores_mask: Any = None, training: Any = False) -> Any:
        """The outputs, and the shares."""
        given: tuple[Any, ...] = (scores,)
        if scores_mask is not None:
            scores_mask = cast(scores_mask, bool_)
            if len(scores_mask.aval.shape) == 2:
                scores_mask = expand_dims(scores_mask, -2)
            given = (scores, scores_mask)
        weights = record(LOWERED_SOFTMAX, (len(given) > 1,), given)
        if training and self.dropout > 0 and not calls.abstract:
            weights = dropout(weights, self.dropout, seed=self.seed_generator)
        return matmul(weights, value), weights

    def _calculate_score_mask(self, scores: Any, v_mask: Any, use_causal_mask: bool, query: Any, value: Any) -> Any:
        if not use_causal_mask:
            return v_mask
        causal = record(CAUSAL_MASK, (), (query, value))
        return causal if v_mask is None else logical_and(expand_dims(cast(v_mask, bool_), -2), causal)

    def call(
        self,
        inputs: Any,
        mask: Any = None,
        training: Any = False,
        return_attention_scores: bool = False,
        use_causal_mask: bool = False,
    ) -> Any:
        """The outputs `[batch, queries, features]`.

        **Arguments:**
        - `inputs`: query `[batch, queries, features]`, value `[batch, keys, features]` and possibly key.
        - `mask`: their masks, a list.
        - `return_attention_scores`: whether the shares `[batch, queries, keys]` are returned too.
        - `use_causal_mask`: whether a position sees those up to it only.
        """
        self._check(inputs, mask)
        query, value = inputs[0], inputs[1]
        key = inputs[2] if len(inputs) > 2 else value
        query_mask, value_mask = (mask[0], mask[1]) if mask else (None, None)
        scores = self._calculate_scores(query, key)
        scores_mask = self._calculate_score_mask(scores, value_mask, use_causal_mask, query, key)
        outputs, shares = self._apply_scores(scores, value, scores_mask, training)
        if query_mask is not None:
            outputs = where(expand_dims(cast(query_mask, bool_), -1), outputs, zeros_like(outputs))
        return (outputs, shares) if return_attention_scores else outputs

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """The query's mask."""
        self._check(inputs, mask)
        return None if mask is None else [mask[0], None]

    def _masks_nothing(self) -> bool:
        return True

    def _check(self, inputs: Any, mask: Any = None) -> None:
        name = type(self).__name__
        if not isinstance(inputs, list):
            raise ValueError(
                f"{name} layer must be called on a list of inputs, namely [query, value] or [query, value, key]. "
                f"Received: inputs={inputs}."
            )
        if len(inputs) not in (2, 3):
            raise ValueError(
                f"{name} layer accepts inputs list of length 2 or 3, namely [query, value] or [query, value, key]. "
                f"Received length: {len(inputs)}."
            )
        if mask is None:
            return
        if not isinstance(mask, list):
            raise ValueError(
                f"{name} layer mask must be a list, namely [query_mask, value_mask]. Received: mask={mask}."
            )
        if len(mask) not in (2, 3):
            raise ValueError(
                f"{name} layer accepts mask list of length 2 or 3. Received: inputs={inputs}, mask={mask}."
            )

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {
            **super().get_config(),
            "use_scale": self.use_scale,
            "score_mode": self.score_mode,
            "dropout": self.dropout,
            "seed": self.seed,
        }


class AdditiveAttention(Attention):
    """Attention whose scores are sums of hyperbolic tangents (`tf.keras.layers.AdditiveAttention`).

    **Arguments:**
    - `use_scale`: whether each feature has a factor, a weight.
    - `dropout`: which part of the shares to set to zero in training.

    ```python
    >>> import functape as tf
    >>> tf.keras.layers.AdditiveAttention()([tf.ones((2, 4, 8)), tf.ones((2, 6, 8))]).shape
    TensorShape([2, 4, 8])

    ```
    """

    def __init__(self, use_scale: bool = True, dropout: float = 0.0, **kwargs: Any) -> None:
        super().__init__(use_scale=use_scale, dropout=dropout, **kwargs)

    def build(self, input_shape: Any) -> None:
        """Make `scale`, if it is used."""
        self._check(input_shape)
        self.scale = None
        if self.use_scale:
            shape = (input_shape[0][-1],)
            self.scale = self.add_weight(name="scale", shape=shape, initializer="glorot_uniform")

    def _calculate_scores(self, query: Any, key: Any) -> Any:
        """The scores `[batch, queries, keys]`."""
        total = tanh(expand_dims(query, -2) + expand_dims(key, -3))
        return reduce_sum(total if self.scale is None else self._typed(self.scale) * total, -1)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        config = super().get_config()
        del config["score_mode"]
        return config
