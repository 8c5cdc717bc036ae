"""The candidate samplers of `tf.nn` and `tf.random`: TensorFlow's own classes, given the same seeds."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from functape._api._static import as_int, invalid, operand
from functape._core._cast import cast
from functape._core._convert import from_numpy
from functape._core._known import read
from functape._engine._dtypes import int64
from functape._engine._recorder import record
from functape._ops import _sequence_losses as rows
from functape._seeds import seed_words

_MULTIPLIERS = (np.uint64(0xD2511F53), np.uint64(0xCD9E8D57))
_WEYL = (0x9E3779B9, 0xBB67AE85)
_BLOCKS = 256
"""Blocks of four words computed at a time."""


class CandidateSample(NamedTuple):
    """What a candidate sampler returns."""

    sampled_candidates: Any
    true_expected_count: Any
    sampled_expected_count: Any


def _words(state: np.ndarray[Any, Any]) -> Iterator[int]:
    """The stream of Philox 4x32-10 that begins at a state, on the host: samplers reject and go on."""
    key = [int(each) for each in state[:2]]
    counter = sum(int(each) << (32 * place) for place, each in enumerate(state[2:]))
    mask = np.uint64(0xFFFFFFFF)
    while True:
        numbers = [(counter + each) % 2**128 for each in range(_BLOCKS)]
        lanes = [np.array([(each >> shift) & 0xFFFFFFFF for each in numbers], np.uint64) for shift in (0, 32, 64, 96)]
        first, second = key
        for _ in range(10):
            low, high = lanes[0] * _MULTIPLIERS[0], lanes[2] * _MULTIPLIERS[1]
            shift = np.uint64(32)
            lanes = [
                (high >> shift) ^ lanes[1] ^ np.uint64(first),
                high & mask,
                (low >> shift) ^ lanes[3] ^ np.uint64(second),
                low & mask,
            ]
            first, second = (first + _WEYL[0]) % 2**32, (second + _WEYL[1]) % 2**32
        yield from (int(each) for each in np.stack(lanes, 1).ravel())
        counter += _BLOCKS


def _wide(words: Iterator[int]) -> int:
    low = next(words)
    return low | next(words) << 32


def _log_uniform(words: Iterator[int], range_max: int) -> int:
    high = next(words) & 0xFFFFF
    fraction = (high << 32 | next(words)) / 2**52
    return (int(math.exp(fraction * math.log1p(range_max))) - 1) % range_max


def _uniform(words: Iterator[int], range_max: int) -> int:
    if range_max & (range_max - 1) == 0:
        return _wide(words) & (range_max - 1)
    rest = (2**64 - 1) % range_max + 1
    while (value := _wide(words)) < rest:
        continue
    return value % range_max


def _sample(
    kind: str,
    draw: Callable[[Iterator[int], int], int],
    true_classes: Any,
    num_true: Any,
    num_sampled: Any,
    unique: Any,
    range_max: Any,
    seed: Any,
    probabilities: Any = None,
) -> CandidateSample:
    given = operand(true_classes)
    if given.aval.dtype is not int64:
        given = cast(given, int64)
    count, largest, true = (
        as_int(num_sampled, "num_sampled"),
        as_int(range_max, "range_max"),
        as_int(num_true, "num_true"),
    )
    if given.aval.ndim != 2 or given.aval.shape[1] != true:
        raise invalid(f"`true_classes` must have the shape [batch, num_true={true}]. Received: {given.aval.shape}")
    if count < 1 or largest < 1:
        raise invalid(f"`num_sampled` and `range_max` must be positive. Received: {num_sampled} and {range_max}")
    if unique and count > largest:
        raise invalid(
            f"There cannot be more `unique` samples than classes. Received: num_sampled={count}, range_max={largest}"
        )
    # The kernel sets 512 blocks aside for each sample.
    words = _words(seed_words((kind, "int64"), 2 * count, seed))
    tries = 0
    chosen: list[int] = []
    seen: set[int] = set()
    while len(chosen) < count:
        value = draw(words, largest)
        tries += 1
        if not unique or value not in seen:
            seen.add(value)
            chosen.append(value)
    sampled = from_numpy(np.array(chosen, np.int64))
    return CandidateSample(sampled, *_expected(kind, given, sampled, tries, count, largest, probabilities))


def _expected(
    kind: str, true: Any, sampled: Any, tries: int, count: int, range_max: int, probabilities: Any = None
) -> tuple[Any, Any]:
    numbers = [from_numpy(np.array(each, np.int32)) for each in (tries, count)]
    if probabilities is not None:
        numbers.append(from_numpy(probabilities))
    statics = (_KINDS[kind], range_max)
    return tuple(record(rows.EXPECTED_COUNTS, statics, (each, *numbers)) for each in (true, sampled))  # type: ignore


_KINDS = {
    "LogUniformCandidateSampler": "log uniform",
    "UniformCandidateSampler": "uniform",
    "AllCandidateSampler": "all",
    "FixedUnigramCandidateSampler": "table",
}


def log_uniform_candidate_sampler(
    true_classes: Any,
    num_true: Any,
    num_sampled: Any,
    unique: Any,
    range_max: Any,
    seed: Any = None,
    name: str | None = None,
) -> CandidateSample:
    """Classes sampled by Zipf's law, for classes in order of frequency (`tf.random.log_uniform_candidate_sampler`).

    **Arguments:**
    - `true_classes`: an int64 tensor `[batch, num_true]`.
    - `num_true`: how many true classes an example has.
    - `num_sampled`: how many classes to sample.
    - `unique`: whether they all differ.
    - `range_max`: how many classes there are.
    - `seed`: the op's own seed.
    - `name`: accepted for compatibility; ops have no names here.

    **Returns:** the sampled classes, and how often the true and the sampled classes are expected among them.

    **Raises:** `InvalidArgumentError` for more unique samples than classes, or shapes that do not fit.

    ```python
    >>> import functape as tf
    >>> sample = tf.random.log_uniform_candidate_sampler([[1]], 1, num_sampled=5, unique=True, range_max=5)
    >>> sorted(sample.sampled_candidates.numpy().tolist())
    [0, 1, 2, 3, 4]

    ```
    """
    return _sample(
        "LogUniformCandidateSampler", _log_uniform, true_classes, num_true, num_sampled, unique, range_max, seed
    )


def uniform_candidate_sampler(
    true_classes: Any,
    num_true: Any,
    num_sampled: Any,
    unique: Any,
    range_max: Any,
    seed: Any = None,
    name: str | None = None,
) -> CandidateSample:
    """Classes sampled with equal chances (`tf.random.uniform_candidate_sampler`).

    The arguments are as for `log_uniform_candidate_sampler`.

    ```python
    >>> import functape as tf
    >>> sample = tf.random.uniform_candidate_sampler([[1]], 1, num_sampled=3, unique=True, range_max=3)
    >>> sorted(sample.sampled_candidates.numpy().tolist())
    [0, 1, 2]

    ```
    """
    return _sample("UniformCandidateSampler", _uniform, true_classes, num_true, num_sampled, unique, range_max, seed)


def fixed_unigram_candidate_sampler(
    true_classes: Any,
    num_true: Any,
    num_sampled: Any,
    unique: Any,
    range_max: Any,
    vocab_file: Any = "",
    distortion: Any = 1.0,
    num_reserved_ids: Any = 0,
    num_shards: Any = 1,
    shard: Any = 0,
    unigrams: Any = (),
    seed: Any = None,
    name: str | None = None,
) -> CandidateSample:
    """Classes sampled with given chances (`tf.random.fixed_unigram_candidate_sampler`).

    **Arguments:**
    - `vocab_file`: a file with a line for each class, which ends in a comma and how often the class occurs.
    - `distortion`: the power to which those numbers are raised.
    - `num_reserved_ids`: how many classes before them are never sampled.
    - `num_shards`, `shard`: of how many parts of the classes this is which one.
    - `unigrams`: the numbers themselves, in place of a file.
    - The others are as for `log_uniform_candidate_sampler`.

    **Raises:** `InvalidArgumentError` if there are not `range_max` numbers, or both a file and numbers, or neither.

    ```python
    >>> import functape as tf
    >>> sample = tf.random.fixed_unigram_candidate_sampler([[1]], 1, 2, True, range_max=3, unigrams=[1.0, 0.0, 3.0])
    >>> sorted(sample.sampled_candidates.numpy().tolist())
    [0, 2]

    ```
    """
    if bool(vocab_file) == bool(len(unigrams)):
        raise invalid("Must provide either vocab_file or unigrams, but not both.")
    frequencies = list(unigrams)
    if vocab_file:
        with open(vocab_file, encoding="utf-8") as file:
            frequencies = [float(line.rpartition(",")[2]) for line in file if line.strip()]
    reserved, parts, part = (
        as_int(each, what)
        for each, what in ((num_reserved_ids, "num_reserved_ids"), (num_shards, "num_shards"), (shard, "shard"))
    )
    if not 0 <= part < parts:
        raise invalid(f"shard must be from 0 to num_shards - 1. Received: shard={shard}, num_shards={num_shards}")
    powers = np.array(frequencies, np.float32) ** np.float32(distortion)
    # Of the reserved classes those of other shards are left out before the numbers are counted on.
    first = len(range(part, reserved, parts))
    kept = powers[[place for place in range(len(powers)) if (first + place) % parts == part]]
    weights = np.concatenate([np.zeros(first, np.float32), kept])
    largest = as_int(range_max, "range_max")
    if len(weights) != largest:
        raise invalid(f"range_max is {largest}, but there are {len(weights)} classes in this shard")
    total = np.float32(0)
    for each in kept:
        total += each
    return _sample(
        "FixedUnigramCandidateSampler",
        _alias_sampler(weights),
        true_classes,
        num_true,
        num_sampled,
        unique,
        range_max,
        seed,
        weights / total,
    )


def _alias_sampler(weights: np.ndarray[Any, Any]) -> Callable[[Iterator[int], int], int]:
    """What draws classes in proportion to weights, by Walker's method of aliases.

    Source: A. J. Walker, "An Efficient Method for Generating Discrete Random Variables", 1977.
    """
    count = len(weights)
    shares = weights.astype(np.float64) * count / float(np.sum(weights, dtype=np.float64))
    low = [place for place in range(count) if shares[place] < 1]
    high = [place for place in range(count) if shares[place] >= 1]
    others = list(range(count))
    while high and low:
        small, large = low.pop(), high.pop()
        others[small] = large
        shares[large] -= 1 - shares[small]
        (low if shares[large] < 1 else high).append(large)
    shares[high + low] = 1
    for place in high + low:
        others[place] = place
    bounds = shares.astype(np.float32)

    def draw(words: Iterator[int], range_max: int) -> int:
        fraction = (next(words) & 0x7FFFFF) / 2**23
        place = _uniform_word(words, range_max)
        return place if fraction < bounds[place] else others[place]

    return draw


def _uniform_word(words: Iterator[int], range_max: int) -> int:
    if range_max & (range_max - 1) == 0:
        return next(words) & (range_max - 1)
    rest = (2**32 - 1) % range_max + 1
    while (value := next(words)) < rest:
        continue
    return value % range_max


def all_candidate_sampler(
    true_classes: Any, num_true: Any, num_sampled: Any, unique: Any, seed: Any = None, name: str | None = None
) -> CandidateSample:
    """All classes: what to compare samplers with (`tf.random.all_candidate_sampler`).

    The arguments are as for `log_uniform_candidate_sampler`; `num_sampled` is the number of classes.

    ```python
    >>> import functape as tf
    >>> tf.random.all_candidate_sampler([[1]], 1, num_sampled=3, unique=True).sampled_candidates.numpy()
    array([0, 1, 2])

    ```
    """
    given = operand(true_classes)
    if given.aval.dtype is not int64:
        given = cast(given, int64)
    count = as_int(num_sampled, "num_sampled")
    sampled = from_numpy(np.arange(count, dtype=np.int64))
    return CandidateSample(sampled, *_expected("AllCandidateSampler", given, sampled, count, count, count))


def compute_accidental_hits(
    true_classes: Any, sampled_candidates: Any, num_true: Any, seed: Any = None, name: str | None = None
) -> tuple[Any, Any, Any]:
    """Where sampled classes are true ones (`tf.nn.compute_accidental_hits`).

    **Arguments:**
    - `true_classes`: an integer tensor `[batch, num_true]`.
    - `sampled_candidates`: the sampled classes.
    - `num_true`: how many true classes an example has.
    - `seed`: accepted for compatibility; nothing is drawn.
    - `name`: accepted for compatibility.

    **Returns:** for each hit the example, the place among the samples, and the lowest number there is.

    ```python
    >>> import functape as tf
    >>> examples, places, _ = tf.nn.compute_accidental_hits([[1], [2]], [5, 2, 1], 1)
    >>> print(examples.numpy(), places.numpy())
    [0 1] [2 1]

    ```
    """
    true, sampled = read(operand(true_classes)), read(operand(sampled_candidates))
    if true.ndim != 2 or true.shape[1] != as_int(num_true, "num_true"):
        raise invalid(f"`true_classes` must have the shape [batch, num_true]. Received: {true.shape}")
    hits = [
        (row, place)
        for row, classes in enumerate(true.tolist())
        for wanted in classes
        for place, value in enumerate(sampled.tolist())
        if value == wanted
    ]
    examples, places = zip(*hits, strict=True) if hits else ((), ())
    weights = np.full(len(hits), np.finfo(np.float32).min, np.float32)
    return from_numpy(np.array(examples, np.int32)), from_numpy(np.array(places, np.int64)), from_numpy(weights)
