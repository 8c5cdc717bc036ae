"""The poolings of `tf.nn` against TensorFlow: values, gradients at ties, errors."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from oracle import Case, assert_close, check, check_raises, each

import functape

f32, f64, f16 = np.float32, np.float64, np.float16
RANDOM = np.random.default_rng(5)
SUMS = "sums of several terms, in another order"


def draw(*shape: int, dtype: Any = f32) -> Any:
    return RANDOM.uniform(-1, 1, shape).astype(dtype)


def ties(*shape: int) -> Any:
    """Values of which many are equal."""
    return RANDOM.integers(0, 2, shape).astype(f32)


def _call(name: str, **arguments: Any) -> Any:
    return lambda tf, *inputs: getattr(tf.nn, name)(*inputs, **arguments)


def case(name: str, function: str, inputs: tuple[Any, ...], gradients: int = 2, **arguments: Any) -> Case:
    return Case(name, _call(function, **arguments), inputs, gradients, 5, SUMS)


EXPLICIT = [[0, 0], [1, 0], [1, 1], [0, 0]]
SHAPES = {1: (2, 7, 3), 2: (2, 7, 6, 3), 3: (2, 5, 4, 6, 2)}
CASES = [
    *(
        case(f"{function}_pool{rank}d {window} {strides} {padding} {source.__name__}", f"{function}_pool{rank}d",
             (source(*SHAPES[rank]),), ksize=window, strides=strides, padding=padding, gradients=2 if rank < 3 else 1)
        for function, rank, (window, strides), padding, source in itertools.product(
            ["max", "avg"], [1, 2, 3], [(2, 2), (3, 1), (2, 3), (3, 2)], ["SAME", "VALID"], [draw, ties]
        )
        if function == "max" or source is draw
    ),
    case("max_pool2d of unequal lengths", "max_pool2d", (ties(2, 7, 6, 3),), ksize=[1, 3, 2, 1], strides=[3, 2],
         padding="SAME"),
    case("max_pool2d explicit", "max_pool2d", (draw(2, 7, 6, 3),), ksize=2, strides=2, padding=EXPLICIT,
         gradients=1),
    case("max_pool2d explicit, overlapping", "max_pool2d", (ties(2, 7, 6, 3),), ksize=3, strides=2, padding=EXPLICIT,
         gradients=1),
    case("max_pool2d of float64", "max_pool2d", (draw(2, 6, 6, 1, dtype=f64),), ksize=2, strides=2, padding="SAME"),
    case("avg_pool2d of float64", "avg_pool2d", (draw(2, 6, 6, 1, dtype=f64),), ksize=3, strides=2, padding="SAME"),
    case("max_pool2d of float16", "max_pool2d", (draw(2, 6, 6, 1, dtype=f16),), ksize=2, strides=2, padding="SAME",
         gradients=1),
    case("avg_pool2d of float16", "avg_pool2d", (draw(2, 6, 6, 1, dtype=f16),), ksize=3, strides=2, padding="SAME",
         gradients=1),
    case("max_pool over channels", "max_pool2d", (draw(2, 3, 3, 6),), ksize=[1, 1, 1, 3], strides=[1, 1, 1, 3],
         padding="VALID", gradients=0),
    case("max_pool of infinities", "max_pool2d", (np.array([np.inf, -np.inf, 1, 2], f32).reshape(1, 2, 2, 1),),
         ksize=2, strides=1, padding="SAME", gradients=0),
    *(case(f"{name} of {rank} axes", name, (draw(*SHAPES[rank]),), ksize=2, strides=2, padding="VALID", gradients=0)
      for name in ("max_pool", "avg_pool") for rank in (1, 2, 3)),
    case("max_pool2d whose window is a little too large", "max_pool2d", (draw(2, 7, 6, 3),), ksize=9, strides=2,
         padding="VALID", gradients=0),
    case("max_pool with its format", "max_pool", (draw(2, 7, 6, 3),), ksize=2, strides=2, padding="SAME",
         data_format="NHWC"),
    *(
        case(f"pool {kind} {len(window)} {strides} {padding}", "pool", (draw(*SHAPES[len(window)]),), gradients=1,
             window_shape=window, pooling_type=kind, strides=strides, padding=padding)
        for kind, window, strides, padding in [
            ("MAX", [2], [2], "SAME"), ("AVG", [3], None, "VALID"), ("MAX", [2, 3], [1, 2], "SAME"),
            ("AVG", [2, 3], [2, 2], "SAME"), ("MAX", [2, 3], [1, 2], EXPLICIT), ("AVG", [2, 2, 2], None, "VALID"),
        ]
    ),
    *(case(f"pool {kind}, dilated", "pool", (draw(2, 7, 6, 3),), window_shape=[2, 3], pooling_type=kind,
           dilations=[3, 2], gradients=1) for kind in ("MAX", "AVG")),
    *(
        case(f"max_pool_with_argmax {source.__name__} {padding} {batch}", "max_pool_with_argmax", (source(2, 5, 4, 3),),
             ksize=window, strides=2, padding=padding, include_batch_in_index=batch, gradients=1)
        for source, padding, batch, window in [(draw, "SAME", False, 2), (ties, "SAME", True, 3),
                                               (draw, "VALID", True, 3)]
    ),
    case("max_pool_with_argmax int32", "max_pool_with_argmax", (draw(2, 5, 4, 3),), ksize=2, strides=2, padding="SAME",
         output_dtype="int32", gradients=0),
    *(
        case(f"{name} {strides} {padding} {rates}", name, (draw(2, 6, 5, 2), draw(2, 3, 2)), strides=strides,
             padding=padding, data_format="NHWC", dilations=rates, gradients=1)
        for name in ("dilation2d", "erosion2d")
        for strides, padding, rates in [([1, 1, 1, 1], "SAME", [1, 1, 1, 1]), ([1, 2, 2, 1], "VALID", [1, 1, 1, 1]),
                                        ([1, 1, 1, 1], "SAME", [1, 2, 2, 1])]
    ),
]  # fmt: skip


@each(CASES)
def test_agrees_with_tensorflow(case: Case) -> None:
    check(case)


IMAGE = draw(2, 7, 6, 3)


def wrong(name: str, function: str, inputs: tuple[Any, ...] = (IMAGE,), **arguments: Any) -> Case:
    return Case(name, _call(function, **{"ksize": 2, "strides": 2, "padding": "SAME", **arguments}), inputs)


def morphology(name: str, inputs: tuple[Any, ...], **arguments: Any) -> Case:
    given = {"strides": [1] * 4, "padding": "SAME", "data_format": "NHWC", "dilations": [1] * 4, **arguments}
    return Case(name, _call("dilation2d", **given), inputs)


WRONG = [
    wrong("format", "max_pool2d", data_format="X"),
    wrong("format of three axes", "max_pool3d", (draw(1, 3, 3, 3, 1),), data_format="X"),
    wrong("padding", "max_pool2d", padding="same"),
    wrong("padding by name", "max_pool2d", padding="EXPLICIT"),
    wrong("window of zero", "max_pool2d", ksize=0),
    wrong("window's length", "max_pool2d", ksize=[2, 2, 2]),
    wrong("window of the batch", "max_pool2d", ksize=[2, 1, 1, 1]),
    wrong("strides of zero", "max_pool2d", strides=0),
    wrong("window too large", "max_pool2d", ksize=12, padding="VALID"),
    wrong("rank", "max_pool", (draw(5, 2),)),
    wrong("rank of two axes", "max_pool2d", (draw(5, 5, 2),)),
    wrong("average's padding", "avg_pool2d", padding=EXPLICIT),
    wrong("average's window", "avg_pool2d", ksize=[1, 2, 2]),
    wrong("average of ints", "avg_pool2d", (np.ones((1, 2, 2, 1), np.int32),)),
    wrong("argmax's format", "max_pool_with_argmax", data_format="NCHW"),
    Case("pool's kind", _call("pool", window_shape=[2, 2], pooling_type="max"), (IMAGE,)),
    Case("pool's strides and dilations", _call("pool", window_shape=[2, 2], pooling_type="MAX", strides=[2, 2],
                                               dilations=[2, 2]), (IMAGE,)),
    Case("pool's padding and dilations", _call("pool", window_shape=[2, 2], pooling_type="MAX", padding="SAME",
                                               dilations=[2, 2]), (IMAGE,)),
    morphology("morphology's format", (IMAGE, draw(2, 2, 3)), data_format="NCHW"),
    morphology("morphology's channels", (IMAGE, draw(2, 2, 2))),
    morphology("morphology's rank", (IMAGE, draw(2, 2, 3, 1))),
    morphology("morphology's strides", (IMAGE, draw(2, 2, 3)), strides=1),
]  # fmt: skip


@each(WRONG)
def test_raises_as_tensorflow(case: Case) -> None:
    check_raises(case)


@pytest.mark.parametrize("name", ["max_pool2d", "avg_pool2d"])
@pytest.mark.parametrize("window, strides", [(2, 2), (3, 2)])
def test_channels_may_come_first(name: str, window: int, strides: int) -> None:
    """TensorFlow has this format on GPUs only: the judge is the same with its channels last."""
    tf = functape
    x = tf.constant(ties(2, 3, 7, 6))
    pool = getattr(tf.nn, name)

    def results(first: bool) -> list[Any]:
        with tf.GradientTape() as tape:
            tape.watch(x)
            if first:
                y = pool(x, window, strides, "SAME", data_format="NCHW")
            else:
                y = tf.transpose(pool(tf.transpose(x, [0, 2, 3, 1]), window, strides, "SAME"), [0, 3, 1, 2])
            total = tf.reduce_sum(y * tf.reshape(tf.range(float(tf.size(y))), y.shape))
        return [y, tape.gradient(total, x)]

    for got, wanted in zip(results(True), results(False), strict=True):
        assert_close(got.numpy(), wanted.numpy(), name)


def test_a_nan_is_seen() -> None:
    """Where TensorFlow's CPU kernels may overlook it."""
    x = np.zeros((1, 2, 4, 1), f32)
    x[0, 1, 1] = np.nan
    assert np.isnan(functape.nn.max_pool2d(x, 2, 2, "VALID").numpy().ravel()).tolist() == [True, False]


def test_a_gradient_to_the_wrong_tie_would_fail() -> None:
    """A negative control: the last of the equals instead of the first."""
    x = ties(2, 6, 6, 1)

    def gradient(tf: Any, x: Any) -> Any:
        tensor = tf.constant(x)
        with tf.GradientTape() as tape:
            tape.watch(tensor)
            y = tf.nn.max_pool2d(tensor, 2, 2, "SAME")
        return tape.gradient(y, tensor).numpy()

    last = gradient(functape, np.ascontiguousarray(x[:, ::-1, ::-1]))[:, ::-1, ::-1]
    with pytest.raises(AssertionError):
        assert_close(last, gradient(functape, x))
