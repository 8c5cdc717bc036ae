"""`tf.keras.ops` against Keras's own on TensorFlow: signatures, values, dtypes, gradients, functional models."""

from __future__ import annotations

import inspect
import os
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from _sampling import sampled

os.environ["KERAS_BACKEND"] = "tensorflow"

import keras
import tensorflow

import functape

ops, theirs = functape.keras.ops, keras.ops
RANDOM = np.random.default_rng(5)
MODULES = ("", "numpy", "nn", "linalg", "image")


def draw(*shape: int, dtype: Any = np.float32, low: float = 0.2, high: float = 1.8) -> Any:
    return RANDOM.uniform(low, high, shape).astype(dtype)


X, Y, Z = draw(3, 4), draw(3, 4), draw(4, 3)
V, W = draw(6), draw(5)
N = np.array([[1.0, np.nan, 3.0], [np.nan, 5.0, -2.0]], np.float32)
S = (lambda a: (a @ a.T + 3 * np.eye(3)).astype(np.float32))(draw(3, 3))
IMAGES, VOLUMES = draw(2, 6, 7, 3), draw(2, 5, 5, 5, 2)
IMAGE = IMAGES[0]
PARTS = draw(2, 8), draw(2, 8)
HEADS = draw(2, 4, 2, 3), draw(2, 5, 2, 3), draw(2, 5, 2, 3)
SHARES = draw(3, 4) / 8
CORNERS = np.array([[0, 0], [0, 6], [5, 0], [5, 6]], np.float32)
POINTS = np.array([[1, 0], [0, 5], [4, 1], [5, 5]], np.float32)
AFFINE = np.array([1, 0.1, 0.5, 0, 1, -1, 0, 0], np.float32)
SERIES = draw(2, 32)
SIGNS = draw(3, 4, low=-2, high=2)
I = np.array([[0, 2, 1], [3, 1, 1]], np.int32)  # noqa: E741
B = np.array([[True, False, True], [False, False, True]])

_UNARY = (
    "abs absolute angle arccos arccosh arcsin arcsinh arctan arctanh cbrt ceil celu conj conjugate copy cos cosh "
    "deg2rad elu erf erfc erfinv exp exp2 expm1 fabs flip floor gelu hard_shrink hard_sigmoid hard_silu "
    "hard_swish hard_tanh i0 imag isfinite isinf isnan isneginf isposinf isreal leaky_relu log log10 log1p log2 "
    "log_sigmoid log_softmax logical_not nan_to_num ndim negative ones_like rad2deg ravel real reciprocal relu "
    "relu6 round rsqrt selu sigmoid sign signbit silu sin sinc sinh size soft_shrink softmax softplus softsign "
    "sparse_plus sparse_sigmoid sqrt square squareplus squeeze swish tan tanh tanh_shrink transpose trunc "
    "zeros_like empty_like all amax amin any argmax argmin count_nonzero logsumexp max mean median min prod ptp "
    "std sum var nanmax nanmean nanmedian nanmin nanprod nanstd nansum nanvar nanargmax nanargmin nancumprod "
    "nancumsum cumprod cumsum normalize layer_normalization rms_normalization diag diagflat diagonal diff fliplr "
    "flipud glu nonzero sort argsort stop_gradient trace tril triu corrcoef shape dtype is_tensor where "
    "convert_to_tensor array convert_to_numpy"
)
UNARY = _UNARY.split()
_BINARY = (
    "add arctan2 divide divide_no_nan equal floor_divide fmax fmin fmod greater greater_equal heaviside hypot "
    "isclose less less_equal logaddexp logaddexp2 logical_and logical_or logical_xor maximum minimum mod multiply "
    "nextafter not_equal power subtract true_divide allclose append inner kron outer vdot isin"
)
BINARY = _BINARY.split()
_INTEGERS = "bitwise_and bitwise_left_shift bitwise_or bitwise_right_shift bitwise_xor gcd lcm left_shift right_shift"
INTEGERS = _INTEGERS.split()
_REDUCED = (
    "all amax amin any logsumexp max mean median min nanmax nanmean nanmedian nanmin nanprod nanstd nansum nanvar "
    "prod ptp std sum var"
)
REDUCED = _REDUCED.split()

