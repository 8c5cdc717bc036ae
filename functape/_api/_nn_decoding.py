"""Decoding of the outputs of networks trained with the CTC loss (`tf.nn.ctc_greedy_decoder`, `..._beam_search_...`)."""

from __future__ import annotations

import heapq
import itertools
from typing import Any

import numpy as np

from functape._api._static import as_int, invalid, operand
from functape._core._convert import from_numpy
from functape._core._known import read
from functape._engine._errors import FailedPreconditionError

Array = np.ndarray[Any, Any]


def ctc_greedy_decoder(
    inputs: Any, sequence_length: Any, merge_repeated: Any = True, blank_index: Any = None
) -> tuple[list[Any], Any]:
    """The likeliest class at each step, without repetitions and blanks (`tf.nn.ctc_greedy_decoder`).

    **Arguments:**
    - `inputs`: logits `[steps, batch, classes]`, float32 or float64.
    - `sequence_length`: how many steps each example has, an integer vector.
    - `merge_repeated`: whether a class counts once where it comes at several steps in a row.
    - `blank_index`: which class is the blank, counted from the end where negative; the last one by default.

    **Returns:** a list of one int64 `SparseTensor` `[batch, longest]`, and the negated sums of the logits taken,
    `[batch, 1]`. Nothing is differentiable.

    **Raises:** `InvalidArgumentError` for shapes that do not fit, `FailedPreconditionError` for such lengths.

    ```python
    >>> import functape as tf
    >>> logits = tf.math.log([[[0.9, 0.1, 0.0]], [[0.9, 0.1, 0.0]], [[0.0, 0.0, 1.0]], [[0.2, 0.8, 0.0]]])
    >>> (decoded,), _ = tf.nn.ctc_greedy_decoder(logits, [4])
    >>> decoded.values.numpy().tolist()
    [0, 1]

    ```
    """
    logits, lengths = _checked(inputs, sequence_length)
    classes = logits.shape[2]
    blank = classes - 1 if blank_index is None else as_int(blank_index, "blank_index")
    if not -classes <= blank < classes:
        raise invalid(f"blank_index must be from {-classes} to {classes - 1}. Received: blank_index={blank_index}")
    blank %= classes
    sums = np.zeros((len(lengths), 1), logits.dtype)
    paths = []
    for row, length in enumerate(lengths):
        steps = logits[:length, row]
        best = np.argmax(steps, 1)
        sums[row] -= np.sum(steps[np.arange(length), best], dtype=logits.dtype)
        keep = best != blank
        if merge_repeated and length:
            keep[1:] &= best[1:] != best[:-1]
        paths.append(best[keep].tolist())
    return [_sparse(paths)], from_numpy(sums)


def ctc_beam_search_decoder(
    inputs: Any, sequence_length: Any, beam_width: Any = 100, top_paths: Any = 1
) -> tuple[list[Any], Any]:
    """The likeliest sequences of classes, found by keeping the best beginnings (`tf.nn.ctc_beam_search_decoder`).

    **Arguments:**
    - `inputs`: logits `[steps, batch, classes]`, float32 or float64; the last class is the blank.
    - `sequence_length`: how many steps each example has, an integer vector.
    - `beam_width`: how many beginnings are kept.
    - `top_paths`: how many sequences to return for each example.

    **Returns:** a list of `top_paths` int64 `SparseTensor`s `[batch, longest]`, the likeliest first, and the logarithms
    of the probabilities, `[batch, top_paths]`. Nothing is differentiable.

    **Raises:** `InvalidArgumentError` for shapes that do not fit or more paths than are kept,
    `FailedPreconditionError` for lengths that do not fit.

    Source: A. Graves, "Sequence Transduction with Recurrent Neural Networks", 2012.

    ```python
    >>> import functape as tf
    >>> logits = tf.math.log([[[0.4, 0.6]], [[0.4, 0.6]]])
    >>> decoded, scores = tf.nn.ctc_beam_search_decoder(logits, [2], beam_width=5, top_paths=2)
    >>> [path.values.numpy().tolist() for path in decoded], tf.exp(scores).numpy().round(2).tolist()
    ([[0], []], [[0.6399999856948853, 0.36000001430511475]])

    ```
    """
    logits, lengths = _checked(inputs, sequence_length)
    width, count = as_int(beam_width, "beam_width"), as_int(top_paths, "top_paths")
    if width < 1 or count < 1:
        raise invalid(f"beam_width and top_paths must be positive. Received: {beam_width} and {top_paths}")
    if count > width:
        raise invalid(f"requested more paths than the beam width: {count} > {width}")
    scores = np.zeros((len(lengths), count), logits.dtype)
    paths: list[list[Any]] = [[] for _ in range(count)]
    for row, length in enumerate(lengths):
        beam = _search(_log_softmax(logits[:length, row]), width)
        if len(beam) < count:
            raise invalid(f"Less leaves in the beam search than requested: {len(beam)} < {count}")
        for place, entry in enumerate(beam[:count]):
            scores[row, place] = entry.total
            paths[place].append(entry.path())
    return [_sparse(each) for each in paths], from_numpy(scores)


