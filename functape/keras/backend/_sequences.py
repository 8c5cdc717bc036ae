"""The backend's functions of sequences: recurrence, and connectionist temporal classification."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from functape._api._choosing import where
from functape._api._creation import zeros_like
from functape._api._elementwise import log
from functape._api._joining import stack
from functape._api._shaping import expand_dims, reshape, reverse, squeeze, transpose
from functape._api._static import operand
from functape._core._cast import cast
from functape._core._known import read
from functape._engine._dtypes import int32
from functape.keras._configuration import epsilon
from functape.keras.backend._table import described
from functape.keras.layers._layer_calls import leaves_of, map_leaves


def _steps_first(x: Any) -> Any:
    given = operand(x)
    return transpose(given, (1, 0, *range(2, given.aval.ndim)))


def _rnn(
    step_function: Callable[..., Any],
    inputs: Any,
    initial_states: Any,
    go_backwards: bool,
    mask: Any,
    constants: Any,
    time_major: bool,
    zero_output_for_mask: bool,
    return_all_outputs: bool,
) -> tuple[Any, Any, Any]:
    given = inputs if time_major else map_leaves(_steps_first, inputs)
    real = None if mask is None else operand(mask) if time_major else _steps_first(mask)
    if go_backwards:
        given = map_leaves(lambda each: reverse(each, [0]), given)
        real = None if real is None else reverse(real, [0])
    states = tuple(initial_states)
    outputs: list[Any] = []
    for number in range(operand(leaves_of(given)[0]).aval.shape[0]):
        step = map_leaves(operator.itemgetter(number), given)
        output, after = step_function(step, (*states, *(constants or ())))
        after = tuple(after)
        if real is not None:
            before = outputs[-1] if outputs and not zero_output_for_mask else map_leaves(zeros_like, output)
            output = _masked(real[number], output, before)
            after = tuple(_masked(real[number], new, old) for new, old in zip(after, states, strict=True))
        states = after
        outputs.append(output)
    kept = outputs if return_all_outputs else outputs[-1:]
    parts = [stack(list(each)) for each in zip(*map(leaves_of, kept), strict=True)]
    following = iter(parts if time_major else [_steps_first(each) for each in parts])
    return outputs[-1], map_leaves(lambda _: next(following), outputs[-1]), list(states)


def _masked(real: Any, values: Any, otherwise: Any) -> Any:
    if isinstance(values, list | tuple):
        return type(values)(_masked(real, a, b) for a, b in zip(values, otherwise, strict=True))
    rank = operand(values).aval.ndim
    return where(reshape(real, (-1, *([1] * (rank - 1)))), values, otherwise)


def _sparse_labels(labels: Any, lengths: Any) -> Any:
    from functape.sparse import SparseTensor

    rows = read(operand(labels))
    counts = read(operand(lengths)).reshape(-1)
    places = np.argwhere(np.arange(rows.shape[1])[None, :] < counts[:, None])
    return SparseTensor(places.astype(np.int64), rows[tuple(places.T)], np.asarray(rows.shape, np.int64))


def _batch_cost(y_true: Any, y_pred: Any, input_length: Any, label_length: Any) -> Any:
    from functape import nn

    logits = log(_steps_first(y_pred) + epsilon())
    lengths = (cast(squeeze(operand(each), [-1]), int32) for each in (label_length, input_length))
    return expand_dims(nn.ctc_loss(cast(y_true, int32), logits, *lengths, logits_time_major=True, blank_index=-1), 1)


def _decoded(y_pred: Any, input_length: Any, greedy: bool, beam_width: int, top_paths: int) -> Any:
    from functape import nn
    from functape.sparse import SparseTensor, to_dense

    given = operand(y_pred)
    samples, steps = given.aval.shape[:2]
    logits = log(_steps_first(given) + epsilon())
    lengths = cast(input_length, int32)
    if greedy:
        decoded, probability = nn.ctc_greedy_decoder(logits, lengths)
    else:
        decoded, probability = nn.ctc_beam_search_decoder(logits, lengths, beam_width, top_paths)
    dense = [to_dense(SparseTensor(each.indices, each.values, [samples, steps]), -1) for each in decoded]
    return dense, probability


FUNCTIONS = described(
    {
        "rnn": (
            "A function applied step after step: the last output, all outputs and the last states",
            lambda step_function, inputs, initial_states, go_backwards=False, mask=None, constants=None, unroll=False,
            input_length=None, time_major=False, zero_output_for_mask=False, return_all_outputs=True: _rnn(
                step_function, inputs, initial_states, go_backwards, mask, constants, time_major,
                zero_output_for_mask, return_all_outputs,
            ),
        ),
        "ctc_label_dense_to_sparse": (
            "Labels up to their lengths, as a sparse tensor",
            lambda labels, label_lengths: _sparse_labels(labels, label_lengths),
        ),
        "ctc_batch_cost": (
            "The connectionist temporal classification loss of each sequence",
            lambda y_true, y_pred, input_length, label_length: _batch_cost(
                y_true, y_pred, input_length, label_length
            ),
        ),
        "ctc_decode": (
            "The most probable labels of each sequence, and how probable they are",
            lambda y_pred, input_length, greedy=True, beam_width=100, top_paths=1: _decoded(
                y_pred, input_length, greedy, beam_width, top_paths
            ),
        ),
    },
    "functape.keras.backend",
)  # fmt: skip
