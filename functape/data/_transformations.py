"""The functions of `tf.data.experimental`: most are a method of a dataset by another name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from functape._core._convert import convert
from functape._engine._dtypes import int64
from functape._engine._errors import FailedPreconditionError, InvalidArgumentError
from functape.data._arguments import integer
from functape.data._dataset import Dataset
from functape.data._files import text_of
from functape.data._mapping import UserFunction, arguments_of
from functape.data._source import INFINITE, UNKNOWN, Source, Step
from functape.data._sources import Elements
from functape.data._structure import Leaves, Packer, element_of, flatten_element, with_lists_as_components

Transformation = Callable[[Dataset], Any]


def _method(name: str, *, parameters: str) -> Any:
    """A function that takes the arguments of a method and returns a function for `Dataset.apply`."""
    plain = getattr(Dataset, name)
    names = [each.strip() for each in parameters.split(",") if each.strip()]

    def function(*args: Any, **kwargs: Any) -> Transformation:
        given = dict(zip([each.split("=")[0] for each in names], args, strict=False)) | kwargs
        if len(args) > len(names) or set(given) - {each.split("=")[0] for each in names}:
            raise TypeError(f"{name}() takes {parameters}. Received: {args}, {kwargs}")
        return lambda dataset: plain(dataset, **given)

    function.__doc__ = f"As `tf.data.Dataset.{name}`, for `tf.data.Dataset.apply`."
    function.__name__ = function.__qualname__ = name
    return function


_GROUP = "key_func, reduce_func, window_size, window_size_func"
_BUCKET = (
    "element_length_func, bucket_boundaries, bucket_batch_sizes, padded_shapes, padding_values, "
    "pad_to_bucket_boundary, no_padding, drop_remainder"
)
bucket_by_sequence_length = _method("bucket_by_sequence_length", parameters=_BUCKET)
dense_to_ragged_batch = _method("ragged_batch", parameters="batch_size, drop_remainder, row_splits_dtype")
dense_to_sparse_batch = _method("sparse_batch", parameters="batch_size, row_shape")
enumerate_dataset = _method("enumerate", parameters="start")
group_by_window = _method("group_by_window", parameters=_GROUP)
ignore_errors = _method("ignore_errors", parameters="log_warning")
rejection_resample = _method("rejection_resample", parameters="class_func, target_dist, initial_dist, seed")
scan = _method("scan", parameters="initial_state, scan_func")
snapshot = _method("snapshot", parameters="path, compression, reader_func, shard_func")
take_while = _method("take_while", parameters="predicate")
unbatch = _method("unbatch", parameters="")
unique = _method("unique", parameters="")


def cardinality(dataset: Dataset) -> Any:
    """How many elements a dataset has: an int64 tensor (`tf.data.experimental.cardinality`)."""
    return dataset.cardinality()


def get_structure(dataset_or_iterator: Any) -> Any:
    """The spec of the elements (`tf.data.experimental.get_structure`).

    **Raises:** `TypeError` for what is neither a dataset nor an iterator.
    """
    try:
        return dataset_or_iterator.element_spec
    except AttributeError:
        raise TypeError(
            f"Invalid `dataset_or_iterator`. `dataset_or_iterator` must be a `tf.data.Dataset` or tf.data.Iterator "
            f"object, but got {type(dataset_or_iterator)}."
        ) from None


def get_single_element(dataset: Dataset) -> Any:
    """The one element of a dataset (`tf.data.experimental.get_single_element`)."""
    return dataset.get_single_element()


def get_next_as_optional(iterator: Any) -> Any:
    """The next element of an iterator as an optional (`tf.data.experimental.get_next_as_optional`)."""
    return iterator.get_next_as_optional()


def save(
    dataset: Dataset, path: Any, compression: Any = None, shard_func: Any = None, checkpoint_args: Any = None
) -> None:
    """As `tf.data.Dataset.save` (`tf.data.experimental.save`)."""
    dataset.save(path, compression, shard_func, checkpoint_args)


def load(path: Any, element_spec: Any = None, compression: Any = None, reader_func: Any = None) -> Any:
    """As `tf.data.Dataset.load` (`tf.data.experimental.load`)."""
    return Dataset.load(path, element_spec, compression, reader_func)


def Counter(start: Any = 0, step: Any = 1, dtype: Any = int64) -> Any:
    """As `tf.data.Dataset.counter` (`tf.data.experimental.Counter`)."""
    return Dataset.counter(start, step, dtype)


def RandomDataset(seed: Any = None, rerandomize_each_iteration: Any = None, name: str | None = None) -> Dataset:
    """As `tf.data.Dataset.random` (`tf.data.experimental.RandomDataset`)."""
    return Dataset.random(seed, rerandomize_each_iteration)


def sample_from_datasets(
    datasets: Any, weights: Any = None, seed: Any = None, stop_on_empty_dataset: bool = False
) -> Dataset:
    """As `tf.data.Dataset.sample_from_datasets` (`tf.data.experimental.sample_from_datasets`)."""
    return Dataset.sample_from_datasets(datasets, weights, seed, stop_on_empty_dataset)


def choose_from_datasets(datasets: Any, choice_dataset: Any, stop_on_empty_dataset: bool = False) -> Dataset:
    """As `tf.data.Dataset.choose_from_datasets` (`tf.data.experimental.choose_from_datasets`)."""
    return Dataset.choose_from_datasets(datasets, choice_dataset, stop_on_empty_dataset)


def map_and_batch(
    map_func: Any,
    batch_size: Any,
    num_parallel_batches: Any = None,
    drop_remainder: bool = False,
    num_parallel_calls: Any = None,
) -> Transformation:
    """`map` and then `batch` (`tf.data.experimental.map_and_batch`).

    **Raises:** `ValueError` if both numbers of parallel calls are given.
    """
    if num_parallel_batches is not None and num_parallel_calls is not None:
        raise ValueError(
            "`map_and_batch` allows only one of `num_parallel_batches` and `num_parallel_calls` to be set."
        )
    return lambda dataset: dataset.map(map_func, num_parallel_calls).batch(batch_size, drop_remainder)


def shuffle_and_repeat(buffer_size: Any, count: Any = None, seed: Any = None) -> Transformation:
    """`shuffle` and then `repeat` (`tf.data.experimental.shuffle_and_repeat`)."""
    return lambda dataset: dataset.shuffle(buffer_size, seed).repeat(count)


def parallel_interleave(
    map_func: Any,
    cycle_length: Any,
    block_length: Any = 1,
    sloppy: Any = False,
    buffer_output_elements: Any = None,
    prefetch_input_elements: Any = None,
) -> Transformation:
    """As `tf.data.Dataset.interleave`, in order (`tf.data.experimental.parallel_interleave`)."""
    return lambda dataset: dataset.interleave(map_func, cycle_length, block_length, cycle_length)


def prefetch_to_device(device: Any, buffer_size: Any = None) -> Transformation:
    """As `prefetch`: programs move what they need to their device (`tf.data.experimental.prefetch_to_device`)."""
    return lambda dataset: dataset.prefetch(-1 if buffer_size is None else buffer_size)


def copy_to_device(target_device: Any, source_device: Any = "/cpu:0") -> Transformation:
    """The dataset as it is: programs move what they need (`tf.data.experimental.copy_to_device`)."""
    return lambda dataset: dataset


def enable_debug_mode() -> None:
    """Nothing changes: what Python has to run is run as it is (`tf.data.experimental.enable_debug_mode`)."""


def from_list(elements: list[Any], name: str | None = None) -> Dataset:
    """The elements of a list, which may differ in shape (`tf.data.experimental.from_list`).

    **Raises:** `ValueError` for an empty list, `TypeError` for elements of different structures.
    """
    if not isinstance(elements, list):
        raise TypeError(f"`elements` must be a list. Received: {type(elements)}")
    if not elements:
        raise ValueError("Invalid `elements`. `elements` should not be empty.")
    specs, leaves = zip(*map(element_of, elements), strict=True)
    columns = [flatten_element(spec) for spec in specs]
    if any(len(column) != len(columns[0]) for column in columns):
        raise TypeError(f"All elements must have one structure. Received: {elements}")
    common = [first.most_specific_common_supertype(rest) for first, *rest in zip(*columns, strict=True)]
    if any(each is None for each in common):
        raise TypeError(f"All elements must have the same dtypes. Received: {elements}")
    return Dataset(Elements(list(leaves), with_lists_as_components(specs[0], common)))


def at(dataset: Dataset, index: Any) -> Any:
    """The element of a number (`tf.data.experimental.at`).

    **Raises:** `OutOfRangeError` if there is none.
    """
    from functape._engine._errors import OutOfRangeError

    number = integer(index, "index")
    if number >= 0:
        for element in dataset.skip(number):
            return element
    raise OutOfRangeError(message=f"Index {number} is out of range for a dataset of {dataset.cardinality().numpy()}.")


class Declared(Step):
    """Elements of which more is known than what made them tells.

    **Arguments:**
    - `source`: the elements.
    - `spec`: their spec.
    """

    def open(self) -> Iterator[Leaves]:
        """The source's."""
        return self.source.open()

    def length(self) -> int:
        """The source's."""
        return self.source.length()