class _Entry:
    """A beginning of a sequence, with the logarithms of its probabilities.

    **Arguments:**
    - `parent`: the beginning without its last class; None for the empty one.
    - `label`: its last class.
    """

    __slots__ = ("parent", "label", "children", "total", "blank", "ending", "old_total", "old_blank")

    def __init__(self, parent: _Entry | None, label: int) -> None:
        self.parent = parent
        self.label = label
        self.children: dict[int, _Entry] = {}
        self.old_total = self.old_blank = _NONE
        self.drop()

    def drop(self) -> None:
        """Take it out of the beam."""
        self.total = self.blank = self.ending = _NONE

    @property
    def active(self) -> bool:
        """Whether it is in the beam."""
        return self.total != _NONE

    def before(self, label: int) -> Any:
        """The probability, one step ago, of what a new `label` may follow: a repeated one follows a blank."""
        return self.old_blank if label == self.label else self.old_total

    def path(self) -> list[int]:
        """The classes."""
        return [] if self.parent is None else [*self.parent.path(), self.label]


_NONE = np.float64(-np.inf)


def _search(steps: Array, width: int) -> list[_Entry]:
    """The likeliest beginnings, the likeliest first.

    **Arguments:**
    - `steps`: the logarithms of the classes' probabilities at each step, the blank last.
    - `width`: how many to keep.
    """
    root = _Entry(None, -1)
    root.total = root.blank = steps.dtype.type(0)
    beam = [root]
    for step in steps:
        beam = _advance(beam, step, width)
    return beam


def _advance(beam: list[_Entry], step: Array, width: int) -> list[_Entry]:
    for entry in beam:
        entry.old_total, entry.old_blank = entry.total, entry.blank
    for entry in beam:
        parent = entry.parent
        if parent is not None:
            if parent.active:
                entry.ending = np.logaddexp(entry.ending, parent.before(entry.label))
            entry.ending = entry.ending + step[entry.label]
        entry.blank = entry.old_total + step[-1]
        entry.total = np.logaddexp(entry.blank, entry.ending)
    # The worst of the beam comes first in the heap.
    heap = [(entry.total, place, entry) for place, entry in enumerate(beam)]
    heapq.heapify(heap)
    numbers = itertools.count(len(beam))
    for entry in beam:
        if not _enters(entry.old_total, heap, width):
            continue
        scores = entry.old_total + step[:-1]
        if entry.label >= 0:
            scores[entry.label] = entry.old_blank + step[entry.label]
        worst = heap[0][0] if len(heap) == width else _NONE
        for label in sorted({*np.flatnonzero(scores > worst).tolist(), *entry.children}):
            child = entry.children.get(label)
            if child is not None and child.active:
                continue
            if not _enters(scores[label], heap, width):
                # As in TensorFlow, what fails to come back into the beam does not grow at this step either.
                if child is not None:
                    child.old_total = child.old_blank = _NONE
                continue
            child = entry.children.setdefault(label, _Entry(entry, label))
            child.total = child.ending = scores[label]
            item = (child.total, next(numbers), child)
            if len(heap) == width:
                heapq.heapreplace(heap, item)[2].drop()
            else:
                heapq.heappush(heap, item)
    return [entry for _, _, entry in sorted(heap, key=lambda item: (-item[0], item[1]))]


def _enters(total: Any, heap: list[Any], width: int) -> bool:
    return total > _NONE and (len(heap) < width or total > heap[0][0])


def _log_softmax(logits: Array) -> Array:
    largest = logits.max(1, keepdims=True) if logits.size else logits[:, :1]
    shifted = logits - largest
    with np.errstate(divide="ignore"):
        return shifted - np.log(np.exp(shifted).sum(1, keepdims=True))


def _checked(inputs: Any, sequence_length: Any) -> tuple[Array, Array]:
    tensor = operand(inputs)
    if tensor.aval.ndim != 3:
        raise invalid(f"inputs is not a 3-Tensor [steps, batch, classes]. Received: inputs.shape={tensor.aval.shape}")
    if tensor.aval.dtype.name not in ("float32", "float64"):
        raise invalid(f"inputs must be float32 or float64. Received: {tensor.aval.dtype.name}")
    logits, lengths = read(tensor), read(operand(sequence_length))
    steps, batch, _ = logits.shape
    if lengths.ndim != 1 or len(lengths) != batch:
        raise FailedPreconditionError(
            message=f"len(sequence_length) != batch_size. Received: sequence_length={lengths}, batch_size={batch}"
        )
    if not batch:
        raise invalid("inputs have a batch of 0")
    for row, length in enumerate(lengths.tolist()):
        if not 0 <= length <= steps:
            raise FailedPreconditionError(
                message=f"sequence_length({row}) must be from 0 to {steps}. Received: {length}"
            )
    return logits, lengths


def _sparse(paths: list[list[int]]) -> Any:
    from functape.sparse._tensor import made

    places = [(row, place) for row, path in enumerate(paths) for place in range(len(path))]
    values = np.array([label for path in paths for label in path], np.int64)
    coordinates = np.array(places, np.int64).reshape(-1, 2)
    return made(coordinates, from_numpy(values), (len(paths), max(map(len, paths))))
