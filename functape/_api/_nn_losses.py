"""Losses of `tf.nn` beyond the cross-entropies, and monotone fits."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from functape._api._cross_entropies import sigmoid_cross_entropy_with_logits, softmax_cross_entropy_with_logits
from functape._api._gathering import gather
from functape._api._joining import concat
from functape._api._nn_sampling import log_uniform_candidate_sampler
from functape._api._reductions import reduce_sum
from functape._api._shaping import reshape, transpose
from functape._api._static import as_axis, as_int, invalid, operand
from functape._core._cast import cast
from functape._core._convert import convert, from_numpy, is_tensor_like
from functape._core._known import read
from functape._engine._dtypes import float64, int64
from functape._engine._recorder import record, record_multiple
from functape._ops import _sequence_losses as rows


def log_poisson_loss(targets: Any, log_input: Any, compute_full_loss: bool = False, name: str | None = None) -> Any:
    """The negative log-likelihood of counts, given the logarithm of their rate (`tf.nn.log_poisson_loss`).

    **Arguments:**
    - `targets`: a floating tensor of counts.
    - `log_input`: a tensor of the same shape and dtype.
    - `compute_full_loss`: whether to add what depends on the counts alone, by Stirling's approximation.
    - `name`: accepted for compatibility; ops have no names here.

    **Returns:** a tensor of the shape of `log_input`.

    **Raises:** `ValueError` if the shapes differ.

    ```python
    >>> import functape as tf
    >>> print(tf.nn.log_poisson_loss([2.0], [0.0]).numpy())
    [1.]

    ```
    """
    given = operand(log_input)
    counts = operand(targets, hint=given.aval.dtype)
    if counts.aval.shape != given.aval.shape:
        raise ValueError(
            f"`log_input` and `targets` must have the same shape. Received: log_input.shape={given.aval.shape} and "
            f"targets.shape={counts.aval.shape}"
        )
    return record(rows.LOG_POISSON, (bool(compute_full_loss),), (counts, given))


def compute_average_loss(per_example_loss: Any, sample_weight: Any = None, global_batch_size: Any = None) -> Any:
    """The sum of losses over the size of the batch (`tf.nn.compute_average_loss`).

    **Arguments:**
    - `per_example_loss`: a loss for each example.
    - `sample_weight`: weights to multiply them by.
    - `global_batch_size`: how many examples there are on all devices; as many as losses by default.

    **Returns:** a scalar.

    **Raises:** `ValueError` for a loss that is a scalar, or a batch size that is none; `TypeError` for one that is no
    integer.

    ```python
    >>> import functape as tf
    >>> print(tf.nn.compute_average_loss([1.0, 3.0], global_batch_size=4).numpy())
    1.0

    ```
    """
    losses = operand(per_example_loss)
    if not losses.aval.shape:
        raise ValueError(
            f"`per_example_loss` must have at least one dimension. Received: per_example_loss={per_example_loss}"
        )
    if not losses.aval.dtype.is_floating:
        losses = cast(losses, float64)
    if sample_weight is not None:
        weights = cast(operand(sample_weight, hint=losses.aval.dtype), losses.aval.dtype)
        # As Keras broadcasts them: a weight stands for all that follows it.
        missing = losses.aval.ndim - weights.aval.ndim
        if weights.aval.ndim and missing > 0:
            weights = reshape(weights, (*weights.aval.shape, *(1,) * missing))
        losses = losses * weights
    total = reduce_sum(losses)
    if global_batch_size is None:
        return total / float(losses.aval.shape[0])
    if is_tensor_like(global_batch_size):
        if global_batch_size.aval.shape:
            raise ValueError(f"`global_batch_size` must be a scalar. Received: {global_batch_size!r}")
        if not global_batch_size.aval.dtype.is_integer:
            raise TypeError(f"`global_batch_size` must be an integer. Received: {global_batch_size!r}")
        return total / cast(global_batch_size, total.aval.dtype)
    array = np.asarray(global_batch_size)
    if array.ndim:
        raise ValueError(f"`global_batch_size` must be a scalar. Received: {global_batch_size!r}")
    if array.dtype.kind not in "iu":
        raise TypeError(f"`global_batch_size` must be an integer. Received: {global_batch_size!r}")
    if array < 0:
        raise invalid(f"`global_batch_size` must not be negative. Received: {global_batch_size!r}")
    return total / float(array)


def scale_regularization_loss(regularization_loss: Any) -> Any:
    """The sum of regularization losses for one of the devices that add theirs up (`tf.nn.scale_regularization_loss`).

    **Arguments:**
    - `regularization_loss`: a loss, or several.

    **Returns:** a scalar.

    ```python
    >>> import functape as tf
    >>> print(tf.nn.scale_regularization_loss([1.0, 2.0]).numpy())
    3.0

    ```
    """
    return reduce_sum(regularization_loss)


def ctc_loss(
    labels: Any,
    logits: Any,
    label_length: Any,
    logit_length: Any,
    logits_time_major: bool = True,
    unique: Any = None,
    blank_index: Any = None,
    name: str | None = None,
) -> Any:
    """How unlikely label sequences are, whatever their alignment (`tf.nn.ctc_loss`).

    Graves, Fernández, Gomez and Schmidhuber, "Connectionist temporal classification", 2006.

    **Arguments:**
    - `labels`: an integer tensor `[batch, most labels]`, or a sparse one.
    - `logits`: a floating tensor `[time, batch, classes]`, or `[batch, time, classes]`.
    - `label_length`: `[batch]`: how many labels count; None for a sparse tensor.
    - `logit_length`: `[batch]`: how many steps count.
    - `logits_time_major`: which of the two forms `logits` has.
    - `unique`: what `ctc_unique_labels` makes of the labels; not needed here, where it changes nothing.
    - `blank_index`: the class of the blank; 0 by default, negative from the end. A sparse tensor needs it.
    - `name`: accepted for compatibility.

    **Returns:** a tensor `[batch]`.

    **Raises:** `ValueError` for sparse labels without `blank_index`; `InvalidArgumentError` for shapes that do not fit.

    ```python
    >>> import functape as tf
    >>> logits = tf.zeros([2, 1, 3])
    >>> loss = tf.nn.ctc_loss([[1]], logits, label_length=[1], logit_length=[2])
    >>> print(f"{loss.numpy()[0]:.4f}")
    1.0986

    ```
    """
    given = operand(logits)
    if hasattr(labels, "dense_shape"):
        if blank_index is None:
            raise ValueError("`blank_index` must be given for labels that are a SparseTensor. Received: None")
        labels, label_length = _dense_labels(labels)
    statics = (bool(logits_time_major), 0 if blank_index is None else as_int(blank_index, "blank_index"))
    return record(rows.CTC_LOSS, statics, (operand(labels), given, operand(label_length), operand(logit_length)))


def _dense_labels(labels: Any) -> tuple[Any, Any]:
    places, values = read(labels.indices), read(labels.values)
    batch, most = (int(each) for each in read(labels.dense_shape))
    dense, lengths = np.zeros((batch, most), values.dtype), np.zeros(batch, np.int32)
    if len(places):
        dense[places[:, 0], places[:, 1]] = values
        np.maximum.at(lengths, places[:, 0], places[:, 1].astype(np.int32) + 1)
    return from_numpy(dense), from_numpy(lengths)


def ctc_unique_labels(labels: Any, name: str | None = None) -> tuple[Any, Any]:
    """The different labels of each sequence and where they are (`tf.nn.ctc_unique_labels`).

    **Arguments:**
    - `labels`: an integer tensor `[batch, length]`, padded with zeros.
    - `name`: accepted for compatibility.

    **Returns:** the labels in order of appearance, padded with zeros, and for each label its number among them.

    ```python
    >>> import functape as tf
    >>> labels, places = tf.nn.ctc_unique_labels([[3, 4, 4, 3]])
    >>> print(labels.numpy(), places.numpy())
    [[3 4 0 0]] [[0 1 1 0]]

    ```
    """
    given = read(convert(labels))
    distinct, numbers = np.zeros_like(given), np.zeros(given.shape, np.int32)
    for row, sequence in enumerate(given):
        order: dict[int, int] = {}
        numbers[row] = [order.setdefault(int(each), len(order)) for each in sequence]
        distinct[row, : len(order)] = list(order)
    return from_numpy(distinct), from_numpy(numbers)


def collapse_repeated(labels: Any, seq_length: Any, name: str | None = None) -> tuple[Any, Any]:
    """Each run of equal labels as one (`tf.nn.collapse_repeated`).

    **Arguments:**
    - `labels`: an integer tensor `[batch, length]`.
    - `seq_length`: `[batch]`: how many labels count.
    - `name`: accepted for compatibility.

    **Returns:** the labels that are left, padded with zeros, and how many there are.

    ```python
    >>> import functape as tf
    >>> labels, lengths = tf.nn.collapse_repeated([[1, 1, 2, 2, 1]], [5])
    >>> print(labels.numpy(), lengths.numpy())
    [[1 2 1]] [3]

    ```
    """
    given, lengths = read(convert(labels)), read(convert(seq_length))
    kept = [
        [int(each) for place, each in enumerate(row[:length]) if not place or each != row[place - 1]]
        for row, length in zip(given, lengths, strict=True)
    ]
    result = np.zeros((len(kept), max(map(len, kept), default=0)), given.dtype)
    for row, left in enumerate(kept):
        result[row, : len(left)] = left
    return from_numpy(result), from_numpy(np.array([len(left) for left in kept], lengths.dtype))


class IsotonicRegression(NamedTuple):
    """What `isotonic_regression` returns."""

    output: Any
    segments: Any


def isotonic_regression(inputs: Any, decreasing: bool = True, axis: Any = -1) -> Any:
    """The monotone sequence nearest to a sequence, by least squares (`tf.nn.isotonic_regression`).

    **Arguments:**
    - `inputs`: a real tensor.
    - `decreasing`: whether the result falls or rises.
    - `axis`: along which axis.

    **Returns:** the fit, and which group of equal values each element is in.

    ```python
    >>> import functape as tf
    >>> print(tf.nn.isotonic_regression([3.0, 1.0, 2.0]).output.numpy())
    [3.  1.5 1.5]

    ```
    """
    given = operand(inputs)
    if not given.aval.dtype.is_floating:
        given = cast(given, float64)
    rank = given.aval.ndim
    place = as_axis(axis, rank, "IsotonicRegression")
    order = [*(each for each in range(rank) if each != place), place]
    last = place == rank - 1
    moved = given if last else transpose(given, order)
    output, segments = record_multiple(rows.ISOTONIC, (bool(decreasing),), (moved,))
    if not last:
        back = [order.index(each) for each in range(rank)]
        output, segments = transpose(output, back), transpose(segments, back)
    return IsotonicRegression(output, segments)


def _sampled(
    weights: Any,
    biases: Any,
    labels: Any,
    inputs: Any,
    num_sampled: Any,
    num_classes: Any,
    num_true: Any,
    sampled_values: Any,
    remove_accidental_hits: bool,
    seed: Any,
) -> tuple[Any, int]:
    """Logits of the true and the sampled classes, and how many true ones each example has."""
    given = operand(inputs)
    if isinstance(weights, list | tuple) and weights and is_tensor_like(weights[0]):
        weights = weights[0] if len(weights) == 1 else concat(list(weights), 0)
    table, offsets = operand(weights, hint=given.aval.dtype), operand(biases, hint=given.aval.dtype)
    true = as_int(num_true, "num_true")
    targets = operand(labels)
    if targets.aval.dtype is not int64:
        targets = cast(targets, int64)
    targets = reshape(targets, (-1, true))
    if sampled_values is None:
        sampled_values = log_uniform_candidate_sampler(targets, true, num_sampled, True, num_classes, seed)
    sampled, true_expected, sampled_expected = (operand(each) for each in sampled_values)
    # Looked up before the loss is computed, so that the gradients are given by rows.
    classes = concat([reshape(targets, (-1,)), cast(sampled, int64)], 0)
    logits = record(
        rows.SAMPLED_LOGITS,
        (bool(remove_accidental_hits),),
        (gather(table, classes), gather(offsets, classes), given, targets, sampled, true_expected, sampled_expected),
    )
    return logits, true


def _target_distribution(logits: Any, true: int) -> Any:
    values = np.zeros(logits.aval.shape, logits.aval.dtype.as_numpy_dtype)
    values[:, :true] = 1 / true
    return from_numpy(values)


def nce_loss(
    weights: Any,
    biases: Any,
    labels: Any,
    inputs: Any,
    num_sampled: Any,
    num_classes: Any,
    num_true: Any = 1,
    sampled_values: Any = None,
    remove_accidental_hits: bool = False,
    name: str | None = "nce_loss",
) -> Any:
    """The noise-contrastive loss (`tf.nn.nce_loss`).

    Gutmann and Hyvärinen, "Noise-contrastive estimation", 2010.

    **Arguments:**
    - `weights`: a matrix `[classes, width]`, or a list of them that continue each other.
    - `biases`: a vector `[classes]`.
    - `labels`: an integer tensor `[batch, num_true]`.
    - `inputs`: a floating tensor `[batch, width]`.
    - `num_sampled`: how many classes to sample for the batch.
    - `num_classes`: how many there are.
    - `num_true`: how many labels an example has.
    - `sampled_values`: what a candidate sampler returned; `log_uniform_candidate_sampler` by default.
    - `remove_accidental_hits`: whether sampled classes that are labels are left out.
    - `name`: accepted for compatibility.

    **Returns:** a tensor `[batch]`.

    ```python
    >>> import functape as tf
    >>> loss = tf.nn.nce_loss(tf.ones([9, 2]), tf.zeros([9]), [[1]], tf.ones([1, 2]), num_sampled=3, num_classes=9)
    >>> loss.shape
    TensorShape([1])

    ```
    """
    logits, true = _sampled(
        weights,
        biases,
        labels,
        inputs,
        num_sampled,
        num_classes,
        num_true,
        sampled_values,
        remove_accidental_hits,
        None,
    )
    return reduce_sum(sigmoid_cross_entropy_with_logits(_target_distribution(logits, true), logits), 1)


def sampled_softmax_loss(
    weights: Any,
    biases: Any,
    labels: Any,
    inputs: Any,
    num_sampled: Any,
    num_classes: Any,
    num_true: Any = 1,
    sampled_values: Any = None,
    remove_accidental_hits: bool = True,
    seed: Any = None,
    name: str | None = "sampled_softmax_loss",
) -> Any:
    """The softmax cross-entropy over the true and some sampled classes (`tf.nn.sampled_softmax_loss`).

    Jean, Cho, Memisevic and Bengio, "On using very large target vocabulary", 2014.

    **Arguments:**
    - `weights`: a matrix `[classes, width]`, or a list of them that continue each other.
    - `biases`: a vector `[classes]`.
    - `labels`: an integer tensor `[batch, num_true]`.
    - `inputs`: a floating tensor `[batch, width]`.
    - `num_sampled`: how many classes to sample for the batch.
    - `num_classes`: how many there are.
    - `num_true`: how many labels an example has.
    - `sampled_values`: what a candidate sampler returned; `log_uniform_candidate_sampler` by default.
    - `remove_accidental_hits`: whether sampled classes that are labels are left out.
    - `seed`: of the sampler.
    - `name`: accepted for compatibility.

    **Returns:** a tensor `[batch]`.

    ```python
    >>> import functape as tf
    >>> weights, inputs = tf.ones([9, 2]), tf.ones([1, 2])
    >>> tf.nn.sampled_softmax_loss(weights, tf.zeros([9]), [[1]], inputs, num_sampled=3, num_classes=9).shape
    TensorShape([1])

    ```
    """
    logits, true = _sampled(
        weights,
        biases,
        labels,
        inputs,
        num_sampled,
        num_classes,
        num_true,
        sampled_values,
        remove_accidental_hits,
        seed,
    )
    return softmax_cross_entropy_with_logits(_target_distribution(logits, true), logits)
