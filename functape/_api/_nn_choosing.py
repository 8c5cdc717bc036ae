"""Largest and smallest elements, dropout by a sampler or seed, and lookups by sparse ids, of `tf.nn`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from functape._api._gathering import gather
from functape._api._joining import concat
from functape._api._nn import _noise_shape, embedding_lookup
from functape._api._shaping import reshape
from functape._api._stateless_random import stateless_uniform
from functape._api._static import as_axis, as_int, operand
from functape._core._cast import cast
from functape._core._convert import convert, from_numpy, is_tensor_like
from functape._core._known import read
from functape._core._layered import layered
from functape._engine._recorder import record, record_multiple
from functape._ops import _choices as rows


class ApproxTopK(NamedTuple):
    """What `approx_max_k` and `approx_min_k` return."""

    values: Any
    indices: Any


def approximate(
    x: Any, k: Any, reduction_dimension: Any, recall_target: Any, override: Any, aggregate: Any, largest: bool
) -> ApproxTopK:
    """The largest or smallest elements; the arguments are as for `approx_max_k`."""
    given = operand(x)
    axis = as_axis(reduction_dimension, given.aval.ndim, "ApproxTopK", name="reduction_dimension")
    statics = (as_int(k, "k"), axis, float(recall_target), as_int(override, "reduction_input_size_override"))
    return ApproxTopK(*record_multiple(rows.APPROXIMATE, (*statics, bool(aggregate), largest), (given,)))


def approx_max_k(
    operand: Any,
    k: Any,
    reduction_dimension: Any = -1,
    recall_target: Any = 0.95,
    reduction_input_size_override: Any = -1,
    aggregate_to_topk: Any = True,
    name: str | None = None,
) -> ApproxTopK:
    """The largest elements along an axis, found approximately where that is quicker (`tf.nn.approx_max_k`).

    **Arguments:**
    - `operand`: a floating tensor.
    - `k`: how many.
    - `reduction_dimension`: the axis.
    - `recall_target`: what part of the `k` largest is expected among them, on accelerators that approximate.
    - `reduction_input_size_override`: the length to compute that from, if it is part of a longer one.
    - `aggregate_to_topk`: whether to return `k` of them, sorted, rather than all candidates.
    - `name`: accepted for compatibility; ops have no names here.

    **Returns:** values and places.

    ```python
    >>> import functape as tf
    >>> values, places = tf.nn.approx_max_k([1.0, 3.0, 2.0], k=2)
    >>> print(values.numpy(), places.numpy())
    [3. 2.] [1 2]

    ```
    """
    return approximate(
        operand, k, reduction_dimension, recall_target, reduction_input_size_override, aggregate_to_topk, True
    )


def approx_min_k(
    operand: Any,
    k: Any,
    reduction_dimension: Any = -1,
    recall_target: Any = 0.95,
    reduction_input_size_override: Any = -1,
    aggregate_to_topk: Any = True,
    name: str | None = None,
) -> ApproxTopK:
    """The smallest elements along an axis (`tf.nn.approx_min_k`); otherwise as `approx_max_k`.

    ```python
    >>> import functape as tf
    >>> values, places = tf.nn.approx_min_k([1.0, 3.0, 2.0], k=2)
    >>> print(values.numpy(), places.numpy())
    [1. 2.] [0 2]

    ```
    """
    return approximate(
        operand, k, reduction_dimension, recall_target, reduction_input_size_override, aggregate_to_topk, False
    )


@layered("nn.experimental.stateless_dropout")
def stateless_dropout(
    x: Any, rate: Any, seed: Any, rng_alg: Any = None, noise_shape: Any = None, name: str | None = None
) -> Any:
    """`tf.nn.dropout` that depends on nothing but `seed` (`tf.nn.experimental.stateless_dropout`).

    **Arguments:**
    - `x`, `rate`, `noise_shape`: as for `dropout`.
    - `seed`: two integers.
    - `rng_alg`: `"philox"`, `"auto_select"` or None, which are the same.
    - `name`: accepted for compatibility.

    ```python
    >>> import functape as tf
    >>> pair = [tf.nn.experimental.stateless_dropout(tf.ones([9]), 0.5, seed=[1, 2]).numpy() for _ in range(2)]
    >>> bool((pair[0] == pair[1]).all())
    True

    ```
    """

    def sampler(shape: Any, dtype: Any) -> Any:
        return stateless_uniform(shape, seed, dtype=dtype, alg="auto_select" if rng_alg is None else rng_alg)

    return general_dropout(x, rate, sampler, noise_shape)


def general_dropout(
    x: Any, rate: Any, uniform_sampler: Callable[..., Any], noise_shape: Any = None, name: str | None = None
) -> Any:
    """`tf.nn.dropout` with samples from a function (`tf.nn.experimental.general_dropout`).

    **Arguments:**
    - `x`, `rate`, `noise_shape`: as for `dropout`.
    - `uniform_sampler`: a function `(shape, dtype)` that returns numbers from 0 to below 1.
    - `name`: accepted for compatibility.

    **Raises:** `ValueError` for a rate out of range, or an `x` that is not floating.

    ```python
    >>> import functape as tf
    >>> tf.nn.experimental.general_dropout(tf.ones([2]), 0.5, lambda shape, dtype: tf.constant([0.4, 0.6])).numpy()
    array([0., 2.], dtype=float32)

    ```
    """
    given = operand(x)
    dtype = given.aval.dtype
    if not dtype.is_floating:
        raise ValueError(
            f"`x.dtype` must be a floating point tensor as `x` will be scaled. Received: x_dtype={dtype!r}"
        )
    if is_tensor_like(rate):
        if rate.aval.shape or rate.aval.dtype is not dtype:
            raise ValueError(f"`rate` must be a scalar of the dtype of `x`. Received: rate={rate!r}")
    elif not isinstance(rate, int | float) or not 0 <= rate < 1:
        raise ValueError(f"`rate` must be a scalar tensor or a float in the range [0, 1). Received: rate={rate!r}")
    elif rate == 0:
        return convert(given)
    else:
        rate = float(rate)
    samples = uniform_sampler(_noise_shape(given.aval.shape, noise_shape), dtype)
    return record(rows.KEEP, (), (given, rate, 1 / (1 - rate), operand(samples, hint=dtype)))


def _combined(
    table: Any, sparse_ids: Any, sparse_weights: Any, combiner: Any, max_norm: Any, what: str
) -> tuple[Any, np.ndarray[Any, Any]]:
    """Combined rows of a table by segment, and the segment of each id."""
    combiner = "mean" if combiner is None else combiner
    if combiner not in ("mean", "sqrtn", "sum"):
        raise ValueError(f"`combiner` must be 'mean', 'sqrtn' or 'sum'. Received: combiner={combiner!r}")
    for each in (sparse_ids, sparse_weights):
        if each is not None and not hasattr(each, "dense_shape"):
            raise TypeError(f"`{what}` must be a SparseTensor. Received: {each!r}")
    segments = read(sparse_ids.indices)[:, 0].astype(np.int32)
    rows_found = embedding_lookup(table, sparse_ids.values, max_norm=max_norm)
    size = int(segments[-1]) + 1 if len(segments) else 0
    weights = () if sparse_weights is None else (cast(sparse_weights.values, rows_found.aval.dtype),)
    combined = record(rows.COMBINE, (size, combiner), (rows_found, from_numpy(segments), *weights))
    return combined, segments


def embedding_lookup_sparse(
    params: Any,
    sp_ids: Any,
    sp_weights: Any,
    combiner: Any = None,
    max_norm: Any = None,
    name: str | None = None,
    allow_fast_lookup: bool = False,
) -> Any:
    """Combined rows of a table, by several numbers for each example (`tf.nn.embedding_lookup_sparse`).

    **Arguments:**
    - `params`, `max_norm`: as for `embedding_lookup`.
    - `sp_ids`: a sparse tensor of ids `[batch, any]`.
    - `sp_weights`: a sparse tensor of their weights, or None.
    - `combiner`: `"mean"`, the default, `"sqrtn"` or `"sum"`.
    - `name`: accepted for compatibility.
    - `allow_fast_lookup`: accepted for compatibility; it changes nothing.

    **Returns:** a tensor with a row for each example up to the last that has an id.

    **Raises:** `TypeError` for ids that are not sparse; `ValueError` for another combiner.
    """
    return _combined(params, sp_ids, sp_weights, combiner, max_norm, "sp_ids")[0]


def safe_embedding_lookup_sparse(
    embedding_weights: Any,
    sparse_ids: Any,
    sparse_weights: Any = None,
    combiner: Any = "mean",
    default_id: Any = None,
    max_norm: Any = None,
    name: str | None = None,
    allow_fast_lookup: bool = False,
) -> Any:
    """`embedding_lookup_sparse` that leaves out invalid ids and has a row for each example
    (`tf.nn.safe_embedding_lookup_sparse`).

    **Arguments:**
    - `embedding_weights`: a table, or a list of tables that continue each other.
    - `sparse_ids`: a sparse tensor of ids `[..., any]`; negative ones are left out.
    - `sparse_weights`: a sparse tensor of their weights, or None; ids whose weight is not positive are left out.
    - `combiner`, `max_norm`: as for `embedding_lookup_sparse`.
    - `default_id`: the row for examples without ids; None stands for zeros.
    - `name`: accepted for compatibility.
    - `allow_fast_lookup`: accepted for compatibility; it changes nothing.

    **Returns:** a tensor `[..., width]`.
    """
    if embedding_weights is None or (isinstance(embedding_weights, list | tuple) and not embedding_weights):
        raise ValueError(f"`embedding_weights` must hold a table. Received: {embedding_weights!r}")
    indices, ids = read(sparse_ids.indices), read(sparse_ids.values)
    lengths = [int(each) for each in read(sparse_ids.dense_shape)]
    batch = int(np.prod(lengths[:-1]))
    examples = np.ravel_multi_index(tuple(indices.T[:-1]), lengths[:-1]) if len(indices) else np.zeros(0, np.int64)
    kept = ids >= 0
    if sparse_weights is not None and combiner != "sum":
        kept &= read(sparse_weights.values) > 0
    places = np.flatnonzero(kept)
    missing = np.setdiff1d(np.arange(batch), examples[places])
    order = np.argsort(np.concatenate([examples[places], missing]), kind="stable")
    segments = np.concatenate([examples[places], missing])[order].astype(np.int32)
    filled = np.concatenate([ids[places], np.full(len(missing), default_id or 0, ids.dtype)])[order]
    found = embedding_lookup(embedding_weights, from_numpy(filled), max_norm=max_norm)
    weights: tuple[Any, ...] = ()
    if sparse_weights is not None:
        given = cast(gather(sparse_weights.values, from_numpy(places)), found.aval.dtype)
        ones = from_numpy(np.ones(len(missing), found.aval.dtype.as_numpy_dtype))
        weights = (gather(concat([given, ones], 0), from_numpy(order)),)
    combined = record(
        rows.COMBINE, (batch, "mean" if combiner is None else combiner), (found, from_numpy(segments), *weights)
    )
    if default_id is None and len(missing):
        empty = np.ones((batch, *(1,) * (combined.aval.ndim - 1)), combined.aval.dtype.as_numpy_dtype)
        empty[missing] = 0
        combined = combined * from_numpy(empty)
    return reshape(combined, (*lengths[:-1], *combined.aval.shape[1:]))


class FractionalPool(NamedTuple):
    """What the fractional poolings return."""

    output: Any
    row_pooling_sequence: Any
    col_pooling_sequence: Any


def _sequence(length: int, ratio: float, pseudo_random: bool, random: np.random.Generator) -> np.ndarray[Any, Any]:
    """Where windows of one or two lengths begin, and where the last one ends (Graham, 2014)."""
    count = int(length / ratio)
    if pseudo_random:
        alpha = length / count
        whole = int(alpha)
        most = min((whole + 2) / alpha - 1, (length + 1 - whole) / alpha - (count - 1))
        start = random.uniform() * most
        edges = np.ceil(alpha * (np.arange(count) + start)).astype(np.int64)
        return np.concatenate([edges - edges[0], [length]])
    steps = np.full(count, length // count)
    steps[: length % count] += 1
    return np.concatenate([[0], np.cumsum(random.permutation(steps))]).astype(np.int64)


def _fractional(
    value: Any, pooling_ratio: Any, pseudo_random: Any, overlapping: Any, seed: Any, largest: bool
) -> FractionalPool:
    given = operand(value)
    ratios = (
        list(pooling_ratio) if isinstance(pooling_ratio, list | tuple) else [1.0, pooling_ratio, pooling_ratio, 1.0]
    )
    if len(ratios) == 1:
        ratios = [1.0, *ratios * 2, 1.0]
    elif len(ratios) == 2:
        ratios = [1.0, *ratios, 1.0]
    if len(ratios) != 4:
        raise ValueError(f"`pooling_ratio` must have 1, 2 or 4 entries. Received: pooling_ratio={pooling_ratio}")
    if any(each < 1 for each in ratios):
        raise ValueError(f"`pooling_ratio` must be at least 1. Received: pooling_ratio={pooling_ratio}")
    random = np.random.default_rng(None if not seed else as_int(seed, "seed"))
    _, height, width, _ = given.aval.shape
    edges = [_sequence(n, r, bool(pseudo_random), random) for n, r in ((height, ratios[1]), (width, ratios[2]))]
    longest = tuple(int(np.diff(each).max()) + bool(overlapping) for each in edges)
    output = record(
        rows.FRACTIONAL_POOL, (longest, bool(overlapping), largest), (given, *(from_numpy(each) for each in edges))
    )
    return FractionalPool(output, *(from_numpy(each) for each in edges))


def fractional_max_pool(
    value: Any,
    pooling_ratio: Any,
    pseudo_random: bool = False,
    overlapping: bool = False,
    seed: Any = 0,
    name: str | None = None,
) -> FractionalPool:
    """The maximum over windows of random lengths (`tf.nn.fractional_max_pool`). Graham, "Fractional max-pooling", 2014.

    **Arguments:**
    - `value`: `[batch, height, width, channels]`.
    - `pooling_ratio`: how many times smaller the result is: a number of at least 1, or 1, 2 or 4 of them.
    - `pseudo_random`: whether the lengths are spread evenly.
    - `overlapping`: whether neighbouring windows share their border.
    - `seed`: the sequences' seed; 0 for a new one at each call. They are not TensorFlow's own.
    - `name`: accepted for compatibility.

    **Returns:** the maxima, and where the windows begin along height and width.

    **Raises:** `ValueError` for a ratio below 1.

    ```python
    >>> import functape as tf
    >>> tf.nn.fractional_max_pool(tf.ones([1, 6, 6, 1]), 1.5, seed=1).output.shape
    TensorShape([1, 4, 4, 1])

    ```
    """
    return _fractional(value, pooling_ratio, pseudo_random, overlapping, seed, True)


def fractional_avg_pool(
    value: Any,
    pooling_ratio: Any,
    pseudo_random: bool = False,
    overlapping: bool = False,
    seed: Any = 0,
    name: str | None = None,
) -> FractionalPool:
    """The mean over windows of random lengths (`tf.nn.fractional_avg_pool`); otherwise as `fractional_max_pool`.

    ```python
    >>> import functape as tf
    >>> tf.nn.fractional_avg_pool(tf.ones([1, 6, 6, 1]), 1.5, seed=1).output.shape
    TensorShape([1, 4, 4, 1])

    ```
    """
    return _fractional(value, pooling_ratio, pseudo_random, overlapping, seed, False)
