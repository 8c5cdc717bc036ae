"""Rounding as a quantized model would: `tf.quantization.fake_quant_with_min_max_...`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from functape._core._convert import convert
from functape._engine._dtypes import float32
from functape._engine._errors import InvalidArgumentError
from functape._engine._recorder import record
from functape._ops._quantizing import FAKE_QUANT


def fake_quant_with_min_max_args(
    inputs: Any,
    min: float = -6,
    max: float = 6,
    num_bits: int = 8,
    narrow_range: bool = False,
    name: str | None = None,
) -> Any:
    """Round to the steps of a fixed range (`tf.quantization.fake_quant_with_min_max_args`).

    The bounds are moved a little so that zero is a step. The gradient is 1 inside of them and 0 outside.

    **Arguments:**
    - `inputs`: a float32 tensor.
    - `min`, `max`: the bounds.
    - `num_bits`: there are two to the power of this steps; 2 to 16.
    - `narrow_range`: whether there is one step less.
    - `name`: accepted for compatibility.

    **Returns:** a float32 tensor of the shape of `inputs`.

    **Raises:** `InvalidArgumentError` for other dtypes or numbers of bits, or unless `min` is less than `max`.

    ```python
    >>> import functape as tf
    >>> tf.quantization.fake_quant_with_min_max_args([0.0, 0.4, 9.0], 0.0, 3.0, num_bits=2).numpy()
    array([0., 0., 3.], dtype=float32)

    ```
    """
    if min >= max:
        raise InvalidArgumentError(
            message=f"min has to be smaller than max, was: {min} >= {max} [Op:FakeQuantWithMinMaxArgs]"
        )
    return _rounded(inputs, float(min), float(max), num_bits, narrow_range, True)


def fake_quant_with_min_max_vars(
    inputs: Any, min: Any, max: Any, num_bits: int = 8, narrow_range: bool = False, name: str | None = None
) -> Any:
    """Round to the steps of a range (`tf.quantization.fake_quant_with_min_max_vars`).

    As `fake_quant_with_min_max_args`; what is outside of the bounds gives its gradient to the nearer one.

    **Arguments:**
    - `inputs`: a float32 tensor.
    - `min`, `max`: float32 scalars: the bounds.
    - `num_bits`: there are two to the power of this steps; 2 to 16.
    - `narrow_range`: whether there is one step less.
    - `name`: accepted for compatibility.

    **Returns:** a float32 tensor of the shape of `inputs`.

    **Raises:** `InvalidArgumentError` for other dtypes, shapes or numbers of bits.
    """
    low, high = _bounds(min, max, ())
    return _rounded(inputs, low, high, num_bits, narrow_range, False)


def fake_quant_with_min_max_vars_per_channel(
    inputs: Any, min: Any, max: Any, num_bits: int = 8, narrow_range: bool = False, name: str | None = None
) -> Any:
    """Round to the steps of a range for each channel (`tf.quantization.fake_quant_with_min_max_vars_per_channel`).

    As `fake_quant_with_min_max_vars`.

    **Arguments:**
    - `inputs`: a float32 tensor whose last axis holds the channels.
    - `min`, `max`: float32 vectors: the bounds of each channel.
    - `num_bits`: there are two to the power of this steps; 2 to 16.
    - `narrow_range`: whether there is one step less.
    - `name`: accepted for compatibility.

    **Returns:** a float32 tensor of the shape of `inputs`.

    **Raises:** `InvalidArgumentError` for other dtypes, shapes or numbers of bits.
    """
    x = convert(inputs, hint=float32)
    low, high = _bounds(min, max, x.aval.shape[-1:])
    return _rounded(x, low, high, num_bits, narrow_range, True)


def fake_quant_with_min_max_args_gradient(
    gradients: Any,
    inputs: Any,
    min: float = -6,
    max: float = 6,
    num_bits: int = 8,
    narrow_range: bool = False,
    name: str | None = None,
) -> Any:
    """The gradient of `fake_quant_with_min_max_args` (`tf.quantization.fake_quant_with_min_max_args_gradient`).

    **Arguments:**
    - `gradients`: that of its result.
    - `inputs`, `min`, `max`, `num_bits`, `narrow_range`: its arguments.
    - `name`: accepted for compatibility.

    **Returns:** that of its `inputs`.
    """
    return _gradient(fake_quant_with_min_max_args, gradients, inputs, min, max, num_bits, narrow_range)[0]


def fake_quant_with_min_max_vars_gradient(
    gradients: Any,
    inputs: Any,
    min: Any,
    max: Any,
    num_bits: int = 8,
    narrow_range: bool = False,
    name: str | None = None,
) -> tuple[Any, Any, Any]:
    """The gradients of `fake_quant_with_min_max_vars` (`tf.quantization.fake_quant_with_min_max_vars_gradient`).

    **Arguments:**
    - `gradients`: that of its result.
    - `inputs`, `min`, `max`, `num_bits`, `narrow_range`: its arguments.
    - `name`: accepted for compatibility.

    **Returns:** those of its `inputs`, `min` and `max`.
    """
    return _gradient(fake_quant_with_min_max_vars, gradients, inputs, min, max, num_bits, narrow_range)


def fake_quant_with_min_max_vars_per_channel_gradient(
    gradients: Any,
    inputs: Any,
    min: Any,
    max: Any,
    num_bits: int = 8,
    narrow_range: bool = False,
    name: str | None = None,
) -> tuple[Any, Any, Any]:
    """The gradients of `fake_quant_with_min_max_vars_per_channel`
    (`tf.quantization.fake_quant_with_min_max_vars_per_channel_gradient`).

    **Arguments:**
    - `gradients`: that of its result.
    - `inputs`, `min`, `max`, `num_bits`, `narrow_range`: its arguments.
    - `name`: accepted for compatibility.

    **Returns:** those of its `inputs`, `min` and `max`.
    """
    return _gradient(fake_quant_with_min_max_vars_per_channel, gradients, inputs, min, max, num_bits, narrow_range)


def _rounded(inputs: Any, low: Any, high: Any, num_bits: int, narrow_range: bool, by_inverse: bool) -> Any:
    return record(
        FAKE_QUANT, (int(num_bits), bool(narrow_range), by_inverse), (convert(inputs, hint=float32), low, high)
    )


def _bounds(low: Any, high: Any, shape: tuple[int, ...]) -> tuple[Any, Any]:
    found = convert(low, hint=float32), convert(high, hint=float32)
    for name, each in zip(("min", "max"), found, strict=True):
        if each.aval.shape != shape:
            raise InvalidArgumentError(
                message=f"`{name}` must have shape {list(shape)}. Received shape {list(each.aval.shape)} "
                "[Op:FakeQuantWithMinMaxVars]"
            )
    return found


def _gradient(function: Callable[..., Any], gradients: Any, inputs: Any, low: Any, high: Any, *rest: Any) -> Any:
    from functape import GradientTape

    sources = [convert(inputs, hint=float32)]
    if function is not fake_quant_with_min_max_args:
        low, high = (convert(each, hint=float32) for each in (low, high))
        sources += [low, high]
    with GradientTape() as tape:
        tape.watch(sources)
        result = function(sources[0], low, high, *rest)
    return tuple(tape.gradient(result, sources, output_gradients=convert(gradients, hint=float32)))
