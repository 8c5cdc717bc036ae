"""Top-level functions on arrays that are seldom needed."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from functape._api._static import array_of, as_axis, as_int, as_ints, invalid, operand, operands
from functape._core._cast import cast
from functape._core._convert import convert, from_numpy, is_tensor_like
from functape._core._known import host_array
from functape._engine._dtypes import as_dtype, int32
from functape._engine._op import Op
from functape._engine._recorder import record
from functape._ops import _checks as checks
from functape._ops._gathering import _check_tensor_scatter, _tensor_scatter


def _bitcast(x: Any, dtype: Any) -> Any:
    return jax.lax.bitcast_convert_type(x, dtype)


def _reverse_sequence(x: Any, lengths: Any, along: int, batch: int) -> Any:
    place = jnp.arange(x.shape[along], dtype=lengths.dtype)
    row = jnp.where(place < lengths[:, None], lengths[:, None] - 1 - place, place)
    shape = [1] * x.ndim
    shape[batch], shape[along] = row.shape
    ordered = row if batch < along else row.T
    return jnp.take_along_axis(x, ordered.reshape(shape), along)


def _bins(x: Any, bounds: Any, count: int, dtype: Any) -> Any:
    low, high = bounds[0], bounds[1]
    scaled = (x.astype(jnp.float64) - low) / (high - low).astype(jnp.float64) * count
    return jnp.clip(jnp.floor(scaled), 0, count - 1).astype(dtype)


def _histogram(x: Any, bounds: Any, count: int, dtype: Any) -> Any:
    return jnp.bincount(_bins(x, bounds, count, jnp.int32).reshape(-1), length=count).astype(dtype)


def _saturate(x: Any, dtype: Any) -> Any:
    if jnp.issubdtype(x.dtype, jnp.complexfloating) and not jnp.issubdtype(dtype, jnp.complexfloating):
        x = jnp.real(x)
    limits = jnp.iinfo(dtype) if jnp.issubdtype(dtype, jnp.integer) else jnp.finfo(dtype)
    own = jnp.iinfo(x.dtype) if jnp.issubdtype(x.dtype, jnp.integer) else jnp.finfo(x.dtype)
    low, high = max(float(limits.min), float(own.min)), min(float(limits.max), float(own.max))
    if jnp.issubdtype(x.dtype, jnp.integer):
        bounds = max(int(limits.min), int(own.min)), min(int(limits.max), int(own.max))
        return jnp.clip(x, *(np.asarray(each, x.dtype) for each in bounds)).astype(dtype)
    below = np.asarray(low, x.dtype)
    above = np.asarray(high, x.dtype)
    if float(above) > high:
        above = np.nextafter(above, np.asarray(0, x.dtype))
    return jnp.clip(x, below, above).astype(dtype)


BITCAST = Op("Bitcast", _bitcast, ("dtype",), differentiable=False)
REVERSE_SEQUENCE = Op("ReverseSequence", _reverse_sequence, ("along", "batch"), unconnected=(1,))
BINS = Op("HistogramBins", _bins, ("count", "dtype"), differentiable=False)
HISTOGRAM = Op("HistogramFixedWidth", _histogram, ("count", "dtype"), differentiable=False)
SATURATE = Op("SaturateCast", _saturate, ("dtype",))
SCATTER_MAX = Op("TensorScatterMax", _tensor_scatter("max"), unconnected=(1,), check=_check_tensor_scatter)
SCATTER_MIN = Op("TensorScatterMin", _tensor_scatter("min"), unconnected=(1,), check=_check_tensor_scatter)
TRUNCATED_QUOTIENT = Op(
    "TruncateDiv",
    lambda x, y: jax.lax.div(*jnp.broadcast_arrays(x, y)),
    check=checks.every(checks.elementwise, checks.integer),
    differentiable=False,
)
TRUNCATED_REMAINDER = Op(
    "TruncateMod",
    lambda x, y: jax.lax.rem(*jnp.broadcast_arrays(x, y)),
    check=checks.every(checks.elementwise, checks.real),
)


def bitcast(input: Any, type: Any, name: str | None = None) -> Any:
    """The same bits as another dtype (`tf.bitcast`).

    **Arguments:**
    - `input`: a tensor.
    - `type`: the dtype; a smaller one gets a last axis more, a larger one takes the last axis.
    - `name`: accepted for compatibility.

    ```python
    >>> import functape as tf
    >>> print(tf.bitcast(tf.constant(1.0), tf.int32).numpy())
    1065353216

    ```
    """
    values, wanted = operand(input), as_dtype(type)
    have = values.dtype
    if wanted.size > have.size and values.aval.shape[-1:] != (wanted.size // have.size,):
        raise invalid(
            f"Cannot bitcast from {have.spoken} to {wanted.spoken}: shape {list(values.aval.shape)} must end with "
            f"{wanted.size // have.size} [Op:Bitcast]"
        )
    return record(BITCAST, (wanted.as_numpy_dtype,), (values,))


def reverse_sequence(
    input: Any, seq_lengths: Any, seq_axis: Any = None, batch_axis: Any = None, name: str | None = None
) -> Any:
    """The beginning of each sequence reversed (`tf.reverse_sequence`).

    **Arguments:**
    - `input`: a tensor.
    - `seq_lengths`: how much of each sequence to reverse.
    - `seq_axis`: the axis along which they go; needed.
    - `batch_axis`: the axis that counts them; 0 by default.
    - `name`: accepted for compatibility.

    ```python
    >>> import functape as tf
    >>> tf.reverse_sequence([[1, 2, 3], [4, 5, 6]], [2, 3], seq_axis=1).numpy().tolist()
    [[2, 1, 3], [6, 5, 4]]

    ```
    """
    values, lengths = operand(input), operand(seq_lengths)
    rank = values.aval.ndim
    along = as_axis(0 if seq_axis is None else seq_axis, rank, "ReverseSequence", name="seq_axis")
    batch = as_axis(0 if batch_axis is None else batch_axis, rank, "ReverseSequence", name="batch_axis")
    if along == batch:
        raise invalid(f"batch_dim == seq_dim == {along} [Op:ReverseSequence]")
    if lengths.aval.shape != (values.aval.shape[batch],):
        raise invalid(f"Length of seq_lengths != input.dims({batch}), ({lengths.aval.shape}) [Op:ReverseSequence]")
    known = host_array(lengths)
    if known is not None and known.size and (known.min() < 0 or known.max() > values.aval.shape[along]):
        raise invalid(f"seq_lengths must be in [0, {values.aval.shape[along]}] [Op:ReverseSequence]. Received: {known}")
    return record(REVERSE_SEQUENCE, (along, batch), (values, lengths))


def _histogram_arguments(values: Any, value_range: Any, nbins: Any, dtype: Any) -> tuple[Any, Any, int, Any]:
    given = convert(values)
    bounds = convert(value_range, given.dtype)
    known = host_array(bounds)
    if known is not None and known[0] >= known[1]:
        raise invalid(f"value_range[0] must be below value_range[1] [Op:HistogramFixedWidth]. Received: {known}")
    count = as_int(nbins, "nbins")
    if count < 1:
        raise invalid(f"nbins should be a positive number [Op:HistogramFixedWidth]. Received: {count}")
    return given, bounds, count, as_dtype(dtype).as_numpy_dtype


def histogram_fixed_width(
    values: Any, value_range: Any, nbins: Any = 100, dtype: Any = int32, name: str | None = None
) -> Any:
    """How many values lie in each of some equal bins (`tf.histogram_fixed_width`).

    **Arguments:**
    - `values`: a numeric tensor.
    - `value_range`: the ends of the first and last bin, which take what lies beyond them too.
    - `nbins`: the number of bins.
    - `dtype`: the dtype of the counts.
    - `name`: accepted for compatibility.

    ```python
    >>> import functape as tf
    >>> tf.histogram_fixed_width([0.0, 1.0, 4.9], [0.0, 5.0], nbins=5).numpy()
    array([1, 1, 0, 0, 1], dtype=int32)

    ```
    """
    given, bounds, count, wanted = _histogram_arguments(values, value_range, nbins, dtype)
    return record(HISTOGRAM, (count, wanted), (given, bounds))


def histogram_fixed_width_bins(
    values: Any, value_range: Any, nbins: Any = 100, dtype: Any = int32, name: str | None = None
) -> Any:
    """The bin of each value (`tf.histogram_fixed_width_bins`); as `histogram_fixed_width` otherwise.

    ```python
    >>> import functape as tf
    >>> tf.histogram_fixed_width_bins([0.0, 1.0, 4.9], [0.0, 5.0], nbins=5).numpy()
    array([0, 1, 4], dtype=int32)

    ```
    """
    given, bounds, count, wanted = _histogram_arguments(values, value_range, nbins, dtype)
    return record(BINS, (count, wanted), (given, bounds))


def saturate_cast(value: Any, dtype: Any, name: str | None = None) -> Any:
    """Cast, with what is out of range at the nearest end of it (`tf.saturate_cast`).

    **Arguments:**
    - `value`: a numeric tensor.
    - `dtype`: the dtype to convert to.
    - `name`: accepted for compatibility.

    ```python
    >>> import functape as tf
    >>> tf.saturate_cast([300.0, -5.0], tf.uint8).numpy()
    array([255,   0], dtype=uint8)

    ```
    """
    given, wanted = convert(value), as_dtype(dtype)
    if wanted.is_complex or wanted.is_bool or given.dtype.is_bool:
        return cast(given, wanted)
    return record(SATURATE, (wanted.as_numpy_dtype,), (given,))


def _scatter(op: Op, tensor: Any, indices: Any, updates: Any, policy: str) -> Any:
    from functape._api._scattering import _check_known

    whole, places = operand(tensor), operand(indices)
    _check_known(places, whole.aval.shape, policy, op.name)
    return record(op, (), (whole, places, operand(updates, hint=whole.aval.dtype)))


def tensor_scatter_nd_max(
    tensor: Any, indices: Any, updates: Any, bad_indices_policy: str = "", name: str | None = None
) -> Any:
    """`tensor` with the larger of the old and new elements at some coordinates (`tf.tensor_scatter_nd_max`).

    The arguments are as for `tf.tensor_scatter_nd_add`.

    ```python
    >>> import functape as tf
    >>> tf.tensor_scatter_nd_max([1, 2], [[0], [1]], [5, 1]).numpy()
    array([5, 2], dtype=int32)

    ```
    """
    return _scatter(SCATTER_MAX, tensor, indices, updates, bad_indices_policy)


def tensor_scatter_nd_min(
    tensor: Any, indices: Any, updates: Any, bad_indices_policy: str = "", name: str | None = None
) -> Any:
    """`tensor` with the smaller of the old and new elements at some coordinates (`tf.tensor_scatter_nd_min`).

    The arguments are as for `tf.tensor_scatter_nd_add`.

    ```python
    >>> import functape as tf
    >>> tf.tensor_scatter_nd_min([1, 2], [[0], [1]], [5, 1]).numpy()
    array([1, 1], dtype=int32)

    ```
    """
    return _scatter(SCATTER_MIN, tensor, indices, updates, bad_indices_policy)


def truncatediv(x: Any, y: Any, name: str | None = None) -> Any:
    """The quotient of integers, rounded towards zero (`tf.truncatediv`).

    ```python
    >>> import functape as tf
    >>> print(tf.truncatediv(-7, 2).numpy())
    -3

    ```
    """
    return record(TRUNCATED_QUOTIENT, (), operands([x, y]))


def truncatemod(x: Any, y: Any, name: str | None = None) -> Any:
    """The remainder that has the sign of `x` (`tf.truncatemod`).

    ```python
    >>> import functape as tf
    >>> print(tf.truncatemod(-7, 2).numpy())
    -1

    ```
    """
    return record(TRUNCATED_REMAINDER, (), operands([x, y]))


def realdiv(x: Any, y: Any, name: str | None = None) -> Any:
    """The quotient of floating or complex tensors (`tf.realdiv`).

    ```python
    >>> import functape as tf
    >>> print(tf.realdiv(3.0, 2.0).numpy())
    1.5

    ```
    """
    from functape._ops._operators import REAL_DIVIDE

    return record(REAL_DIVIDE, (), operands([x, y]))


def unravel_index(indices: Any, dims: Any, name: str | None = None) -> Any:
    """The coordinates of elements counted row by row (`tf.unravel_index`).

    **Arguments:**
    - `indices`: integers known on the host: a scalar or vector.
    - `dims`: the shape.
    - `name`: accepted for compatibility.

    **Returns:** a tensor with a row an axis.

    ```python
    >>> import functape as tf
    >>> tf.unravel_index([2, 5], [3, 2]).numpy().tolist()
    [[1, 2], [0, 1]]

    ```
    """
    given, lengths = array_of(indices), as_ints(dims, "dims")
    if given.size and (given.min() < 0 or given.max() >= int(np.prod(lengths))):
        raise invalid(f"index is out of bound as with dims {list(lengths)} [Op:UnravelIndex]. Received: {given}")
    return from_numpy(np.array(np.unravel_index(given, lengths), given.dtype))


def get_static_value(tensor: Any, partial: bool = False) -> Any:
    """The value of a tensor if it is known, else None (`tf.get_static_value`)."""
    if is_tensor_like(tensor):
        return tensor.numpy() if hasattr(tensor, "numpy") else host_array(tensor)
    return np.asarray(tensor)


def required_space_to_batch_paddings(
    input_shape: Any, block_shape: Any, base_paddings: Any = None, name: str | None = None
) -> tuple[Any, Any]:
    """The paddings and crops that make lengths divide by blocks (`tf.required_space_to_batch_paddings`).

    ```python
    >>> import functape as tf
    >>> [each.numpy().tolist() for each in tf.required_space_to_batch_paddings([5], [2])]
    [[[0, 1]], [[0, 1]]]

    ```
    """
    lengths, blocks = np.array(as_ints(input_shape, "input_shape")), np.array(as_ints(block_shape, "block_shape"))
    base = np.zeros((len(blocks), 2), np.int32) if base_paddings is None else np.array(array_of(base_paddings))
    extra = -(lengths + base.sum(1)) % blocks
    paddings = np.stack([base[:, 0], base[:, 1] + extra], 1).astype(np.int32)
    crops = np.stack([np.zeros_like(extra), extra], 1).astype(np.int32)
    return from_numpy(paddings), from_numpy(crops)


def edit_distance(hypothesis: Any, truth: Any, normalize: bool = True, name: str = "edit_distance") -> Any:
    """How many insertions, deletions and changes lead from one sequence to another (`tf.edit_distance`).

    **Arguments:**
    - `hypothesis`, `truth`: sparse tensors whose last axis holds the sequences.
    - `normalize`: whether to divide by the length of `truth`.
    - `name`: accepted for compatibility.

    **Returns:** a float32 tensor without the last axis.
    """
    from functape.sparse._tensor import as_sparse, lengths_of, places_of

    first, second = as_sparse(hypothesis, "hypothesis"), as_sparse(truth, "truth")
    shape = tuple(max(pair) for pair in zip(lengths_of(first)[:-1], lengths_of(second)[:-1], strict=True))
    lists: list[dict[Any, list[Any]]] = [{}, {}]
    for found, each in zip(lists, (first, second), strict=True):
        for place, value in zip(places_of(each).tolist(), each.values.numpy().tolist(), strict=True):
            found.setdefault(tuple(place[:-1]), []).append(value)
    result = np.zeros(shape, np.float32)
    for place in np.ndindex(*shape):
        one, two = (found.get(place, []) for found in lists)
        distance = float(_distance(one, two))
        if normalize:
            distance = distance / len(two) if two else float("inf") if one else 0.0
        result[place] = distance
    return from_numpy(result)


def _distance(one: list[Any], two: list[Any]) -> int:
    row = list(range(len(two) + 1))
    for position, left in enumerate(one, 1):
        diagonal, row[0] = row[0], position
        for column, right in enumerate(two, 1):
            cost = diagonal if left == right else 1 + min(diagonal, row[column], row[column - 1])
            diagonal, row[column] = row[column], cost
    return row[-1]
