"""`tf.image` against TensorFlow: sizes, parts, colours, measures and boxes."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest
import tensorflow
from _sampling import sampled
from image_cases import SUMS, case, f16, f32, f64, numbered, picture
from oracle import Case, assert_close, check, check_raises, each, flatten

import functape
from functape._missing import tensorflow_names

KERNELS = "a sum over a window of some dozens of pixels"
METHODS = ["bilinear", "nearest", "bicubic", "area", "lanczos3", "lanczos5", "gaussian", "mitchellcubic"]
NO_GRADIENT = {"area"}
X = picture(2, 5, 7, 3)

RESIZING = [
    *(
        case(
            f"resize {size}",
            X,
            size,
            method=method,
            antialias=antialias,
            gradients=0 if method in NO_GRADIENT else 1,
            loosen=20,
            because=KERNELS,
        )
        for method in METHODS
        for antialias in (False, True)
        for size in ((3, 4), (11, 13), (5, 7), (1, 20))
        if not (antialias and method in ("nearest", "area"))
    ),
    *(
        case(f"resize of {np.dtype(dtype).name}", picture(4, 6, 2, dtype=dtype), [7, 3], method=method)
        for method in ("bilinear", "nearest", "bicubic", "area", "lanczos3")
        for dtype in (np.uint8, np.int8, np.int16, np.uint16, np.int32, f16, f64)
        if (method, dtype) != ("bicubic", np.int32)
    ),
    *(case(f"resize fitted {size}", X, size, preserve_aspect_ratio=True) for size in ([10, 10], [3, 20], [2, 2])),
    case("resize by a tensor", X[0], np.array([4, 4], np.int32)),
    case("resize of a constant", np.full((5, 7, 1), 200, np.uint8), [13, 11], loosen=1, because=""),
    *(
        case(f"resize_with_pad {size}", picture(4, 6, 2), *size, gradients=1, antialias=antialias)
        for size in ((8, 8), (9, 6), (3, 7), (3, 2))
        for antialias in (False, True)
    ),
    case("resize_with_pad batch", X, 9, 9, method="nearest"),
]
CROPS = np.array([[0.1, 0.2, 0.83, 0.91], [0, 0, 1, 1], [0.7, 0.9, 0.15, 0.3], [-0.33, 0.2, 0.62, 1.4]], f32)
CROPPING = [
    *(case(f"central_crop {fraction}", picture(7, 8, 2), fraction, gradients=1) for fraction in (0.3, 0.5, 0.875, 1.0)),
    case("central_crop batch", picture(2, 7, 8, 2, dtype=np.uint8), 0.6),
    case("crop_to_bounding_box", X, 1, 2, 3, 4, gradients=1),
    case("crop_to_bounding_box of one", X[0], 0, 0, 5, 7),
    case("crop_to_bounding_box by tensors", X[0], np.int32(1), np.int32(2), 2, 2),
    case("pad_to_bounding_box", X, 1, 2, 9, 9, gradients=1),
    case("pad_to_bounding_box of one", X[0].astype(np.uint8), 0, 0, 5, 8),
    *(
        case(f"resize_with_crop_or_pad {size}", picture(5, 6, 2), *size, gradients=1)
        for size in ((3, 9), (8, 3), (2, 2), (10, 11), (5, 6), (4, 7))
    ),
    case("resize_with_crop_or_pad batch", X, 8, 3),
    *(
        case(
            f"crop_and_resize {dtype.__name__}",
            picture(2, 6, 7, 3, dtype=dtype),
            CROPS,
            np.array([0, 1, 1, 0], np.int32),
            size,
            gradients=int(dtype is f32),
            method=method,
            extrapolation_value=0.25,
            loosen=40,
            because="pixels around a place computed with a rounding error times the image's size",
        )
        for method in ("bilinear", "nearest")
        for size in ((4, 5), (1, 3))
        for dtype in (f32, np.uint8)
    ),
    case("crop_and_resize of nothing", X, np.zeros((0, 4), f32), np.zeros(0, np.int32), [2, 2]),
    *(
        case(
            "extract_glimpse",
            picture(2, 9, 12, 2),
            [3, 4],
            np.array([place, place[::-1]], f32),
            centered=centered,
            normalized=normalized,
            noise="zero",
        )
        for centered in (True, False)
        for normalized in (True, False)
        for place in ([0.0, 0.0], [0.4, -0.3], [-0.9, 0.7], [3.0, 2.0], [-3.3, 8.0])
    ),
    *(
        case(
            f"extract_patches {sizes} {strides} {rates}",
            picture(2, 7, 8, 3),
            gradients=2,
            sizes=[1, *sizes, 1],
            strides=[1, *strides, 1],
            rates=[1, *rates, 1],
            padding=padding,
        )
        for padding in ("SAME", "VALID")
        for sizes, strides, rates in (([2, 3], [2, 2], [1, 1]), ([3, 3], [1, 2], [2, 1]), ([1, 1], [3, 2], [1, 1]))
    ),
    case("extract_patches of integers", picture(1, 4, 4, 1, dtype=np.int32), [1, 2, 2, 1], [1] * 4, [1] * 4, "SAME"),
]
TURNING = [
    case("flip_left_right", X, gradients=1),
    case("flip_left_right of one", picture(3, 4, 1, dtype=np.uint8)),
    case("flip_up_down", X, gradients=1),
    case("flip_up_down of one", picture(3, 4, 1, dtype=np.uint8)),
    *(case(f"rot90 {k}", picture(*shape), k, gradients=1) for k in (0, 1, 2, 3, 5, -1) for shape in ((3, 4, 2),)),
    case("rot90 batch", X, 3),
    case("transpose", X, gradients=1),
    case("transpose of one", X[0]),
]
HSV = np.concatenate(
    [picture(4, 3), np.array([[0, 0, 0], [0.5, 0.5, 0.5], [1, 0, 0], [0.3, 0.3, 0.9], [0.9, 0.2, 0.9], [0, 0.5, 0.5]])]
).astype(f32)
PAIRS = [
    (np.uint8, f32),
    (f32, np.uint8),
    (np.uint8, np.int16),
    (np.int16, np.uint8),
    (np.uint8, np.uint16),
    (f32, f16),
    (np.uint16, np.uint8),
    (f16, np.int8),
    (f64, np.int32),
    (np.int8, f64),
    (np.int32, np.uint8),
    (np.uint8, np.int64),
    (np.int64, np.uint8),
    (f32, f32),
    (f32, f64),
]
COLOURS = [
    *(
        case(
            f"convert_image_dtype {np.dtype(given).name}",
            picture(3, 4, 2, dtype=given),
            np.dtype(wanted).name,
            gradients=int(np.dtype(given).kind == "f"),
            saturate=saturate,
            loosen=1,
            because="",
        )
        for given, wanted in PAIRS
        for saturate in (False, True)
    ),
    case("convert_image_dtype out of range", np.array([-2, -0.1, 1.1, 300], f32), "uint8", saturate=True),
    case("convert_image_dtype out of range", np.array([-2, 7, 300], np.int32), "uint8", saturate=True),
    *(
        case(f"{name} {np.dtype(dtype).name}", picture(2, 3, 3, dtype=dtype), gradients=2 * int(dtype is f32))
        for name in ("rgb_to_yiq", "yiq_to_rgb", "rgb_to_yuv", "yuv_to_rgb")
        for dtype in (f32, f64)
    ),
    case("rgb_to_hsv", HSV, gradients=1),
    case("rgb_to_hsv twice", picture(5, 3), gradients=2, loosen=100, because="a chain of quotients of differences"),
    case("rgb_to_hsv in double", HSV.astype(f64), gradients=1),
    case("hsv_to_rgb", HSV, gradients=1),
    case("hsv_to_rgb in half", HSV.astype(f16)),
    *(case(f"rgb_to_grayscale {np.dtype(d).name}", picture(3, 4, 3, dtype=d)) for d in (f32, np.uint8, np.int16)),
    case("rgb_to_grayscale float64", picture(3, 4, 3, dtype=f64), loosen=1e8, because="computed in float32"),
    case("rgb_to_grayscale with gradient", picture(2, 3, 4, 3), gradients=2),
    *(case(f"grayscale_to_rgb {np.dtype(d).name}", picture(2, 3, 1, dtype=d), gradients=1) for d in (f32, np.uint8)),
]
ADJUSTED = {f32: (10, SUMS), f16: (10, SUMS), f64: (1e8, "computed in float32"), np.uint8: (1, ""), np.int16: (1, "")}
KERNELLED = {dtype: allowed for dtype, allowed in ADJUSTED.items() if dtype is not f16}
"""The dtypes for which TensorFlow's kernels run on a CPU."""

