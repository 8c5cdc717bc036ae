"""Files in folders by class, and datasets of them."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from functape._api._choosing import one_hot
from functape._api._shaping import expand_dims
from functape._core._cast import cast
from functape._engine._dtypes import float32
from functape.keras.utils._progress import print_msg


class Files(NamedTuple):
    """Paths with the numbers of their classes, None where there are none."""

    paths: list[str]
    labels: Any
    class_names: list[str] | None


def check_arguments(
    labels: Any, label_mode: Any, class_names: Any, validation_split: Any, subset: Any, shuffle: bool, seed: Any
) -> None:
    """Refuse arguments that do not fit each other.

    **Raises:** `ValueError`.
    """
    if labels not in ("inferred", None):
        if not isinstance(labels, list | tuple):
            raise ValueError(
                "`labels` argument should be a list/tuple of integer labels, of the same size as the number of files "
                'in the target directory, "inferred" or None. '
                f"Received: labels={labels}"
            )
        if class_names:
            raise ValueError(
                f'You can only pass `class_names` if `labels="inferred"`. Received: labels={labels}, and '
                f"class_names={class_names}"
            )
    if label_mode not in ("int", "categorical", "binary", None):
        raise ValueError(
            '`label_mode` argument must be one of "int", "categorical", "binary", or None. Received: '
            f"label_mode={label_mode}"
        )
    if validation_split and not 0 < validation_split < 1:
        raise ValueError(f"`validation_split` must be between 0 and 1, received: {validation_split}")
    if (validation_split or subset) and not (validation_split and subset):
        raise ValueError("If `subset` is set, `validation_split` must be set, and inversely.")
    if subset not in ("training", "validation", "both", None):
        raise ValueError(f'`subset` must be either "training", "validation" or "both", received: {subset}')
    if validation_split and shuffle and seed is None:
        raise ValueError(
            "If using `validation_split` and shuffling the data, you must provide a `seed` argument, to make sure that "
            "there is no overlap between the training and validation subset."
        )


def find_files(
    directory: Any,
    labels: Any,
    formats: tuple[str, ...],
    class_names: Any = None,
    shuffle: bool = True,
    seed: int | None = None,
    follow_links: bool = False,
    verbose: bool = True,
) -> Files:
    """The files of a folder, whose subfolders are the classes.

    **Arguments:**
    - `directory`: the folder.
    - `labels`: `"inferred"` from the subfolders, a list of numbers in the order of the sorted paths, or None.
    - `formats`: how the names end.
    - `class_names`: the subfolders to look into, in the order of their numbers; all of them, sorted, by default.
    - `shuffle`, `seed`: whether to put the files in random order, and the seed of it.
    - `follow_links`: whether links to folders count.
    - `verbose`: whether to print how many there are.

    **Raises:** `ValueError` for names that are no subfolders, or another number of labels than files.
    """
    root = os.fspath(directory)
    if labels == "inferred":
        folders = [each for each in sorted(os.listdir(root)) if os.path.isdir(os.path.join(root, each))]
        folders = [each for each in folders if not each.startswith(".")]
        if class_names is not None:
            if not set(class_names) <= set(folders):
                raise ValueError(
                    "The `class_names` passed did not match the names of the subdirectories of the target directory. "
                    f"Expected: {folders} (or a subset of it), but received: class_names={class_names}"
                )
            folders = list(class_names)
    else:
        if class_names is not None:
            raise ValueError(
                "Argument `class_names` cannot be specified unless `labels='inferred'`. Received: "
                f"class_names={class_names}"
            )
        folders = [""]
    paths: list[str] = []
    numbers: list[int] = []
    for number, folder in enumerate(folders):
        found = _below(os.path.join(root, folder) if folder else root, formats, follow_links)
        paths += found
        numbers += [number] * len(found)
    names: list[str] | None = folders
    if labels == "inferred":
        labels = np.asarray(numbers, np.int32)
    elif labels is None:
        names = None
    else:
        if len(labels) != len(paths):
            raise ValueError(
                "Expected the lengths of `labels` to match the number of files in the target directory. len(labels) is "
                f"{len(labels)} while we found {len(paths)} files in directory {root}."
            )
        labels = list(labels)
        names = [str(each) for each in sorted(set(labels))]
    if verbose:
        classes = "" if names is None or labels is None else f" belonging to {len(names)} classes"
        print_msg(f"Found {len(paths)} files{classes}.")
    if shuffle:
        np.random.RandomState(seed).shuffle(paths)
        if labels is not None:
            np.random.RandomState(seed).shuffle(labels)
    return Files(paths, labels, names)


def _below(folder: str, formats: tuple[str, ...], follow_links: bool) -> list[str]:
    found = []
    for place, _, names in sorted(os.walk(folder, followlinks=follow_links), key=lambda each: each[0]):
        found += [os.path.join(place, name) for name in sorted(names) if name.lower().endswith(formats)]
    return found


def part_of(files: Files, validation_split: float | None, subset: str | None) -> Files:
    """The files for training, or those for validation, which are the last ones."""
    if not validation_split:
        return files
    count = int(validation_split * len(files.paths))
    training = subset == "training"
    number = len(files.paths) - count if training else count
    print_msg(f"Using {number} files for {subset}.")
    chosen = slice(None, len(files.paths) - count) if training else slice(len(files.paths) - count, None)
    labels = None if files.labels is None else files.labels[chosen]
    return Files(files.paths[chosen], labels, files.class_names)


def dataset_of(
    files: Files,
    load: Callable[[Any], Any],
    label_mode: str | None,
    shuffle: bool,
    seed: int | None,
    batch_size: int | None,
    spec: Any,
) -> Any:
    """A dataset of what the files hold, with labels if there are any.

    **Arguments:**
    - `files`: which ones.
    - `load`: from a path, a string tensor, to the element.
    - `label_mode`: `"int"`, `"categorical"`, `"binary"`, or None for no labels.
    - `shuffle`, `seed`: whether to shuffle again in each epoch.
    - `batch_size`: None for single elements.
    - `spec`: of what `load` returns.
    """
    from functape.data import AUTOTUNE, Dataset
    from functape.data._transformations import Declared

    dataset = Dataset.from_tensor_slices(np.asarray(files.paths, object))
    if label_mode:
        numbers = Dataset.from_tensor_slices(files.labels)
        if label_mode == "binary":
            numbers = numbers.map(lambda label: expand_dims(cast(label, float32), -1))
        elif label_mode == "categorical":
            depth = len(files.class_names or ())
            numbers = numbers.map(lambda label: one_hot(label, depth))
        dataset = Dataset.zip((dataset, numbers))
        spec = (spec, numbers.element_spec)
    if shuffle:
        dataset = dataset.shuffle(batch_size * 8 if batch_size else 1024, seed=seed)
    dataset = dataset.map((lambda path, label: (load(path), label)) if label_mode else load)
    dataset = dataset._next(Declared(dataset._source, spec))
    dataset = dataset if batch_size is None else dataset.batch(batch_size)
    dataset = dataset.prefetch(AUTOTUNE)
    dataset.class_names = files.class_names
    dataset.file_paths = files.paths
    return dataset


def datasets_from(
    directory: Any,
    what: str,
    formats: tuple[str, ...],
    load: Callable[[Any], Any],
    spec: Any,
    labels: Any,
    label_mode: str | None,
    class_names: Any,
    batch_size: int | None,
    shuffle: bool,
    seed: int | None,
    validation_split: float | None,
    subset: str | None,
    follow_links: bool,
    verbose: bool,
) -> Any:
    """The dataset of a folder, or two for `subset="both"`.

    **Raises:** `ValueError` if there are no files, or not two classes for `label_mode="binary"`.
    """
    check_arguments(labels, label_mode, class_names, validation_split, subset, shuffle, seed)
    if labels is None or label_mode is None:
        labels = label_mode = None
    seed = np.random.randint(1_000_000) if seed is None else seed
    files = find_files(directory, labels, formats, class_names, shuffle, seed, follow_links, verbose)
    if label_mode == "binary" and len(files.class_names or ()) != 2:
        raise ValueError(
            'When passing `label_mode="binary"`, there must be exactly 2 class_names. Received: '
            f"class_names={files.class_names}"
        )
    subsets = ("training", "validation") if subset == "both" else (subset,)
    made = []
    for each in subsets:
        part = part_of(files, validation_split, each)
        if not part.paths:
            raise ValueError(f"No {what} found in directory {directory}. Allowed formats: {formats}")
        again = shuffle and not (subset == "both" and each == "validation")
        made.append(dataset_of(part, load, label_mode, again, seed, batch_size, spec))
    return made if subset == "both" else made[0]