CASES: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = [
    *((name, (SIGNS if name not in ("arccosh",) else SIGNS + 4,), {}) for name in UNARY),
    *((name, (X, SIGNS), {}) for name in BINARY),
    *((name, (I, np.array([[1, 2, 1], [2, 0, 3]], np.int32)), {}) for name in INTEGERS),
    *((name, (N if "nan" in name else X, 1), {"keepdims": True}) for name in REDUCED), ("bitwise_invert", (I,), {}),
    ("bitwise_not", (I,), {}), ("ldexp", (X, I.reshape(-1)[:4]), {}), ("clip", (SIGNS, -0.5, 1), {}),
    ("clip", (I, 1, 2), {}), ("round", (SIGNS, 1), {}), ("threshold", (SIGNS, 0.5, 7), {}),
    ("nan_to_num", (N, 7.0), {}), ("polar", (X, Y), {}), ("isclose", (N, N), {"equal_nan": True}),
    ("softmax", (IMAGES, (1, 2)), {}), ("log_softmax", (SIGNS, 0), {}), ("max", (X, 0, False, 9.0), {}),
    ("average", (X, 0, Y), {}), ("average", (X, 1, W[:4]), {}), ("moments", (X, [0]), {}),
    ("argmax", (X, 1, True), {}), ("nanargmin", (N, 1), {}), ("quantile", (X, [0.25, 0.5]), {"axis": 1}),
    ("percentile", (X, 30), {}), ("nanquantile", (N, 0.5, 1), {}), ("nanpercentile", (N, 40.0, 0), {"keepdims": True}),
    ("quantile", (X, 0.3), {"method": "nearest"}), ("cumsum", (X, 1), {}), ("cumprod", (I, 0), {"dtype": "float32"}),
    ("nancumsum", (N, 1), {}), ("diff", (X, 2, 0), {}), ("trapezoid", (X,), {}),
    ("trapezoid", (X, np.arange(4.0, dtype=np.float32)), {}), ("correlate", (V, W), {}),
    ("correlate", (V, W, "same"), {}), ("correlate", (V, W, "full"), {}), ("digitize", (X, [0.5, 1.0, 1.5]), {}),
    ("arange", (5,), {}), ("arange", (1.0, 3.0, 0.5), {}), ("arange", (0, 5, 2, "float16"), {}),
    ("eye", (3, 4, 1), {}), ("zeros", ((2, 3),), {}), ("ones", (3, "int32"), {}), ("full", ((2,), 3), {}),
    ("full_like", (X, 3), {}), ("empty", ((2, 3),), {}), ("identity", (3,), {}), ("tri", (3, 4, -1, "int32"), {}),
    ("linspace", (0, 1, 5), {}), ("linspace", (0.0, V[:2], 4), {"endpoint": False, "axis": 1}),
    ("linspace", (0, 1, 5), {"retstep": True}), ("logspace", (0, 2, 4), {}), ("geomspace", (1, 100, 5), {}),
    ("vander", (V, 3), {}), ("vander", (V,), {"increasing": True}), ("meshgrid", (V, W), {}),
    ("meshgrid", (V, W), {"indexing": "ij"}), ("cast", (SIGNS, "int32"), {}),
    ("saturate_cast", (SIGNS * 300, "uint8"), {}), ("view", (X, "int32"), {}), ("reshape", (X, (2, -1)), {}),
    ("reshape", (X, 12), {}), ("expand_dims", (X, (0, 2)), {}), ("swapaxes", (IMAGES, 0, 2), {}),
    ("repeat", (X, 2), {}), ("moveaxis", (IMAGES, 3, 1), {}), ("broadcast_to", (X, (2, 3, 4)), {}),
    ("tile", (X, (2, 1, 2)), {}), ("repeat", (X, [1, 0, 2], 0), {}), ("flip", (X, 1), {}), ("rot90", (X,), {}),
    ("rot90", (IMAGES, 3, (2, 1)), {}), ("roll", (X, 2), {}), ("roll", (X, 1, 1), {}),
    ("pad", (X, ((1, 1), (1, 1))), {}), ("pad", (X, ((1, 0), (0, 2)), "reflect"), {}),
    ("pad", (X, ((1, 0), (0, 2)), "constant", 5), {}), ("concatenate", ([X, I[:, :2].repeat(2, 1)],), {}),
    ("concatenate", ([X, Y], 1), {}), ("stack", ([X, Y], -1), {}), ("vstack", ([X, Y],), {}),
    ("hstack", ([X, Y],), {}), ("dstack", ([X, Y],), {}), ("append", (X, Y, 0), {}), ("split", (X, 2, 1), {}),
    ("split", (X, [1, 3], 1), {}), ("array_split", (V, 4), {}), ("vsplit", (Z, 2), {}), ("hsplit", (X, 2), {}),
    ("dsplit", (IMAGES[:, :, :6], 2), {}), ("unstack", (X,), {"axis": 1}),
    ("rearrange", (IMAGES, "b h w c -> b (h w) c"), {}),
    ("rearrange", (IMAGES, "b (h k) w c -> b h w (k c)"), {"k": 2}), ("view_as_complex", (draw(3, 2),), {}),
    ("view_as_real", (X.astype(np.complex64) * 1j,), {}), ("where", (B, I, 0.5), {}),
    ("get_item", (X, (slice(1, 3), 2)), {}), ("select", ([X > 1.5, X > 1], [X, 2 * X], 0), {}),
    ("take", (X, I), {"axis": 1}), ("take", (X, [0, -1]), {}), ("take_along_axis", (X, I[:1] * 0 + 1, 1), {}),
    ("take_along_axis", (X, [[2], [0], [1]], 1), {}), ("slice", (X, (1, 1), (2, 2)), {}),
    ("slice_update", (X, (1, 1), np.ones((2, 2), np.float32)), {}),
    ("scatter", ([[0, 1], [2, 2]], [1.0, 2.0], (3, 3)), {}), ("scatter_update", (X, [[0, 1], [2, 2]], [1.0, 2.0]), {}),
    *(("scatter_update", (X, [[0, 1], [2, 2]], [1.0, 2.0]), {"reduction": each})
      for each in ("add", "mul", "max", "min")),
    ("diag", (V, 1), {}), ("diag", (X, 1), {}), ("diagonal", (IMAGES, 1, 1, 2), {}), ("trace", (I,), {}),
    ("tril", (X, -1), {}), ("sort", (X, 0), {}), ("argsort", (X, None), {}), ("top_k", (X, 2), {}),
    ("in_top_k", ([1, 2, 3], X, 2), {}), ("unique", (I,), {}),
    ("unique", (I,), {"return_inverse": True, "return_counts": True}), ("isin", (I, [1, 3]), {}),
    ("isin", (I, [1, 3]), {"invert": True}), ("searchsorted", (np.sort(V), W), {}),
    ("unravel_index", ([5, 1], (2, 3)), {}),
    ("searchsorted", (np.array([1, 2, 2, 3], np.int32), [2, 0]), {"side": "right"}), ("histogram", (V, 4), {}),
    ("histogram", (V, 4, (0.0, 2.0)), {}), ("bincount", ([1, 1, 3],), {}),
    ("bincount", ([1, 1, 3], [0.5, 1.0, 2.0], 6), {}),
    *((f"segment_{each}", (Z, np.array([0, 0, 1, 2])), {"num_segments": 3}) for each in ("sum", "max", "min", "prod")),
    ("segment_sum", (Z, np.array([2, 0, 1, 2])), {}), ("matmul", (X, Z), {}), ("matmul", (IMAGES, draw(3, 2)), {}),
    ("dot", (X, W[:4]), {}), ("tensordot", (X, Z, 1), {}), ("tensordot", (X, Y, [[0, 1], [0, 1]]), {}),
    ("einsum", ("ij,jk->ik", X, Z), {}), ("einsum", ("...i,ij->...j", IMAGES, draw(3, 2)), {}),
    ("cross", (draw(2, 3), draw(2, 3)), {}), ("cdist", (X, Y), {}), ("cholesky", (S,), {}),
    ("cholesky", (S, True), {}), ("cholesky_inverse", (np.linalg.cholesky(S),), {}), ("det", (S,), {}),
    ("logdet", (S,), {}), ("slogdet", (S,), {}), ("inv", (S,), {}), ("pinv", (X,), {}), ("matrix_rank", (X,), {}),
    ("lu_factor", (S,), {}), ("lstsq", (Z, draw(4, 2)), {}), ("norm", (X,), {}), ("norm", (X, 1), {}),
    ("norm", (X, "fro", (0, 1)), {}), ("norm", (X, 2, 1), {"keepdims": True}), ("norm", (X, "nuc", (0, 1)), {}),
    ("norm", (V, 3), {}), ("norm", (X, np.inf, -1), {}), ("solve", (S, draw(3, 2)), {}), ("solve", (S, V[:3]), {}),
    ("solve_triangular", (S, draw(3, 2)), {"lower": True}), ("svd", (X,), {"compute_uv": False}),
    ("one_hot", (I, 4), {}), ("one_hot", (I, 4), {"axis": 0, "dtype": "int32"}), ("multi_hot", (I, 5), {}),
    ("normalize", (X, 0, 1), {}), ("normalize", (X, 1, 3), {}), ("layer_normalization", (X, V[:4], W[:4]), {}),
    ("layer_normalization", (IMAGES,), {"axis": (1, 2)}), ("rms_normalization", (X, V[:4]), {}),
    ("batch_normalization", (X, V[:4], W[:4], 1, V[1:5], V[2:]), {}), ("dot_product_attention", HEADS, {}),
    ("dot_product_attention", HEADS, {"scale": 0.3, "bias": draw(2, 2, 4, 5)}),
    ("dot_product_attention", (HEADS[1],) * 3, {"is_causal": True}),
    ("binary_crossentropy", (SHARES, SHARES[::-1]), {}),
    ("binary_crossentropy", (SHARES, SIGNS), {"from_logits": True}), ("categorical_crossentropy", (SHARES, X), {}),
    ("categorical_crossentropy", (SHARES, SIGNS), {"from_logits": True}), ("psnr", (X, Y, 2.0), {}),
    ("sparse_categorical_crossentropy", ([0, 2, 3], SHARES), {}),
    ("sparse_categorical_crossentropy", ([[0], [2], [3]], SIGNS), {"from_logits": True}),
    ("ctc_loss", ([[1, 2], [2, 1]], draw(2, 5, 4), [2, 1], [5, 4]), {}), ("depth_to_space", (draw(1, 2, 2, 8), 2), {}),
    ("space_to_depth", (draw(1, 4, 4, 3), 2), {}), ("space_to_depth", (draw(1, 3, 4, 4), 2, "channels_first"), {}),
    ("max_pool", (IMAGES, 2), {}), ("average_pool", (IMAGES, (2, 3), 1, "same"), {}),
    ("max_pool", (IMAGES[0], 2, 1), {}), ("adaptive_average_pool", (IMAGES, 2), {}),
    ("adaptive_max_pool", (IMAGES, (3, 2)), {}), ("conv", (IMAGES, draw(3, 3, 3, 4)), {}),
    ("conv", (IMAGES[0], draw(3, 3, 4), 2, "same"), {}), ("conv", (IMAGES, draw(2, 2, 3, 4)), {"dilation_rate": 2}),
    ("depthwise_conv", (IMAGES, draw(3, 3, 3, 2)), {}),
    ("separable_conv", (IMAGES, draw(3, 3, 3, 2), draw(1, 1, 6, 4)), {}),
    ("conv_transpose", (IMAGES, draw(3, 3, 4, 3), 2), {}),
    ("conv_transpose", (IMAGES, draw(3, 3, 4, 3), 2, "same"), {}), ("unfold", (draw(2, 3, 6, 6), 3), {}),
    ("unfold", (draw(2, 3, 6, 6), 2), {"stride": 2, "padding": 1}), ("fold", (draw(2, 12, 9), 6, 2), {"stride": 2}),
    ("fft", (PARTS,), {}), ("fft2", (PARTS,), {}), ("ifft2", (PARTS,), {}), ("rfft", (SERIES,), {}),
    ("rfft", (SERIES, 16), {}), ("irfft", (PARTS,), {}), ("irfft", (PARTS, 6), {}), ("stft", (SERIES, 8, 4, 8), {}),
    ("stft", (SERIES, 6, 4, 8), {"window": "hamming", "center": False}),
    ("istft", ((draw(2, 9, 5), draw(2, 9, 5)), 8, 4, 8), {}), ("extract_sequences", (SERIES, 8, 4), {}),
    *((name, (7,), {}) for name in ("bartlett", "blackman", "hamming", "hanning")), ("kaiser", (7, 4.0), {}),
    ("image.resize", (IMAGES, (4, 5)), {}), ("image.resize", (IMAGE, (9, 5), "nearest"), {}),
    ("image.resize", (IMAGES, (4, 5)), {"crop_to_aspect_ratio": True}), ("image.rgb_to_grayscale", (IMAGES,), {}),
    ("image.resize", (IMAGES, (4, 5)), {"pad_to_aspect_ratio": True, "fill_value": 2.0}),
    ("image.crop_images", (IMAGES, 1, 2), {"target_height": 3, "target_width": 4}),
    ("image.sobel_edges", (IMAGES,), {}), ("image.pad_images", (IMAGES, 1, 2, 3, 0), {}),
    ("image.rgb_to_hsv", (IMAGES / 2,), {}), ("image.hsv_to_rgb", (IMAGES / 2,), {}),
    ("image.affine_transform", (IMAGES, AFFINE), {}), ("image.gaussian_blur", (IMAGES,), {}),
    ("image.perspective_transform", (IMAGES, CORNERS, POINTS), {}),
    ("image.ssim", (draw(1, 16, 16, 1), draw(1, 16, 16, 1)), {}),
    ("image.map_coordinates", (X, draw(2, 5) * 2, 1), {}),
    ("image.map_coordinates", (X, draw(2, 5) * 3, 0, "reflect"), {}), ("image.extract_patches", (IMAGES, 3), {}),
    ("image.extract_patches", (IMAGES, (2, 3), 1), {"padding": "same"}),
    ("image.extract_patches_3d", (VOLUMES, 2), {}),
    ("image.scale_and_translate", (IMAGES, (2, 8, 9, 3), [1.5, 1.2], [0.0, 1.0], (1, 2), "linear"), {}),
]  # fmt: skip