COLOURED = {dtype: allowed for dtype, allowed in KERNELLED.items() if dtype is not np.int16}
"""Those in which a rounding error is no step."""


def adjusted(name: str, dtypes: Any, *numbers: float) -> list[Case]:
    """A function of images and a number, for several of both."""
    return [
        case(f"{name} {np.dtype(dtype).name}", picture(2, 3, 4, 3, dtype=dtype), number, loosen=loosen, because=because)
        for dtype, (loosen, because) in dtypes.items()
        for number in numbers
    ]


ADJUSTING = [
    *adjusted("adjust_brightness", ADJUSTED, 0.2, -0.3),
    case("adjust_brightness with gradient", picture(3, 4, 3), f32(0.3), gradients=1),
    *adjusted("adjust_contrast", KERNELLED, 0.5, 1.7),
    *adjusted("adjust_gamma", ADJUSTED, 0.5, 2),
    case("adjust_gamma with gradient", picture(3, 4, 3), f32(1.5), f32(0.7), gradients=1),
    *adjusted("adjust_hue", COLOURED, 0.2, -0.6, 1.0),
    *adjusted("adjust_saturation", COLOURED, 0.0, 0.6, 3.0),
    *(case(f"per_image_standardization {np.dtype(d).name}", picture(4, 5, 3, dtype=d)) for d in (f32, f64, np.uint8)),
    case("per_image_standardization with gradient", picture(2, 4, 5, 3), gradients=2, loosen=50),
    case("per_image_standardization of a constant", np.full((3, 3, 1), 0.25, f32), gradients=1),
]
NEAR = picture(2, 24, 26, 2, seed=6)
FAR = np.clip(NEAR + 0.2 * picture(2, 24, 26, 2, seed=7), 0, 1)
LIKENESS = "differences of sums over windows that nearly cancel"
QUALITY = [
    case("psnr", NEAR, FAR, 1.0, gradients=1),
    case("psnr of integers", picture(3, 4, 1, dtype=np.uint8), picture(3, 4, 1, dtype=np.uint8, seed=8), 255),
    case("psnr of equal images", NEAR, NEAR, 1.0),
    case("psnr broadcast", NEAR, FAR[0], 1.0),
    case("ssim", NEAR, FAR, 1.0, gradients=1, loosen=100, because=LIKENESS),
    case("ssim map", NEAR[0], FAR[0], 1.0, return_index_map=True, loosen=200, because=LIKENESS),
    case("ssim small window", NEAR, FAR, 1.0, filter_size=4, filter_sigma=0.8, k1=0.02, k2=0.05, loosen=100),
    case("ssim of integers", *(picture(16, 16, 1, dtype=np.uint8, seed=s) for s in (8, 9)), 255, loosen=100),
    case("ssim_multiscale", NEAR, FAR, 1.0, power_factors=(0.4, 0.6), loosen=200, because=LIKENESS),
    case(
        "ssim_multiscale odd",
        NEAR[:, :23, :25],
        FAR[:, :23, :25],
        1.0,
        power_factors=(0.2, 0.3, 0.5),
        filter_size=3,
        gradients=1,
        loosen=300,
        because=LIKENESS,
    ),
    case("total_variation", X, gradients=1),
    case("total_variation of one", picture(3, 4, 1, dtype=np.int32)),
    case("image_gradients", X, gradients=1),
    case("image_gradients of integers", picture(1, 3, 3, 2, dtype=np.int32)),
    case("sobel_edges", X, gradients=2),
    case("sobel_edges small", picture(1, 2, 2, 1, dtype=f64)),
]


