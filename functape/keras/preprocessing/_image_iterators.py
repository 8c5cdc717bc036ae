"""Batches of changed images, for `fit`: of arrays and of files."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import numpy as np

from functape.keras.utils._images import array_to_img, img_to_array, load_img
from functape.keras.utils._progress import print_msg
from functape.keras.utils._pydataset import PyDataset

FORMATS = ("png", "jpg", "jpeg", "bmp", "ppm", "tif", "tiff")
_CHANNELS = {"rgb": 3, "rgba": 4, "grayscale": 1}


class ImageIterator(PyDataset):
    """Batches without end, and by number.

    **Arguments:**
    - `generator`: the `ImageDataGenerator`.
    - `number`: how many images there are.
    - `batch_size`, `shuffle`, `seed`: of the batches.
    - `saving`: a folder to write the changed images to or None, a prefix, and the ending of the files.
    """

    def __init__(
        self,
        generator: Any,
        number: int,
        batch_size: int,
        shuffle: bool,
        seed: int | None,
        saving: tuple[Any, str, str],
    ) -> None:
        super().__init__()
        self.image_data_generator = generator
        self.n, self.batch_size, self.shuffle, self.seed = number, batch_size, shuffle, seed
        self.save_to_dir, self.save_prefix, self.save_format = saving
        self.batch_index = self.total_batches_seen = 0
        self.index_array: Any = None
        self._order = self._flow()

    def _mix(self) -> None:
        self.index_array = np.random.permutation(self.n) if self.shuffle else np.arange(self.n)

    def _begin_batch(self) -> None:
        if self.seed is not None:
            np.random.seed(self.seed + self.total_batches_seen)
        self.total_batches_seen += 1

    def __len__(self) -> int:
        return -(-self.n // self.batch_size)

    def __getitem__(self, idx: int) -> Any:
        if idx >= len(self):
            raise ValueError(f"Asked to retrieve element {idx}, but the Sequence has length {len(self)}")
        self._begin_batch()
        if self.index_array is None:
            self._mix()
        return self._batch(self.index_array[self.batch_size * idx : self.batch_size * (idx + 1)])

    def on_epoch_end(self) -> None:
        """Mix the images again."""
        self._mix()

    def reset(self) -> None:
        """Begin with the first batch again."""
        self.batch_index = 0

    def _flow(self) -> Iterator[Any]:
        while True:
            self._begin_batch()
            if self.batch_index == 0:
                self._mix()
            start = self.batch_index * self.batch_size % self.n if self.n else 0
            self.batch_index = self.batch_index + 1 if self.n > start + self.batch_size else 0
            yield self.index_array[start : start + self.batch_size]

    def __iter__(self) -> Any:
        return self

    def __next__(self) -> Any:
        return self._batch(next(self._order))

    next = __next__

    def _batch(self, places: Any) -> Any:
        raise NotImplementedError

    def _changed(self, image: Any) -> Any:
        generator = self.image_data_generator
        image = generator.apply_transform(image, generator.get_random_transform(image.shape))
        return generator.standardize(image)

    def _save(self, images: Any, places: Any, largest: int) -> None:
        if not self.save_to_dir:
            return
        for image, place in zip(images, places, strict=True):
            name = f"{self.save_prefix}_{place}_{np.random.randint(largest)}.{self.save_format}"
            picture = array_to_img(image, self.image_data_generator.data_format, scale=True)
            picture.save(os.path.join(self.save_to_dir, name))


class ArrayIterator(ImageIterator):
    """Batches of arrays."""

    def __init__(self, x: Any, y: Any, generator: Any, sample_weight: Any, subset: str | None, ignore_split: bool,
                 *order: Any) -> None:  # fmt: skip
        others: list[Any] = []
        if isinstance(x, tuple | list):
            x, rest = x
            others = [np.asarray(each) for each in (rest if isinstance(rest, list) else [rest])]
        for name, each in (("y", y), ("sample_weight", sample_weight), *(("x[1]", each) for each in others)):
            if each is not None and len(each) != len(x):
                raise ValueError(
                    f"`x` (images tensor) and `{name}` should have the same length. Found: {len(x)} and {len(each)}"
                )
        if subset is not None:
            if subset not in ("training", "validation"):
                raise ValueError(f'Invalid subset name: {subset}; expected "training" or "validation".')
            edge = int(len(x) * generator._validation_split)
            if y is not None and not ignore_split and set(np.unique(y[:edge])) != set(np.unique(y[edge:])):
                raise ValueError(
                    "Training and validation subsets have different number of classes after the split. If your numpy "
                    "arrays are sorted by the label, you might want to shuffle them."
                )
            part = slice(None, edge) if subset == "validation" else slice(edge, None)
            x, y, others = x[part], None if y is None else y[part], [each[part] for each in others]
        self.x, self.x_misc = np.asarray(x, generator.dtype), others
        if self.x.ndim != 4:
            raise ValueError(f"Input data should have rank 4. You passed an array with shape {self.x.shape}")
        self.y = None if y is None else np.asarray(y)
        self.sample_weight = None if sample_weight is None else np.asarray(sample_weight)
        super().__init__(generator, len(self.x), *order)

    def _batch(self, places: Any) -> Any:
        images = np.zeros((len(places), *self.x.shape[1:]), self.x.dtype)
        for number, place in enumerate(places):
            images[number] = self._changed(self.x[place])
        self._save(images, places, 10_000)
        inputs: Any = [images, *(each[places] for each in self.x_misc)] if self.x_misc else images
        if self.y is None:
            return inputs
        batch = (inputs, self.y[places])
        return batch if self.sample_weight is None else (*batch, self.sample_weight[places])


class FolderIterator(ImageIterator):
    """Batches of the images in a folder, whose subfolders are the classes."""

    def __init__(
        self, directory: Any, generator: Any, target_size: Any, color_mode: str, classes: Any, class_mode: str | None,
        subset: str | None, follow_links: bool, interpolation: str, keep_aspect_ratio: bool, *order: Any,
    ) -> None:  # fmt: skip
        if color_mode not in _CHANNELS:
            raise ValueError(f'Invalid color mode: {color_mode}; expected "rgb", "rgba", or "grayscale".')
        if class_mode not in ("categorical", "binary", "sparse", "input", None):
            raise ValueError(
                f"Invalid class_mode: {class_mode}; expected one of: categorical, binary, sparse, input, None"
            )
        if subset not in (None, "training", "validation"):
            raise ValueError(f'Invalid subset name: {subset};expected "training" or "validation"')
        self.directory, self.class_mode, self.color_mode = os.fspath(directory), class_mode, color_mode
        self.target_size, self.interpolation = tuple(target_size), interpolation
        self.keep_aspect_ratio = keep_aspect_ratio
        channels = _CHANNELS[color_mode]
        first = generator.data_format == "channels_first"
        self.image_shape = (channels, *self.target_size) if first else (*self.target_size, channels)
        root = self.directory
        folders = list(classes or (x for x in sorted(os.listdir(root)) if os.path.isdir(os.path.join(root, x))))
        self.num_classes = len(folders)
        self.class_indices = {name: number for number, name in enumerate(folders)}
        self.filenames: list[str] = []
        numbers: list[int] = []
        for name, number in self.class_indices.items():
            found = self._files_of(name, follow_links)
            share = generator._validation_split
            edges = {None: (0.0, 1.0), "validation": (0.0, share), "training": (share, 1.0)}[subset]
            found = found[int(edges[0] * len(found)) : int(edges[1] * len(found))]
            self.filenames += found
            numbers += [number] * len(found)
        self.classes = self.labels = np.asarray(numbers, np.int32)
        self.samples = len(self.filenames)
        self.filepaths = [os.path.join(root, each) for each in self.filenames]
        print_msg(f"Found {self.samples} images belonging to {self.num_classes} classes.")
        super().__init__(generator, self.samples, *order)

    def _files_of(self, name: str, follow_links: bool) -> list[str]:
        found = []
        walk = os.walk(os.path.join(self.directory, name), followlinks=follow_links)
        for place, _, files in sorted(walk, key=lambda each: each[0]):
            inside = os.path.relpath(place, self.directory)
            found += [os.path.join(inside, each) for each in sorted(files) if each.lower().endswith(FORMATS)]
        return found

    def _batch(self, places: Any) -> Any:
        generator = self.image_data_generator
        images = np.zeros((len(places), *self.image_shape), generator.dtype)
        for number, place in enumerate(places):
            picture = load_img(
                self.filepaths[place], self.color_mode, self.target_size, self.interpolation, self.keep_aspect_ratio
            )
            images[number] = self._changed(img_to_array(picture, generator.data_format))
        self._save(images, places, 10_000_000)
        if self.class_mode is None:
            return images
        if self.class_mode == "input":
            return images, images.copy()
        numbers = self.classes[places]
        if self.class_mode == "categorical":
            return images, np.eye(self.num_classes, dtype=generator.dtype)[numbers]
        return images, numbers.astype(generator.dtype)
