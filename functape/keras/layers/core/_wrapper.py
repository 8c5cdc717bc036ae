"""`tf.keras.layers.Wrapper`."""

from __future__ import annotations

from typing import Any

from functape.keras._serialization import deserialize_keras_object, serialize_keras_object
from functape.keras.layers._layer import Layer


class Wrapper(Layer):
    """The base of layers around another layer (`tf.keras.layers.Wrapper`).

    **Arguments:**
    - `layer`: the layer inside.

    **Raises:** `ValueError` if it is none.
    """

    def __init__(self, layer: Any, **kwargs: Any) -> None:
        if not isinstance(layer, Layer):
            raise ValueError(f"Layer {layer} supplied to Wrapper isn't a supported layer type. Pass a layer instance.")
        super().__init__(**kwargs)
        self.layer = layer

    def build(self, input_shape: Any = None) -> None:
        """Build the layer inside."""
        if not self.layer.built:
            with self.layer.name_scope:
                self.layer.build(input_shape)
            self.layer.built = True
        self.built = True

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {**super().get_config(), "layer": serialize_keras_object(self.layer)}

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> Any:
        """The layer that `get_config` described."""
        config = dict(config)
        layer = deserialize_keras_object(config.pop("layer"), custom_objects)
        return cls(layer, **config)