def boxes_of(count: int, *lead: int, seed: int = 3) -> np.ndarray:
    rng = np.random.default_rng(seed)
    corner, size = rng.uniform(0, 0.7, (*lead, count, 2)), rng.uniform(0.05, 0.35, (*lead, count, 2))
    return np.concatenate([corner, corner + size], -1).astype(f32)


BOXES, SCORES = boxes_of(40), picture(40, seed=2)
BATCH, BATCH_SCORES = boxes_of(30, 2), picture(2, 30, seed=4)
SHARED, BY_CLASS = boxes_of(30, 2)[:, :, None], boxes_of(90, 2).reshape(2, 30, 3, 4) * f32(1.1)
TIED = np.round(SCORES, 1)
OVERLAPS = picture(12, 12, seed=11)
EXACT = {"loosen": 1.0, "because": ""}
CHOOSING = [
    *(
        case("non_max_suppression", BOXES, scores, 15, iou_threshold=iou, score_threshold=least, **EXACT)
        for scores in (SCORES, TIED)
        for iou in (0.0, 0.1, 0.5, 1.0)
        for least in (float("-inf"), 0.4)
    ),
    case("non_max_suppression of flipped boxes", BOXES[:, [2, 1, 0, 3]], SCORES, 100, 0.1, **EXACT),
    case("non_max_suppression in half", BOXES.astype(f16), TIED.astype(f16), 9, f16(0.25), f16(0.1), **EXACT),
    case("non_max_suppression of nothing", np.zeros((0, 4), f32), np.zeros(0, f32), 3, **EXACT),
    case("non_max_suppression of none", BOXES, SCORES, 0, **EXACT),
    *(
        case(
            "non_max_suppression_with_scores",
            BOXES,
            SCORES,
            20,
            iou_threshold=iou,
            score_threshold=least,
            soft_nms_sigma=sigma,
        )
        for iou, least, sigma in ((0.1, 0.2, 0.0), (1.0, 0.2, 0.5), (0.3, 0.05, 0.1))
    ),
    *(case("non_max_suppression_overlaps", OVERLAPS, picture(12), 6, overlap_threshold=x, **EXACT) for x in (0.3, 0.9)),
    *(
        case(
            "non_max_suppression_padded",
            BOXES,
            SCORES,
            25,
            iou_threshold=iou,
            score_threshold=least,
            pad_to_max_output_size=pads,
            tile_size=64,
            **EXACT,
        )
        for iou in (0.1, 0.5)
        for least in (float("-inf"), 0.4)
        for pads in (True, False)
    ),
    case(
        "non_max_suppression_padded batch",
        BATCH,
        BATCH_SCORES,
        40,
        0.2,
        pad_to_max_output_size=True,
        tile_size=32,
        **EXACT,
    ),
    case(
        "non_max_suppression_padded flipped",
        BATCH[..., [2, 3, 0, 1]],
        BATCH_SCORES,
        9,
        0.2,
        pad_to_max_output_size=True,
        tile_size=8,
        **EXACT,
    ),
    case(
        "non_max_suppression_padded sorted",
        BOXES,
        np.sort(SCORES)[::-1].copy(),
        9,
        0.2,
        pad_to_max_output_size=True,
        sorted_input=True,
        canonicalized_coordinates=True,
        **EXACT,
    ),
    *(
        case(
            f"combined_non_max_suppression {shared}",
            SHARED if shared else BY_CLASS,
            picture(2, 30, 3),
            most,
            total,
            pad_per_class=pads,
            clip_boxes=clip,
            iou_threshold=0.2,
            score_threshold=0.3,
        )
        for shared in (True, False)
        for most, total, pads, clip in ((5, 9, False, True), (2, 12, True, False), (40, 100, False, True))
    ),
]
DRAWN = np.array(
    [
        [[0.1, 0.2, 0.8, 0.9], [0, 0, 1, 1], [0.5, 0.5, 0.4, 0.6]],
        [[-0.2, 0.3, 0.5, 1.3], [0.3, 0.3, 0.3, 0.3], [1.2, 1.2, 1.4, 1.4]],
    ],
    f32,
)
DRAWING = [
    *(
        case(
            f"draw_bounding_boxes {channels} {np.dtype(dtype).name} {colours is not None}",
            picture(2, 9, 11, channels, dtype=dtype),
            DRAWN,
            colours,
            **EXACT,
        )
        for channels in (1, 3, 4)
        for dtype in (f32, f16)
        for colours in (None, picture(2, 4))
    ),
]
CASES = numbered([*RESIZING, *CROPPING, *TURNING, *COLOURS, *ADJUSTING, *QUALITY, *CHOOSING, *DRAWING])


