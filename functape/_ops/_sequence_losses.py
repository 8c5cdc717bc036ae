"""Rows of the losses over sequences and over sampled classes, and of monotone fits."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from functape._engine._avals import Aval
from functape._engine._op import Op
from functape._ops import _checks as checks
from functape._ops._convolution import refuse


def _ctc_loss(labels: Any, logits: Any, label_length: Any, logit_length: Any, time_major: bool, blank: int) -> Any:
    """The negative log-probability of each label sequence, over all its alignments (Graves et al., 2006)."""
    logits = jnp.moveaxis(logits, 0, 1) if time_major else logits
    wide = logits.astype(np.float32) if logits.dtype.itemsize < 4 else logits
    batch, _, classes = wide.shape
    blank %= classes
    count = labels.shape[1]
    never = np.asarray(jnp.finfo(wide.dtype).min / 2, wide.dtype)
    log_probabilities = jax.nn.log_softmax(wide, -1)
    # Blanks and labels in turn: 2 * count + 1 states.
    states = jnp.full((batch, 2 * count + 1), blank, np.int32).at[:, 1::2].set(labels.astype(np.int32))
    seen = jnp.take_along_axis(log_probabilities, states[:, None, :], -1)
    two_before = jnp.pad(states, ((0, 0), (2, 0)), constant_values=blank)[:, :-2]
    skips = (states != blank) & (states != two_before)

    def later(alpha: Any, steps: int) -> Any:
        return jnp.pad(alpha, ((0, 0), (steps, 0)), constant_values=never)[:, : alpha.shape[1]]

    def advance(alpha: Any, given: Any) -> Any:
        emitted, time = given
        total = jnp.logaddexp(alpha, later(alpha, 1))
        total = jnp.logaddexp(total, jnp.where(skips, later(alpha, 2), never)) + emitted
        return jnp.where((time < logit_length)[:, None], jnp.maximum(total, never), alpha), None

    places = np.arange(2 * count + 1)
    start = jnp.where(places < 2, seen[:, 0], never)
    times = jnp.arange(1, seen.shape[1], dtype=np.int32)
    alpha, _ = lax.scan(advance, start, (jnp.moveaxis(seen, 1, 0)[1:], times))
    ends = 2 * label_length.astype(np.int32)
    ending = (places == ends[:, None]) | (places == ends[:, None] - 1)
    return -jax.nn.logsumexp(jnp.where(ending, alpha, never), -1).astype(logits.dtype)


def _check_ctc(name: str, avals: tuple[Aval, ...], time_major: bool, blank: int) -> None:
    labels, logits, label_length, logit_length = avals
    checks.real_floating(name, (logits,))
    checks.integer(name, (labels, label_length, logit_length))
    if labels.ndim != 2 or logits.ndim != 3:
        refuse(
            name, f"labels must be a matrix and logits have 3 dimensions: {list(labels.shape)}, {list(logits.shape)}"
        )
    batch = logits.shape[1 if time_major else 0]
    for what, each in (("labels", labels), ("label_length", label_length), ("logit_length", logit_length)):
        if each.shape[:1] != (batch,):
            refuse(name, f"{what} must have an entry for each of {batch} sequences. Received: {list(each.shape)}")
    if not -logits.shape[2] <= blank < logits.shape[2]:
        refuse(name, f"blank_index must be below the {logits.shape[2]} classes. Received: {blank}")


def _log_poisson(targets: Any, log_input: Any, full: bool) -> Any:
    result = jnp.exp(log_input) - log_input * targets
    if not full:
        return result
    one = np.ones((), targets.dtype)
    safe = jnp.where(targets > one, targets, one)
    stirling = (
        safe * jnp.log(safe) - safe + np.asarray(0.5, safe.dtype) * jnp.log(np.asarray(2 * np.pi, safe.dtype) * safe)
    )
    inside = (targets >= 0) & (targets <= one)
    return result + jnp.where(inside, jnp.zeros_like(stirling), stirling)


def _sampled_logits(
    weights: Any,
    biases: Any,
    inputs: Any,
    labels: Any,
    sampled: Any,
    true_expected: Any,
    sampled_expected: Any,
    without_hits: bool,
) -> Any:
    """Logits of the true classes and of the sampled ones, less the logarithm of how often they are sampled."""
    own = labels.size
    true_expected, sampled_expected = (
        lax.stop_gradient(each).astype(inputs.dtype) for each in (true_expected, sampled_expected)
    )
    true = jnp.einsum("bd,btd->bt", inputs, weights[:own].reshape(*labels.shape, -1))
    true = true + biases[:own].reshape(labels.shape) - jnp.log(true_expected)
    others = inputs @ weights[own:].T + biases[own:] - jnp.log(sampled_expected)
    if without_hits:
        hits = jnp.any(labels[:, :, None] == sampled, 1)
        others = others + jnp.where(hits, jnp.finfo(inputs.dtype).min, np.zeros((), inputs.dtype)).astype(inputs.dtype)
    return jnp.concatenate([true, others], 1)


def _expected_counts(classes: Any, tries: Any, size: Any, *table: Any, kind: str, range_max: int) -> Any:
    """How often each class is expected among the samples."""
    if kind == "all":
        return jnp.ones(classes.shape, np.float32)
    if kind == "uniform":
        probability = jnp.full(classes.shape, 1 / range_max, np.float32)
    elif kind == "table":
        known = (classes >= 0) & (classes < range_max)
        probability = jnp.where(known, table[0][jnp.where(known, classes, 0)], np.float32(0))
    else:
        number = classes.astype(np.float32)
        probability = jnp.log((number + np.float32(2)) / (number + np.float32(1))) / np.float32(np.log1p(range_max))
    tries, size = tries.astype(np.float32), size.astype(np.float32)
    return jnp.where(tries == size, probability * size, -jnp.expm1(tries * jnp.log1p(-probability)))


def _segments_of_fit(x: Any) -> Any:
    """For a row, which group each element is in when groups are merged until their means do not increase."""
    length = x.shape[0]

    def add(stack: Any, index: Any) -> Any:
        sums, counts, top = stack
        sums, counts = sums.at[top].set(x[index]), counts.at[top].set(1)

        def rising(state: Any) -> Any:
            sums, counts, top = state
            below = jnp.maximum(top - 1, 0)
            return (top > 0) & (sums[top] * counts[below] > sums[below] * counts[top])

        def merge(state: Any) -> Any:
            sums, counts, top = state
            return sums.at[top - 1].add(sums[top]), counts.at[top - 1].add(counts[top]), top - 1

        sums, counts, top = lax.while_loop(rising, merge, (sums, counts, top))
        return (sums, counts, top + 1), None

    start = (jnp.zeros(length, x.dtype), jnp.zeros(length, x.dtype), jnp.zeros((), np.int32))
    (_, counts, top), _ = lax.scan(add, start, jnp.arange(length, dtype=np.int32))
    counts = jnp.where(jnp.arange(length) < top, counts, np.zeros((), x.dtype))
    ends = jnp.cumsum(counts)
    return jnp.searchsorted(ends, jnp.arange(length).astype(x.dtype), side="right").astype(np.int32)


def _group_means(x: Any, groups: Any) -> Any:
    total = jax.ops.segment_sum(x, groups, x.shape[0])
    count = jax.ops.segment_sum(jnp.ones_like(x), groups, x.shape[0])
    return (total / jnp.maximum(count, np.ones((), x.dtype)))[groups]


def _isotonic(x: Any, decreasing: bool) -> tuple[Any, Any]:
    flat = x.reshape((-1, x.shape[-1]))
    signed = flat if decreasing else -flat
    groups = jax.vmap(_segments_of_fit)(lax.stop_gradient(signed))
    fitted = jax.vmap(_group_means)(flat, groups)
    return fitted.reshape(x.shape), groups.reshape(x.shape)


CTC_LOSS = Op("CTCLossV3", _ctc_loss, ("time_major", "blank"), check=_check_ctc, unconnected=(0, 2, 3))
"""`(labels, logits, label lengths, logit lengths)`."""
LOG_POISSON = Op("LogPoissonLoss", _log_poisson, ("full",), check=checks.every(checks.same_dtype, checks.real_floating))
"""`(targets, log_input)`."""
SAMPLED_LOGITS = Op("SampledLogits", _sampled_logits, ("without_hits",), unconnected=(3, 4, 5, 6))
"""`(weights, biases, inputs, labels, sampled, expected counts of the labels, of the sampled)`, where weights and biases
are those of the labels and then those of the sampled classes."""
EXPECTED_COUNTS = Op("ExpectedCounts", _expected_counts, ("kind", "range_max"), differentiable=False)
"""`(classes, tries, samples)`, and for the kind `table` the classes' probabilities."""
ISOTONIC = Op("IsotonicRegression", _isotonic, ("decreasing",), multiple=True, check=checks.real_floating)
