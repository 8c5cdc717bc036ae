"""The random functions of `tf.image`: seeded numbers are TensorFlow's, at once and in `tf.function`."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow
from _sampling import sampled
from image_cases import case, f32, numbered, picture
from oracle import Case, check, check_raises, each

import functape

IMAGE, BATCH = picture(5, 6, 3), picture(4, 5, 6, 3, seed=9)
BOXES = np.array([[[0.1, 0.2, 0.7, 0.9], [0.5, 0.4, 0.6, 0.6]]], f32)
ARGUMENTS: dict[str, list[tuple[Any, ...]]] = {
    "random_brightness": [(IMAGE, 0.3), (picture(3, 4, 3, dtype=np.uint8), 0.2)],
    "random_contrast": [(IMAGE, 0.2, 1.8)],
    "random_hue": [(IMAGE, 0.4)],
    "random_saturation": [(IMAGE, 0.3, 2.0)],
    "random_flip_left_right": [(IMAGE,), (BATCH,), (picture(6, 2, 3, 1, dtype=np.uint8),)],
    "random_flip_up_down": [(IMAGE,), (BATCH,)],
    "random_crop": [(IMAGE, [2, 3, 3]), (np.arange(30), [4]), (BATCH, [1, 5, 2, 2])],
}
STATELESS = {f"stateless_{name}": given for name, given in ARGUMENTS.items()}
SIZES = [[100, 80, 3], [37, 64, 1], [9, 300, 3]]
SAMPLING = [
    {},
    {"min_object_covered": 0.9},
    {"aspect_ratio_range": [0.2, 3.0], "area_range": [0.3, 0.9], "max_attempts": 3},
    {"area_range": [0.01, 0.02], "min_object_covered": 0.0},
    {"area_range": [0.9, 1.0], "aspect_ratio_range": [5.0, 6.0], "max_attempts": 2},
]


def repeated(name: str, given: tuple[Any, ...], seed: Any, times: int = 3, **arguments: Any) -> Case:
    """A function called several times after the global seed was set, so that its stream goes on."""

    def function(tf: Any, *inputs: Any) -> Any:
        tf.random.set_seed(7)
        return [getattr(tf.image, name)(*inputs, seed=seed, **arguments) for _ in range(times)]

    return Case(f"{name} seed={seed}", function, given, 0, 10, "sums of several terms, in another order")


def staged(name: str, given: tuple[Any, ...], seed: Any, **arguments: Any) -> Case:
    """As `repeated`, in a traced function."""

    def function(tf: Any, *inputs: Any) -> Any:
        tf.random.set_seed(7)
        traced = tf.function(lambda *inputs: getattr(tf.image, name)(*inputs, seed=seed, **arguments))
        # TensorFlow cannot even trace ops without a gradient for inputs that are watched.
        inputs = [tf.stop_gradient(each) if hasattr(each, "numpy") else each for each in inputs]
        return [traced(*inputs) for _ in range(2)]

    return Case(f"{name} traced seed={seed}", function, given, 0, 10, "sums of several terms, in another order")


SEEDED = [
    repeated(name, given, seed) for name, all_given in ARGUMENTS.items() for given in all_given for seed in (None, 3)
]
TRACED = [
    *(staged(name, all_given[0], seed) for name, all_given in ARGUMENTS.items() for seed in (None, 3)),
    *(staged(name, all_given[0], (5, 6)) for name, all_given in STATELESS.items()),
    staged("sample_distorted_bounding_box", ([50, 60, 3], BOXES), 4),
]
CASES = numbered(
    [
        *SEEDED,
        *(
            repeated(name, given, seed, times=1)
            for name, all_given in STATELESS.items()
            for given in all_given
            for seed in ([1, 2], [-5, 2**40])
        ),
        *(
            repeated("sample_distorted_bounding_box", (size, BOXES), seed, **arguments)
            for size in SIZES
            for arguments in SAMPLING
            for seed in (1, 22)
        ),
        *(
            repeated("stateless_sample_distorted_bounding_box", (size, BOXES), seed, times=1, **arguments)
            for size in SIZES
            for arguments in SAMPLING
            for seed in ([1, 2], [33, 4])
        ),
        repeated(
            "sample_distorted_bounding_box",
            (np.array([40, 50, 3], np.int64), np.zeros((1, 0, 4), f32)),
            5,
            use_image_if_no_bounding_boxes=True,
        ),
        *TRACED,
    ]
)
LOSSY = ("random_jpeg_quality", "stateless_random_jpeg_quality")


@each(sampled("random images", CASES, 32))
def test_as_tensorflow(case: Case) -> None:
    check(case)


RAISES = numbered(
    [
        *(case(f"{name}", IMAGE, -0.1, **seed) for name, seed in (("random_brightness", {}), ("random_hue", {}))),
        case("random_hue", IMAGE, 0.6),
        case("random_contrast", IMAGE, 0.6, 0.5),
        case("random_saturation", IMAGE, -0.6, 0.5),
        case("stateless_random_contrast", IMAGE, 0.6, 0.5, seed=[1, 2]),
        case("stateless_random_hue", IMAGE, 0.6, seed=[1, 2]),
        case("stateless_random_brightness", IMAGE, 0.6, seed=[1, 2, 3]),
        case("random_jpeg_quality", IMAGE, 50, 50),
        case("random_jpeg_quality", IMAGE, 50, 101),
        case("random_flip_left_right", picture(3, 4)),
        case("random_crop", IMAGE, [2, 3, 4]),
        case("stateless_random_crop", IMAGE, [9, 3, 3], seed=[1, 2]),
        case("sample_distorted_bounding_box", [5, 6, 3], np.zeros((1, 0, 4), f32), 1),
        case("sample_distorted_bounding_box", [5, 6], BOXES, 1),
        case("sample_distorted_bounding_box", [5, 6, 3], BOXES[0], 1),
        case("sample_distorted_bounding_box", [5, 6, 3], BOXES * f32(2), 1),
        case("sample_distorted_bounding_box", [5, 6, 3], BOXES, 1, area_range=[0.0, 1.0]),
        case("sample_distorted_bounding_box", [5, 6, 3], BOXES, 1, aspect_ratio_range=[1.0]),
        case("sample_distorted_bounding_box", [5, 6, 3], BOXES, 1, max_attempts=0),
        case("sample_distorted_bounding_box", [5, 6, 3], BOXES, 1, min_object_covered=-1.0),
    ]
)


@each(RAISES)
def test_errors(case: Case) -> None:
    check_raises(case)


def test_a_changed_seed_changes_the_box() -> None:
    boxes = [functape.image.stateless_sample_distorted_bounding_box([90, 90, 3], BOXES, seed=[1, s]) for s in range(5)]
    assert len({tuple(each.begin.numpy()) + tuple(each.size.numpy()) for each in boxes}) > 2


def test_an_unseeded_box_differs_from_call_to_call() -> None:
    functape.random.set_seed(1)
    before = functape.random.uniform([]).numpy()
    functape.random.set_seed(1)
    drawn = {tuple(functape.image.sample_distorted_bounding_box([900, 900, 3], BOXES).begin.numpy()) for _ in range(6)}
    assert len(drawn) > 1
    assert functape.random.uniform([]).numpy() == before, "it takes nothing from the seeded sequence"


@pytest.mark.parametrize("noise", ["uniform", "gaussian"])
def test_the_noise_around_a_glimpse_is_like_the_image(noise: str) -> None:
    image = 3 + picture(1, 40, 40, 1)
    found = functape.image.extract_glimpse(image, [400, 400], [[0.0, 0.0]], noise=noise).numpy()[0, :, :, 0]
    theirs = tensorflow.image.extract_glimpse(image, [400, 400], [[0.0, 0.0]], noise=noise).numpy()[0, :, :, 0]
    np.testing.assert_array_equal(found[180:220, 180:220], image[0, :, :, 0])
    outside = np.ones((400, 400), bool)
    outside[180:220, 180:220] = False
    for measure in (np.mean, np.std):
        # A hundred and sixty thousand draws: ten deviations of their mean.
        assert abs(measure(found[outside]) - measure(theirs[outside])) < 0.01
    assert len(np.unique(found[outside])) > 1000


@pytest.mark.parametrize("name", LOSSY)
def test_a_random_jpeg_quality_is_tensorflows(name: str) -> None:
    image = picture(16, 16, 3, dtype=np.uint8)
    drawn = []
    for tf in (tensorflow, functape):
        tf.random.set_seed(3)
        drawn.append(getattr(tf.image, name)(image, 5, 95, seed=[1, 2] if "stateless" in name else 4).numpy())
    # The quality decides by tens of levels; how a file is decoded, by a few.
    assert np.abs(drawn[0].astype(int) - drawn[1]).max() <= 8