def found(module: Any, name: str) -> Any:
    for part in name.split("."):
        module = getattr(module, part)
    return module


def leaves(value: Any) -> list[Any]:
    return [leaf for each in value for leaf in leaves(each)] if isinstance(value, tuple | list) else [value]


def assert_alike(made: Any, wanted: Any, tolerance: float = 2e-5) -> None:
    """Both have the same dtypes, shapes and values."""
    assert len(leaves(made)) == len(leaves(wanted))
    for one, other in zip(leaves(made), leaves(wanted), strict=True):
        one, other = np.asarray(one), np.asarray(other)
        if other.dtype.kind in "OU":
            assert str(one) == str(other)
            continue
        assert (one.dtype, one.shape) == (other.dtype, other.shape)
        kind = np.complex128 if other.dtype.kind == "c" else np.float64
        np.testing.assert_allclose(one.astype(kind), other.astype(kind), rtol=tolerance, atol=tolerance)


@pytest.fixture(autouse=True)
def silent() -> Iterator[None]:
    """NumPy warns of the edge points that are meant."""
    with np.errstate(all="ignore"):
        yield


def public(module: Any) -> list[str]:
    return [name for name in dir(module) if not name.startswith("_") and inspect.isfunction(getattr(module, name))]


@pytest.mark.parametrize("where", MODULES)
def test_names_and_signatures_are_those_of_keras(where: str) -> None:
    def plain(function: Any) -> Any:
        return [(each.name, each.default, each.kind) for each in inspect.signature(function).parameters.values()]

    our, their = (getattr(module, where) if where else module for module in (ops, theirs))
    left_out = {"ctc_decode", "elastic_transform"}
    names = [name for name in public(their) if name not in left_out]
    assert names
    assert set(names) == set(our.__all__) - {"image", "linalg", "nn", "numpy"}
    for name in names:
        assert plain(getattr(our, name)) == plain(getattr(their, name)), name
        assert getattr(our, name).__doc__
    for name in left_out & set(public(their)):
        with pytest.raises(AttributeError, match=r"tf\.(nn|random)"):
            getattr(our, name)


