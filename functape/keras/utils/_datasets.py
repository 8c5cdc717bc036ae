"""Datasets from arrays: windows of time series, and datasets split in two."""

from __future__ import annotations

from typing import Any

import numpy as np

from functape._api._gathering import gather
from functape._core._convert import convert


def _positive(name: str, value: int, length: int) -> None:
    if value <= 0:
        raise ValueError(f"`{name}` must be higher than 0. Received: {name}={value}")
    if value >= length:
        raise ValueError(
            f"`{name}` must be lower than the length of the data. Received: {name}={value}, for data of length {length}"
        )


def timeseries_dataset_from_array(
    data: Any,
    targets: Any,
    sequence_length: int,
    sequence_stride: int = 1,
    sampling_rate: int = 1,
    batch_size: int | None = 128,
    shuffle: bool = False,
    seed: int | None = None,
    start_index: int | None = None,
    end_index: int | None = None,
    format: str = "tf",
) -> Any:
    """A `tf.data.Dataset` of windows of a series (`tf.keras.utils.timeseries_dataset_from_array`).

    **Arguments:**
    - `data`: an array whose first axis is time.
    - `targets`: for each window the value at its first step belongs to it; None for no targets.
    - `sequence_length`: the number of steps of a window.
    - `sequence_stride`: from one window to the next.
    - `sampling_rate`: from one step of a window to the next.
    - `batch_size`: None for single windows.
    - `shuffle`, `seed`: whether the windows are in random order.
    - `start_index`, `end_index`: the part of the data to use.
    - `format`: `"tf"`.

    **Raises:** `ValueError` for numbers out of range.

    ```python
    >>> import functape as tf
    >>> windows = tf.keras.utils.timeseries_dataset_from_array(list(range(6)), None, 3, batch_size=2)
    >>> [each.numpy().tolist() for each in windows]
    [[[0, 1, 2], [1, 2, 3]], [[2, 3, 4], [3, 4, 5]]]

    ```
    """
    from functape.data import AUTOTUNE, Dataset

    length = len(data)
    if start_index and not 0 <= start_index < length:
        raise ValueError(
            f"`start_index` must be 0 or greater and lower than the length of the data. Received: "
            f"start_index={start_index}, for data of length {length}"
        )
    if end_index and (not 0 < end_index < length or (start_index and end_index <= start_index)):
        raise ValueError(
            "`end_index` must be higher than `start_index` and lower than the length of the data. Received: "
            f"start_index={start_index}, end_index={end_index}, for data of length {length}"
        )
    _positive("sampling_rate", sampling_rate, length)
    _positive("sequence_stride", sequence_stride, length)
    if format not in ("tf", "grain"):
        raise ValueError(f'`format` should be either "tf" or "grain". Received: format={format}')
    if format == "grain":
        raise ValueError("`format='grain'` is not supported. Leave it out: the dataset is a tf.data.Dataset.")
    first = start_index or 0
    last = length if end_index is None else end_index
    count = last - first - (sequence_length - 1) * sampling_rate
    if targets is not None:
        count = min(count, len(targets))
    starts = np.arange(0, count, sequence_stride, dtype=np.int64)
    if shuffle:
        seed = np.random.randint(1_000_000) if seed is None else seed
        np.random.RandomState(seed).shuffle(starts)
    series = convert(data[first:last])
    steps = np.arange(0, sequence_length * sampling_rate, sampling_rate, dtype=np.int64)
    dataset = Dataset.from_tensor_slices(starts).map(lambda start: gather(series, start + steps))
    if targets is not None:
        wanted = convert(targets[first:last])
        dataset = Dataset.zip((dataset, Dataset.from_tensor_slices(starts).map(lambda start: gather(wanted, start))))
    dataset = dataset.prefetch(AUTOTUNE)
    if batch_size is not None:
        if shuffle:
            dataset = dataset.shuffle(batch_size * 8, seed=seed)
        return dataset.batch(batch_size)
    return dataset.shuffle(1024, seed=seed) if shuffle else dataset


def split_dataset(
    dataset: Any,
    left_size: float | None = None,
    right_size: float | None = None,
    shuffle: bool = False,
    seed: int | None = None,
    preferred_backend: str | None = None,
) -> tuple[Any, Any]:
    """A dataset in two (`tf.keras.utils.split_dataset`).

    **Arguments:**
    - `dataset`: a `tf.data.Dataset`, an array, or a tuple, list or dict of arrays of one length.
    - `left_size`, `right_size`: how many elements, or which part of them; one of them may be None.
    - `shuffle`, `seed`: whether the elements are in random order.
    - `preferred_backend`: `"tensorflow"`.

    **Returns:** two `tf.data.Dataset`s.

    **Raises:** `TypeError` for sizes that are no numbers; `ValueError` for sizes that do not fit.

    ```python
    >>> import functape as tf
    >>> left, right = tf.keras.utils.split_dataset(list(range(5)), left_size=0.4)
    >>> len(left), len(right)
    (2, 3)

    ```
    """
    from functape.data import AUTOTUNE, Dataset

    if preferred_backend not in (None, "tensorflow"):
        raise ValueError(f"`preferred_backend` must be 'tensorflow'. Received: preferred_backend={preferred_backend}")
    if left_size is None and right_size is None:
        raise ValueError("At least one of the `left_size` or `right_size` must be specified. Received both as None.")
    if isinstance(dataset, Dataset):
        elements = dataset
        total = sum(1 for _ in dataset)
    elif isinstance(dataset, list) and dataset and np.ndim(dataset[0]) == 0:
        elements, total = Dataset.from_tensor_slices(np.asarray(dataset)), len(dataset)
    else:
        elements = Dataset.from_tensor_slices(tuple(dataset) if isinstance(dataset, list) else dataset)
        total = int(elements.cardinality())
    left, right = _sizes(left_size, right_size, total)
    if shuffle:
        seed = np.random.randint(1_000_000) if seed is None else seed
        elements = elements.shuffle(total, seed=seed, reshuffle_each_iteration=False)
    return elements.take(left).prefetch(AUTOTUNE), elements.skip(total - right).prefetch(AUTOTUNE)


def _sizes(left: Any, right: Any, total: int) -> tuple[int, int]:
    sizes: list[int | None] = []
    for name, value in (("left_size", left), ("right_size", right)):
        if value is not None and type(value) not in (int, float):
            raise TypeError(f"Invalid `{name}` Type. Expected: int or float or None, Received: type={type(value)}.")
        limit = 1 if isinstance(value, float) else total
        if value is not None and not 0 < value < limit:
            raise ValueError(
                f"`{name}` should be either a positive integer smaller than {total}, or a float within the range "
                f"`[0, 1]`. Received: {name}={value}"
            )
        sizes.append(round(value * total) if isinstance(value, float) else value)
    if isinstance(left, float) and isinstance(right, float) and left + right > 1:
        raise ValueError(
            "The sum of `left_size` and `right_size` is greater than 1. It must be less than or equal to 1."
        )
    first, second = sizes
    first = total - (second or 0) if first is None else first
    second = total - first if second is None else second
    if first + second > total:
        raise ValueError(
            f"The sum of `left_size` and `right_size` should be smaller than the {total}. Received: left_size + "
            f"right_size = {first + second} and total_length = {total}"
        )
    if not (first and second):
        raise ValueError(
            f"With `dataset` of length={total}, `left_size`={first} and `right_size`={second}, one of the splits is "
            "empty. Adjust any of the aforementioned parameters"
        )
    return first, second
