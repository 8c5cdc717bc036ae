"""What convolutions, poolings, normalizations, merges and the like refuse, as Keras 3 does."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow
from layer_cases import IMAGES, SEQUENCE, VECTOR, VOLUMES

import functape

INTEGERS = np.ones((2, 7, 8, 4), np.int32)


def twice(layer, first, second):
    """Build with one input, call with another."""
    layer(first)
    return layer(second)


ERRORS = {
    "no filters": lambda k: k.Conv2D(0, 2),
    "filters and groups": lambda k: k.Conv2D(3, 2, groups=2),
    "no groups": lambda k: k.Conv2D(3, 2, groups=0),
    "channels and groups": lambda k: k.Conv2D(3, 2, groups=3)(IMAGES),
    "no kernel": lambda k: k.Conv2D(3, 0),
    "kernel of three": lambda k: k.Conv2D(3, (1, 2, 3)),
    "kernel of a fraction": lambda k: k.Conv2D(3, 2.5),
    "kernel of text": lambda k: k.Conv2D(3, "a"),
    "no strides": lambda k: k.Conv2D(3, 2, strides=0),
    "strides and dilations": lambda k: k.Conv2D(3, 2, strides=2, dilation_rate=2),
    "no dilation": lambda k: k.Conv2D(3, 2, dilation_rate=0),
    "unknown padding": lambda k: k.Conv2D(3, 2, padding="full"),
    "causal images": lambda k: k.Conv2D(3, 2, padding="causal"),
    "causal transpose": lambda k: k.Conv1DTranspose(3, 2, padding="causal"),
    "unknown layout": lambda k: k.Conv2D(3, 2, data_format="sideways"),
    "short images": lambda k: k.Conv2D(3, 9)(IMAGES),
    "fewer axes": lambda k: k.Conv2D(3, 2)(SEQUENCE),
    "other channels": lambda k: twice(k.Conv2D(3, 2), IMAGES, IMAGES[..., :2]),
    "unknown argument": lambda k: k.Conv2D(3, 2, colour="red"),
    "output padding": lambda k: k.Conv2DTranspose(3, 3, strides=2, output_padding=2),
    "output padding of two": lambda k: k.Conv1DTranspose(3, 3, output_padding=(1, 2)),
    "no multiplier": lambda k: k.DepthwiseConv2D(3, depth_multiplier=0),
    "no multiplier, separable": lambda k: k.SeparableConv2D(3, 3, depth_multiplier=0),
    "no window": lambda k: k.MaxPooling2D(0),
    "window of three": lambda k: k.MaxPooling2D((1, 2, 3)),
    "pooling of fewer axes": lambda k: k.MaxPooling2D(2)(SEQUENCE),
    "mean of integers": lambda k: k.AveragePooling2D(2)(INTEGERS),
    "global of fewer axes": lambda k: k.GlobalMaxPooling2D()(SEQUENCE),
    "adaptive text": lambda k: k.AdaptiveMaxPooling2D("a"),
    "adaptive of three": lambda k: k.AdaptiveMaxPooling2D((2, 2, 2)),
    "clipping": lambda k: k.BatchNormalization(renorm=True, renorm_clipping={"max": 1.0}),
    "clipping bounds": lambda k: k.BatchNormalization(renorm=True, renorm_clipping={"rmax": 1.0, "rmin": 2.0}),
    "several batch axes": lambda k: k.BatchNormalization(axis=[1, 2])(IMAGES),
    "batch mask": lambda k: k.BatchNormalization()(IMAGES, training=True, mask=np.ones((2, 7), bool)),
    "batch of other rank": lambda k: twice(k.BatchNormalization(), IMAGES, SEQUENCE),
    "layer axis": lambda k: k.LayerNormalization(axis="a"),
    "groups": lambda k: k.GroupNormalization(3)(IMAGES),
    "too many groups": lambda k: k.GroupNormalization(32)(IMAGES),
    "groups of none": lambda k: k.GroupNormalization(0),
    "unit axis": lambda k: k.UnitNormalization(axis="a"),
    "no iterations": lambda k: k.SpectralNormalization(k.Dense(2), power_iterations=0),
    "nothing to normalize": lambda k: k.SpectralNormalization(k.Flatten())(SEQUENCE),
    "rate above one": lambda k: k.Dropout(1.5),
    "negative rate": lambda k: k.Dropout(-0.1),
    "no rate": lambda k: k.Dropout(None),
    "dropped integers": lambda k: k.Dropout(0.5)(INTEGERS, training=True),
    "noise shape": lambda k: k.Dropout(0.5, noise_shape=3),
    "negative noise shape": lambda k: k.Dropout(0.5, noise_shape=(-1, 3)),
    "seed of text": lambda k: k.Dropout(0.5, seed="a"),
    "spatial rank": lambda k: k.SpatialDropout1D(0.5)(IMAGES),
    "spatial layout": lambda k: k.SpatialDropout2D(0.5, data_format="sideways"),
    "gaussian rate": lambda k: k.GaussianDropout(1.5),
    "deviation": lambda k: k.GaussianNoise(-1),
    "crop of everything": lambda k: k.Cropping1D((3, 4))(SEQUENCE),
    "crop of images": lambda k: k.Cropping2D(5)(IMAGES),
    "crop of volumes": lambda k: k.Cropping3D(3)(VOLUMES),
    "negative crop": lambda k: k.Cropping1D((-1, 1)),
    "crop of three": lambda k: k.Cropping1D((1, 1, 1)),
    "crop of a fraction": lambda k: k.Cropping2D(1.5),
    "crop of three for two": lambda k: k.Cropping2D((1, 2, 3)),
    "negative padding": lambda k: k.ZeroPadding1D(-1),
    "padding of three for two": lambda k: k.ZeroPadding2D((1, 2, 3)),
    "padding of text": lambda k: k.ZeroPadding2D("abc"),
    "size of a fraction": lambda k: k.UpSampling1D(2.5),
    "no size": lambda k: k.UpSampling1D(0),
    "size of three for two": lambda k: k.UpSampling2D((1, 2, 3)),
    "unknown interpolation": lambda k: k.UpSampling2D(2, interpolation="guess")(IMAGES),
    "one tensor to add": lambda k: k.Add()(SEQUENCE),
    "batches to add": lambda k: k.Add()([SEQUENCE, SEQUENCE[:1]]),
    "shapes to add": lambda k: k.Add()([SEQUENCE, SEQUENCE[:, :3]]),
    "three to subtract": lambda k: k.Subtract()([VECTOR] * 3),
    "one to subtract": lambda k: k.Subtract()([VECTOR]),
    "shapes to join": lambda k: k.Concatenate()([SEQUENCE, SEQUENCE[:, :3]]),
    "ranks to join": lambda k: k.Concatenate()([SEQUENCE, VECTOR]),
    "one to join": lambda k: k.Concatenate()(SEQUENCE),
    "a mask for two": lambda k: k.Add().compute_mask([VECTOR, VECTOR], VECTOR),
    "one mask for two": lambda k: k.Add().compute_mask([VECTOR, VECTOR], [VECTOR]),
    "dot over the batch": lambda k: k.Dot(axes=0)([SEQUENCE, SEQUENCE]),
    "dot of lengths": lambda k: k.Dot(axes=1)([SEQUENCE, SEQUENCE[:, :3]]),
    "dot of three": lambda k: k.Dot(axes=1)([SEQUENCE] * 3),
    "dot of batches": lambda k: k.Dot(axes=1)([SEQUENCE, SEQUENCE[:1]]),
    "dot axes": lambda k: k.Dot(axes=[1, 2, 3]),
    "dot axes of text": lambda k: k.Dot(axes="a"),
    "dot axes of fractions": lambda k: k.Dot(axes=(1.0, 1)),
    "negative maximum": lambda k: k.ReLU(max_value=-1.0),
    "negative slope": lambda k: k.ReLU(negative_slope=-1.0),
    "no threshold": lambda k: k.ReLU(threshold=None),
    "no slope": lambda k: k.LeakyReLU(None),
    "no theta": lambda k: k.ThresholdedReLU(None),
    "negative theta": lambda k: k.ThresholdedReLU(-1.0),
    "shared axis": lambda k: k.PReLU(shared_axes=[7])(SEQUENCE),
    "another length": lambda k: twice(k.PReLU(), SEQUENCE, SEQUENCE[:, :5]),
    "softmax of integers": lambda k: k.Softmax()(INTEGERS),
    "softmax mask": lambda k: k.Softmax()(VECTOR, mask=np.ones((3, 3), bool)),
}


@pytest.mark.parametrize("name", ERRORS)
def test_errors_are_keras_3s(name):
    kinds = []
    for keras in (tensorflow.keras, functape.keras):
        with pytest.raises(Exception) as caught:
            ERRORS[name](keras.layers)
        kinds.append(caught.type.__name__)
        assert str(caught.value)
    assert kinds[0] == kinds[1]


@pytest.mark.parametrize(
    "make",
    [
        lambda k: k.MaxPooling2D(2, padding="sideways"),
        lambda k: k.AdaptiveMaxPooling2D(0),
        lambda k: k.BatchNormalization(virtual_batch_size=2),
        lambda k: k.BatchNormalization(axis=5)(IMAGES),
        lambda k: k.LayerNormalization(axis=7)(SEQUENCE),
        lambda k: k.LayerNormalization(axis=[1, -2])(SEQUENCE),
        lambda k: k.ELU(None),
        lambda k: k.Add()([]),
        lambda k: k.Conv2D(3, 2)(functape.keras.Input((5, 5, None))),
    ],
)
def test_mistakes_that_keras_3_finds_late_or_never(make):
    with pytest.raises(ValueError):
        make(functape.keras.layers)