@pytest.mark.parametrize(
    ("name", "args", "options"), CASES, ids=[f"{name}-{at}" for at, (name, *_) in enumerate(CASES)]
)
def test_values_and_dtypes(name: str, args: Any, options: Any) -> None:
    given = [theirs.convert_to_tensor(args[0]), *args[1:]] if name.startswith("adaptive") else args
    assert_alike(found(ops, name)(*args, **options), found(theirs, name)(*given, **options))


def test_a_wrong_value_dtype_or_shape_would_be_found() -> None:
    with pytest.raises(AssertionError):
        assert_alike(ops.exp(X), theirs.exp(X * 1.0001))
    with pytest.raises(AssertionError):
        assert_alike(ops.sum(X), theirs.sum(X.astype(np.float64)))
    with pytest.raises(AssertionError):
        assert_alike(ops.sum(X), theirs.sum(X, keepdims=True))


DTYPES = ("bool", "int8", "uint8", "int32", "uint32", "int64", "float16", "float32", "float64", int, float)


def of_dtype(dtype: Any, low: float = 1.1) -> Any:
    if isinstance(dtype, type):
        return dtype(2)
    values = np.linspace(low, 3, 9).reshape(3, 3)
    return values > 2 if dtype == "bool" else values.astype(dtype)


TOGETHER = [(name, one, other) for name in BINARY for one in DTYPES for other in DTYPES]
KEEP_INTEGERS = {"layer_normalization", "rms_normalization"}
"""Keras gives integers back here, of normalized values."""
ALONE = [(name, each) for name in UNARY if name not in KEEP_INTEGERS | {"dtype"} for each in DTYPES]


