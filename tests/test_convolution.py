"""The convolutions of `tf.nn` against TensorFlow: values, first and second gradients, errors."""

from __future__ import annotations

import itertools
from typing import Any

import jax
import numpy as np
import pytest
import tensorflow
from oracle import Case, assert_close, check, check_raises, each

import functape
from functape._ops import _convolution as rows

f32, f64, f16 = np.float32, np.float64, np.float16
RANDOM = np.random.default_rng(3)
SUMS = "sums of up to a few hundred terms, in another order"


def draw(*shape: int, dtype: Any = f32) -> Any:
    return RANDOM.uniform(-1, 1, shape).astype(dtype)


def _call(name: str, **arguments: Any) -> Any:
    return lambda tf, *inputs: getattr(tf.nn, name)(*inputs, **arguments)


def case(name: str, function: str, inputs: tuple[Any, ...], gradients: int = 2, loosen: float = 10, **a: Any) -> Case:
    return Case(name, _call(function, **a), inputs, gradients, loosen, SUMS)


IMAGE, FILTERS = draw(2, 7, 6, 3), draw(3, 2, 3, 4)
EXPLICIT = [[0, 0], [1, 2], [0, 1], [0, 0]]
CASES = [
    *(
        case(f"conv2d {strides} {padding} {dilations}", "conv2d", (IMAGE, FILTERS), strides=strides, padding=padding,
             dilations=dilations, gradients=2 if padding == "SAME" else 1)
        for strides, padding, dilations in itertools.product(
            [1, [2, 1], [1, 2, 3, 1], [2]], ["SAME", "VALID", EXPLICIT], [None, 1]
        )
    ),
    case("conv2d dilated", "conv2d", (IMAGE, FILTERS), strides=1, padding="SAME", dilations=[2, 3], gradients=0),
    case("conv2d of float64", "conv2d", (IMAGE.astype(f64), FILTERS.astype(f64)), strides=1, padding="SAME"),
    case("conv2d of float16", "conv2d", (IMAGE.astype(f16), FILTERS.astype(f16)), strides=1, padding="SAME",
         gradients=1),
    case("conv2d of one by one", "conv2d", (IMAGE, draw(1, 1, 3, 5)), strides=1, padding="SAME"),
    case("conv2d of one by one, strided", "conv2d", (IMAGE, draw(1, 1, 3, 5)), strides=2, padding="VALID"),
    case("conv2d in groups", "conv2d", (draw(2, 5, 5, 4), draw(3, 3, 2, 6)), strides=1, padding="SAME", gradients=0),
    case("conv2d of several batch axes", "conv2d", (draw(2, 2, 5, 5, 3), FILTERS), strides=1, padding="SAME"),
    case("conv2d of nothing", "conv2d", (np.zeros((0, 5, 5, 3), f32), FILTERS), strides=1, padding="SAME"),
    case("conv2d of ints", "conv2d", (np.arange(18, dtype=np.int32).reshape(1, 3, 3, 2),
                                      np.arange(16, dtype=np.int32).reshape(2, 2, 2, 2)), strides=1, padding="VALID",
         gradients=0),
    *(
        case(f"conv1d {strides} {padding} {dilations}", "conv1d", (draw(2, 9, 3), draw(3, 3, 4)), stride=strides,
             padding=padding, dilations=dilations, gradients=0 if dilations == 2 else 1)
        for strides, padding, dilations in [(1, "SAME", None), (2, "VALID", 1), ([1, 2, 1], "SAME", None),
                                            (1, "SAME", 2), ([3], "VALID", None)]
    ),
    case("conv1d of several batch axes", "conv1d", (draw(2, 2, 6, 3), draw(3, 3, 4)), stride=1, padding="SAME"),
    *(
        case(f"conv3d {strides} {padding}", "conv3d", (draw(2, 5, 4, 5, 2), draw(2, 3, 2, 2, 3)), strides=strides,
             padding=padding, gradients=1)
        for strides in ([1, 1, 1, 1, 1], [1, 2, 1, 2, 1]) for padding in ("SAME", "VALID")
    ),
    case("convolution of one axis", "convolution", (draw(2, 9, 3), draw(3, 3, 4))),
    case("convolution of two axes", "convolution", (IMAGE, FILTERS), strides=[2, 1], padding="SAME",
         data_format="NHWC"),
    case("convolution of two axes, dilated", "convolution", (IMAGE, FILTERS), dilations=2, padding="SAME",
         gradients=1),
    case("convolution of three axes", "convolution", (draw(2, 5, 4, 5, 2), draw(2, 3, 2, 2, 3)), gradients=1,
         data_format="NDHWC"),
    case("atrous_conv2d", "atrous_conv2d", (IMAGE, FILTERS), rate=2, padding="SAME", gradients=1),
    case("atrous_conv2d by one", "atrous_conv2d", (IMAGE, FILTERS), rate=1, padding="VALID", gradients=1),
    *(
        case(f"conv2d_transpose {strides} {padding} {height}", "conv2d_transpose", (draw(2, 4, 3, 3), draw(3, 3, 5, 3)),
             output_shape=[2, height, width, 5], strides=strides, padding=padding, gradients=2)
        for strides, padding, height, width in [(1, "SAME", 4, 3), (2, "SAME", 8, 6), (2, "SAME", 7, 5),
                                                (2, "VALID", 9, 7), (2, "VALID", 10, 8), ([1, 2], "VALID", 6, 7)]
    ),
    case("conv2d_transpose explicit", "conv2d_transpose", (draw(2, 4, 3, 3), draw(3, 3, 5, 3)),
         output_shape=[2, 7, 6, 5], strides=2, padding=[[0, 0], [1, 1], [1, 0], [0, 0]], gradients=1),
    case("conv1d_transpose", "conv1d_transpose", (draw(2, 4, 3), draw(3, 5, 3)), output_shape=[2, 8, 5], strides=2),
    case("conv3d_transpose", "conv3d_transpose", (draw(1, 2, 3, 2, 3), draw(3, 2, 3, 2, 3)),
         output_shape=[1, 4, 6, 4, 2], strides=2, gradients=1),
    case("conv_transpose", "conv_transpose", (draw(2, 4, 3, 3), draw(3, 3, 5, 3)), output_shape=[2, 8, 6, 5],
         strides=2),
    case("atrous_conv2d_transpose", "atrous_conv2d_transpose", (draw(2, 4, 3, 3), draw(3, 3, 5, 3)),
         output_shape=[2, 8, 7, 5], rate=2, padding="VALID", gradients=0),
    *(
        case(f"depthwise_conv2d {strides} {padding}", "depthwise_conv2d", (IMAGE, draw(3, 2, 3, 2)), strides=strides,
             padding=padding)
        for strides in ([1, 1, 1, 1], [1, 2, 2, 1]) for padding in ("SAME", "VALID", EXPLICIT)
    ),
    case("depthwise_conv2d dilated", "depthwise_conv2d", (IMAGE, draw(3, 2, 3, 2)), strides=[1, 1, 1, 1],
         padding="SAME", dilations=[2, 2], gradients=1),
    case("depthwise_conv2d_backprop_input", "depthwise_conv2d_backprop_input", (),
         input_sizes=[2, 5, 5, 3], filter=FILTERS, out_backprop=draw(2, 5, 5, 12), strides=[1, 1, 1, 1],
         padding="SAME", gradients=0),
    case("depthwise_conv2d_backprop_filter", "depthwise_conv2d_backprop_filter", (),
         input=draw(2, 5, 5, 3), filter_sizes=[3, 2, 3, 4], out_backprop=draw(2, 5, 5, 12), strides=[1, 1, 1, 1],
         padding="SAME", gradients=0),
    case("separable_conv2d", "separable_conv2d", (IMAGE, draw(3, 3, 3, 2), draw(1, 1, 6, 4)), strides=[1, 2, 2, 1],
         padding="SAME"),
]  # fmt: skip


