"""Maxima and means over as many windows as are wanted."""

from __future__ import annotations

from typing import Any

from functape._engine._op import Op
from functape._engine._recorder import record
from functape._ops._keras_pooling import ADAPTIVE_AVERAGE, ADAPTIVE_MAXIMUM
from functape.keras._configuration import standardize_data_format
from functape.keras.layers._layer import Layer

_TEXT = """{purpose} of windows that part {axes} evenly (`tf.keras.layers.{name}`).

**Arguments:**
- `output_size`: how many windows there are along each axis, a number or one for each.
- `data_format`: `"channels_last"` or `"channels_first"`.

**Raises:** `TypeError` for another kind of size; `ValueError` for one that is not positive.

```python
>>> import functape as tf
>>> tf.keras.layers.{name}(3)(tf.ones({shape})).shape
TensorShape({result})

```
"""


class AdaptivePooling(Layer):
    """The base of poolings to a wanted size."""

    rank: int
    _row: Op

    def __init__(self, output_size: Any, data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        given = (output_size,) * self.rank if isinstance(output_size, int) else output_size
        if (
            not isinstance(given, list | tuple)
            or len(given) != self.rank
            or not all(isinstance(each, int) for each in given)
        ):
            raise TypeError(
                f"`output_size` must be an integer or a tuple of {self.rank} integers. Received: {output_size} of type "
                f"{type(output_size)}"
            )
        if min(given) < 1:
            raise ValueError(f"`output_size` must be positive. Received: output_size={output_size}")
        self.output_size = tuple(given)
        self.data_format = standardize_data_format(data_format)

    def call(self, inputs: Any) -> Any:
        """The outputs."""
        if inputs.aval.ndim != self.rank + 2:
            raise ValueError(
                f"{type(self).__name__} takes inputs of {self.rank + 2} dimensions. Received: inputs.shape="
                f"{tuple(inputs.shape)}"
            )
        return record(self._row, (self.output_size, self.data_format == "channels_first"), (inputs,))

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {**super().get_config(), "output_size": self.output_size, "data_format": self.data_format}


def _made(name: str, row: Op, rank: int, purpose: str) -> Any:
    """The class of one pooling."""
    axes = ("one axis", "two axes", "three axes")[rank - 1]
    shape, result = (2, *(7,) * rank, 4), [2, *(3,) * rank, 4]
    text = _TEXT.format(purpose=purpose, axes=axes, name=name, shape=shape, result=result)
    return type(name, (AdaptivePooling,), {"__doc__": text, "__module__": __name__, "rank": rank, "_row": row})


AdaptiveAveragePooling1D = _made("AdaptiveAveragePooling1D", ADAPTIVE_AVERAGE, 1, "The means")
AdaptiveAveragePooling2D = _made("AdaptiveAveragePooling2D", ADAPTIVE_AVERAGE, 2, "The means")
AdaptiveAveragePooling3D = _made("AdaptiveAveragePooling3D", ADAPTIVE_AVERAGE, 3, "The means")
AdaptiveMaxPooling1D = _made("AdaptiveMaxPooling1D", ADAPTIVE_MAXIMUM, 1, "The maxima")
AdaptiveMaxPooling2D = _made("AdaptiveMaxPooling2D", ADAPTIVE_MAXIMUM, 2, "The maxima")
AdaptiveMaxPooling3D = _made("AdaptiveMaxPooling3D", ADAPTIVE_MAXIMUM, 3, "The maxima")