def same_where_keras_takes_it(name: str, args: tuple[Any, ...]) -> None:
    try:
        wanted = getattr(theirs, name)(*args)
    except Exception:
        return
    half = any(getattr(each, "dtype", None) == np.float16 for each in args)
    assert_alike(getattr(ops, name)(*args), wanted, 1e-2 if half else 2e-5)


@pytest.mark.parametrize(("name", "one", "other"), sampled("keras ops together", TOGETHER, 60))
def test_dtypes_of_two(name: str, one: Any, other: Any) -> None:
    same_where_keras_takes_it(name, (of_dtype(one), of_dtype(other)))


@pytest.mark.parametrize(("name", "dtype"), sampled("keras ops alone", ALONE, 60))
def test_dtypes_of_one(name: str, dtype: Any) -> None:
    if dtype not in (int, float) and not (name == "soft_shrink" and "float" not in dtype):
        same_where_keras_takes_it(name, (of_dtype(dtype),))


def weighted(tf: Any, module: Any, name: str, args: Any, options: Any) -> tuple[Any, list[Any]]:
    """A sum of an operation's floating results with fixed weights, and its gradients; None where there is none."""
    given = [tf.constant(each) if isinstance(each, np.ndarray) else each for each in args]
    sources = [each for each in given if tf.is_tensor(each) and each.dtype in (tf.float32,)]
    with tf.GradientTape() as tape:
        tape.watch(sources)
        results = [
            each
            for each in leaves(found(module, name)(*given, **options))
            if getattr(each, "dtype", None) == tf.float32
        ]
        total = tf.add_n(
            [tf.reduce_sum(each * np.cos(np.arange(np.size(each))).reshape(each.shape)) for each in results]
        )
    return total, [None if each is None else tf.convert_to_tensor(each) for each in tape.gradient(total, sources)]