class AssertCardinality(Step):
    """The elements, whose number is known to the user.

    **Arguments:**
    - `source`: the elements.
    - `count`: their number.
    """

    def __init__(self, source: Source, count: int) -> None:
        super().__init__(source)
        self._count = count

    def length(self) -> int:
        """The number."""
        return self._count

    def open(self) -> Iterator[Leaves]:
        """The elements."""
        found = 0
        for leaves in self.source.open():
            found += 1
            if self._count == UNKNOWN or found <= self._count or self._count == INFINITE:
                yield leaves
                continue
            raise FailedPreconditionError(
                message=f"Input dataset was expected to contain {self._count} elements but contained at least {found} "
                f"element{'s' if found > 1 else ''}."
            )
        if self._count not in (UNKNOWN, found):
            wanted = "an infinite number of" if self._count == INFINITE else self._count
            raise FailedPreconditionError(
                message=f"Input dataset was expected to contain {wanted} elements but contained only {found} elements."
            )


def assert_cardinality(expected_cardinality: Any) -> Transformation:
    """Say how many elements there are, for `tf.data.Dataset.apply` (`tf.data.experimental.assert_cardinality`).

    A pass raises `FailedPreconditionError` if that is not so.
    """
    count = integer(expected_cardinality, "expected_cardinality")
    return lambda dataset: dataset._next(AssertCardinality(dataset._source, count))