@each(sampled("image", CASES, 95))
def test_as_tensorflow(case: Case) -> None:
    check(case)


RAISES = numbered(
    [
        case("resize", picture(3, 4), [2, 2]),
        case("resize", X, [2]),
        case("resize", X, [2.5, 2]),
        case("resize", X, "ab"),
        case("resize", X, [0, 2]),
        case("resize", X, [2, 2], method="cubic"),
        case("resize", X > 0, [2, 2]),
        case("resize", picture(1, 0, 4, 3), [2, 2]),
        case("resize_with_pad", X, 0, 2),
        case("resize_with_pad", picture(3, 4), 2, 2),
        case("central_crop", X, 0.0),
        case("central_crop", X, 1.5),
        case("central_crop", picture(3, 4), 0.5),
        case("crop_to_bounding_box", X, 3, 0, 3, 2),
        case("crop_to_bounding_box", X, -1, 0, 3, 2),
        case("crop_to_bounding_box", X, 0, 0, 0, 2),
        case("crop_to_bounding_box", picture(3, 4), 0, 0, 1, 1),
        case("crop_to_bounding_box", picture(3, 0, 4), 0, 0, 1, 1),
        case("pad_to_bounding_box", X, 0, 0, 4, 9),
        case("pad_to_bounding_box", X, -1, 0, 9, 9),
        case("resize_with_crop_or_pad", X, 0, 9),
        case("crop_and_resize", X, np.zeros((1, 4), f32), np.array([2], np.int32), [2, 2]),
        case("crop_and_resize", X, np.zeros((1, 3), f32), np.array([0], np.int32), [2, 2]),
        case("crop_and_resize", X, np.zeros((1, 4), f32), np.array([0, 1], np.int32), [2, 2]),
        case("crop_and_resize", X, np.zeros((1, 4), f32), np.array([0], np.int32), [2, 0]),
        case("crop_and_resize", X, np.zeros((1, 4), f32), np.array([0], np.int32), [2, 2], method="area"),
        case("crop_and_resize", X[0], np.zeros((1, 4), f32), np.array([0], np.int32), [2, 2]),
        case("extract_glimpse", X, [2, 2], np.zeros((2, 2), f32), noise="pink"),
        case("extract_glimpse", X, [2, 2], np.zeros((3, 2), f32)),
        case("extract_glimpse", X, [2], np.zeros((2, 2), f32)),
        case("extract_glimpse", X[0], [2, 2], np.zeros((5, 2), f32)),
        case("extract_patches", X, [1, 2, 2, 2], [1] * 4, [1] * 4, "SAME"),
        case("extract_patches", X, [2, 2], [1] * 4, [1] * 4, "SAME"),
        case("extract_patches", X, [1, 2, 2, 1], [1] * 4, [1] * 4, "OTHER"),
        case("extract_patches", X, 2, [1] * 4, [1] * 4, "SAME"),
        case("extract_patches", X[0], [1, 2, 2, 1], [1] * 4, [1] * 4, "SAME"),
        case("flip_left_right", picture(3, 4)),
        case("flip_up_down", picture(1, 2, 3, 4, 5)),
        case("rot90", picture(3, 4)),
        case("rot90", X, [1]),
        case("transpose", picture(3, 4)),
        case("convert_image_dtype", X, "bool"),
        case("convert_image_dtype", X > 0, "uint8"),
        case("rgb_to_yiq", picture(3, 2)),
        case("rgb_to_hsv", picture(3, 2)),
        case("rgb_to_hsv", picture(3, 3, dtype=np.uint8)),
        case("hsv_to_rgb", f32(1)),
        case("rgb_to_grayscale", picture(3, 2)),
        case("grayscale_to_rgb", picture(3, 2)),
        case("adjust_contrast", picture(3, 2), 0.5),
        case("adjust_contrast", X, np.array([0.5], f32)),
        case("adjust_contrast", X, f64(0.5)),
        case("adjust_gamma", X, -1),
        case("adjust_hue", X, 2.0),
        case("adjust_hue", picture(3, 3, 2), 0.1),
        case("adjust_hue", picture(3, 3), 0.1),
        case("adjust_saturation", picture(3, 3, 2), 0.1),
        case("per_image_standardization", picture(3, 2)),
        case("psnr", X, X[:, :3], 1.0),
        case("psnr", X[0, 0], X[0, 0], 1.0),
        case("ssim", X, X, 1.0),
        case("ssim", NEAR, X, 1.0),
        case("ssim_multiscale", NEAR, FAR, 1.0),
        case("total_variation", X[0, 0]),
        case("image_gradients", X[0]),
        case("non_max_suppression", BOXES[:, :3], SCORES, 3),
        case("non_max_suppression", BOXES, SCORES[:3], 3),
        case("non_max_suppression", BOXES, SCORES, -1),
        case("non_max_suppression", BOXES, SCORES, 3, iou_threshold=1.5),
        case("non_max_suppression", BOXES, SCORES.astype(f16), 3),
        case("non_max_suppression_overlaps", OVERLAPS[:3], SCORES[:3], 3),
        case("non_max_suppression_padded", BATCH, BATCH_SCORES, 3),
        case("combined_non_max_suppression", BATCH[:, :, None], BATCH_SCORES[..., None], 0, 3),
        case("draw_bounding_boxes", X[..., :2], DRAWN, None),
        case("draw_bounding_boxes", X, DRAWN[:1], None),
        case("draw_bounding_boxes", X, DRAWN[0], None),
        case("draw_bounding_boxes", X.astype(f64), DRAWN, None),
    ]
)


