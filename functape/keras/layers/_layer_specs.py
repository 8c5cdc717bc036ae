"""What a layer's inputs must look like."""

from __future__ import annotations

from typing import Any

from functape._core._shape import TensorShape
from functape._engine._dtypes import as_dtype
from functape.keras.layers._layer_calls import leaves_of


class InputSpec:
    """The rank, dtype and lengths that an input of a layer must have (`tf.keras.layers.InputSpec`).

    **Arguments:**
    - `dtype`: the dtype.
    - `shape`: the shape, None for lengths that may be any.
    - `ndim`, `max_ndim`, `min_ndim`: the rank, or its bounds.
    - `axes`: for some axes, the length.
    - `allow_last_axis_squeeze`: whether a last axis of length 1 may be missing.
    - `name`: the input's key in a dict of inputs.
    - `optional`: whether None may be passed instead.

    ```python
    >>> import functape as tf
    >>> tf.keras.layers.InputSpec(min_ndim=2, axes={-1: 4})
    InputSpec(min_ndim=2, axes={-1: 4})

    ```
    """

    def __init__(
        self,
        dtype: Any = None,
        shape: Any = None,
        ndim: int | None = None,
        max_ndim: int | None = None,
        min_ndim: int | None = None,
        axes: dict[int, int | None] | None = None,
        allow_last_axis_squeeze: bool = False,
        name: str | None = None,
        optional: bool = False,
    ) -> None:
        self.dtype = None if dtype is None else as_dtype(dtype).name
        self.shape = None if shape is None else tuple(TensorShape(shape))
        self.ndim = ndim if self.shape is None else len(self.shape)
        self.max_ndim = max_ndim
        self.min_ndim = min_ndim
        self.allow_last_axis_squeeze = allow_last_axis_squeeze
        self.name = name
        self.optional = optional
        try:
            self.axes = {int(axis): length for axis, length in (axes or {}).items()}
        except (TypeError, ValueError, AttributeError):
            raise TypeError(f"Argument `axes` must be a dict with integer keys. Received: axes={axes}") from None
        rank = self.ndim if self.ndim is not None else self.max_ndim
        if self.axes and rank is not None and max(self.axes) > rank - 1:
            raise ValueError(
                f"Axis {max(self.axes)} is greater than the maximum allowed value: {rank - 1}. Received: axes={axes}"
            )

    def __repr__(self) -> str:
        given = {
            "dtype": self.dtype, "shape": self.shape, "ndim": self.ndim, "max_ndim": self.max_ndim,
            "min_ndim": self.min_ndim, "axes": self.axes or None,
        }  # fmt: skip
        return f"InputSpec({', '.join(f'{key}={value}' for key, value in given.items() if value is not None)})"

    def get_config(self) -> dict[str, Any]:
        """The arguments that make a spec like this one."""
        return {
            "dtype": self.dtype, "shape": self.shape, "ndim": self.ndim, "max_ndim": self.max_ndim,
            "min_ndim": self.min_ndim, "axes": self.axes,
        }  # fmt: skip

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> InputSpec:
        """The spec that `get_config` described."""
        return cls(**config)


def check_inputs(input_spec: Any, inputs: Any, layer_name: str) -> None:
    """Compare a layer's inputs with what it says they must be.

    **Arguments:**
    - `input_spec`: an `InputSpec`, or a structure of them like `inputs`; None allows anything.
    - `inputs`: the layer's first argument.
    - `layer_name`: for the message.

    **Raises:** `ValueError` if they do not fit.
    """
    if not input_spec:
        return
    specs = leaves_of(input_spec)
    if isinstance(inputs, dict) and all(isinstance(spec, InputSpec) and spec.name for spec in specs):
        given = [inputs.get(spec.name) for spec in specs]
        missing = [
            spec.name for spec, each in zip(specs, given, strict=True) if each is None and spec.name not in inputs
        ]
        if missing:
            raise ValueError(
                f"Missing data for input {missing[0]!r}. You passed a data dictionary with keys {list(inputs)}. "
                f"Expected the following keys: {[spec.name for spec in specs]}"
            )
    else:
        given = leaves_of(inputs)
    if len(given) != len(specs):
        raise ValueError(f"Layer '{layer_name}' expected {len(specs)} input(s). Received {len(given)} instead: {given}")
    for place, (each, spec) in enumerate(zip(given, specs, strict=True)):
        if spec is None or (each is None and spec.optional):
            continue
        if not hasattr(each, "shape"):
            raise ValueError(
                f"Inputs to a layer should be tensors. Got '{each}' (of type {type(each)}) as input for layer "
                f"'{layer_name}'."
            )
        wrong = _mismatch(spec, each)
        if wrong:
            raise ValueError(f"Input {place} of layer '{layer_name}' is incompatible with the layer: {wrong}")


def _mismatch(spec: InputSpec, each: Any) -> str:
    """How an input differs from its spec; empty if it does not."""
    shape = TensorShape(each.shape)
    if shape.rank is None:
        return ""
    lengths = tuple(shape)
    rank = len(lengths)
    if spec.ndim is not None and not spec.allow_last_axis_squeeze and rank != spec.ndim:
        return f"expected ndim={spec.ndim}, found ndim={rank}. Full shape received: {lengths}"
    if spec.max_ndim is not None and rank > spec.max_ndim:
        return f"expected max_ndim={spec.max_ndim}, found ndim={rank}"
    if spec.min_ndim is not None and rank < spec.min_ndim:
        return f"expected min_ndim={spec.min_ndim}, found ndim={rank}. Full shape received: {lengths}"
    if spec.dtype is not None and as_dtype(each.dtype).name != spec.dtype:
        return f"expected dtype={spec.dtype}, found dtype={as_dtype(each.dtype).name}"
    for axis, length in spec.axes.items():
        if length is not None and -rank <= axis < rank and lengths[axis] not in (length, None):
            return (
                f"expected axis {axis} of input shape to have value {length}, but received input with shape {lengths}"
            )
    if spec.shape is None:
        return ""
    wanted = spec.shape
    if spec.allow_last_axis_squeeze:
        if lengths and lengths[-1] == 1:
            lengths = lengths[:-1]
        if wanted and wanted[-1] == 1:
            wanted = wanted[:-1]
    if len(wanted) != len(lengths):
        return f"expected shape={spec.shape}, found shape={lengths}"
    if any(a is not None and b is not None and a != b for a, b in zip(wanted, lengths, strict=True)):
        return f"expected shape={spec.shape}, found shape={lengths}"
    return ""
