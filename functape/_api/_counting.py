"""Ranking and counting: `tf.math.top_k`, `tf.math.bincount` and their relatives."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from functape._api._static import as_int, invalid
from functape._core._cast import cast
from functape._core._convert import convert, from_numpy
from functape._core._known import host_array, read
from functape._engine._dtypes import as_dtype, int32, int64
from functape._engine._recorder import record, record_multiple
from functape._ops import _counting as rows


class TopKV2(NamedTuple):
    """What `top_k` returns."""

    values: Any
    indices: Any


def top_k(input: Any, k: Any = 1, sorted: bool = True, index_type: Any = int32, name: str | None = None) -> TopKV2:
    """The largest elements along the last axis, and their places (`tf.math.top_k`).

    **Arguments:**
    - `input`: a real tensor `[..., n]`. NaNs come last.
    - `k`: how many, at most `n`; a static integer.
    - `sorted`: in which order is up to the implementation if not; they are always in descending order here.
    - `index_type`: int16, int32 or int64.
    - `name`: accepted for compatibility; ops have no names here.

    **Returns:** `(values, indices)`, each `[..., k]`; of elements that tie, the first comes first.

    **Raises:** `InvalidArgumentError` if there are not `k` elements.

    ```python
    >>> import functape as tf
    >>> values, indices = tf.math.top_k([1.0, 4.0, 3.0], k=2)
    >>> print(values.numpy(), indices.numpy())
    [4. 3.] [1 2]

    ```
    """
    dtype = as_dtype(index_type)
    if dtype.name not in ("int16", "int32", "int64"):
        raise invalid(
            f"Value for attr 'index_type' of {dtype.spoken} is not in the list of allowed values: int16, int32, int64 "
            f"[Op:TopKV2]"
        )
    return TopKV2(*record_multiple(rows.TOP_K, (as_int(k, "k"), dtype.as_numpy_dtype), (input,)))


def in_top_k(targets: Any, predictions: Any, k: Any, name: str | None = None) -> Any:
    """Whether each target is among the `k` classes predicted highest (`tf.math.in_top_k`).

    **Arguments:**
    - `targets`: an integer tensor `[batch]`.
    - `predictions`: a float32 tensor `[batch, classes]`. A row that is not finite counts as a miss.
    - `k`: how many classes; classes that tie with the target do not count against it.
    - `name`: accepted for compatibility; ops have no names here.

    **Returns:** a bool tensor `[batch]`.

    **Raises:** `InvalidArgumentError` if the shapes do not agree.

    ```python
    >>> import functape as tf
    >>> print(tf.math.in_top_k([1, 0], [[0.1, 0.9], [0.1, 0.9]], k=1).numpy())
    [ True False]

    ```
    """
    return record(rows.IN_TOP_K, (), (convert(targets), convert(predictions), k))


def bincount(
    arr: Any,
    weights: Any = None,
    minlength: Any = None,
    maxlength: Any = None,
    dtype: Any = int32,
    name: str | None = None,
    axis: Any = None,
    binary_output: bool = False,
) -> Any:
    """How often each integer occurs (`tf.math.bincount`).

    The length of the result depends on the values, so they are computed now if they were pending.

    **Arguments:**
    - `arr`: a tensor of integers that are not negative.
    - `weights`: what each occurrence counts, a tensor of the shape of `arr`; 1 by default.
    - `minlength`: the least length of the result.
    - `maxlength`: its greatest length; larger integers are passed over.
    - `dtype`: the dtype of the result, without `weights`.
    - `name`: accepted for compatibility; ops have no names here.
    - `axis`: None or 0 to count all elements, -1 to count in each row of a matrix.
    - `binary_output`: whether to tell only which integers occur.

    **Returns:** a tensor `[largest + 1]`, or `[rows, largest + 1]`.

    **Raises:** `InvalidArgumentError` for a negative integer or weights of another shape; `ValueError` for another
    axis, or weights with `binary_output`.

    ```python
    >>> import functape as tf
    >>> print(tf.math.bincount([1, 1, 3]).numpy())
    [0 2 0 1]

    ```
    """
    if axis not in (None, 0, -1):
        raise ValueError(f"Unsupported value for argument axis={axis}. Only 0 and -1 are currently supported.")
    if binary_output and weights is not None:
        raise ValueError("Arguments `binary_output` and `weights` are mutually exclusive. Pass only one of them.")
    values = convert(arr)
    if values.dtype not in (int32, int64):
        values = cast(values, int32)
    known = read(values)
    if known.size and known.min() < 0:
        raise invalid(f"Input arr must be non-negative! [Op:DenseBincount] Received: {known.min()}")
    size = int(known.max()) + 1 if known.size else 0
    if minlength is not None:
        size = max(size, as_int(minlength, "minlength"))
    if maxlength is not None:
        size = min(size, as_int(maxlength, "maxlength"))
    each = from_numpy(np.ones(known.shape, as_dtype(dtype).as_numpy_dtype)) if weights is None else convert(weights)
    if each.aval.shape != known.shape:
        raise invalid(
            f"Weights and input must have the same shape [Op:DenseBincount]. Received shapes {each.shape} and "
            f"{values.shape}."
        )
    by_row = axis == -1 and known.ndim > 1
    shape = (len(known), -1) if by_row else (1, -1)
    counts = record(rows.BINCOUNT, (shape, size, bool(binary_output)), (values, each))
    return counts if by_row else counts[0]


def confusion_matrix(
    labels: Any,
    predictions: Any,
    num_classes: Any = None,
    weights: Any = None,
    dtype: Any = int32,
    name: str | None = None,
) -> Any:
    """How often each class was predicted for each label (`tf.math.confusion_matrix`).

    **Arguments:**
    - `labels`: integers `[n]`.
    - `predictions`: integers `[n]`.
    - `num_classes`: how many classes there are; one more than the largest integer by default, which computes the
      arguments now if they were pending.
    - `weights`: what each prediction counts, `[n]`; 1 by default.
    - `dtype`: the dtype of the result.
    - `name`: accepted for compatibility; ops have no names here.

    **Returns:** a tensor `[num_classes, num_classes]`, labels by row.

    **Raises:** `InvalidArgumentError` for a class out of range, where the arguments are known.

    ```python
    >>> import functape as tf
    >>> print(tf.math.confusion_matrix([0, 1, 1], [0, 1, 0]).numpy())
    [[1 0]
     [1 1]]

    ```
    """
    sides = [cast(convert(each), int64) for each in (labels, predictions)]
    given = [convert(each) for each in (labels, predictions)]
    known = [read(each) if num_classes is None else host_array(each) for each in given]
    size = None if num_classes is None else as_int(num_classes, "num_classes")
    for which, values in zip(("labels", "predictions"), known, strict=True):
        if values is not None and values.size and values.min() < 0:
            raise invalid(f"`{which}` contains negative values. Received: {values}")
        if values is not None and size is not None and values.size and values.max() >= size:
            raise invalid(f"`{which}` out of bound. Received: {values} with num_classes={size}")
    if size is None:
        size = max((int(values.max()) + 1 for values in known if values is not None and values.size), default=0)
    wanted = as_dtype(dtype)
    each = from_numpy(np.ones(given[1].aval.shape, wanted.as_numpy_dtype)) if weights is None else convert(weights)
    return record(rows.CONFUSION_MATRIX, (size,), (*sides, cast(each, wanted)))


def invert_permutation(x: Any, name: str | None = None) -> Any:
    """The permutation that undoes a permutation (`tf.math.invert_permutation`).

    **Arguments:**
    - `x`: int32 or int64 `[n]`, with each of `0 .. n - 1` once.
    - `name`: accepted for compatibility; ops have no names here.

    **Returns:** a tensor like `x`.

    **Raises:** `InvalidArgumentError` for another dtype or rank.

    ```python
    >>> import functape as tf
    >>> print(tf.math.invert_permutation([2, 0, 1]).numpy())
    [1 2 0]

    ```
    """
    tensor = convert(x)
    if tensor.aval.ndim != 1:
        raise invalid(f"invert_permutation expects a 1D vector [Op:InvertPermutation]. Received shape {tensor.shape}.")
    known = host_array(tensor)
    if known is not None and sorted(known.tolist()) != list(range(known.size)):
        raise invalid(f"{known} is no permutation [Op:InvertPermutation]: each of 0 .. n - 1 must come once.")
    return record(rows.INVERT_PERMUTATION, (), (tensor,))
