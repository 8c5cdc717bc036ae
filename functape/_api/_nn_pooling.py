"""The poolings of `tf.nn`."""

from __future__ import annotations

from typing import Any

from functape._api._nn_windows import channels_first, entries, inner, padding_of, spatial
from functape._api._static import invalid, operand
from functape._engine._dtypes import as_dtype, int64
from functape._engine._errors import UnimplementedError
from functape._engine._op import Op
from functape._engine._recorder import record, record_multiple
from functape._ops import _pooling as rows

_ARGUMENTS = """
**Arguments:**
- `input`: `[batch, {axes}, channels]`, or `[batch, channels, {axes}]` for a format with the channels first.
- `ksize`: the window: an int, or a list of 1, {rank} or {full}.
- `strides`: how far the window moves; as `ksize`.
- `padding`: `"SAME"` or `"VALID"`{explicit}.
- `data_format`: `{last!r}` or `{first!r}`.
- `name`: accepted for compatibility; ops have no names here.

**Returns:** a tensor of the dtype of `input`.

**Raises:** `InvalidArgumentError` for shapes or values that do not fit; `ValueError` for lists of a wrong length.
"""


def _pool(
    row: Op, x: Any, ksize: Any, strides: Any, padding: Any, data_format: Any, rank: int, explicit: bool, error: Any
) -> Any:
    first = channels_first(data_format, rank, row.name, error)
    given = operand(x)
    window = entries(ksize, "ksize")
    if row is rows.MAX_POOL and len(window) == rank + 2 and window[1 if first else -1] > 1:
        return _over_channels(given, window, entries(strides, "strides"), first)
    statics = (
        spatial(window, rank, first, "ksize", row.name),
        spatial(strides, rank, first, "strides", row.name),
        padding_of(padding, rank, first, row.name, explicit),
        first,
    )
    return record(row, statics, (given,))


def _over_channels(x: Any, window: tuple[int, ...], strides: tuple[int, ...], first: bool) -> Any:
    """The maximum over neighbouring channels, which TensorFlow has for windows that do nothing else."""
    depth = window[1 if first else -1]
    if window.count(1) != len(window) - 1 or first:
        raise UnimplementedError(
            message=f"MaxPooling over the channels takes a window of 1 everywhere else [Op:MaxPool]. "
            f"Received: ksize={list(window)}"
        )
    if x.aval.shape[-1] % depth or strides[-1] != depth:
        raise UnimplementedError(
            message=f"Depthwise max pooling requires the depth window to evenly divide the input depth and to be the "
            f"stride [Op:MaxPool]. Received: ksize={list(window)}, strides={list(strides)}"
        )
    return record(rows.MAX_OVER_CHANNELS, (depth,), (x,))


def _documented(function: Any, purpose: str, axes: str, formats: tuple[str, str], explicit: bool, example: str) -> Any:
    rank = axes.count(",") + 1
    function.__doc__ = (
        f"{purpose} (`tf.nn.{function.__name__}`).\n"
        + _ARGUMENTS.format(
            axes=axes,
            rank=rank,
            full=rank + 2,
            last=formats[0],
            first=formats[1],
            explicit=f", or a list of {rank + 2} pairs" if explicit else "",
        )
        + f"\n```python\n>>> import functape as tf\n>>> {example}\n\n```\n"
    )
    return function


def max_pool2d(
    input: Any, ksize: Any, strides: Any, padding: Any, data_format: Any = "NHWC", name: str | None = None
) -> Any:
    return _pool(rows.MAX_POOL, input, ksize, strides, padding, data_format, 2, True, None)


def max_pool1d(
    input: Any, ksize: Any, strides: Any, padding: Any, data_format: Any = "NWC", name: str | None = None
) -> Any:
    return _pool(rows.MAX_POOL, input, ksize, strides, padding, data_format, 1, False, ValueError)


def max_pool3d(
    input: Any, ksize: Any, strides: Any, padding: Any, data_format: Any = "NDHWC", name: str | None = None
) -> Any:
    return _pool(rows.MAX_POOL, input, ksize, strides, padding, data_format, 3, False, None)