@each(CASES)
def test_agrees_with_tensorflow(case: Case) -> None:
    check(case)


def wrong(name: str, function: str, inputs: tuple[Any, ...], **arguments: Any) -> Case:
    return Case(name, _call(function, **arguments), inputs)


WRONG = [
    wrong("data_format", "conv2d", (IMAGE, FILTERS), strides=1, padding="SAME", data_format="HWC"),
    wrong("padding", "conv2d", (IMAGE, FILTERS), strides=1, padding="same"),
    wrong("explicit by name", "conv2d", (IMAGE, FILTERS), strides=1, padding="EXPLICIT"),
    wrong("padding's length", "conv2d", (IMAGE, FILTERS), strides=1, padding=[[1, 1], [1, 1]]),
    wrong("padding of the batch", "conv2d", (IMAGE, FILTERS), strides=1, padding=[[1, 0], [1, 1], [1, 1], [0, 0]]),
    wrong("channels", "conv2d", (IMAGE, draw(3, 3, 2, 4)), strides=1, padding="SAME"),
    wrong("int64", "conv2d", (np.ones((1, 3, 3, 1), np.int64), np.ones((1, 1, 1, 1), np.int64)), strides=1,
          padding="SAME"),
    wrong("mixed dtypes", "conv2d", (IMAGE, FILTERS.astype(f64)), strides=1, padding="SAME"),
    wrong("rank", "conv2d", (IMAGE[0], FILTERS), strides=1, padding="SAME"),
    wrong("strides of zero", "conv2d", (IMAGE, FILTERS), strides=0, padding="SAME"),
    wrong("strides' length", "conv2d", (IMAGE, FILTERS), strides=[1, 1, 1], padding="SAME"),
    wrong("strides of the batch", "conv2d", (IMAGE, FILTERS), strides=[2, 1, 1, 1], padding="SAME"),
    wrong("window too large", "conv2d", (IMAGE, draw(9, 9, 3, 1)), strides=1, padding="VALID"),
    wrong("conv3d's strides", "conv3d", (draw(1, 3, 3, 3, 1), draw(2, 2, 2, 1, 1)), strides=1, padding="VALID"),
    wrong("conv3d's padding", "conv3d", (draw(1, 3, 3, 3, 1), draw(2, 2, 2, 1, 1)), strides=[1, 1, 1, 1, 1],
          padding=[[0, 0], [1, 1], [1, 1], [1, 1], [0, 0]]),
    wrong("conv1d's padding", "conv1d", (draw(1, 3, 1), draw(2, 1, 1)), stride=1, padding=[[0, 0], [1, 1], [0, 0]]),
    wrong("conv1d's format", "conv1d", (draw(1, 3, 1), draw(2, 1, 1)), stride=1, padding="SAME", data_format="NWHC"),
    wrong("strides and dilations", "convolution", (IMAGE, FILTERS), strides=2, dilations=2),
    wrong("convolution's padding", "convolution", (IMAGE, FILTERS), padding="same"),
    wrong("atrous_conv2d's padding", "atrous_conv2d", (IMAGE, FILTERS), rate=2, padding="same"),
    wrong("depthwise strides", "depthwise_conv2d", (IMAGE, FILTERS), strides=[1, 1, 2, 1], padding="SAME"),
    wrong("depthwise strides' form", "depthwise_conv2d", (IMAGE, FILTERS), strides=1, padding="SAME"),
    wrong("depthwise channels", "depthwise_conv2d", (IMAGE, draw(3, 3, 2, 2)), strides=[1, 1, 1, 1], padding="SAME"),
    wrong("transpose's shape", "conv2d_transpose", (IMAGE, draw(3, 3, 5, 3)), output_shape=[2, 9, 9, 5], strides=1),
    wrong("transpose's channels", "conv2d_transpose", (IMAGE, draw(3, 3, 5, 3)), output_shape=[2, 7, 6, 4], strides=1),
    wrong("transpose's entries", "conv2d_transpose", (IMAGE, draw(3, 3, 5, 3)), output_shape=[7, 6, 5], strides=1),
    wrong("separable's pointwise filter", "separable_conv2d", (IMAGE, FILTERS, draw(2, 1, 12, 4)),
          strides=[1, 1, 1, 1], padding="SAME"),
]  # fmt: skip


