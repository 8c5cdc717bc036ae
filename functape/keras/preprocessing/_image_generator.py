"""`tf.keras.preprocessing.image.ImageDataGenerator`."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from functape.keras._configuration import floatx, standardize_data_format
from functape.keras.preprocessing._image_iterators import ArrayIterator, FolderIterator
from functape.keras.preprocessing._image_transforms import (
    apply_affine_transform,
    apply_brightness_shift,
    apply_channel_shift,
)

Array = np.ndarray[Any, Any]


class ImageDataGenerator:
    """Batches of images changed at random, on the host (`tf.keras.preprocessing.image.ImageDataGenerator`).

    For new code: `tf.keras.utils.image_dataset_from_directory` and preprocessing layers.

    **Arguments:**
    - `featurewise_center`, `featurewise_std_normalization`: whether to take off the mean of the data `fit` was given,
      and to divide by their deviation.
    - `samplewise_center`, `samplewise_std_normalization`: the same with each image's own.
    - `zca_whitening`, `zca_epsilon`: whether to whiten, after `fit`.
    - `rotation_range`: up to how many degrees to turn.
    - `width_shift_range`, `height_shift_range`: how far to shift: a part of the image below 1, else pixels; or a list
      of them to choose from.
    - `brightness_range`: two factors.
    - `shear_range`: up to how many degrees to shear.
    - `zoom_range`: two factors, or what they differ from 1 by.
    - `channel_shift_range`: up to how much to add.
    - `fill_mode`, `cval`: what is beyond the edges.
    - `horizontal_flip`, `vertical_flip`: whether to mirror half of the images.
    - `rescale`: a factor; None for none.
    - `preprocessing_function`: from an image to an image.
    - `data_format`: where the channels are.
    - `validation_split`: the part of the data for `subset="validation"`.
    - `interpolation_order`: of the spline that reads between pixels.
    - `dtype`: of the batches.

    **Raises:** `ValueError` for a split or zoom that is none.

    ```python
    >>> import functape as tf, numpy as np
    >>> generator = tf.keras.preprocessing.image.ImageDataGenerator(rescale=0.5, horizontal_flip=True)
    >>> images, labels = next(generator.flow(np.ones((4, 8, 8, 3)), np.arange(4), batch_size=2, shuffle=False))
    >>> images.shape, float(images.max()), labels.tolist()
    ((2, 8, 8, 3), 0.5, [0, 1])

    ```
    """

    def __init__(
        self,
        featurewise_center: bool = False,
        samplewise_center: bool = False,
        featurewise_std_normalization: bool = False,
        samplewise_std_normalization: bool = False,
        zca_whitening: bool = False,
        zca_epsilon: float = 1e-6,
        rotation_range: float = 0,
        width_shift_range: Any = 0.0,
        height_shift_range: Any = 0.0,
        brightness_range: Any = None,
        shear_range: float = 0.0,
        zoom_range: Any = 0.0,
        channel_shift_range: float = 0.0,
        fill_mode: str = "nearest",
        cval: float = 0.0,
        horizontal_flip: bool = False,
        vertical_flip: bool = False,
        rescale: float | None = None,
        preprocessing_function: Callable[[Any], Any] | None = None,
        data_format: str | None = None,
        validation_split: float = 0.0,
        interpolation_order: int = 1,
        dtype: Any = None,
    ) -> None:
        self.featurewise_center = featurewise_center or zca_whitening or featurewise_std_normalization
        self.samplewise_center = samplewise_center or samplewise_std_normalization
        self.featurewise_std_normalization = featurewise_std_normalization and not zca_whitening
        self.samplewise_std_normalization = samplewise_std_normalization
        self.zca_whitening, self.zca_epsilon = zca_whitening, zca_epsilon
        self.rotation_range, self.shear_range = rotation_range, shear_range
        self.width_shift_range, self.height_shift_range = width_shift_range, height_shift_range
        self.brightness_range, self.channel_shift_range = brightness_range, channel_shift_range
        self.fill_mode, self.cval, self.interpolation_order = fill_mode, cval, interpolation_order
        self.horizontal_flip, self.vertical_flip = horizontal_flip, vertical_flip
        self.rescale, self.preprocessing_function = rescale, preprocessing_function
        self.dtype = floatx() if dtype is None else dtype
        self.data_format = standardize_data_format(data_format)
        first = self.data_format == "channels_first"
        self.channel_axis, self.row_axis, self.col_axis = (1, 2, 3) if first else (3, 1, 2)
        if validation_split and not 0 < validation_split < 1:
            raise ValueError(f"`validation_split` must be strictly between 0 and 1.  Received: {validation_split}")
        self._validation_split = validation_split
        self.mean: Any = None
        self.std: Any = None
        self.zca_whitening_matrix: Any = None
        if isinstance(zoom_range, float | int):
            self.zoom_range = [1 - zoom_range, 1 + zoom_range]
        elif len(zoom_range) == 2 and all(isinstance(each, float | int) for each in zoom_range):
            self.zoom_range = list(zoom_range)
        else:
            raise ValueError(f"`zoom_range` should be a float or a tuple or list of two floats. Received: {zoom_range}")
        if brightness_range is not None and len(brightness_range) != 2:
            raise ValueError(f"`brightness_range should be tuple or list of two floats. Received: {brightness_range}")

    # ---- batches ---------------------------------------------------------------------------------------------

    def flow(
        self, x: Any, y: Any = None, batch_size: int = 32, shuffle: bool = True, sample_weight: Any = None,
        seed: int | None = None, save_to_dir: Any = None, save_prefix: str = "", save_format: str = "png",
        ignore_class_split: bool = False, subset: str | None = None,
    ) -> ArrayIterator:  # fmt: skip
        """Batches of arrays.

        **Arguments:**
        - `x`: images `[number, height, width, channels]`, or a pair of them and of other inputs.
        - `y`, `sample_weight`: labels and weights.
        - `batch_size`, `shuffle`, `seed`: of the batches.
        - `save_to_dir`, `save_prefix`, `save_format`: where to write the changed images.
        - `ignore_class_split`: whether the subsets may have different classes.
        - `subset`: `"training"` or `"validation"`.
        """
        saving = (save_to_dir, save_prefix, save_format)
        return ArrayIterator(x, y, self, sample_weight, subset, ignore_class_split, batch_size, shuffle, seed, saving)

    def flow_from_directory(
        self, directory: Any, target_size: Any = (256, 256), color_mode: str = "rgb", classes: Any = None,
        class_mode: str | None = "categorical", batch_size: int = 32, shuffle: bool = True, seed: int | None = None,
        save_to_dir: Any = None, save_prefix: str = "", save_format: str = "png", follow_links: bool = False,
        subset: str | None = None, interpolation: str = "nearest", keep_aspect_ratio: bool = False,
    ) -> FolderIterator:  # fmt: skip
        """Batches of the images in a folder with a subfolder for each class.

        **Arguments:**
        - `directory`: the folder.
        - `target_size`, `interpolation`, `keep_aspect_ratio`, `color_mode`: how the files are read, as `load_img`.
        - `classes`: the subfolders in the order of their numbers.
        - `class_mode`: `"categorical"`, `"binary"`, `"sparse"`, `"input"`, or None for no labels.
        - `follow_links`: whether links to folders count.
        - the others: as for `flow`.
        """
        saving = (save_to_dir, save_prefix, save_format)
        return FolderIterator(directory, self, target_size, color_mode, classes, class_mode, subset, follow_links,
                              interpolation, keep_aspect_ratio, batch_size, shuffle, seed, saving)  # fmt: skip

    def flow_from_dataframe(self, *args: Any, **kwargs: Any) -> Any:
        """Not supported.

        **Raises:** `NotImplementedError`.
        """
        raise NotImplementedError(
            "flow_from_dataframe is not supported. Use tf.data.Dataset.from_tensor_slices on the frame's columns, and "
            "map tf.io.read_file and tf.image.decode_image over it."
        )

    # ---- single images ---------------------------------------------------------------------------------------

    def get_random_transform(self, img_shape: Any, seed: int | None = None) -> dict[str, Any]:
        """Random parameters for `apply_transform` of an image of a shape."""
        if seed is not None:
            np.random.seed(seed)
        random = np.random
        theta = random.uniform(-self.rotation_range, self.rotation_range) if self.rotation_range else 0
        tx = _shift(self.height_shift_range, img_shape[self.row_axis - 1])
        ty = _shift(self.width_shift_range, img_shape[self.col_axis - 1])
        shear = random.uniform(-self.shear_range, self.shear_range) if self.shear_range else 0
        zx, zy = (1, 1) if self.zoom_range == [1, 1] else random.uniform(self.zoom_range[0], self.zoom_range[1], 2)
        across, down = (random.random() < 0.5 for _ in range(2))
        shift = self.channel_shift_range
        return {
            "theta": theta,
            "tx": tx,
            "ty": ty,
            "shear": shear,
            "zx": zx,
            "zy": zy,
            "flip_horizontal": across * self.horizontal_flip,
            "flip_vertical": down * self.vertical_flip,
            "channel_shift_intensity": random.uniform(-shift, shift) if shift != 0 else None,
            "brightness": None if self.brightness_range is None else random.uniform(*self.brightness_range[:2]),
        }

    def apply_transform(self, x: Any, transform_parameters: dict[str, Any]) -> Any:
        """An image changed as `transform_parameters` say; those that are not there change nothing."""
        given = transform_parameters
        row, column, channel = self.row_axis - 1, self.col_axis - 1, self.channel_axis - 1
        moves = {name: given.get(name, 1 if name in ("zx", "zy") else 0) for name in _MOVES}
        x = apply_affine_transform(
            x,
            **moves,
            row_axis=row,
            col_axis=column,
            channel_axis=channel,
            fill_mode=self.fill_mode,
            cval=self.cval,
            order=self.interpolation_order,
        )
        if given.get("channel_shift_intensity") is not None:
            x = apply_channel_shift(x, given["channel_shift_intensity"], channel)
        for name, axis in (("flip_horizontal", column), ("flip_vertical", row)):
            x = np.flip(x, axis) if given.get(name, False) else x
        return x if given.get("brightness") is None else apply_brightness_shift(x, given["brightness"], False)

    def random_transform(self, x: Any, seed: int | None = None) -> Any:
        """An image changed at random."""
        return self.apply_transform(x, self.get_random_transform(x.shape, seed))

    def standardize(self, x: Any) -> Any:
        """An image scaled and normalized as the constructor was told."""
        x = self.preprocessing_function(x) if self.preprocessing_function else x
        x = x * self.rescale if self.rescale else x
        if self.samplewise_center:
            x = x - np.mean(x, keepdims=True)
        if self.samplewise_std_normalization:
            x = x / (np.std(x, keepdims=True) + 1e-6)
        for name, known in (
            ("featurewise_center", self.mean),
            ("featurewise_std_normalization", self.std),
            ("zca_whitening", self.zca_whitening_matrix),
        ):
            if getattr(self, name) and known is None:
                warnings.warn(
                    f"This ImageDataGenerator specifies `{name}`, but it hasn't been fit on any training data. Fit it "
                    "first by calling `.fit(numpy_data)`.",
                    stacklevel=2,
                )
        if self.mean is not None and self.featurewise_center:
            x = x - self.mean
        if self.std is not None and self.featurewise_std_normalization:
            x = x / (self.std + 1e-6)
        if self.zca_whitening_matrix is not None and self.zca_whitening:
            x = (x.reshape(-1, np.prod(x.shape[-3:])) @ self.zca_whitening_matrix).reshape(x.shape)
        return x

    def fit(self, x: Any, augment: bool = False, rounds: int = 1, seed: int | None = None) -> None:
        """Find the mean, the deviation and the whitening of some images.

        **Arguments:**
        - `x`: the images.
        - `augment`, `rounds`, `seed`: whether to change them at random before, how often, and the seed.

        **Raises:** `ValueError` for an array that is not of rank 4.
        """
        images = np.array(x, self.dtype)
        if images.ndim != 4:
            raise ValueError(f"Input to `.fit()` should have rank 4. Got array with shape: {images.shape}")
        if seed is not None:
            np.random.seed(seed)
        if self.rescale:
            images *= self.rescale
        if augment:
            images = np.stack([self.random_transform(each) for _ in range(rounds) for each in images])
        axes = (0, self.row_axis, self.col_axis)
        shape = [1, 1, 1]
        shape[self.channel_axis - 1] = images.shape[self.channel_axis]
        if self.featurewise_center:
            self.mean = np.mean(images, axes).reshape(shape)
            images -= self.mean
        if self.featurewise_std_normalization:
            self.std = np.std(images, axes).reshape(shape)
            images /= self.std + 1e-6
        if self.zca_whitening:
            u, sizes, _ = np.linalg.svd(images.reshape(len(images), -1).T, full_matrices=False)
            self.zca_whitening_matrix = (u * (np.sqrt(len(images)) / (sizes + self.zca_epsilon))) @ u.T


_MOVES = ("theta", "tx", "ty", "shear", "zx", "zy")


def _shift(given: Any, length: int) -> Any:
    """A random shift in pixels."""
    if not given:
        return 0
    try:
        moved = np.random.choice(given) * np.random.choice([-1, 1])
    except ValueError:
        # A number below 1: np.random.choice takes lists and positive integers.
        moved = np.random.uniform(-given, given)
    return moved * length if np.max(given) < 1 else moved