def avg_pool2d(
    input: Any, ksize: Any, strides: Any, padding: Any, data_format: Any = "NHWC", name: str | None = None
) -> Any:
    return _pool(rows.AVERAGE_POOL, input, ksize, strides, padding, data_format, 2, False, None)


def avg_pool1d(
    input: Any, ksize: Any, strides: Any, padding: Any, data_format: Any = "NWC", name: str | None = None
) -> Any:
    return _pool(rows.AVERAGE_POOL, input, ksize, strides, padding, data_format, 1, False, ValueError)


def avg_pool3d(
    input: Any, ksize: Any, strides: Any, padding: Any, data_format: Any = "NDHWC", name: str | None = None
) -> Any:
    return _pool(rows.AVERAGE_POOL, input, ksize, strides, padding, data_format, 3, False, None)


_MAXIMUM, _MEAN = "The maximum over a moving window", "The mean over a moving window, without what is padded"
_ONE, _TWO, _THREE = (
    ("width", ("NWC", "NCW")),
    ("height, width", ("NHWC", "NCHW")),
    ("depth, height, width", ("NDHWC", "NCDHW")),
)
_VECTOR, _PLANE, _SOLID = (
    "tf.reshape(tf.range(4.0), [1, 4, 1])",
    "tf.reshape(tf.range(16.0), [1, 4, 4, 1])",
    "tf.reshape(tf.range(8.0), [1, 2, 2, 2, 1])",
)
for _function, _purpose, (_axes, _formats), _explicit, _input, _result in (
    (max_pool1d, _MAXIMUM, _ONE, False, _VECTOR, "[1. 3.]"),
    (max_pool2d, _MAXIMUM, _TWO, True, _PLANE, "[ 5.  7. 13. 15.]"),
    (max_pool3d, _MAXIMUM, _THREE, False, _SOLID, "[7.]"),
    (avg_pool1d, _MEAN, _ONE, False, _VECTOR, "[0.5 2.5]"),
    (avg_pool2d, _MEAN, _TWO, False, _PLANE, "[ 2.5  4.5 10.5 12.5]"),
    (avg_pool3d, _MEAN, _THREE, False, _SOLID, "[3.5]"),
):
    _documented(
        _function, _purpose, _axes, _formats, _explicit,
        f"print(tf.nn.{_function.__name__}({_input}, 2, 2, 'VALID').numpy().ravel())\n{_result}",
    )  # fmt: skip


def _any_rank(row: Op, x: Any, ksize: Any, strides: Any, padding: Any, data_format: Any) -> Any:
    given = operand(x)
    rank = given.aval.ndim - 2
    if rank not in (1, 2, 3):
        raise ValueError(
            f"`input.shape.rank` must be 3, 4 or 5. Received: input.shape={given.aval.shape} of rank {given.aval.ndim}"
        )
    first = isinstance(data_format, str) and data_format.startswith("NC")
    name = ("NCW", "NCHW", "NCDHW")[rank - 1] if first else None
    return _pool(row, given, ksize, strides, padding, name, rank, row is rows.MAX_POOL and rank == 2, None)


def max_pool(
    input: Any, ksize: Any, strides: Any, padding: Any, data_format: Any = None, name: str | None = None
) -> Any:
    """The maximum over a moving window (`tf.nn.max_pool`): as `max_pool1d`, `max_pool2d` or `max_pool3d` by the input.

    ```python
    >>> import functape as tf
    >>> tf.nn.max_pool(tf.ones([1, 4, 4, 3]), ksize=2, strides=2, padding="VALID").shape
    TensorShape([1, 2, 2, 3])

    ```
    """
    return _any_rank(rows.MAX_POOL, input, ksize, strides, padding, data_format)