@each(WRONG)
def test_raises_as_tensorflow(case: Case) -> None:
    check_raises(case)


FORMATS = [
    ("conv1d", 1, "NCW", {"stride": 2, "padding": "SAME"}),
    ("conv2d", 2, "NCHW", {"strides": [1, 1, 2, 1], "padding": [[0, 0], [0, 0], [1, 0], [1, 1]]}),
    ("conv3d", 3, "NCDHW", {"strides": [1, 1, 1, 2, 1], "padding": "VALID"}),
    ("depthwise_conv2d", 2, "NCHW", {"strides": [1, 1, 2, 2], "padding": "SAME"}),
    ("conv2d_transpose", 2, "NCHW", {"strides": [1, 1, 2, 2], "padding": "SAME"}),
    ("convolution", 2, "NCHW", {"padding": "SAME"}),
]


def _last(value: Any) -> Any:
    """A list with the entry for the channels moved to the end."""
    return [value[0], *value[2:], value[1]] if isinstance(value, list) else value


@pytest.mark.parametrize("name, rank, data_format, arguments", FORMATS, ids=[each[0] for each in FORMATS])
def test_channels_may_come_first(name: str, rank: int, data_format: str, arguments: dict[str, Any]) -> None:
    """TensorFlow has these formats on GPUs only: the judge is the same with its channels last."""
    tf = functape
    x, filters = tf.constant(draw(2, 4, *(6,) * rank)), tf.constant(draw(*(3,) * rank, 4, 4))
    others = {"output_shape": [2, 4, 12, 12]} if name == "conv2d_transpose" else {}

    def results(first: bool) -> list[Any]:
        with tf.GradientTape() as tape:
            tape.watch([x, filters])
            if first:
                y = getattr(tf.nn, name)(x, filters, data_format=data_format, **arguments, **others)
            else:
                given = {key: _last(value) for key, value in {**arguments, **others}.items()}
                y = getattr(tf.nn, name)(tf.transpose(x, [0, *range(2, rank + 2), 1]), filters, **given)
                y = tf.transpose(y, [0, rank + 1, *range(1, rank + 1)])
            total = tf.reduce_sum(y * y)
        return [y, *tape.gradient(total, [x, filters])]

    for got, wanted in zip(results(True), results(False), strict=True):
        assert_close(got.numpy(), wanted.numpy(), name, 50)


