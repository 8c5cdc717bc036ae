"""The layer that a function of symbolic tensors becomes."""

from __future__ import annotations

from typing import Any

from functape._core._layered import LAYERED
from functape.keras._naming import get_uid
from functape.keras.layers._layer import Layer


def name_of_op(op: str) -> str:
    """A name for the layer that something of TensorFlow's becomes."""
    prefix = f"tf.{op}"
    number = get_uid(prefix) - 1
    return f"{prefix}_{number}" if number else prefix


class TFFunction(Layer):
    """A function of a functional model, called anew each time the model runs.

    **Arguments:**
    - `function`: its public name.
    """

    def __init__(self, function: str, **kwargs: Any) -> None:
        if kwargs.get("name") is None:
            kwargs["name"] = name_of_op(function)
        super().__init__(**kwargs)
        self.built = True
        self.autocast = False
        self.__dict__["function"] = function

    def call(self, *args: Any, **kwargs: Any) -> Any:
        """What the function returns."""
        return LAYERED[self.__dict__["function"]](*args, **kwargs)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """None: what a function does to masks is not known."""
        return None

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {"name": self.name, "function": self.__dict__["function"]}