def avg_pool(
    input: Any, ksize: Any, strides: Any, padding: Any, data_format: Any = None, name: str | None = None
) -> Any:
    """The mean over a moving window (`tf.nn.avg_pool`): as `avg_pool1d`, `avg_pool2d` or `avg_pool3d` by the input.

    ```python
    >>> import functape as tf
    >>> tf.nn.avg_pool(tf.ones([1, 4, 4, 3]), ksize=2, strides=2, padding="VALID").shape
    TensorShape([1, 2, 2, 3])

    ```
    """
    return _any_rank(rows.AVERAGE_POOL, input, ksize, strides, padding, data_format)


def pool(
    input: Any,
    window_shape: Any,
    pooling_type: Any,
    strides: Any = None,
    padding: Any = "VALID",
    data_format: Any = None,
    dilations: Any = None,
    name: str | None = None,
) -> Any:
    """The maximum or mean over a moving window, which may have holes (`tf.nn.pool`).

    **Arguments:**
    - `input`: `[batch, *lengths, channels]`, or `[batch, channels, *lengths]` for a format that begins with `"NC"`.
    - `window_shape`: the window's length along each spatial axis.
    - `pooling_type`: `"MAX"` or `"AVG"`.
    - `strides`, `dilations`: a number for each spatial axis; not both above 1.
    - `padding`: `"SAME"`, `"VALID"` or, for the maximum over two axes, a list of pairs.
    - `data_format`: None for channels last, or a name.
    - `name`: accepted for compatibility.

    **Raises:** `ValueError` for what does not fit.

    ```python
    >>> import functape as tf
    >>> tf.nn.pool(tf.ones([1, 5, 5, 2]), [2, 2], "MAX", dilations=[2, 2]).shape
    TensorShape([1, 3, 3, 2])

    ```
    """
    given = operand(input)
    window = entries(window_shape, "window_shape")
    rank = len(window)
    if rank not in (1, 2, 3):
        raise ValueError(f"`window_shape` must have 1, 2 or 3 entries. Received: window_shape={window_shape}")
    if given.aval.ndim != rank + 2:
        raise ValueError(
            f"`input.shape.rank` must be {rank + 2} for this `window_shape`. Received: input.shape={given.aval.shape}"
        )
    row = {"MAX": rows.MAX_POOL, "AVG": rows.AVERAGE_POOL}.get(pooling_type)
    if row is None:
        raise ValueError(f"`pooling_type` must be 'MAX' or 'AVG'. Received: pooling_type={pooling_type!r}")
    first = isinstance(data_format, str) and data_format.startswith("NC")
    steps = (1,) * rank if strides is None else spatial(strides, rank, first, "strides", row.name)
    holes = (1,) * rank if dilations is None else spatial(dilations, rank, first, "dilations", row.name)
    if max(holes) == 1:
        pads = padding_of(padding, rank, first, row.name, row is rows.MAX_POOL and rank == 2)
        return record(row, (window, steps, pads, first), (given,))
    if max(steps) > 1:
        raise ValueError(
            f"`strides > 1` not supported in conjunction with `dilations > 1`. "
            f"Received: strides={strides} and dilations={dilations}"
        )
    if padding != "VALID":
        raise ValueError(
            f"Pooling with dilations above 1 takes `padding='VALID'`. "
            f"Received: padding={padding} and dilations={dilations}"
        )
    return record(rows.DILATED_POOL, (window, holes, first, pooling_type == "MAX"), (given,))