SHAPES = [
    ((2, 9, 8, 3), (3, 2, 3, 4), (1, 1)),
    ((2, 9, 8, 3), (1, 1, 3, 4), (1, 1)),
    ((2, 9, 8, 3), (3, 3, 3, 4), (2, 3)),
    ((1, 5, 6, 5, 2), (2, 3, 2, 2, 3), (1, 1, 1)),
]


@pytest.mark.parametrize("x_shape, filters_shape, strides", SHAPES)
@pytest.mark.parametrize("padding", ["SAME", "VALID"])
def test_the_two_ways_of_a_gradient_agree(
    x_shape: Any, filters_shape: Any, strides: Any, padding: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Matrix products on a CPU, plain convolutions elsewhere; both in both modes."""
    x, filters = draw(*x_shape), draw(*filters_shape)
    attributes = (strides, padding, (1,) * len(strides), False)

    def gradients() -> Any:
        def loss(x: Any, filters: Any) -> Any:
            return (rows.convolution(x, filters, *attributes) ** 2).sum()

        reverse = jax.grad(loss, (0, 1))(x, filters)
        return *reverse, jax.jvp(loss, (x, filters), (x, filters))[1]

    ours = gradients()
    monkeypatch.setattr(rows, "SHIFTED_BYTES", -1)
    for one, other in zip(ours, gradients(), strict=True):
        assert_close(one, other, "gradient", 50)


def test_the_tolerances_tell_wrong_values_apart() -> None:
    """A negative control: one window in another place, or an error in the fifth digit, fails."""
    theirs = tensorflow.nn.conv2d(IMAGE, FILTERS, 2, "SAME").numpy()
    ours = functape.nn.conv2d(IMAGE, FILTERS, 2, "SAME").numpy()
    assert_close(ours, theirs, loosen=10)
    shifted = functape.nn.conv2d(IMAGE[:, ::-1], FILTERS, 2, "SAME").numpy()
    for wrong_value in (ours + 3e-5, shifted):
        with pytest.raises(AssertionError):
            assert_close(wrong_value, theirs, loosen=10)
