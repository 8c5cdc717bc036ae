"""What attention with several heads has in common: masks, sublayers, shares."""

from __future__ import annotations

from typing import Any

from functape._api._elementwise import logical_and
from functape._api._shaping import expand_dims
from functape._core._cast import cast
from functape._engine._dtypes import bool_
from functape._engine._recorder import record
from functape._ops._attention import CAUSAL_MASK, DOT_PRODUCT_ATTENTION, MASKED_SOFTMAX, WINDOW_MASK
from functape.keras import constraints, initializers, regularizers
from functape.keras.layers._layer import Layer
from functape.keras.layers._layer_calls import calls
from functape.keras.layers.core._einsum_dense import EinsumDense
from functape.keras.random import SeedGenerator, dropout

_INPUTS = ("query", "value", "key")


class Heads(Layer):
    """The base of attention with several heads.

    **Arguments:**
    - `settings`: initializers, regularizers and constraints by name.
    - `kwargs`: those of `Layer`.
    """

    _TF_MODULE_IGNORED_PROPERTIES = Layer._TF_MODULE_IGNORED_PROPERTIES | {"seed_generator", "_build_shapes"}

    def __init__(self, settings: dict[str, Any], sliding_window: Any, kwargs: dict[str, Any]) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True
        self._kernel_initializer = initializers.get(settings["kernel_initializer"])
        self._bias_initializer = initializers.get(settings["bias_initializer"])
        self._kernel_regularizer = regularizers.get(settings["kernel_regularizer"])
        self._bias_regularizer = regularizers.get(settings["bias_regularizer"])
        self._activity_regularizer = regularizers.get(settings["activity_regularizer"])
        self._kernel_constraint = constraints.get(settings["kernel_constraint"])
        self._bias_constraint = constraints.get(settings["bias_constraint"])
        if sliding_window is not None and (not isinstance(sliding_window, int) or sliding_window <= 0):
            raise ValueError(
                f"`sliding_window` must be `None` or a positive integer. Received: sliding_window={sliding_window}"
            )
        self._sliding_window = sliding_window
        self._build_shapes: Any = None

    # ---- building --------------------------------------------------------------------------------------------

    def _build_for(self, given: dict[str, Any]) -> None:
        super()._build_for({name: given[name] for name in _INPUTS if given.get(name) is not None})

    def _projection(
        self, name: str, equation: str, output_shape: Any, bias_axes: str | None, input_shape: Any, **others: Any
    ) -> Any:
        """A sublayer, built."""
        kernel, bias = self._kernel_initializer, self._bias_initializer
        layer = EinsumDense(
            equation,
            output_shape=output_shape,
            bias_axes=bias_axes,
            name=name,
            kernel_initializer=type(kernel).from_config(kernel.get_config()),
            bias_initializer=type(bias).from_config(bias.get_config()),
            kernel_regularizer=self._kernel_regularizer,
            bias_regularizer=self._bias_regularizer,
            activity_regularizer=self._activity_regularizer,
            kernel_constraint=self._kernel_constraint,
            bias_constraint=self._bias_constraint,
            dtype=self.dtype_policy,
            **others,
        )
        with layer.name_scope:
            layer.build(input_shape)
        layer.built = True
        # Masks are seen to here, and are no concern of the projections.
        layer.supports_masking = True
        return layer

    def _make_generator(self, rate: float, seed: Any) -> None:
        if rate > 0:
            self.seed_generator = SeedGenerator(seed=seed)

    def get_build_config(self) -> dict[str, Any] | None:
        """What `build_from_config` needs to make the same weights."""
        shapes = self._build_shapes
        return None if shapes is None else {"shapes_dict": {name: tuple(each) for name, each in shapes.items()}}

    def build_from_config(self, config: dict[str, Any]) -> None:
        """Build with the shapes that `get_build_config` told."""
        from functape._core._shape import TensorShape

        shapes = (config or {}).get("shapes_dict")
        if shapes and not self.built:
            with self.name_scope:
                self.build(**{name: TensorShape(each) for name, each in shapes.items() if each is not None})
            self.built = True

    # ---- masks -----------------------------------------------------------------------------------------------

    def _compute_attention_mask(
        self,
        query: Any,
        value: Any,
        query_mask: Any = None,
        value_mask: Any = None,
        key_mask: Any = None,
        attention_mask: Any = None,
        use_causal_mask: bool = False,
    ) -> Any:
        """All masks as one that broadcasts with `[batch, queries, keys]`, or None."""
        found = []
        if query_mask is not None:
            found.append(expand_dims(cast(query_mask, bool_), -1))
        found += [expand_dims(cast(each, bool_), -2) for each in (value_mask, key_mask) if each is not None]
        if use_causal_mask:
            found.append(self._compute_causal_mask(query, value))
        if self._sliding_window is not None:
            found.append(self._compute_sliding_window_mask(query, value))
        if attention_mask is not None:
            found.insert(0, cast(attention_mask, bool_))
        mask = None
        for each in found:
            mask = each if mask is None else logical_and(mask, each)
        return mask

    def _compute_causal_mask(self, query: Any, value: Any = None) -> Any:
        return record(CAUSAL_MASK, (), (query, query if value is None else value))

    def _compute_sliding_window_mask(self, query: Any, value: Any = None) -> Any:
        return record(WINDOW_MASK, (self._sliding_window,), (query, query if value is None else value))

    def compute_mask(self, query: Any, mask: Any = None) -> Any:
        """The query's mask."""
        return None if mask is None else [mask, None]

    def _masks_nothing(self) -> bool:
        return True

    # ---- shares ----------------------------------------------------------------------------------------------

    def _at_once(self, query: Any, key: Any, value: Any, scale: float, mask: Any, causal: bool) -> Any:
        """The whole attention as one op, for tensors `[batch, positions, heads, features]`."""
        if mask is None:
            return record(DOT_PRODUCT_ATTENTION, (scale, causal, False), (query, key, value))
        mask = self._fitted(mask, 4, 1)
        return record(DOT_PRODUCT_ATTENTION, (scale, causal, True), (query, key, value, mask))

    def _shares(self, scores: Any, mask: Any, axes: int) -> Any:
        """The scores as shares, over the last `axes` axes."""
        over = tuple(range(-axes, 0))
        if mask is None:
            return record(MASKED_SOFTMAX, (over, False), (scores,))
        mask = self._fitted(mask, len(scores.aval.shape), axes)
        return record(MASKED_SOFTMAX, (over, True), (scores, mask))

    def _fitted(self, mask: Any, rank: int, axes: int) -> Any:
        """A mask with axes for the heads."""
        for _ in range(rank - len(mask.aval.shape)):
            mask = expand_dims(mask, -2 * axes - 1)
        return cast(mask, bool_)

    def _dropped(self, shares: Any, rate: float, training: Any) -> Any:
        if not training or not rate or calls.abstract:
            return shares
        return dropout(shares, rate, seed=self.seed_generator)