@each(RAISES)
def test_errors(case: Case) -> None:
    check_raises(case)


STEPS = np.array([-1e-3, 1e-3], f32)
FIRST = {case.name.split()[0]: case for case in reversed(CASES)}


@pytest.mark.parametrize(
    ("name", "captured"), sampled("images traced", [(name, how) for name in FIRST for how in (False, True)], 30)
)
def test_traced_as_at_once(name: str, captured: bool) -> None:
    case = FIRST[name]
    tf = functape
    tensors = [tf.constant(each) if isinstance(each, np.ndarray) else each for each in case.inputs]
    if captured:
        traced = tf.function(lambda: case.function(tf, *tensors))()
    else:
        # What decides shapes is no argument.
        places = [at for at, each in enumerate(tensors) if isinstance(each, tf.Tensor) and each.shape.rank]

        def call(*given: Any) -> Any:
            inputs = list(tensors)
            for place, each in zip(places, given, strict=True):
                inputs[place] = each
            return case.function(tf, *inputs)

        traced = tf.function(call)(*[tensors[place] for place in places])
    for ours, theirs in zip(flatten(traced), flatten(case.function(tf, *tensors)), strict=True):
        assert_close(ours.numpy(), theirs.numpy(), name, 10)


def test_the_second_derivative_through_resizing_is_there() -> None:
    """TensorFlow's gradient of a resized image is a constant to it."""
    image = functape.Variable(picture(1, 4, 4, 1))
    with functape.GradientTape() as outer:
        with functape.GradientTape() as inner:
            total = functape.reduce_sum(functape.image.resize(image, [6, 6]) ** 3)
        first = functape.reduce_sum(inner.gradient(total, image) ** 2)
    exact = outer.gradient(first, image).numpy()
    step = np.zeros((1, 4, 4, 1))
    step[0, 1, 2, 0] = 1e-3

    def squared(pixels: Any) -> float:
        matrix = tensorflow.image.resize(np.eye(16, dtype=f32).reshape(16, 4, 4, 1), [6, 6]).numpy().reshape(16, 36)
        flat = pixels.reshape(1, 16).astype(f64)
        return float(np.sum(((3 * (flat @ matrix) ** 2) @ matrix.T.astype(f64)) ** 2))

    pixels = image.numpy().astype(f64)
    numeric = (squared(pixels + step) - squared(pixels - step)) / 2e-3
    np.testing.assert_allclose(exact[0, 1, 2, 0], numeric, rtol=1e-4)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("resize", {"size": [3, 4], "method": "area"}),
        ("adjust_contrast", {"contrast_factor": 1.7}),
        ("adjust_hue", {"delta": 0.3}),
        ("adjust_saturation", {"saturation_factor": 0.6}),
    ],
)
def test_derivatives_that_tensorflow_lacks(name: str, arguments: dict[str, Any]) -> None:
    function = functape.function(lambda x: getattr(functape.image, name)(x, **arguments))
    image, direction = picture(5, 6, 3, seed=21), picture(5, 6, 3, seed=22) - f32(0.5)
    weights = np.random.default_rng(1).normal(size=function(functape.constant(image)).shape)
    with functape.GradientTape() as tape:
        x = functape.constant(image)
        tape.watch(x)
        total = functape.reduce_sum(function(x) * weights.astype(f32))
    exact = float(np.sum(tape.gradient(total, x).numpy() * direction))
    # A step that crosses no change of the largest channel of a pixel, and a rounding error of 1e-7 in each value.
    values = [np.sum(function(functape.constant(image + each * direction)).numpy() * weights) for each in STEPS]
    assert abs(exact - (values[1] - values[0]) / (STEPS[1] - STEPS[0])) < 0.01 * max(1, abs(exact))


