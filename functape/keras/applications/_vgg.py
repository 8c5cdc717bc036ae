"""The VGG classifiers: blocks of convolutions with pooling after each, then dense layers."""

from __future__ import annotations

from typing import Any

from functape.keras import layers
from functape.keras.applications._assembly import (
    Stored,
    begin,
    check_activation,
    check_weights,
    finish,
    full_input_shape,
)

_FILTERS = (64, 128, 256, 512, 512)


def vgg(
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
    hashes: tuple[str, str],
) -> Any:
    """A VGG classifier.

    **Arguments:**
    - `kind`: `"vgg16"` or `"vgg19"`.
    - `counts`: the number of convolutions in each block.
    - `hashes`: of the files of weights, with and without the dense layers.
    - the others: as for `VGG16`.
    """
    check_weights(weights, include_top, classes)
    x = begun = begin(input_tensor, full_input_shape(input_shape, 224, include_top, weights))
    for block, (filters, count) in enumerate(zip(_FILTERS, counts, strict=True), 1):
        for number in range(1, count + 1):
            convolution = f"block{block}_conv{number}"
            x = layers.Conv2D(filters, (3, 3), activation="relu", padding="same", name=convolution)(x)
        x = layers.MaxPooling2D((2, 2), strides=(2, 2), name=f"block{block}_pool")(x)
    if include_top:
        x = layers.Flatten(name="flatten")(x)
        x = layers.Dense(4096, activation="relu", name="fc1")(x)
        x = layers.Dense(4096, activation="relu", name="fc2")(x)
        check_activation(classifier_activation, weights)
        x = layers.Dense(classes, activation=classifier_activation, name="predictions")(x)
    elif pooling == "avg":
        x = layers.GlobalAveragePooling2D()(x)
    elif pooling == "max":
        x = layers.GlobalMaxPooling2D()(x)

    def stored() -> Stored:
        end = "" if include_top else "_notop"
        return Stored(f"{kind}_weights_tf_dim_ordering_tf_kernels{end}.h5", kind, hashes[0 if include_top else 1])

    return finish(begun, x, name, weights, stored)