def max_pool_with_argmax(
    input: Any,
    ksize: Any,
    strides: Any,
    padding: Any,
    data_format: Any = "NHWC",
    output_dtype: Any = int64,
    include_batch_in_index: bool = False,
    name: str | None = None,
) -> tuple[Any, Any]:
    """The maximum over a moving window and where it was (`tf.nn.max_pool_with_argmax`).

    **Arguments:**
    - `input`, `ksize`, `strides`: as for `max_pool2d`.
    - `padding`: `"SAME"` or `"VALID"`.
    - `data_format`: `"NHWC"`.
    - `output_dtype`: int64 or int32.
    - `include_batch_in_index`: whether places are counted through the whole input, not within each image.
    - `name`: accepted for compatibility.

    **Returns:** the maxima, and the places they came from in the flattened image.

    **Raises:** `ValueError` for another `data_format`.

    ```python
    >>> import functape as tf
    >>> x = tf.reshape(tf.range(16.0), [1, 4, 4, 1])
    >>> print(tf.nn.max_pool_with_argmax(x, 2, 2, "VALID")[1].numpy().ravel())
    [ 5  7 13 15]

    ```
    """
    if data_format != "NHWC":
        raise ValueError(f"`data_format` values other than 'NHWC' are not supported. Received: {data_format!r}")
    dtype = as_dtype(output_dtype)
    if dtype.name not in ("int32", "int64"):
        raise TypeError(f"`output_dtype` must be int32 or int64. Received: output_dtype={output_dtype!r}")
    op = "MaxPoolWithArgmax"
    statics = (
        spatial(ksize, 2, False, "ksize", op),
        spatial(strides, 2, False, "strides", op),
        padding_of(padding, 2, False, op, explicit=False),
        dtype.as_numpy_dtype,
        bool(include_batch_in_index),
    )
    return record_multiple(rows.MAX_POOL_WITH_ARGMAX, statics, (operand(input),))


def _morphology(
    row: Op, x: Any, filters: Any, strides: Any, padding: Any, data_format: Any, dilations: Any, op: str
) -> Any:
    if data_format != "NHWC":
        raise ValueError(f"`data_format` must be 'NHWC'. Received: data_format={data_format!r}")
    given = operand(x)
    if padding not in ("SAME", "VALID"):
        raise invalid(f"`padding` must be 'SAME' or 'VALID' [Op:{op}]. Received: padding={padding!r}")
    numbers = []
    for name, value in (("strides", strides), ("dilations", dilations)):
        if not isinstance(value, list | tuple):
            raise TypeError(f"Expected list for {name!r} argument to {op!r} Op, not {value}.")
        if len(value) != 4:
            raise invalid(f"Sliding window {name} field must specify 4 dimensions [Op:{op}]. Received: {value}")
        numbers.append(inner(entries(value, name), False, name, op))
    return record(row, (numbers[0], padding, numbers[1]), (given, operand(filters, hint=given.aval.dtype)))


def dilation2d(
    input: Any, filters: Any, strides: Any, padding: Any, data_format: Any, dilations: Any, name: str | None = None
) -> Any:
    """The maximum of a moving window plus a filter: greyscale dilation (`tf.nn.dilation2d`).

    **Arguments:**
    - `input`: `[batch, height, width, channels]`.
    - `filters`: `[height, width, channels]`.
    - `strides`, `dilations`: lists of 4.
    - `padding`: `"SAME"` or `"VALID"`.
    - `data_format`: `"NHWC"`.
    - `name`: accepted for compatibility.

    **Returns:** a tensor `[batch, height, width, channels]`.

    **Raises:** `ValueError` for another `data_format`; `InvalidArgumentError` for shapes that do not fit.

    ```python
    >>> import functape as tf
    >>> x, filters = tf.reshape(tf.range(4.0), [1, 2, 2, 1]), tf.zeros([2, 2, 1])
    >>> tf.nn.dilation2d(x, filters, [1, 1, 1, 1], "VALID", "NHWC", [1, 1, 1, 1]).numpy().ravel()
    array([3.], dtype=float32)

    ```
    """
    return _morphology(rows.DILATION, input, filters, strides, padding, data_format, dilations, "Dilation2D")


def erosion2d(
    value: Any, filters: Any, strides: Any, padding: Any, data_format: Any, dilations: Any, name: str | None = None
) -> Any:
    """The minimum of a moving window less a filter: greyscale erosion (`tf.nn.erosion2d`); otherwise as `dilation2d`.

    ```python
    >>> import functape as tf
    >>> x, filters = tf.reshape(tf.range(4.0), [1, 2, 2, 1]), tf.zeros([2, 2, 1])
    >>> tf.nn.erosion2d(x, filters, [1, 1, 1, 1], "VALID", "NHWC", [1, 1, 1, 1]).numpy().ravel()
    array([0.], dtype=float32)

    ```
    """
    return _morphology(rows.EROSION, value, filters, strides, padding, data_format, dilations, "Erosion2D")