NOT_SMOOTH = {
    "image.perspective_transform",
    "nextafter",
    "heaviside",
    "nan_to_num",
    "view",
    "ptp",
    "median",
    "nanmedian",
    "quantile",
    "percentile",
}
"""Where one shares or drops the gradient at a tie, or has none, or a rounding decides which pixel is read."""
SMOOTH = [
    case
    for case in CASES
    if case[0] not in NOT_SMOOTH and sum(isinstance(each, np.ndarray) and each.dtype == np.float32 for each in case[1])
]


def test_gradients_are_those_of_keras() -> None:
    compared = 0
    for name, args, options in sampled("keras ops gradients", SMOOTH, 50):
        try:
            wanted = weighted(tensorflow, theirs, name, args, options)[1]
        except (ValueError, LookupError, IndexError, tensorflow.errors.InvalidArgumentError):
            continue
        made = weighted(functape, ops, name, args, options)[1]
        for one, other in zip(made, wanted, strict=True):
            if one is not None and other is not None:
                compared += 1
                np.testing.assert_allclose(one, other, rtol=2e-4, atol=2e-4, err_msg=f"{name} {options}")
            else:
                assert other is None or not np.any(np.nan_to_num(np.asarray(other))), name
    assert compared > 20


def flow(tf: Any, k: Any, x: Any) -> Any:
    """Control flow of every kind, of a tensor of four numbers."""
    total, squares = k.scan(lambda carried, row: (carried + row, row * row), k.zeros(()), x)
    return [
        k.cond(x[0] > 0, lambda: x + 1, lambda: x - 1),
        k.switch(k.convert_to_tensor(1), [lambda a: a, lambda a: 2 * a], x),
        k.while_loop(lambda i, v: i < 3, lambda i, v: (i + 1, v * 2), (0, x))[1],
        k.fori_loop(0, 3, lambda i, v: v + k.cast(i, "float32"), x),
        total,
        squares,
        k.map(lambda row: row * 3, x),
        k.vectorized_map(lambda row: row * 3 + 1, x),
        k.associative_scan(lambda a, b: a + b, x),
        k.associative_scan(lambda a, b: a * b, x, reverse=True),
        k.stop_gradient(x),
    ]


