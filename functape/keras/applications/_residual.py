"""The residual networks: stacks of blocks whose input is added to their output."""

from __future__ import annotations

from typing import Any

from functape.keras import layers
from functape.keras.applications._assembly import (
    Stored,
    begin,
    channel_axis,
    check_activation,
    check_weights,
    finish,
    full_input_shape,
)

_HASHES = {
    "resnet50": ("2cb95161c43110f7111970584f804107", "4d473c1dd8becc155b73f8504c6f6626"),
    "resnet101": ("f1aeb4b969a6efcfb50fad2f0c20cfc5", "88cf7a10940856eca736dc7b7e228a21"),
    "resnet152": ("100835be76be38e30d865e96f2aaae62", "ee4c566cf9a93f14d82f913c2dc6dd0c"),
    "resnet50v2": ("3ef43a0b657b3be2300d5770ece849e0", "fac2f116257151a9d068a22e544a4917"),
    "resnet101v2": ("6343647c601c52e1368623803854d971", "c0ed64b8031c3730f411d2eb4eea35b5"),
    "resnet152v2": ("a49b44d1979771252814e80f8ec446f9", "ed17cf2e0169df9d443503ef94b23b33"),
}
"""The hashes of the files of weights, with and without the dense layer."""
_FILTERS = (64, 128, 256, 512)


def residual_network(
    kind: str,
    include_top: bool,
    weights: Any,
    input_tensor: Any,
    input_shape: Any,
    pooling: str | None,
    classes: int,
    classifier_activation: Any,
    name: str,
    *,
    counts: tuple[int, ...],
    version: int,
) -> Any:
    """A residual network.

    **Arguments:**
    - `kind`: the name of its files of weights.
    - `counts`: the number of blocks in each stack.
    - `version`: 1, or 2 for normalization and activation before the convolutions.
    - the others: as for `ResNet50`.
    """
    check_weights(weights, include_top, classes)
    begun = begin(input_tensor, full_input_shape(input_shape, 224, include_top, weights))
    x = layers.ZeroPadding2D(padding=((3, 3), (3, 3)), name="conv1_pad")(begun)
    x = layers.Conv2D(64, 7, strides=2, name="conv1_conv")(x)
    if version == 1:
        x = _normalized(x, "conv1_bn", "conv1_relu")
    x = layers.ZeroPadding2D(padding=((1, 1), (1, 1)), name="pool1_pad")(x)
    x = layers.MaxPooling2D(3, strides=2, name="pool1_pool")(x)
    for number, (filters, count) in enumerate(zip(_FILTERS, counts, strict=True), 2):
        stack = _stack_1 if version == 1 else _stack_2
        x = stack(x, filters, count, f"conv{number}")
    if version == 2:
        x = _normalized(x, "post_bn", "post_relu")
    if include_top:
        x = layers.GlobalAveragePooling2D(name="avg_pool")(x)
        check_activation(classifier_activation, weights)
        x = layers.Dense(classes, activation=classifier_activation, name="predictions")(x)
    elif pooling == "avg":
        x = layers.GlobalAveragePooling2D(name="avg_pool")(x)
    elif pooling == "max":
        x = layers.GlobalMaxPooling2D(name="max_pool")(x)

    def stored() -> Stored:
        end = "" if include_top else "_notop"
        file = f"{kind}_weights_tf_dim_ordering_tf_kernels{end}.h5"
        return Stored(file, "resnet", _HASHES[kind][0 if include_top else 1])

    return finish(begun, x, name, weights, stored)


def _normalized(x: Any, name: str, activation: str | None = None) -> Any:
    x = layers.BatchNormalization(axis=channel_axis(), epsilon=1.001e-5, name=name)(x)
    return x if activation is None else layers.Activation("relu", name=activation)(x)


def _stack_1(x: Any, filters: int, count: int, name: str) -> Any:
    first_stride = 1 if name == "conv2" else 2
    for number in range(1, count + 1):
        block, stride = f"{name}_block{number}", first_stride if number == 1 else 1
        shortcut = x
        if number == 1:
            shortcut = layers.Conv2D(4 * filters, 1, strides=stride, name=f"{block}_0_conv")(x)
            shortcut = _normalized(shortcut, f"{block}_0_bn")
        x = layers.Conv2D(filters, 1, strides=stride, name=f"{block}_1_conv")(x)
        x = _normalized(x, f"{block}_1_bn", f"{block}_1_relu")
        x = layers.Conv2D(filters, 3, padding="same", name=f"{block}_2_conv")(x)
        x = _normalized(x, f"{block}_2_bn", f"{block}_2_relu")
        x = layers.Conv2D(4 * filters, 1, name=f"{block}_3_conv")(x)
        x = _normalized(x, f"{block}_3_bn")
        x = layers.Add(name=f"{block}_add")([shortcut, x])
        x = layers.Activation("relu", name=f"{block}_out")(x)
    return x


def _stack_2(x: Any, filters: int, count: int, name: str) -> Any:
    last_stride = 1 if name == "conv5" else 2
    for number in range(1, count + 1):
        block, stride = f"{name}_block{number}", last_stride if number == count else 1
        before = _normalized(x, f"{block}_preact_bn", f"{block}_preact_relu")
        if number == 1:
            shortcut = layers.Conv2D(4 * filters, 1, name=f"{block}_0_conv")(before)
        else:
            shortcut = layers.MaxPooling2D(1, strides=stride)(x) if stride > 1 else x
        x = layers.Conv2D(filters, 1, strides=1, use_bias=False, name=f"{block}_1_conv")(before)
        x = _normalized(x, f"{block}_1_bn", f"{block}_1_relu")
        x = layers.ZeroPadding2D(padding=((1, 1), (1, 1)), name=f"{block}_2_pad")(x)
        x = layers.Conv2D(filters, 3, strides=stride, use_bias=False, name=f"{block}_2_conv")(x)
        x = _normalized(x, f"{block}_2_bn", f"{block}_2_relu")
        x = layers.Conv2D(4 * filters, 1, name=f"{block}_3_conv")(x)
        x = layers.Add(name=f"{block}_out")([shortcut, x])
    return x