def test_a_number_of_turns_from_a_tensor() -> None:
    images = picture(2, 4, 4, 1)
    turn = functape.function(lambda number: functape.image.rot90(functape.constant(images), number))
    for number in range(-1, 6):
        expected = tensorflow.image.rot90(images, number).numpy()
        np.testing.assert_array_equal(turn(functape.constant(number)).numpy(), expected)


def test_a_wrong_kernel_would_be_found() -> None:
    bicubic, mitchell = (functape.image.resize(X, [9, 9], method).numpy() for method in ("bicubic", "mitchellcubic"))
    with pytest.raises(AssertionError):
        assert_close(bicubic, mitchell, "resize", 20)


def test_every_name_has_a_row() -> None:
    import test_image_files
    import test_image_random

    supported = set(functape.image.__all__) - {"ResizeMethod"}
    rows = {each.name.split()[0] for each in (*CASES, *test_image_random.CASES, *test_image_files.CASES)}
    assert supported - rows - set(test_image_random.LOSSY) == set()
    unsupported = {"decode_jxl", "generate_bounding_box_proposals"}
    assert tensorflow_names()["image"] - set(functape.image.__all__) == unsupported


@pytest.mark.parametrize("name", sorted(set(functape.image.__all__) - {"ResizeMethod"}))
def test_signature(name: str) -> None:
    def parameters(function):
        found = inspect.signature(function).parameters.values()
        return [(each.name, getattr(each.default, "name", each.default)) for each in found]

    assert parameters(getattr(functape.image, name)) == parameters(getattr(tensorflow.image, name))