@pytest.mark.parametrize("staged", [False, True])
def test_control_flow(staged: bool) -> None:
    made = []
    for tf, module in ((functape, ops), (tensorflow, theirs)):

        def run(x: Any, tf: Any = tf, module: Any = module) -> Any:
            with tf.GradientTape() as tape:
                tape.watch(x)
                results = flow(tf, module, x)
                total = tf.add_n([tf.reduce_sum(each) for each in results])
            return [*results, tape.gradient(total, x)]

        call = tf.function(run) if staged else run
        made.append(call(tf.constant(V[:4])))
    assert_alike(made[0], made[1])


def test_functions_of_functions() -> None:
    for module in (ops, theirs):

        @module.custom_gradient
        def doubled(x: Any) -> Any:
            return x * 2, lambda *args, upstream=None: (args[0] if upstream is None else upstream) * 7

        tf = functape if module is ops else tensorflow
        x = tf.constant(3.0)
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = doubled(x)
        assert float(tape.gradient(y, x)) == 7
        assert_alike(
            module.jvp(lambda a: a * a, (tf.constant(3.0),), (tf.constant(1.0),)), (np.float32(9), np.float32(6))
        )
    apart = ops.vectorize(lambda a, b: ops.matmul(a, b), signature="(m,n),(n)->(m)")
    assert_alike(apart(X, ops.convert_to_tensor(W[:4])), X @ W[:4])
    assert_alike(ops.vectorize(lambda a, b: a + b)(X, V[:4]), X + V[:4])


def test_functional_models_take_them() -> None:
    def model(k: Any, module: Any) -> Any:
        x = k.Input((4,))
        y = module.concatenate([module.relu(x - 0.5), module.mean(x, axis=-1, keepdims=True) * 2], axis=-1)
        y = module.reshape(module.expand_dims(y, 1) * module.ones((3, 1)), (-1, 15))
        y = module.take(module.softmax(y), [0, 2, -1], axis=-1)
        return k.Model(x, module.matmul(y, module.ones((3, 2))))

    made = [model(k, module)(k.ops.convert_to_tensor(X)) for k, module in ((functape.keras, ops), (keras, theirs))]
    assert_alike(made[0], made[1])


def test_a_layer_written_with_them_trains() -> None:
    k = functape.keras

    class Scaled(k.layers.Layer):
        def build(self, shape: Any) -> None:
            self.scale = self.add_weight(shape=(shape[-1],), initializer="ones")

        def call(self, x: Any) -> Any:
            return ops.sum(ops.multiply(x, self.scale), axis=-1)

    net = k.Sequential([Scaled()])
    net.compile("sgd", loss=lambda wanted, got: ops.mean(ops.square(wanted - got)))
    history = net.fit(X, X.sum(-1) * 2, epochs=3, verbose=0).history["loss"]
    assert history[-1] < history[0]


def test_they_are_found_as_in_keras_programs() -> None:
    assert functape.keras.ops is ops
    assert ops.numpy.mean is ops.mean
    assert ops.nn.softmax is ops.softmax
    assert ops.linalg.inv is ops.inv
