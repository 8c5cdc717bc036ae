"""The rest of `tf.nn` against TensorFlow: blocks, statistics, sampled and sequence losses, samplers, lookups."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pytest
import tensorflow
from oracle import Case, assert_close, check, check_raises, each

import functape

f32, f64, f16 = np.float32, np.float64, np.float16
RANDOM = np.random.default_rng(11)
SUMS = "sums of several terms, in another order"
STEPS = "a chain of logarithms of sums over the time steps"


def draw(*shape: int, dtype: Any = f32) -> Any:
    return RANDOM.uniform(-1, 1, shape).astype(dtype)


def _call(name: str, **arguments: Any) -> Any:
    def function(tf: Any, *inputs: Any) -> Any:
        place = tf
        for part in name.split("."):
            place = getattr(place, part)
        return place(*inputs, **arguments)

    return function


def case(name: str, function: str, inputs: tuple[Any, ...], gradients: int = 2, **arguments: Any) -> Case:
    return Case(name, _call(function, **arguments), inputs, gradients, 10, SUMS)


X = draw(2, 4, 6, 8)
SEQUENCE = np.array([[3.0, 1.0, 2.0, 5.0, 4.0], [1.0, 2.0, 2.0, 0.5, 0.0]], f32)
CASES = [
    case("space_to_depth", "nn.space_to_depth", (X,), block_size=2),
    case("depth_to_space", "nn.depth_to_space", (X,), block_size=2),
    case("space_to_batch", "nn.space_to_batch", (X,), block_shape=[2, 3], paddings=[[1, 1], [0, 3]]),
    case("space_to_batch_nd", "space_to_batch_nd", (draw(2, 6, 3),), block_shape=[3], paddings=[[1, 2]]),
    case("batch_to_space", "batch_to_space", (draw(12, 2, 3, 1),), block_shape=[2, 3], crops=[[1, 0], [2, 1]]),
    *(
        case(
            f"with_space_to_batch {padding} {rate}",
            "nn.with_space_to_batch",
            (draw(2, 7, 6, 3),),
            dilation_rate=rate,
            padding=padding,
            op=lambda x, axes, padding: x[:, 1:, 1:] * 2.0,
            filter_shape=[2, 2],
            gradients=1,
        )
        for padding, rate in [("SAME", [2, 3]), ("VALID", [2, 2]), ("VALID", [1, 2])]
    ),
    *(
        case(
            f"sufficient_statistics {shift} {keep}",
            "nn.sufficient_statistics",
            (draw(3, 4),),
            axes=[0],
            shift=shift,
            keepdims=keep,
        )
        for shift, keep in [(None, False), (0.5, True)]
    ),
    case("normalize_moments", "nn.normalize_moments", (f32(4), draw(3), f32(3) + draw(3), draw(3))),
    case("normalize_moments, no shift", "nn.normalize_moments", (f32(4), draw(3), f32(3) + draw(3)), shift=None),
    *(
        Case(
            f"weighted_moments {axes} {keep}",
            lambda tf, x, weights, axes=axes, keep=keep: tf.nn.weighted_moments(x, axes, weights, keep),
            (draw(3, 4), f32(1.5) + draw(3, 1)),
            1,
            10,
            SUMS,
        )
        for axes, keep in [(0, False), ([0, 1], True), ([1], False)]
    ),
    *(
        case(
            f"batch_norm_with_global_normalization {scale}",
            "nn.batch_norm_with_global_normalization",
            (draw(2, 3, 3, 4), draw(4), f32(1.5) + draw(4), draw(4), draw(4)),
            variance_epsilon=1e-3,
            scale_after_normalization=scale,
            gradients=1,
        )
        for scale in (True, False)
    ),
    *(
        case(f"lrn {arguments}", "nn.lrn", (draw(2, 2, 3, 7),), gradients=1, **arguments)
        for arguments in [{}, {"depth_radius": 2, "bias": 2.0, "alpha": 0.5, "beta": 0.75}, {"depth_radius": 1}]
    ),
    case("log_poisson_loss", "nn.log_poisson_loss", (draw(5), draw(5))),
    *(
        case(
            f"log_poisson_loss, full, {name}",
            "nn.log_poisson_loss",
            (np.array(counts, f32), draw(len(counts))),
            compute_full_loss=True,
            gradients=gradients,
        )
        # At 0 TensorFlow's gradient for the counts is NaN.
        for name, counts, gradients in [("from 0", [0, 0.5, 1, 2, 7], 0), ("above 0", [0.25, 0.5, 1, 2, 7], 1)]
    ),
    case("compute_average_loss", "nn.compute_average_loss", (draw(5),)),
    case("compute_average_loss, weighted", "nn.compute_average_loss", (draw(5), draw(5)), global_batch_size=8),
    case("compute_average_loss, broadcast weights", "nn.compute_average_loss", (draw(5, 2), draw(5))),
    case("compute_average_loss of ints", "nn.compute_average_loss", (np.array([1, 2]),), gradients=0),
    case("scale_regularization_loss", "nn.scale_regularization_loss", (draw(3),)),
    *(
        case(
            f"isotonic_regression {decreasing} {axis}",
            "nn.isotonic_regression",
            (SEQUENCE,),
            decreasing=decreasing,
            axis=axis,
            gradients=1,
        )
        for decreasing in (True, False)
        for axis in (-1, 0)
    ),
    case("isotonic_regression of ints", "nn.isotonic_regression", (np.array([1, 3, 2]),), gradients=0),
    case("collapse_repeated", "nn.collapse_repeated", (np.array([[1, 1, 2, 2, 1], [1, 2, 3, 3, 4]]), np.array([5, 3]))),
    case("ctc_unique_labels", "nn.ctc_unique_labels", (np.array([[3, 4, 4, 3, 0], [1, 2, 3, 0, 0]]),)),
    case("approx_max_k", "nn.approx_max_k", (draw(3, 9),), k=4, gradients=0),
    case("all_candidate_sampler", "random.all_candidate_sampler", (np.array([[1, 2]]),), num_true=2, num_sampled=4,
         unique=True),
    case("compute_accidental_hits", "nn.compute_accidental_hits", (np.array([[1, 2], [5, 9]]), np.array([2, 5, 7, 1])),
         num_true=2),
    *(
        case(f"{name} by given samples, {remove}", f"nn.{name}", (draw(9, 3), draw(9), np.array([[1, 4], [7, 0]]),
             draw(2, 3)), num_sampled=3, num_classes=9, num_true=2, remove_accidental_hits=remove, gradients=1,
             sampled_values=(np.array([3, 7, 2]), np.full((2, 2), 0.4, f32), np.full(3, 0.3, f32)))
        for name in ("nce_loss", "sampled_softmax_loss") for remove in (True, False)
    ),
    case("general_dropout", "nn.experimental.general_dropout", (draw(2, 6),), rate=0.4,
         uniform_sampler=lambda shape, dtype: np.linspace(0, 1, 12, dtype=f32).reshape(2, 6)),
    *(case(f"stateless_dropout {dtype.__name__}", "nn.experimental.stateless_dropout", (draw(3, 40, dtype=dtype),),
           rate=0.3, seed=[1, 7]) for dtype in (f32, f64)),
    case("stateless_dropout, noise shape", "nn.experimental.stateless_dropout", (draw(3, 40),), rate=0.3, seed=[1, 7],
         noise_shape=[None, 1]),
]  # fmt: skip


@each(CASES)
def test_agrees_with_tensorflow(case: Case) -> None:
    check(case)


LOGITS = RANDOM.normal(size=(7, 3, 5)).astype(f32)
CTC = [
    Case(
        f"ctc_loss {name}",
        lambda tf, logits, labels=labels, lengths=lengths, steps=steps, arguments=arguments: tf.nn.ctc_loss(
            tf.constant(labels), logits, tf.constant(lengths), tf.constant(steps), **arguments
        ),
        (logits,),
        1,
        30,
        STEPS,
    )
    for name, labels, lengths, logits, steps, arguments in [
        ("plain", [[1, 2], [3, 3], [4, 0]], [2, 2, 1], LOGITS, [7, 5, 4], {}),
        ("batch first", [[1, 2], [3, 3], [4, 0]], [2, 2, 1], LOGITS.transpose(1, 0, 2), [7, 5, 4],
         {"logits_time_major": False}),
        ("blank at the end", [[1, 2, 1], [3, 3, 0], [0, 0, 0]], [3, 2, 1], LOGITS, [7, 5, 4], {"blank_index": -1}),
        ("no label", [[1, 2], [3, 3], [0, 0]], [2, 2, 0], LOGITS, [7, 5, 4], {}),
    ]
]  # fmt: skip


@each(CTC)
def test_ctc_loss_agrees_with_tensorflow(case: Case) -> None:
    check(case)


def wrong(name: str, function: str, inputs: tuple[Any, ...], **arguments: Any) -> Case:
    return Case(name, _call(function, **arguments), inputs)


WRONG = [
    wrong("block of no vector", "nn.space_to_batch", (X,), block_shape=2, paddings=[[0, 0], [2, 0]]),
    wrong("block of one", "nn.space_to_depth", (X,), block_size=1),
    wrong("block that does not divide", "nn.space_to_depth", (X,), block_size=3),
    wrong("depth that does not divide", "nn.depth_to_space", (draw(1, 2, 2, 6),), block_size=2),
    wrong("block's format", "nn.depth_to_space", (X,), block_size=2, data_format="X"),
    wrong("paddings that do not fit", "nn.space_to_batch", (X,), block_shape=[2, 4], paddings=[[0, 0], [0, 0]]),
    wrong("paddings below zero", "nn.space_to_batch", (X,), block_shape=[2, 2], paddings=[[0, 0], [-2, 0]]),
    wrong("batch that does not divide", "batch_to_space", (X,), block_shape=[3], crops=[[0, 0]]),
    wrong("lrn's rank", "nn.lrn", (draw(3),)),
    wrong("log_poisson_loss shapes", "nn.log_poisson_loss", (draw(2), draw(3))),
    wrong("average of a scalar", "nn.compute_average_loss", (f32(2),)),
    wrong("average's batch", "nn.compute_average_loss", (draw(2),), global_batch_size=[1, 2]),
    wrong("average's batch, floating", "nn.compute_average_loss", (draw(2),), global_batch_size=2.0),
    wrong("average's batch, negative", "nn.compute_average_loss", (draw(2),), global_batch_size=-1),
    wrong("too many samples", "random.uniform_candidate_sampler", (np.array([[1]]),), num_true=1, num_sampled=5,
          unique=True, range_max=4),
    wrong("approx_max_k of too many", "nn.approx_max_k", (draw(3),), k=4),
    wrong("dropout of ints", "nn.experimental.stateless_dropout", (np.array([1, 2]),), rate=0.5, seed=[1, 2]),
    wrong("dropout beyond", "nn.experimental.stateless_dropout", (draw(2),), rate=1.5, seed=[1, 2]),
    wrong("isotonic axis", "nn.isotonic_regression", (draw(2),), axis=1),
]  # fmt: skip


@each(WRONG)
def test_raises_as_tensorflow(case: Case) -> None:
    check_raises(case)


@pytest.mark.parametrize("name", ["uniform_candidate_sampler", "log_uniform_candidate_sampler"])
@pytest.mark.parametrize("unique", [True, False])
@pytest.mark.parametrize("range_max, seed", [(20, 3), (64, None), (7, 5)])
def test_samplers_make_tensorflows_choices(name: str, unique: bool, range_max: int, seed: Any) -> None:
    def samples(tf: Any) -> list[Any]:
        tf.random.set_seed(1)
        classes = tf.constant([[1], [2]], tf.int64)
        drawn = [getattr(tf.random, name)(classes, 1, 6, unique, range_max, seed) for _ in range(2)]
        return [each.numpy() for sample in drawn for each in sample]

    for ours, theirs in zip(samples(functape), samples(tensorflow), strict=True):
        assert_close(ours, theirs, name, 10)


def test_sampled_losses_draw_tensorflows_samples() -> None:
    weights, biases, inputs = draw(30, 4), draw(30), draw(3, 4)

    def losses(tf: Any) -> list[Any]:
        tf.random.set_seed(5)
        labels = tf.constant([[1], [4], [9]])
        given = (tf.constant(weights), tf.constant(biases), labels, tf.constant(inputs), 6, 30)
        return [tf.nn.nce_loss(*given).numpy(), tf.nn.sampled_softmax_loss(*given, seed=3).numpy()]

    for ours, theirs in zip(losses(functape), losses(tensorflow), strict=True):
        assert_close(ours, theirs, "loss", 10)


class Sparse(NamedTuple):
    """The three parts of a sparse tensor."""

    indices: Any
    values: Any
    dense_shape: Any


PLACES = [[0, 0], [0, 2], [1, 0], [3, 1]]


@pytest.mark.parametrize("combiner", [None, "mean", "sqrtn", "sum"])
@pytest.mark.parametrize("weighted", [True, False])
@pytest.mark.parametrize("name", ["embedding_lookup_sparse", "safe_embedding_lookup_sparse"])
def test_sparse_lookups(combiner: Any, weighted: bool, name: str) -> None:
    table, shape = draw(6, 3), [5, 3]
    ids, weights = np.array([1, 3, 5, 1]), np.array([0.5, 2.0, 1.0, 3.0], f32)

    def results(tf: Any, sparse: Any) -> list[Any]:
        parameter = tf.constant(table)
        places, lengths = tf.constant(PLACES, tf.int64), tf.constant(shape, tf.int64)
        sparse_ids = sparse(places, tf.constant(ids), lengths)
        sparse_weights = sparse(places, tf.constant(weights), lengths) if weighted else None
        with tf.GradientTape() as tape:
            tape.watch(parameter)
            found = getattr(tf.nn, name)(parameter, sparse_ids, sparse_weights, combiner=combiner or "mean")
        return [found.numpy(), tf.convert_to_tensor(tape.gradient(found, parameter)).numpy()]

    theirs = results(tensorflow, tensorflow.SparseTensor)
    for ours, wanted in zip(results(functape, Sparse), theirs, strict=True):
        assert_close(ours, wanted, name, 5)


@pytest.mark.parametrize("largest", [True, False])
@pytest.mark.parametrize("pseudo_random", [True, False])
@pytest.mark.parametrize("overlapping", [True, False])
def test_fractional_pools_follow_their_sequences(largest: bool, pseudo_random: bool, overlapping: bool) -> None:
    x = draw(2, 11, 8, 3)
    pool = functape.nn.fractional_max_pool if largest else functape.nn.fractional_avg_pool
    output, rows, columns = pool(x, [1.0, 1.44, 1.73, 1.0], pseudo_random, overlapping, seed=3)
    assert (rows.numpy()[0], rows.numpy()[-1], columns.numpy()[-1]) == (0, 11, 8)
    assert set(np.diff(rows.numpy())) <= {1, 2}
    for i, (top, bottom) in enumerate(zip(rows.numpy(), rows.numpy()[1:], strict=False)):
        for j, (left, right) in enumerate(zip(columns.numpy(), columns.numpy()[1:], strict=False)):
            part = x[:, top : bottom + overlapping, left : right + overlapping]
            wanted = part.max((1, 2)) if largest else part.mean((1, 2))
            np.testing.assert_allclose(output.numpy()[:, i, j], wanted, rtol=1e-5, atol=1e-6)


def test_fractional_pools_agree_with_tensorflow_in_shape() -> None:
    x = draw(2, 11, 8, 3)
    for pseudo_random in (True, False):
        theirs = tensorflow.nn.fractional_max_pool(x, 1.5, pseudo_random, seed=3)
        ours = functape.nn.fractional_max_pool(x, 1.5, pseudo_random, seed=3)
        for mine, wanted in zip(ours, theirs, strict=True):
            assert mine.shape.as_list() == wanted.shape.as_list()
            assert mine.dtype.name == wanted.dtype.name


def test_the_tolerances_tell_wrong_values_apart() -> None:
    """A negative control: an error in the fifth digit of a loss fails."""
    ours, theirs = (tf.nn.ctc_loss([[1, 2]], LOGITS[:, :1], [2], [7]).numpy() for tf in (functape, tensorflow))
    assert_close(ours, theirs, loosen=30)
    with pytest.raises(AssertionError):
        assert_close(ours * f32(1.0002), theirs, loosen=30)
