"""A table of layers, each to be compared with both Keras 3 and Keras 2."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

RANDOM = np.random.default_rng(5)


def normal(*shape: int) -> Any:
    """Normal numbers in single precision."""
    return RANDOM.normal(size=shape).astype(np.float32)


VECTOR, SEQUENCE, IMAGES, VOLUMES = normal(3, 4), normal(3, 7, 4), normal(2, 7, 8, 4), normal(2, 5, 6, 5, 2)
FIRST = np.ascontiguousarray(np.moveaxis(IMAGES, -1, 1))
STEPS = np.arange(7) < np.array([[7], [3], [1]])


@dataclass(frozen=True)
class LayerCase:
    """One layer.

    **Arguments:**
    - `name`: the test's id.
    - `make`: a function of a `layers` module.
    - `x`: what the layer is called on: an array or a list of them.
    - `keras`: the Keras versions that know it.
    - `gradients`: whether TensorFlow's CPU kernels have its gradient.
    - `loosen`: how many times the oracle's tolerances to allow.
    - `because`: why, if it is more than the 16 that sums over hundreds of places take.
    - `call`: further arguments of the call.
    - `half`: whether to compare it in half precision too.
    """

    name: str
    make: Callable[[Any], Any]
    x: Any
    keras: tuple[int, ...] = (3, 2)
    gradients: bool = True
    loosen: float = 16.0
    because: str = ""
    call: dict[str, Any] | None = None
    half: bool = True

    def __post_init__(self) -> None:
        if (self.loosen > 16) != bool(self.because):
            raise ValueError(f"Case {self.name!r} must say why it loosens the tolerances, and only then.")


def case(name: str, make: Callable[..., Any], x: Any, *arguments: Any, keras: tuple[int, ...] = (3, 2), **others: Any):
    """A case, with the Keras versions that know it by name."""
    return LayerCase(name, make, x, keras, *arguments, **others)


CONVOLUTIONS = [
    case("locally connected 1d", lambda L: L.LocallyConnected1D(5, 3, strides=2), SEQUENCE, keras=(2,)),
    case(
        "locally connected 1d, channels first",
        lambda L: L.LocallyConnected1D(5, 3, data_format="channels_first", activation="tanh"),
        SEQUENCE,
        keras=(2,),
    ),
    case("locally connected 2d", lambda L: L.LocallyConnected2D(3, (2, 3), (2, 1)), IMAGES, keras=(2,)),
    case(
        "locally connected 2d, channels first",
        lambda L: L.LocallyConnected2D(3, 2, data_format="channels_first"),
        FIRST,
        keras=(2,),
    ),
    case("conv1d", lambda k: k.Conv1D(5, 3), SEQUENCE),
    case("conv1d causal", lambda k: k.Conv1D(5, 3, padding="causal", dilation_rate=2), SEQUENCE),
    case("conv1d causal, strides", lambda k: k.Conv1D(5, 3, padding="causal", strides=2), SEQUENCE),
    case("conv2d", lambda k: k.Conv2D(5, 3, activation="relu"), IMAGES),
    case("conv2d same, strides", lambda k: k.Conv2D(5, (3, 2), strides=(2, 1), padding="SAME"), IMAGES),
    case("conv2d dilated", lambda k: k.Conv2D(5, 2, dilation_rate=(2, 3), activation="tanh"), IMAGES),
    case("conv2d groups", lambda k: k.Conv2D(6, 3, groups=2, padding="same"), IMAGES),
    case("conv2d plain", lambda k: k.Conv2D(5, 1, use_bias=False), IMAGES),
    case("conv2d softmax", lambda k: k.Conv2D(5, 3, activation="softmax"), IMAGES),
    case("conv2d own activation", lambda k: k.Conv2D(5, 3, activation=lambda x: x * 2), IMAGES),
    case("conv2d five axes", lambda k: k.Conv2D(5, 3), VOLUMES, keras=(2,)),
    case("conv3d", lambda k: k.Conv3D(3, 2, strides=2, padding="same"), VOLUMES),
    case("conv1d transpose", lambda k: k.Conv1DTranspose(5, 3, strides=2, output_padding=1), SEQUENCE),
    case("conv2d transpose", lambda k: k.Conv2DTranspose(5, 3, activation="relu"), IMAGES),
    case("conv2d transpose same", lambda k: k.Conv2DTranspose(5, 3, strides=2, padding="same"), IMAGES),
    case("conv2d transpose wide strides", lambda k: k.Conv2DTranspose(5, 2, strides=3), IMAGES),
    case(
        "conv2d transpose padded",
        lambda k: k.Conv2DTranspose(5, 3, strides=2, padding="same", output_padding=(1, 0)),
        IMAGES,
    ),
    case("conv3d transpose", lambda k: k.Conv3DTranspose(3, 2, strides=2, use_bias=False), VOLUMES),
    case("depthwise 1d", lambda k: k.DepthwiseConv1D(3, depth_multiplier=2, padding="same"), SEQUENCE),
    case("depthwise 2d", lambda k: k.DepthwiseConv2D(3, strides=2, activation="relu"), IMAGES),
    case("depthwise 2d dilated", lambda k: k.DepthwiseConv2D((3, 2), depth_multiplier=3, dilation_rate=2), IMAGES),
    case("separable 1d", lambda k: k.SeparableConv1D(5, 3, depth_multiplier=2), SEQUENCE),
    case("separable 1d causal", lambda k: k.SeparableConv1D(5, 3, padding="causal"), SEQUENCE, keras=(2,)),
    case("separable 2d", lambda k: k.SeparableConv2D(5, 3, strides=2, padding="same", activation="elu"), IMAGES),
]
POOLINGS = [
    case("max 1d", lambda k: k.MaxPooling1D(), SEQUENCE),
    case("max 2d", lambda k: k.MaxPooling2D((2, 3)), IMAGES),
    case("max 2d overlapping", lambda k: k.MaxPooling2D(3, strides=2, padding="same"), IMAGES),
    case("max 3d", lambda k: k.MaxPooling3D(2), VOLUMES),
    case("average 1d", lambda k: k.AveragePooling1D(3, strides=1, padding="same"), SEQUENCE),
    case("average 2d", lambda k: k.AveragePooling2D((2, 3), padding="same"), IMAGES),
    case("average 2d overlapping", lambda k: k.AveragePooling2D(3, 2), IMAGES),
    case("average 3d", lambda k: k.AveragePooling3D(2), VOLUMES),
    *(
        case(f"global {kind} {rank}d{' kept' * keep}", make(kind, rank, keep), x)
        for make in [lambda kind, rank, keep: lambda k: getattr(k, f"Global{kind}Pooling{rank}D")(keepdims=keep)]
        for kind in ("Max", "Average")
        for rank, x in ((1, SEQUENCE), (2, IMAGES), (3, VOLUMES))
        for keep in (False, True)
        if (kind, rank, keep) != ("Average", 1, True)
    ),
    case("global average 2d channels first", lambda k: k.GlobalAveragePooling2D("channels_first"), IMAGES),
    case("global average masked", lambda k: k.GlobalAveragePooling1D(), SEQUENCE, call={"mask": STEPS}),
    *(
        # Where windows of one element alternate with others, TensorFlow's gradient holds uninitialized memory.
        case(
            f"adaptive {kind} {rank}d to {size}",
            make(kind, rank, size),
            x,
            keras=(3,),
            gradients=size != (10, 1),
            half=kind == "Average",
        )
        for make in [lambda kind, rank, size: lambda k: getattr(k, f"Adaptive{kind}Pooling{rank}D")(size)]
        for kind in ("Max", "Average")
        for rank, size, x in (
            (1, 3, SEQUENCE),
            (1, 7, SEQUENCE),
            (2, (3, 4), IMAGES),
            (2, (10, 1), IMAGES),
            (3, (2, 6, 4), VOLUMES),
        )
    ),
    case("adaptive first", lambda k: k.AdaptiveMaxPooling2D(3, data_format="channels_first"), FIRST, keras=(3,)),
]
NORMALIZATIONS = [
    case("batch", lambda k: k.BatchNormalization(), IMAGES),
    case("batch of vectors", lambda k: k.BatchNormalization(momentum=0.7, epsilon=0.1), VECTOR),
    case("batch unscaled", lambda k: k.BatchNormalization(center=False, scale=False), SEQUENCE),
    case("batch axis", lambda k: k.BatchNormalization(axis=1), SEQUENCE),
    case("batch masked", lambda k: k.BatchNormalization(), SEQUENCE, call={"mask": STEPS}, keras=(3,)),
    case("batch renorm", lambda k: k.BatchNormalization(renorm=True), SEQUENCE, keras=(3,)),
    case(
        "batch renorm clipped",
        lambda k: k.BatchNormalization(
            renorm=True, renorm_clipping={"rmax": 1.1, "rmin": 0.9, "dmax": 0.1}, renorm_momentum=0.8
        ),
        SEQUENCE,
        keras=(3,),
    ),
    case("layer", lambda k: k.LayerNormalization(), SEQUENCE),
    case("layer axes", lambda k: k.LayerNormalization(axis=[1, 2], epsilon=0.1), SEQUENCE),
    case("layer axes out of order", lambda k: k.LayerNormalization(axis=[2, 1]), SEQUENCE, keras=(3,)),
    case("layer unscaled", lambda k: k.LayerNormalization(center=False, scale=False), SEQUENCE),
    case("layer only centred", lambda k: k.LayerNormalization(axis=1, scale=False), SEQUENCE),
    case("group", lambda k: k.GroupNormalization(2), IMAGES),
    case("group of one", lambda k: k.GroupNormalization(-1, scale=False), IMAGES),
    case("group of all", lambda k: k.GroupNormalization(1, center=False), SEQUENCE),
    case("group axis", lambda k: k.GroupNormalization(7, axis=1), SEQUENCE),
    case("rms", lambda k: k.RMSNormalization(), SEQUENCE, keras=(3,)),
    case("rms axes", lambda k: k.RMSNormalization(axis=(1, 2), epsilon=0.1), SEQUENCE, keras=(3,)),
    case("unit", lambda k: k.UnitNormalization(), SEQUENCE),
    case("unit axes", lambda k: k.UnitNormalization(axis=[1, 2]), SEQUENCE),
]
RESHAPINGS = [
    case("crop 1d", lambda k: k.Cropping1D((1, 2)), SEQUENCE),
    case("crop 1d one side", lambda k: k.Cropping1D((0, 2)), SEQUENCE),
    case("crop 2d", lambda k: k.Cropping2D(((1, 2), (0, 3))), IMAGES),
    case("crop 2d first", lambda k: k.Cropping2D((1, 0), data_format="channels_first"), FIRST),
    case("crop 3d", lambda k: k.Cropping3D((1, (1, 2), 0)), VOLUMES),
    case("pad 1d", lambda k: k.ZeroPadding1D(2), SEQUENCE),
    case("pad 1d first", lambda k: k.ZeroPadding1D((1, 2), data_format="channels_first"), SEQUENCE, keras=(3,)),
    case("pad 2d", lambda k: k.ZeroPadding2D(((1, 2), (0, 3))), IMAGES),
    case("pad 3d", lambda k: k.ZeroPadding3D((1, 2, 0)), VOLUMES),
    case("repeat 1d", lambda k: k.UpSampling1D(3), SEQUENCE),
    case("repeat 2d", lambda k: k.UpSampling2D((2, 3)), IMAGES),
    case("repeat 2d first", lambda k: k.UpSampling2D((2, 3), data_format="channels_first"), FIRST),
    case("repeat 3d", lambda k: k.UpSampling3D((1, 2, 3)), VOLUMES),
    case("enlarge bilinear", lambda k: k.UpSampling2D((2, 3), interpolation="bilinear"), IMAGES, half=False),
    case("enlarge bicubic", lambda k: k.UpSampling2D((2, 3), interpolation="bicubic"), IMAGES, half=False),
    case("enlarge lanczos3", lambda k: k.UpSampling2D(2, interpolation="lanczos3"), IMAGES, half=False),
    case("enlarge lanczos5", lambda k: k.UpSampling2D((3, 2), interpolation="lanczos5"), IMAGES, half=False),
    case("enlarge area", lambda k: k.UpSampling2D(2, interpolation="area"), IMAGES, gradients=False, half=False),
]
OTHER = normal(3, 7, 4)
MERGES = [
    *(
        case(f"{kind} of {len(xs)} {xs[-1].ndim}", make(kind), xs)
        for make in [lambda kind: lambda k: getattr(k, kind)()]
        for kind in ("Add", "Multiply", "Average", "Maximum", "Minimum")
        for xs in ([SEQUENCE, OTHER], [SEQUENCE, OTHER, SEQUENCE], [SEQUENCE, VECTOR], [SEQUENCE])
    ),
    case("Subtract", lambda k: k.Subtract(), [SEQUENCE, VECTOR]),
    case("Concatenate", lambda k: k.Concatenate(), [SEQUENCE, OTHER[..., :2]]),
    case("Concatenate steps", lambda k: k.Concatenate(axis=1), [SEQUENCE, OTHER[:, :2], OTHER]),
    case("Dot of vectors", lambda k: k.Dot(1), [VECTOR, VECTOR[::-1]]),
    case("Dot", lambda k: k.Dot((2, 2)), [SEQUENCE, OTHER[:, :5]]),
    case("Dot with a vector", lambda k: k.Dot((2, 1), normalize=True), [SEQUENCE, VECTOR]),
    case("Dot of four axes", lambda k: k.Dot((3, -1)), [IMAGES, SEQUENCE[:2]]),
]
ACTIVATIONS = [
    case("relu", lambda k: k.ReLU(), VECTOR),
    case("relu bounded", lambda k: k.ReLU(1.0, 0.2, 0.3), VECTOR),
    case("relu sloped", lambda k: k.ReLU(negative_slope=0.3), VECTOR),
    case("leaky relu", lambda k: k.LeakyReLU(), VECTOR),
    case("leaky relu alpha", lambda k: k.LeakyReLU(alpha=0.1), VECTOR),
    case("prelu", lambda k: k.PReLU("glorot_uniform"), SEQUENCE),
    case("prelu shared", lambda k: k.PReLU("ones", shared_axes=[1, 2]), IMAGES),
    case("elu", lambda k: k.ELU(0.5), VECTOR),
    case("softmax", lambda k: k.Softmax(), VECTOR),
    case("softmax axes", lambda k: k.Softmax(axis=[1, 2]), SEQUENCE),
    case("softmax masked", lambda k: k.Softmax(), VECTOR, call={"mask": VECTOR > -0.5}, keras=(3,)),
    case("thresholded relu", lambda k: k.ThresholdedReLU(0.3), VECTOR),
]
REGULARIZATIONS = [
    case("dropout at inference", lambda k: k.Dropout(0.5), VECTOR),
    case("gaussian noise at inference", lambda k: k.GaussianNoise(0.5), VECTOR),
    case("activity", lambda k: k.ActivityRegularization(0.1, 0.2), VECTOR),
]
CASES = [
    *CONVOLUTIONS, *POOLINGS, *NORMALIZATIONS, *RESHAPINGS, *MERGES, *ACTIVATIONS, *REGULARIZATIONS,
]  # fmt: skip


def of_each_class(cases: list[LayerCase]) -> list[LayerCase]:
    """The first case of each class of layers."""
    from functape.keras import layers

    found: dict[type, LayerCase] = {}
    for each in cases:
        found.setdefault(type(each.make(layers)), each)
    return list(found.values())
