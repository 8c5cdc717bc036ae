"""Top-level kernels, CTC decoding, samplers with given chances, conversions and creators, against TensorFlow."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow
from both_sides import Table, assert_same_error, assert_same_outcome
from oracle import Case, assert_close, check, check_raises, check_signature, each

import functape

RANDOM = np.random.default_rng(7)
SUMS = "sums of several terms, in another order"


def draw(*shape: int, dtype: Any = np.float64) -> Any:
    return RANDOM.uniform(-1, 1, shape).astype(dtype)


X, F = draw(2, 5, 6, 4), draw(3, 2, 4, 3)
VOLUME = draw(1, 4, 5, 6, 2)


def conv(**options: Any) -> Any:
    # TensorFlow has no gradient for it, nor for most of the others that are not differentiated below.
    return lambda tf, x, filters: tf.conv(x, filters, **options)


PADS = [0, 0, 1, 1, 2, 0, 0, 0]
CASES = [
    Case("conv", conv(strides=[1, 1, 1, 1], padding="SAME"), (X, F), 0),
    Case("conv strides", conv(strides=[1, 2, 2, 1], padding="VALID"), (X, F), 0),
    Case("conv dilations", conv(strides=[1] * 4, padding="VALID", dilations=[1, 2, 2, 1]), (X, F), 0),
    Case("conv explicit", conv(strides=[1] * 4, padding="EXPLICIT", explicit_paddings=PADS), (X, F), 0),
    Case("conv batch", conv(strides=[1] * 4, padding="SAME", batch_dims=2), (X[None], F), 0),
    Case("conv volume", conv(strides=[1] * 5, padding="SAME"), (VOLUME, draw(2, 2, 2, 2, 3)), 0),
    *(
        Case(
            f"extract_volume_patches {padding} {strides}",
            lambda tf, x, padding=padding, strides=strides: tf.extract_volume_patches(
                x, [1, 2, 3, 2, 1], strides, padding
            ),
            (VOLUME,),
        )
        for padding in ("SAME", "VALID")
        for strides in ([1, 1, 1, 1, 1], [1, 1, 2, 3, 1])
    ),
    Case("approx_top_k", lambda tf, x: list(tf.approx_top_k(x, 2)), (draw(4, 5, dtype=np.float32),), 1),
    Case("guarantee_const", lambda tf, x: tf.guarantee_const(x), (X,), 0),
    Case("parallel_stack", lambda tf: tf.function(lambda: tf.parallel_stack([X, X * 2]))()),
    *(
        Case(
            f"ragged_fill_empty_rows {rows}",
            lambda tf, x, default, rows=rows: list(tf.ragged_fill_empty_rows(rows, x, 4, default)),
            (draw(3), draw()[()]),
            1,
        )
        for rows in ([0, 0, 2], [2, 0, 1], [3, 3, 3])
    ),
    Case(
        "ragged_fill_empty_rows_grad",
        lambda tf, x: list(tf.ragged_fill_empty_rows_grad([0, 1, 3], x)),
        (draw(5),),
        0,
    ),
]  # fmt: skip


@each(CASES)
def test_values(case: Case):
    check(case)


BAD = [
    Case("conv strides", lambda tf: tf.conv(X, F, [1, 1], "SAME")),
    Case("conv padding", lambda tf: tf.conv(X, F, [1] * 4, "FULL")),
    Case("conv depth", lambda tf: tf.conv(X, F[:, :, :2], [1] * 4, "SAME")),
    Case("conv rank", lambda tf: tf.conv(X[0], F[0], [1] * 3, "SAME")),
    Case("patches window", lambda tf: tf.extract_volume_patches(VOLUME, [2, 3, 2], [1] * 5, "SAME")),
    Case("patches length", lambda tf: tf.extract_volume_patches(VOLUME, [1, 9, 3, 2, 1], [1] * 5, "VALID")),
    Case("patches dtype", lambda tf: tf.extract_volume_patches(VOLUME * 1j, [1] * 5, [1] * 5, "VALID")),
    Case("top_k dtype", lambda tf: tf.approx_top_k(tf.constant([1, 2]), 1)),
    Case("parallel_stack", lambda tf: tf.parallel_stack([1, 2])),
    Case("fill rows", lambda tf: tf.ragged_fill_empty_rows([0, 5], [1.0, 2.0], 4, 0.0)),
    Case("base_type", lambda tf: tf.register_tensor_conversion_function(3, len)),
    Case("numbers", lambda tf: tf.register_tensor_conversion_function(int, len)),
    Case("function", lambda tf: tf.register_tensor_conversion_function(Case, None)),
    Case("greedy rank", lambda tf: tf.nn.ctc_greedy_decoder(X[0, 0], [1])),
    Case("greedy batch", lambda tf: tf.nn.ctc_greedy_decoder(X[0], [1])),
    Case("greedy steps", lambda tf: tf.nn.ctc_greedy_decoder(X[0], [1] * 5 + [9])),
    Case("more paths", lambda tf: tf.nn.ctc_beam_search_decoder(X[0], [5] * 6, 2, 3)),
    Case("fewer leaves", lambda tf: tf.nn.ctc_beam_search_decoder(X[0], [0] * 6, 9, 3)),
    Case("no beam", lambda tf: tf.nn.ctc_beam_search_decoder(X[0], [5] * 6, 0)),
    Case("no chances", lambda tf: tf.random.fixed_unigram_candidate_sampler([[1]], 1, 2, True, 4)),
    Case("few chances", lambda tf: tf.random.fixed_unigram_candidate_sampler([[1]], 1, 2, True, 4, unigrams=[1.0])),
]


@each(BAD)
def test_errors(case: Case):
    check_raises(case)


@pytest.mark.parametrize("format", ["NHWC", "NCHW"])
@pytest.mark.parametrize("padding", ["SAME", "VALID", [[0, 0], [1, 0], [0, 2], [0, 0]]])
def test_backprop_kernels_are_the_gradients_of_conv2d(format: str, padding: Any):
    """TensorFlow has no kernels for these on a CPU; what they compute is the gradient of a convolution."""
    strides = [1, 2, 1, 1]
    with tensorflow.GradientTape() as tape:
        x, filters = tensorflow.constant(X), tensorflow.constant(F)
        tape.watch([x, filters])
        y = tensorflow.nn.conv2d(x, filters, strides, padding)
    gradient = draw(*y.shape)
    wanted = tape.gradient(y, [x, filters], gradient)
    ours = [functape.constant(each) for each in (X, F, gradient)]
    explicit: list[int] = [] if isinstance(padding, str) else [n for pair in padding for n in pair]
    if format == "NCHW":
        ours[0], ours[2] = (functape.transpose(ours[place], [0, 3, 1, 2]) for place in (0, 2))
        strides = [1, 1, 2, 1]
        explicit = [0, 0, 0, 0, 1, 0, 0, 2] if explicit else []
    options = {
        "strides": strides,
        "padding": "EXPLICIT" if explicit else padding,
        "explicit_paddings": explicit,
        "data_format": format,
    }
    made = functape.conv2d_backprop_input_v2(*ours, **options)
    if format == "NCHW":
        made = functape.transpose(made, [0, 2, 3, 1])
    assert_close(made.numpy(), wanted[0].numpy(), "input", 10)
    assert_close(functape.conv2d_backprop_filter_v2(*ours, **options).numpy(), wanted[1].numpy(), "filter", 10)
    with pytest.raises(functape.errors.InvalidArgumentError, match="must have the shape"):
        functape.conv2d_backprop_input_v2(ours[0], ours[1], ours[2][:, :1], **options)


@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.parametrize("largest", [True, False])
def test_approx_top_k_along_any_axis(axis: int, largest: bool):
    """TensorFlow has kernels on a CPU for the largest along the last axis only."""
    x = draw(4, 5, dtype=np.float32)
    values, places = functape.approx_top_k(x, 3, axis, is_max_k=largest)
    order = np.argsort(-x if largest else x, axis).take(range(3), axis)
    np.testing.assert_array_equal(places.numpy(), order)
    np.testing.assert_array_equal(values.numpy(), np.take_along_axis(x, order, axis))


def decoded(results: Any) -> Any:
    paths, scores = results
    return [[each.indices, each.values, each.dense_shape] for each in paths], scores


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("merge", [True, False])
@pytest.mark.parametrize("blank", [None, 0, -2])
def test_greedy_decoder(dtype: Any, merge: bool, blank: Any):
    logits = np.random.default_rng(1).normal(size=(12, 3, 4)).astype(dtype) * 2

    def greedy(tf: Any) -> Any:
        return decoded(tf.nn.ctc_greedy_decoder(logits, [12, 7, 0], merge, blank))

    assert_same_outcome(greedy, 10)


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("classes, width, paths", [(3, 2, 2), (3, 3, 3), (5, 8, 3), (28, 10, 1)])
def test_beam_search(seed: int, classes: int, width: int, paths: int):
    """Narrow beams too, where beginnings are dropped and come back."""
    logits = np.random.default_rng(seed).normal(size=(9, 2, classes)) * 2

    def search(tf: Any) -> Any:
        return decoded(tf.nn.ctc_beam_search_decoder(logits, [9, 6], width, paths))

    # TensorFlow adds the probabilities up in single precision, whatever the dtype.
    results = [search(tf) for tf in (tensorflow, functape)]
    for theirs, ours in zip(*(result[0] for result in results), strict=True):
        for wanted, made in zip(theirs, ours, strict=True):
            assert_close(made.numpy(), wanted.numpy())
    assert results[1][1].numpy().dtype == results[0][1].numpy().dtype
    np.testing.assert_allclose(results[1][1].numpy(), results[0][1].numpy(), rtol=2e-6)


SAMPLED = [
    {"unigrams": [1.0, 2, 3, 4, 5, 6], "range_max": 6},
    {"unigrams": [1.0, 2, 3, 4, 0.5, 6, 7, 8], "distortion": 0.75, "range_max": 8},
    {"unigrams": [1.0, 2, 3, 4], "num_reserved_ids": 2, "range_max": 6},
    {"unigrams": [1.0, 2, 3, 4, 5, 6], "num_reserved_ids": 2, "num_shards": 3, "shard": 1, "range_max": 3},
]


@pytest.mark.parametrize("unique", [True, False])
@pytest.mark.parametrize("options", SAMPLED, ids=str)
def test_fixed_unigram_sampler(options: dict[str, Any], unique: bool, tmp_path: Any):
    from_file = tmp_path / "words.csv"
    from_file.write_text("".join(f"word,{each}\n" for each in options["unigrams"]))

    def sampler(tf: Any) -> Any:
        tf.random.set_seed(5)
        made = []
        for seed in (None, 3, 3):
            made += tf.random.fixed_unigram_candidate_sampler([[1, 2]], 2, 2, unique, seed=seed, **options)
        others = {name: value for name, value in options.items() if name != "unigrams"}
        made += tf.nn.fixed_unigram_candidate_sampler([[1, 2]], 2, 2, unique, vocab_file=str(from_file), **others)
        return made

    assert_same_outcome(sampler, 5)


PROGRAMS = Table()


@PROGRAMS
def creators(tf):
    seen = []

    def creator(number, change):
        def create(next_creator, **kwargs):
            seen.append((number, sorted(kwargs), kwargs["name"], kwargs["trainable"]))
            return next_creator(**{**kwargs, **change})

        return create

    with tf.variable_creator_scope(creator(1, {"name": "outer"})):
        with tf.variable_creator_scope(creator(2, {"trainable": False})):
            inner = tf.Variable(1.0)
        outer = tf.Variable([2.0], name="other")

    with tf.variable_creator_scope(creator(3, {})):

        @tf.function
        def function():
            if not hasattr(function, "made"):
                function.made = tf.Variable(2.0)
            return function.made + 1

        function()
    tf.Variable(3.0)
    return [inner.name, inner.trainable, outer.name, outer.trainable, seen]


@PROGRAMS
def another_value(tf):
    with tf.variable_creator_scope(lambda next_creator, **kwargs: next_creator(initial_value=5.0, dtype=tf.float64)):
        return tf.Variable(1.0)


@PROGRAMS
def conversions(tf):
    class Pair:
        def __init__(self, *numbers):
            self.numbers = numbers

    class More(Pair):
        pass

    def convert(value, dtype=None, name=None, as_ref=False):
        if dtype not in (None, tf.float32):
            return NotImplemented
        return tf.constant(value.numbers, tf.float32)

    tf.register_tensor_conversion_function(Pair, convert)
    pair = Pair(1.0, 2.0)
    x = tf.constant([3.0, 4.0])
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.reduce_sum(x * pair) + tf.reduce_sum(tf.multiply(pair, x))
    return [tf.add(pair, 1.0), pair + x, x - More(0.5, 1.0), tf.convert_to_tensor(pair), tape.gradient(y, x)]


@PROGRAMS.each()
def test_programs(program: Any):
    assert_same_outcome(program)


def test_a_registered_function_is_asked_for_its_dtypes_only():
    def refused(tf):
        class Text:
            pass

        tf.register_tensor_conversion_function(Text, lambda value, dtype=None, name=None, as_ref=False: NotImplemented)
        tf.convert_to_tensor(Text())

    assert_same_error(refused)


@pytest.mark.parametrize(
    "path",
    [
        "approx_top_k", "conv", "conv2d_backprop_filter_v2", "conv2d_backprop_input_v2", "extract_volume_patches",
        "guarantee_const", "nn.ctc_beam_search_decoder", "nn.ctc_greedy_decoder", "nn.fixed_unigram_candidate_sampler",
        "parallel_stack", "ragged_fill_empty_rows", "ragged_fill_empty_rows_grad",
        "register_tensor_conversion_function", "variable_creator_scope",
    ],
)  # fmt: skip
def test_signatures(path: str):
    theirs, ours = tensorflow, functape
    for name in path.split("."):
        theirs, ours = getattr(theirs, name), getattr(ours, name)
    check_signature(theirs, ours)
