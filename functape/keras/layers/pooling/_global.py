"""Maxima and means over all spatial axes."""

from __future__ import annotations

from typing import Any

from functape._engine._op import Op
from functape._engine._recorder import record
from functape._ops._keras_pooling import MASKED_MEAN
from functape._ops._reductions import MAXIMUM, MEAN
from functape.keras._configuration import standardize_data_format
from functape.keras.layers._layer import Layer
from functape.keras.layers._layer_specs import InputSpec

_TEXT = """{purpose} over {axes} (`tf.keras.layers.{name}`).

**Arguments:**
- `data_format`: `"channels_last"` or `"channels_first"`.
- `keepdims`: whether to keep the spatial axes, with length 1.

```python
>>> import functape as tf
>>> tf.keras.layers.{name}()(tf.ones({shape})).shape
TensorShape([2, 3])

```
"""


class GlobalPooling(Layer):
    """The base of poolings over all spatial axes."""

    rank: int
    _row: Op

    def __init__(self, data_format: str | None = None, keepdims: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.data_format = standardize_data_format(data_format)
        self.keepdims = keepdims
        self.input_spec = InputSpec(ndim=self.rank + 2)
        first = 2 if self.data_format == "channels_first" else 1
        self._statics = tuple(range(first, first + self.rank)), bool(keepdims)

    def call(self, inputs: Any) -> Any:
        """The outputs."""
        return record(self._row, self._statics, (inputs,))

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {**super().get_config(), "data_format": self.data_format, "keepdims": self.keepdims}


def _made(name: str, row: Op, rank: int, purpose: str) -> Any:
    """The class of one pooling."""
    axes = ("the steps", "both spatial axes", "the spatial axes")[rank - 1]
    text = _TEXT.format(purpose=purpose, axes=axes, name=name, shape=(2, *(4,) * rank, 3))
    return type(name, (GlobalPooling,), {"__doc__": text, "__module__": __name__, "rank": rank, "_row": row})


GlobalMaxPooling1D = _made("GlobalMaxPooling1D", MAXIMUM, 1, "The maximum")
GlobalMaxPooling2D = _made("GlobalMaxPooling2D", MAXIMUM, 2, "The maximum")
GlobalMaxPooling3D = _made("GlobalMaxPooling3D", MAXIMUM, 3, "The maximum")
GlobalAveragePooling2D = _made("GlobalAveragePooling2D", MEAN, 2, "The mean")
GlobalAveragePooling3D = _made("GlobalAveragePooling3D", MEAN, 3, "The mean")


class GlobalAveragePooling1D(GlobalPooling):
    """The mean over the steps, without those that are masked (`tf.keras.layers.GlobalAveragePooling1D`).

    **Arguments:**
    - `data_format`: `"channels_last"` or `"channels_first"`.
    - `keepdims`: whether to keep the axis of steps, with length 1.

    ```python
    >>> import functape as tf
    >>> pool = tf.keras.layers.GlobalAveragePooling1D()
    >>> print(pool(tf.constant([[[1.0], [5.0]]]), mask=tf.constant([[True, False]])).numpy())
    [[1.]]

    ```
    """

    rank = 1
    _row = MEAN

    def __init__(self, data_format: str | None = None, keepdims: bool = False, **kwargs: Any) -> None:
        super().__init__(data_format, keepdims, **kwargs)
        self.supports_masking = True

    def call(self, inputs: Any, mask: Any = None) -> Any:
        """The outputs."""
        if mask is None:
            return record(MEAN, self._statics, (inputs,))
        return record(MASKED_MEAN, (self._statics[0][0], self._statics[1]), (inputs, mask))

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """None: there are no steps any more."""
        return None

    def _masks_nothing(self) -> bool:
        return True
