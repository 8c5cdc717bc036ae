"""Maxima and means over a moving window."""

from __future__ import annotations

from typing import Any

from functape._engine._op import Op
from functape._engine._recorder import record
from functape._ops._pooling import AVERAGE_POOL, MAX_POOL
from functape.keras._configuration import standardize_data_format
from functape.keras.layers._layer import Layer
from functape.keras.layers._layer_specs import InputSpec
from functape.keras.layers._layer_windows import integers, padding_name

_TEXT = """{purpose} over {axes} (`tf.keras.layers.{name}`).

**Arguments:**
- `pool_size`: the window, a number or one for each axis.
- `strides`: how far it moves; as far as it is long by default.
- `padding`: `"valid"` for none or `"same"` for as many outputs as inputs, per stride.
- `data_format`: `"channels_last"` or `"channels_first"`.

**Raises:** `ValueError` for numbers that do not fit.

```python
>>> import functape as tf
>>> tf.keras.layers.{name}(2)(tf.ones({shape})).shape
TensorShape({result})

```
"""


class MovingPooling(Layer):
    """The base of poolings over a moving window."""

    rank: int
    _row: Op

    def __init__(
        self,
        pool_size: Any = 2,
        strides: Any = None,
        padding: str = "valid",
        data_format: str | None = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(name=name, **kwargs)
        self.pool_size = integers(pool_size, self.rank, "pool_size")
        self.strides = integers(self.pool_size if strides is None else strides, self.rank, "strides")
        self.padding = padding_name(padding)
        self.data_format = standardize_data_format(data_format)
        self.input_spec = InputSpec(ndim=self.rank + 2)
        channels_first = self.data_format == "channels_first"
        self._statics = self.pool_size, self.strides, self.padding.upper(), channels_first

    def call(self, inputs: Any) -> Any:
        """The outputs."""
        return record(self._row, self._statics, (inputs,))

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {
            **super().get_config(),
            "pool_size": self.pool_size,
            "padding": self.padding,
            "strides": self.strides,
            "data_format": self.data_format,
        }


def _made(name: str, row: Op, rank: int, purpose: str) -> type[MovingPooling]:
    """The class of one pooling."""
    axes = ("one axis", "two axes", "three axes")[rank - 1]
    shape, result = (2, *(6,) * rank, 3), [2, *(3,) * rank, 3]
    text = _TEXT.format(purpose=purpose, axes=axes, name=name, shape=shape, result=result)
    return type(name, (MovingPooling,), {"__doc__": text, "__module__": __name__, "rank": rank, "_row": row})


MaxPooling1D = _made("MaxPooling1D", MAX_POOL, 1, "The maximum of a moving window")
MaxPooling2D = _made("MaxPooling2D", MAX_POOL, 2, "The maximum of a moving window")
MaxPooling3D = _made("MaxPooling3D", MAX_POOL, 3, "The maximum of a moving window")
AveragePooling1D = _made("AveragePooling1D", AVERAGE_POOL, 1, "The mean of a moving window")
AveragePooling2D = _made("AveragePooling2D", AVERAGE_POOL, 2, "The mean of a moving window")
AveragePooling3D = _made("AveragePooling3D", AVERAGE_POOL, 3, "The mean of a moving window")
