"""The everyday arithmetic of layers in `tf.nn`: norms, moments, biases, dropout, embeddings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from functape._api._gathering import gather
from functape._api._joining import concat
from functape._api._reductions import as_axes
from functape._api._static import as_ints, operand
from functape._core._convert import convert, is_tensor_like
from functape._core._dispatch import composite
from functape._core._layered import layered
from functape._core._random_state import random_words
from functape._engine._recorder import record, record_multiple
from functape._ops import _activations as rows
from functape._seeds import next_op_seed


def l2_loss(t: Any, name: str | None = None) -> Any:
    """Half the sum of squares (`tf.nn.l2_loss`).

    **Arguments:**
    - `t`: a floating tensor of any shape.
    - `name`: accepted for compatibility; ops have no names here.

    **Returns:** a scalar.

    ```python
    >>> import functape as tf
    >>> print(tf.nn.l2_loss([3.0, 4.0]).numpy())
    12.5

    ```
    """
    return record(rows.L2_LOSS, (), (t,))


def l2_normalize(x: Any, axis: Any = None, epsilon: float = 1e-12, name: str | None = None, dim: Any = None) -> Any:
    """A tensor divided by its Euclidean norm (`tf.nn.l2_normalize`).

    **Arguments:**
    - `x`: a floating or complex tensor.
    - `axis`: the axis or axes the norm is taken over; all by default.
    - `epsilon`: the smallest sum of squares; smaller ones count as this.
    - `name`: accepted for compatibility.
    - `dim`: the old name of `axis`.

    **Returns:** a tensor of the shape of `x`.

    ```python
    >>> import functape as tf
    >>> print(tf.nn.l2_normalize([3.0, 4.0]).numpy())
    [0.6 0.8]

    ```
    """
    if dim is not None:
        if axis is not None:
            raise ValueError(f"Cannot specify both `axis` and `dim`. Received: axis={axis}, dim={dim}")
        axis = dim
    given = operand(x)
    return record(rows.L2_NORMALIZE, (as_axes(axis),), (given, convert(epsilon, given.aval.dtype.real_dtype)))


def moments(x: Any, axes: Any, shift: Any = None, keepdims: bool = False, name: str | None = None) -> tuple[Any, Any]:
    """Mean and variance over axes (`tf.nn.moments`).

    **Arguments:**
    - `x`: a numeric tensor.
    - `axes`: the axes to reduce over.
    - `shift`: has no effect, in TensorFlow either.
    - `keepdims`: whether the axes stay, with length 1.
    - `name`: accepted for compatibility.

    **Returns:** two tensors.

    ```python
    >>> import functape as tf
    >>> mean, variance = tf.nn.moments(tf.constant([1.0, 3.0]), axes=[0])
    >>> print(mean.numpy(), variance.numpy())
    2.0 1.0

    ```
    """
    return record_multiple(rows.MOMENTS, (as_axes(axes), bool(keepdims)), (operand(x),))


def bias_add(value: Any, bias: Any, data_format: str | None = None, name: str | None = None) -> Any:
    """Add a bias to each channel (`tf.nn.bias_add`).

    **Arguments:**
    - `value`: a numeric tensor of at least two dimensions.
    - `bias`: a vector of its dtype, as long as it has channels.
    - `data_format`: `"N...C"` (the default) or `"NC..."`, or TensorFlow's longer names for either.
    - `name`: accepted for compatibility.

    **Returns:** a tensor of the shape of `value`.

    **Raises:** `ValueError` for another `data_format`; `InvalidArgumentError` for shapes that do not fit.

    ```python
    >>> import functape as tf
    >>> print(tf.nn.bias_add([[1.0, 2.0]], [10.0, 20.0]).numpy())
    [[11. 22.]]

    ```
    """
    if (
        data_format is not None
        and not data_format.startswith("NC")
        and not (data_format.startswith("N") and data_format.endswith("C"))
    ):
        raise ValueError(f"`data_format` must be of the form `N...C` or `NC...`. Received: data_format={data_format}")
    given = operand(value)
    offset = operand(bias, hint=given.aval.dtype)
    return record(rows.BIAS_ADD, (data_format is not None and data_format.startswith("NC"),), (given, offset))


@layered("nn.dropout")
def dropout(x: Any, rate: Any, noise_shape: Any = None, seed: Any = None, name: str | None = None) -> Any:
    """Set elements to zero at random and scale the others so that the mean stays (`tf.nn.dropout`).

    Which ones is TensorFlow's choice, given the same seeds.

    **Arguments:**
    - `x`: a floating tensor.
    - `rate`: the probability of each element to become zero, from 0 to below 1; a number or a scalar tensor.
    - `noise_shape`: the shape of the choices, which broadcast to that of `x`; None in it stands for the length in `x`.
    - `seed`: the op's own seed.
    - `name`: accepted for compatibility.

    **Returns:** a tensor of the shape of `x`.

    **Raises:** `ValueError` for a rate out of range, or an `x` that is not floating.

    ```python
    >>> import functape as tf
    >>> tf.random.set_seed(1)
    >>> sorted(set(tf.nn.dropout(tf.ones([100]), rate=0.5).numpy().tolist()))
    [0.0, 2.0]

    ```
    """
    given = operand(x)
    if not given.aval.dtype.is_floating:
        raise ValueError(
            f"`x.dtype` must be a floating point tensor as `x` will be scaled. Received: x_dtype={given.aval.dtype!r}"
        )
    if is_tensor_like(rate):
        if rate.aval.shape or rate.aval.dtype is not given.aval.dtype:
            raise ValueError(
                f"`rate` must be a scalar of the dtype of `x`. Received: rate={rate!r} for x of dtype {given.dtype!r}"
            )
    elif not isinstance(rate, int | float) or not 0 <= rate < 1:
        raise ValueError(f"`rate` must be a scalar tensor or a float in the range [0, 1). Received: rate={rate!r}")
    elif rate == 0:
        # TensorFlow spends a seed here too.
        next_op_seed(seed)
        return convert(given)
    rate = rate if is_tensor_like(rate) else float(rate)
    scale = 1 / (1 - rate)
    shape = _noise_shape(given.aval.shape, noise_shape)
    samples = 1
    for length in shape:
        samples *= length
    words = random_words(("RandomUniform", given.aval.dtype.name), samples, seed)
    return record(rows.DROPOUT, (shape,), (given, rate, scale, words))


def _noise_shape(shape: tuple[int, ...], noise_shape: Any) -> tuple[int, ...]:
    if noise_shape is None:
        return shape
    if isinstance(noise_shape, Sequence) and None in noise_shape:
        if len(noise_shape) != len(shape):
            raise ValueError(
                f"`noise_shape` must have a length for each of the {len(shape)} axes. Received: {noise_shape}"
            )
        noise_shape = [whole if each is None else each for each, whole in zip(noise_shape, shape, strict=True)]
    return as_ints(noise_shape, "noise_shape")


@composite
def embedding_lookup(params: Any, ids: Any, max_norm: Any = None, name: str | None = None) -> Any:
    """Rows of a table by number (`tf.nn.embedding_lookup`).

    **Arguments:**
    - `params`: a table `[rows, ...]`, or a list of tables that continue each other.
    - `ids`: an integer tensor of any shape, ragged ones included.
    - `max_norm`: rows of a larger norm are scaled down to this.
    - `name`: accepted for compatibility.

    **Returns:** a tensor `ids.shape + params.shape[1:]`.

    **Raises:** `InvalidArgumentError` for an id out of range, where its value is known; `ValueError` without a table.

    ```python
    >>> import functape as tf
    >>> print(tf.nn.embedding_lookup([[1.0, 2.0], [3.0, 4.0]], [1, 1]).numpy())
    [[3. 4.]
     [3. 4.]]

    ```
    """
    if isinstance(params, list | tuple) and params and is_tensor_like(params[0]):
        table = params[0] if len(params) == 1 else concat(list(params), 0)
    elif params is None or (isinstance(params, list | tuple) and not params):
        raise ValueError(f"`params` must hold at least one table. Received: {params!r}")
    else:
        table = operand(params)
    places = operand(ids)
    found = gather(table, places)
    return found if max_norm is None else record(rows.CLIP_ROWS, (places.aval.ndim,), (found, max_norm))


def batch_normalization(
    x: Any, mean: Any, variance: Any, offset: Any, scale: Any, variance_epsilon: Any, name: str | None = None
) -> Any:
    """`(x - mean) / sqrt(variance + variance_epsilon) * scale + offset` (`tf.nn.batch_normalization`).

    **Arguments:**
    - `x`: a floating tensor.
    - `mean`, `variance`: tensors that broadcast with it.
    - `offset`, `scale`: tensors that broadcast with it, or None.
    - `variance_epsilon`: a small number.
    - `name`: accepted for compatibility.

    **Returns:** a tensor of the shape of `x`.

    ```python
    >>> import functape as tf
    >>> print(tf.nn.batch_normalization([3.0], [1.0], [4.0], None, None, 0.0).numpy())
    [1.]

    ```
    """
    given = (offset is not None, scale is not None)
    others = tuple(each for each in (offset, scale) if each is not None)
    return record(rows.BATCH_NORMALIZATION, (given,), (operand(x), mean, variance, variance_epsilon, *others))