def pad_to_cardinality(cardinality: Any, mask_key: str = "valid") -> Transformation:
    """Empty elements after the last, for `tf.data.Dataset.apply` (`tf.data.experimental.pad_to_cardinality`).

    **Arguments:**
    - `cardinality`: how many elements there are to be.
    - `mask_key`: under which key the elements, which are dicts, say whether they are real.
    """
    count = integer(cardinality, "cardinality")

    def padded(dataset: Dataset) -> Dataset:
        spec = dataset.element_spec
        length = int(dataset.cardinality().numpy())
        if not isinstance(spec, dict):
            raise ValueError("`pad_to_cardinality` requires its input dataset to be a dictionary.")
        if length < 0 or length > count:
            raise ValueError(f"The dataset must have a known number of elements, at most {count}. Received: {length}")
        real = dataset.map(lambda element: {**element, mask_key: convert(True)})
        zeros = {
            key: np.zeros([size or 0 for size in each.shape], each.dtype.as_numpy_dtype) for key, each in spec.items()
        }
        return real.concatenate(Dataset.from_tensors({**zeros, mask_key: False}).repeat(count - length))  # type: ignore[no-any-return]

    return padded


class Reducer:
    """Three functions that make one value of many elements (`tf.data.experimental.Reducer`).

    **Arguments:**
    - `init_func`: from a key to the first state.
    - `reduce_func`: from a state and an element to the next state.
    - `finalize_func`: from the last state to the result.
    """

    def __init__(self, init_func: Any, reduce_func: Any, finalize_func: Any) -> None:
        self.init_func = init_func
        self.reduce_func = reduce_func
        self.finalize_func = finalize_func


def group_by_reducer(key_func: Any, reducer: Reducer) -> Transformation:
    """One result for each key, for `tf.data.Dataset.apply` (`tf.data.experimental.group_by_reducer`).

    **Raises:** `TypeError` for what is no `Reducer`.
    """
    if not isinstance(reducer, Reducer):
        raise TypeError(f"`reducer` must be a `tf.data.experimental.Reducer`. Received: {reducer!r}")

    def grouped(dataset: Dataset) -> Dataset:
        key_of = UserFunction(key_func, arguments_of(dataset.element_spec))
        source = dataset._source
        states: dict[int, Any] = {}
        pack = Packer(source.spec)
        for leaves in source.open():
            key = int(np.asarray(key_of(leaves)[0]))
            if key not in states:
                states[key] = reducer.init_func(convert(np.int64(key)))
            element = pack.tensors(leaves)
            parts = element if type(source.spec) is tuple else (element,)
            states[key] = reducer.reduce_func(states[key], *parts)
        if not states:
            raise InvalidArgumentError(message="`group_by_reducer` needs at least one element.")
        return from_list([reducer.finalize_func(state) for state in states.values()])

    return grouped


class TFRecordWriter:
    """Writes a dataset of strings into a TFRecord file (`tf.data.experimental.TFRecordWriter`).

    **Arguments:**
    - `filename`: the file.
    - `compression_type`: must be empty.

    **Raises:** `ValueError` for a compression.
    """

    def __init__(self, filename: Any, compression_type: Any = None) -> None:
        if compression_type:
            raise ValueError(f"Only files without compression can be written. Received: {compression_type!r}")
        self._path = text_of(filename)

    def write(self, dataset: Dataset) -> None:
        """Write all elements.

        **Raises:** `TypeError` unless they are scalar strings.
        """
        from tensorboardX.record_writer import RecordWriter

        spec = dataset.element_spec
        if getattr(spec, "dtype", None) is None or spec.dtype.name != "string" or spec.shape.rank not in (0, None):
            raise TypeError(f"`dataset` must produce scalar `DT_STRING` tensors whereas it produces {spec}")
        file = RecordWriter(self._path)
        try:
            for (record,) in dataset._source.open():
                file.write(record if isinstance(record, bytes) else np.asarray(record).item())
        finally:
            file.close()
