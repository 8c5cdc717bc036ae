"""Rounding as in a quantized model, and its gradients, against TensorFlow's."""

from __future__ import annotations

import numpy as np
from oracle import Case, check, check_raises, each

# Not in the middle between two steps, where the last digit decides.
X = np.concatenate([np.linspace(-9.0, 9.0, 91) * 1.000337, [-6.0, 6.0, 0.0, 1e-3]]).astype(np.float32)
ROWS = np.linspace(-3.0, 3.0, 24).astype(np.float32).reshape(2, 4, 3)
LOW, HIGH = np.float32(-1.1), np.float32(2.3)
LOWS, HIGHS = np.array([-1.0, -0.3, 0.0], np.float32), np.array([1.0, 2.0, 1.7], np.float32)


def cases():
    for bits, narrow in ((8, False), (8, True), (2, False), (4, True), (16, False)):
        named = f"{bits}-bits" + ("-narrow" if narrow else "")
        rest = {"num_bits": bits, "narrow_range": narrow}
        yield Case(f"args-{named}", lambda tf, x, r=rest: tf.quantization.fake_quant_with_min_max_args(x, **r), (X,), 1)
        yield Case(
            f"args-uneven-{named}",
            lambda tf, x, r=rest: tf.quantization.fake_quant_with_min_max_args(x, -1.3, 4.0, **r),
            (X,),
            1,
        )
        yield Case(
            f"vars-{named}",
            lambda tf, x, low, high, r=rest: tf.quantization.fake_quant_with_min_max_vars(x, low, high, **r),
            (X, LOW, HIGH),
            1,
        )
        yield Case(
            f"channels-{named}",
            lambda tf, x, low, high, r=rest: tf.quantization.fake_quant_with_min_max_vars_per_channel(
                x, low, high, **r
            ),
            (ROWS, LOWS, HIGHS),
            1,
        )
    for low, high in ((0.0, 0.0), (0.5, 2.0), (-3.0, -1.0)):
        yield Case(
            f"vars-{low}-to-{high}",
            lambda tf, x, low, high: tf.quantization.fake_quant_with_min_max_vars(x, low, high),
            (X, np.float32(low), np.float32(high)),
            1,
        )
    yield Case(
        "a-vector",
        lambda tf, x, *b: tf.quantization.fake_quant_with_min_max_vars_per_channel(x, *b),
        (LOWS * 3, LOWS, HIGHS),
        1,
    )
    yield Case(
        "gradient-args",
        lambda tf, g, x: tf.quantization.fake_quant_with_min_max_args_gradient(g, x, -2.0, 3.0),
        (X + 1, X),
        0,
    )
    yield Case(
        "gradient-vars",
        lambda tf, *a: list(tf.quantization.fake_quant_with_min_max_vars_gradient(*a, num_bits=4)),
        (X + 1, X, LOW, HIGH),
        0,
    )
    yield Case(
        "gradient-channels",
        lambda tf, *a: list(tf.quantization.fake_quant_with_min_max_vars_per_channel_gradient(*a)),
        (ROWS + 1, ROWS, LOWS, HIGHS),
        0,
    )
    yield Case("a-list", lambda tf: tf.quantization.fake_quant_with_min_max_args([0.0, 0.4, 9.0], 0.0, 3.0, num_bits=2))


def mistakes():
    yield Case("bounds-crossed", lambda tf, x: tf.quantization.fake_quant_with_min_max_args(x, 1.0, -1.0), (X,))
    yield Case("one-bit", lambda tf, x: tf.quantization.fake_quant_with_min_max_args(x, num_bits=1), (X,))
    yield Case(
        "many-bits", lambda tf, x, *b: tf.quantization.fake_quant_with_min_max_vars(x, *b, num_bits=17), (X, LOW, HIGH)
    )
    yield Case(
        "vector-bounds", lambda tf, x, *b: tf.quantization.fake_quant_with_min_max_vars(x, *b), (ROWS, LOWS, HIGHS)
    )
    yield Case(
        "other-channels",
        lambda tf, x, *b: tf.quantization.fake_quant_with_min_max_vars_per_channel(x, *b),
        (ROWS, LOWS[:2], HIGHS[:2]),
    )


@each(cases())
def test_values_and_gradients(case):
    check(case)


@each(mistakes())
def test_a_mistake_raises_what_tensorflow_raises(case):
    check_raises(case)
