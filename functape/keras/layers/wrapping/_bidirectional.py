"""`tf.keras.layers.Bidirectional`."""

from __future__ import annotations

from typing import Any

from functape._api._joining import concat
from functape._api._shaping import reverse
from functape._core._cast import cast
from functape._engine._dtypes import as_dtype
from functape.keras._serialization import deserialize_keras_object, serialize_keras_object
from functape.keras.layers._layer import Layer
from functape.keras.layers._layer_calls import leaves_of

_MERGES = {
    "concat": lambda a, b: concat([a, b], -1),
    "sum": lambda a, b: a + b,
    "ave": lambda a, b: (a + b) / 2,
    "mul": lambda a, b: a * b,
    None: lambda a, b: (a, b),
}


class Bidirectional(Layer):
    """A recurrent layer run forwards, and one like it run backwards (`tf.keras.layers.Bidirectional`).

    **Arguments:**
    - `layer`: the recurrent layer; its configuration is used, not its weights.
    - `merge_mode`: how the two outputs become one: `"concat"`, `"sum"`, `"mul"`, `"ave"`; None for both.
    - `weights`: arrays to begin with.
    - `backward_layer`: the layer that goes backwards, if it is to differ.

    **Raises:** `ValueError` for another mode, something that is no layer, or layers that do not go together.

    ```python
    >>> import functape as tf
    >>> layer = tf.keras.layers.Bidirectional(tf.keras.layers.LSTM(4, return_sequences=True))
    >>> layer(tf.ones((2, 5, 3))).shape
    TensorShape([2, 5, 8])

    ```
    """

    def __init__(
        self,
        layer: Any,
        merge_mode: str | None = "concat",
        weights: Any = None,
        backward_layer: Any = None,
        **kwargs: Any,
    ) -> None:
        if not isinstance(layer, Layer):
            raise ValueError(
                f"Please initialize `Bidirectional` layer with a `keras.layers.Layer` instance. Received: {layer}"
            )
        if backward_layer is not None and not isinstance(backward_layer, Layer):
            raise ValueError(f"`backward_layer` need to be a `keras.layers.Layer` instance. Received: {backward_layer}")
        if not hasattr(layer, "go_backwards"):
            raise TypeError(
                "`Bidirectional` wraps a layer that can run over a sequence in either direction, such as "
                f"`tf.keras.layers.LSTM`. Received: layer={layer} (of type {type(layer)})"
            )
        if merge_mode not in _MERGES:
            raise ValueError(
                f"Invalid merge mode. Received: {merge_mode}. Merge mode should be one of "
                '{"sum", "mul", "ave", "concat", None}'
            )
        super().__init__(weights=weights, **kwargs)
        self.forward_layer = _renamed(layer, "forward_", {})
        if backward_layer is None:
            backward_layer = _renamed(layer, "backward_", {"go_backwards": not layer.go_backwards})
        self.backward_layer = backward_layer
        self._check_layers()
        for each in (self.forward_layer, self.backward_layer):
            if getattr(each, "zero_output_for_mask", None) is not None:
                each.zero_output_for_mask = each.return_sequences
        self.merge_mode = merge_mode
        self.stateful = layer.stateful
        self.return_sequences = layer.return_sequences
        self.return_state = layer.return_state
        self.supports_masking = True
        self.input_spec = layer.input_spec

    def _check_layers(self) -> None:
        forward, backward = self.forward_layer, self.backward_layer
        if forward.go_backwards == backward.go_backwards:
            raise ValueError(
                "Forward layer and backward layer should have different `go_backwards` value. Received: "
                f"forward_layer.go_backwards {forward.go_backwards}, backward_layer.go_backwards="
                f"{backward.go_backwards}"
            )
        for name in ("stateful", "return_sequences", "return_state"):
            ours, theirs = getattr(forward, name), getattr(backward, name)
            if ours != theirs:
                raise ValueError(
                    f'Forward layer and backward layer are expected to have the same value for attribute "{name}", got '
                    f'"{ours}" for forward layer and "{theirs}" for backward layer'
                )

    def build(self, sequences_shape: Any, initial_state_shape: Any = None) -> None:
        """Build both layers."""
        for layer in (self.forward_layer, self.backward_layer):
            if not layer.built:
                with layer.name_scope:
                    layer.build(sequences_shape)
                layer.built = True

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """The outputs.

        **Arguments:**
        - `sequences`: `[batch, time, ...]`; as in Keras 2, a list that begins with it may go on with initial states.
        - `initial_state`: the first states, those of the forward layer first.
        - `mask`, `training`: as for the layers.
        """
        if args and isinstance(args[0], list | tuple) and len(args[0]) > 1 and hasattr(args[0][0], "shape"):
            first, *rest = args[0]
            if len(first.shape) > 2 and kwargs.get("initial_state") is None:
                kwargs["initial_state"] = list(rest)
                args = (first, *args[1:])
        return super().__call__(*args, **kwargs)

    def call(self, sequences: Any, initial_state: Any = None, mask: Any = None, training: Any = None) -> Any:
        """The outputs; the arguments are those of a call of the layer."""
        halves: tuple[Any, Any] = (None, None)
        if initial_state is not None:
            half = len(initial_state) // 2
            halves = initial_state[:half], initial_state[half:]
        made = []
        for layer, states in zip((self.forward_layer, self.backward_layer), halves, strict=True):
            kwargs = {"training": training} if layer._spec.takes_training else {}
            if layer._spec.takes_mask and mask is not None:
                kwargs["mask"] = mask
            if states is not None:
                kwargs["initial_state"] = states
            made.append(layer(sequences, **kwargs))
        forward, backward = made
        states = ()
        if self.return_state:
            states = (*forward[1:], *backward[1:])
            forward, backward = forward[0], backward[0]
        dtype = as_dtype(self.compute_dtype)
        forward, backward = cast(forward, dtype), cast(backward, dtype)
        if self.return_sequences:
            time = 0 if getattr(self.forward_layer, "time_major", False) else 1
            backward = reverse(backward, [time])
        output = _MERGES[self.merge_mode](forward, backward)
        if not self.return_state:
            return output
        return (*output, *states) if self.merge_mode is None else (output, *states)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """The mask of the inputs for outputs of each step."""
        mask = leaves_of(mask)[0] if mask is not None else None
        passed = mask if self.return_sequences else None
        first = (passed, passed) if self.merge_mode is None else (passed,)
        if self.return_state:
            count = 2 * len(getattr(self.forward_layer, "state_size", ()))
            return (*first, *([None] * count))
        return first if self.merge_mode is None else passed

    def _masks_nothing(self) -> bool:
        return True

    def reset_state(self) -> None:
        """Set the states of stateful layers to zero."""
        self.forward_layer.reset_state()
        self.backward_layer.reset_state()

    reset_states = reset_state

    @property
    def states(self) -> Any:
        """The states of stateful layers, None for others."""
        forward = getattr(self.forward_layer, "states", None)
        backward = getattr(self.backward_layer, "states", None)
        return None if forward is None or backward is None else (*forward, *backward)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {
            **super().get_config(),
            "merge_mode": self.merge_mode,
            "layer": serialize_keras_object(self.forward_layer),
            "backward_layer": serialize_keras_object(self.backward_layer),
        }

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Any:
        """The layer that `get_config` described."""
        config = dict(config)
        for name in ("layer", "backward_layer"):
            if config.get(name) is not None:
                config[name] = deserialize_keras_object(config[name], custom_objects)
        return cls(**config)


def _renamed(layer: Any, prefix: str, changes: dict[str, Any]) -> Any:
    """A new layer like another."""
    config = {**layer.get_config(), **changes, "name": prefix + layer.name.removeprefix(prefix)}
    made = type(layer).from_config(config)
    if hasattr(layer, "use_cudnn"):
        made.use_cudnn = layer.use_cudnn
    return made
