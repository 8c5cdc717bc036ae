"""`tf.keras.utils.image_dataset_from_directory` and `text_dataset_from_directory`."""

from __future__ import annotations

from typing import Any

import numpy as np

from functape._api._shaping import transpose
from functape._core._cast import cast
from functape._core._holding import from_numpy
from functape._core._known import read
from functape._core._spec import TensorSpec
from functape._engine._dtypes import as_dtype, string
from functape.keras._configuration import floatx, standardize_data_format
from functape.keras.utils._directories import datasets_from
from functape.keras.utils._resizing import resized

_IMAGES = (".bmp", ".gif", ".jpeg", ".jpg", ".png")
_COLOURS = {"rgb": 3, "rgba": 4, "grayscale": 1}
_INTERPOLATIONS = ("bilinear", "nearest", "bicubic", "area", "lanczos3", "lanczos5", "gaussian", "mitchellcubic")


def _refuse_format(format: str) -> None:
    if format not in ("tf", "grain"):
        raise ValueError(f'`format` should be either "tf" or "grain". Received: format={format}')
    if format == "grain":
        raise ValueError("`format='grain'` is not supported. Leave it out: the dataset is a tf.data.Dataset.")


def image_dataset_from_directory(
    directory: Any,
    labels: Any = "inferred",
    label_mode: str | None = "int",
    class_names: Any = None,
    color_mode: str = "rgb",
    batch_size: int | None = 32,
    image_size: Any = (256, 256),
    shuffle: bool = True,
    seed: int | None = None,
    validation_split: float | None = None,
    subset: str | None = None,
    interpolation: str = "bilinear",
    follow_links: bool = False,
    crop_to_aspect_ratio: bool = False,
    pad_to_aspect_ratio: bool = False,
    data_format: str | None = None,
    format: str = "tf",
    verbose: bool = True,
) -> Any:
    """A `tf.data.Dataset` of the images in a folder with a subfolder for each class
    (`tf.keras.utils.image_dataset_from_directory`).

    **Arguments:**
    - `directory`: the folder.
    - `labels`: `"inferred"` from the subfolders, a list of numbers in the order of the sorted paths, or None.
    - `label_mode`: `"int"`, `"categorical"`, `"binary"`, or None for no labels.
    - `class_names`: the subfolders in the order of their numbers.
    - `color_mode`: `"rgb"`, `"rgba"` or `"grayscale"`.
    - `batch_size`: None for single images.
    - `image_size`: the height and width that images are resized to.
    - `shuffle`, `seed`: whether the order is random.
    - `validation_split`, `subset`: which part to keep for validation, and whether this is the dataset for
      `"training"`, for `"validation"`, or a list of `"both"`.
    - `interpolation`: as for `tf.image.resize`.
    - `follow_links`: whether links to folders count.
    - `crop_to_aspect_ratio`, `pad_to_aspect_ratio`: whether to keep the proportions, cropping or padding.
    - `data_format`: where the channels are.
    - `format`: `"tf"`.
    - `verbose`: whether to print how many files there are.

    **Returns:** a dataset of float images `[batch, height, width, channels]`, with labels; `class_names` and
    `file_paths` are attributes of it.

    **Raises:** `ValueError` for arguments that are not known or do not fit, or if there are no images.
    """
    if color_mode not in _COLOURS:
        raise ValueError(
            f'`color_mode` must be one of {{"rgb", "rgba", "grayscale"}}. Received: color_mode={color_mode}'
        )
    size = (image_size, image_size) if isinstance(image_size, int) else image_size
    if not isinstance(size, list | tuple) or len(size) != 2:
        raise ValueError(
            f"Invalid `image_size` value. Expected a tuple of 2 integers. Received: image_size={image_size}"
        )
    if interpolation.lower() not in _INTERPOLATIONS:
        raise ValueError(
            f"Argument `interpolation` should be one of {_INTERPOLATIONS}. Received: interpolation={interpolation}"
        )
    _refuse_format(format)
    if pad_to_aspect_ratio and crop_to_aspect_ratio:
        raise ValueError("Only one of `pad_to_aspect_ratio`, `crop_to_aspect_ratio` can be set to `True`.")
    first = standardize_data_format(data_format) == "channels_first"

    def load(path: Any) -> Any:
        from functape import image, io

        pixels = image.decode_image(io.read_file(path), _COLOURS[color_mode], expand_animations=False)
        made = resized(pixels, size, interpolation.lower(), crop=crop_to_aspect_ratio, fill=pad_to_aspect_ratio)
        made = made if made.dtype.is_integer else cast(made, as_dtype(floatx()))
        return transpose(made, (2, 0, 1)) if first else made

    # As in TensorFlow, images whose pixels are only chosen stay integers.
    kind = "uint8" if interpolation.lower() == "nearest" else floatx()
    shape = (_COLOURS[color_mode], *size) if first else (*size, _COLOURS[color_mode])
    spec = TensorSpec(shape, kind)
    return datasets_from(directory, "images", _IMAGES, load, spec, labels, label_mode, class_names, batch_size, shuffle,
                         seed, validation_split, subset, follow_links, verbose)  # fmt: skip


def text_dataset_from_directory(
    directory: Any,
    labels: Any = "inferred",
    label_mode: str | None = "int",
    class_names: Any = None,
    batch_size: int | None = 32,
    max_length: int | None = None,
    shuffle: bool = True,
    seed: int | None = None,
    validation_split: float | None = None,
    subset: str | None = None,
    follow_links: bool = False,
    format: str = "tf",
    verbose: bool = True,
) -> Any:
    """A `tf.data.Dataset` of the `.txt` files in a folder with a subfolder for each class
    (`tf.keras.utils.text_dataset_from_directory`).

    **Arguments:**
    - `max_length`: up to how many bytes of each text are kept.
    - the others: as for `image_dataset_from_directory`.

    **Returns:** a dataset of string tensors `[batch]`, with labels; `class_names` is an attribute of it.

    **Raises:** as `image_dataset_from_directory`.
    """
    _refuse_format(format)

    def load(path: Any) -> Any:
        with open(read(path).item(), "rb") as file:
            text = file.read()
        return from_numpy(np.asarray(text if max_length is None else text[:max_length], object))

    spec = TensorSpec((), string)
    return datasets_from(directory, "text files", (".txt",), load, spec, labels, label_mode, class_names, batch_size,
                         shuffle, seed, validation_split, subset, follow_links, verbose)  # fmt: skip
