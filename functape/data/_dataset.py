"""`tf.data.Dataset`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from functape._core._convert import convert
from functape._core._shape import TensorShape
from functape._core._spec import TypeSpec
from functape._engine._dtypes import int64
from functape._engine._errors import InvalidArgumentError
from functape._engine._trace import ValueNeeded, is_tracing
from functape.data._arguments import flat_padded_shapes, flat_padding_values, integer, positive
from functape.data._batching import Batch, PaddedBatch, Unbatch, Windows
from functape.data._element_functions import ElementFunctions
from functape.data._files import text_of
from functape.data._further import FurtherMethods
from functape.data._iterator import NumpyIterator, OwnedIterator
from functape.data._mapping import AUTOTUNE
from functape.data._options import Options
from functape.data._prefetching import Prefetch
from functape.data._sampling import Chosen, named_choice, random_choice
from functape.data._selecting import Cached, Concatenate, Enumerate, Repeat, Shard, Shuffle, Skip, Take, Unique, Zip
from functape.data._source import INFINITE, UNKNOWN, Source
from functape.data._sources import Elements, FromGenerator, RandomNumbers, Range, Single, TensorSlices, generator_spec
from functape.data._stored import CachedInFile
from functape.data._structure import Packer, flatten_element, host_value, map_specs, with_lists_as_components


class Dataset(ElementFunctions, FurtherMethods):
    """A sequence of elements, made anew on each pass (`tf.data.Dataset`).

    An element is a tensor, or a tuple, named tuple or dict of them. Datasets of arrays in memory shuffle and batch
    positions and fetch each batch's rows at once.

    ```python
    >>> import functape as tf
    >>> for x, y in tf.data.Dataset.from_tensor_slices(([1.0, 2.0, 3.0], [0, 1, 0])).batch(2):
    ...     print(x.numpy(), y.numpy())
    [1. 2.] [0 1]
    [3.] [0]

    ```
    """

    _shown = ""
    """What it is called when it is printed, if that is not its source's name."""

    def __init__(self, source: Source, options: Options | None = None) -> None:
        self._source = source
        self._options = Options() if options is None else options

    def _next(self, source: Source) -> Dataset:
        return Dataset(source, self._options)

    # ---- where datasets come from ----------------------------------------------------------------------------

    @staticmethod
    def from_tensor_slices(tensors: Any, name: str | None = None) -> Dataset:
        """The rows of arrays (`tf.data.Dataset.from_tensor_slices`).

        **Arguments:**
        - `tensors`: an array, or a structure of arrays with as many rows each. They are copied.
        - `name`: accepted for compatibility.

        **Raises:** `ValueError` for scalars and for arrays of different lengths.
        """
        return Dataset(TensorSlices(tensors))

    @staticmethod
    def from_tensors(tensors: Any, name: str | None = None) -> Dataset:
        """One element (`tf.data.Dataset.from_tensors`).

        **Arguments:**
        - `tensors`: the element.
        - `name`: accepted for compatibility.
        """
        return Dataset(Single(tensors))

    @staticmethod
    def from_generator(
        generator: Callable[..., Any],
        output_types: Any = None,
        output_shapes: Any = None,
        args: Any = None,
        output_signature: Any = None,
        name: str | None = None,
    ) -> Dataset:
        """What a generator yields (`tf.data.Dataset.from_generator`).

        **Arguments:**
        - `generator`: a function that returns an iterable; called for each pass.
        - `output_types`, `output_shapes`: structures of dtypes and, if given, of shapes.
        - `args`: tensors passed to `generator`, as NumPy arrays.
        - `output_signature`: instead of these, a structure of `tf.TypeSpec`s.
        - `name`: accepted for compatibility.

        **Raises:** `TypeError` if `generator` cannot be called, or without a signature.
        """
        if not callable(generator):
            raise TypeError(f"`generator` must be a Python callable. Received: {generator!r}")
        spec = generator_spec(output_types, output_shapes, output_signature)
        return Dataset(FromGenerator(generator, spec, () if args is None else tuple(args)))

    @staticmethod
    def range(*args: Any, **kwargs: Any) -> Dataset:
        """Integers at equal steps (`tf.data.Dataset.range`).

        **Arguments:**
        - `args`: as for Python's `range`.
        - `kwargs`: `output_type`, their dtype, int64 by default; `name`, accepted for compatibility.

        **Raises:** `ValueError` without bounds or with more than three; `TypeError` for other arguments.
        """
        unknown = set(kwargs) - {"output_type", "name"}
        if unknown:
            raise TypeError(f"range() takes `output_type` and `name`. Received unknown arguments: {sorted(unknown)}")
        return Dataset(Range(args, kwargs.get("output_type", int64)))

    @staticmethod
    def random(seed: Any = None, rerandomize_each_iteration: bool | None = None, name: str | None = None) -> Dataset:
        """Random int64s below 2**32, without end (`tf.data.Dataset.random`).

        **Arguments:**
        - `seed`: a number, or None.
        - `rerandomize_each_iteration`: whether each pass has numbers of its own.
        - `name`: accepted for compatibility.
        """
        return Dataset(RandomNumbers(seed, rerandomize_each_iteration))

    @staticmethod
    def zip(*args: Any, datasets: Any = None, name: str | None = None) -> Dataset:
        """Elements of several datasets side by side, as long as all have one (`tf.data.Dataset.zip`).

        **Arguments:**
        - `args`: datasets, or one structure of datasets.
        - `datasets`: the same, by name.
        - `name`: accepted for compatibility.

        **Raises:** `TypeError` without datasets, or for other things.
        """
        if bool(args) == (datasets is not None):
            raise TypeError("Must pass `datasets`, or datasets as arguments, and not both.")
        structure = datasets if datasets is not None else args[0] if len(args) == 1 else args
        if isinstance(structure, list):
            raise TypeError(
                f"Invalid input to `zip`: lists are not supported, as they stand for tensors. Use a tuple. Received: "
                f"{structure}."
            )
        parts = flatten_element(structure)
        for each in parts:
            if not isinstance(each, Dataset):
                raise TypeError(f"Invalid input to `zip`: expected datasets. Received: {each!r} of type {type(each)}.")
        spec = with_lists_as_components(structure, [each.element_spec for each in parts])
        return Dataset(Zip([each._source for each in parts], spec), parts[0]._options)

    # ---- what it is ------------------------------------------------------------------------------------------

    @property
    def element_spec(self) -> Any:
        """The spec of the elements: a structure of `tf.TypeSpec`s."""
        return self._source.spec

    def __iter__(self) -> Iterator[Any]:
        if is_tracing():
            raise ValueNeeded("a pass over a dataset")
        return OwnedIterator(iter(self._source.open()), self.element_spec, self._source.open)

    def _staged_for(self, *_: Any, **__: Any) -> Any:
        """As an iterator's."""
        raise ValueNeeded("a loop over a dataset")

    def as_numpy_iterator(self) -> NumpyIterator:
        """A pass whose elements hold NumPy arrays.

        **Raises:** `TypeError` if elements hold datasets.
        """
        for spec in flatten_element(self.element_spec):
            if isinstance(spec, DatasetSpec):
                raise TypeError(
                    "`tf.data.Dataset.as_numpy_iterator()` is not supported for datasets that produce datasets, as "
                    "windows are. Iterate over the dataset, or batch its windows."
                )
        return NumpyIterator(iter(self._source.open()), Packer(self.element_spec).pack)

    def cardinality(self) -> Any:
        """How many elements there are: an int64 tensor, `tf.data.INFINITE_CARDINALITY` or `UNKNOWN_CARDINALITY`."""
        return convert(np.int64(self._source.length()))

    def __len__(self) -> int:
        length = self._source.length()
        if length == INFINITE:
            raise TypeError("The dataset is infinite.")
        if length == UNKNOWN:
            raise TypeError("The dataset length is unknown.")
        return length

    def __bool__(self) -> bool:
        return True

    def options(self) -> Options:
        """The options it was given."""
        return self._options

    def with_options(self, options: Options, name: str | None = None) -> Dataset:
        """The same elements under other options.

        **Arguments:**
        - `options`: merged with those it has.
        - `name`: accepted for compatibility.
        """
        made = Dataset(self._source, self._options.merge(options))
        made._shown = "_OptionsDataset"
        return made

    def apply(self, transformation_func: Callable[[Dataset], Any]) -> Any:
        """What a function makes of the dataset.

        **Arguments:**
        - `transformation_func`: from a dataset to a dataset.

        **Raises:** `TypeError` if it returns something else.
        """
        made = transformation_func(self)
        if not isinstance(made, Dataset):
            raise TypeError(f"`transformation_func` must return a `tf.data.Dataset` object. Received: {type(made)}.")
        return made

    def get_single_element(self, name: str | None = None) -> Any:
        """The one element.

        **Raises:** `InvalidArgumentError` if there is none, or another.
        """
        elements = iter(self)
        for element in elements:
            for _ in elements:
                raise InvalidArgumentError(message="Dataset had more than one element.")
            return element
        raise InvalidArgumentError(message="Dataset was empty.")

    # ---- choosing elements -----------------------------------------------------------------------------------

    def take(self, count: Any, name: str | None = None) -> Dataset:
        """The first `count` elements; all of them if it is negative."""
        return self._next(Take(self._source, integer(count, "count")))

    def skip(self, count: Any, name: str | None = None) -> Dataset:
        """All but the first `count` elements; none if it is negative."""
        return self._next(Skip(self._source, integer(count, "count")))

    def shard(self, num_shards: Any, index: Any, name: str | None = None) -> Dataset:
        """Every `num_shards`-th element, beginning with that of number `index`.

        **Raises:** `InvalidArgumentError` if `index` is not below `num_shards`.
        """
        count, place = integer(num_shards, "num_shards"), integer(index, "index")
        if count < 1:
            raise InvalidArgumentError(message=f"num_shards must be >= 1. Received: {count}")
        if not 0 <= place < count:
            raise InvalidArgumentError(message=f"index must be in [0, {count - 1}]. Received: {place}")
        return self._next(Shard(self._source, count, place))

    def repeat(self, count: Any = None, name: str | None = None) -> Dataset:
        """The elements `count` times over; without end if it is None or -1."""
        return self._next(Repeat(self._source, -1 if count is None else integer(count, "count")))

    def concatenate(self, dataset: Dataset, name: str | None = None) -> Dataset:
        """The elements, and then those of `dataset`.

        **Raises:** `TypeError` if their specs do not go together.
        """
        return self._next(Concatenate(self._source, dataset._source))

    def enumerate(self, start: Any = 0, name: str | None = None) -> Dataset:
        """Pairs of a number, from `start` on, and an element."""
        return self._next(Enumerate(self._source, integer(start, "start")))

    def shuffle(
        self,
        buffer_size: Any,
        seed: Any = None,
        reshuffle_each_iteration: bool | None = True,
        name: str | None = None,
    ) -> Dataset:
        """The elements in random order; the same as TensorFlow's for the same seeds.

        **Arguments:**
        - `buffer_size`: how many elements wait to be chosen from at a time; `tf.data.UNKNOWN_CARDINALITY` for all.
        - `seed`: a number, or None; see `tf.random.set_seed`.
        - `reshuffle_each_iteration`: whether each pass has an order of its own; by default it has.
        - `name`: accepted for compatibility.

        **Raises:** `InvalidArgumentError` for a size that is not positive.
        """
        size = integer(buffer_size, "buffer_size")
        if size == UNKNOWN:
            size = 2**63
        if size < 1:
            raise InvalidArgumentError(
                message=f"buffer_size must be greater than zero or UNKNOWN_CARDINALITY. Received: {size}"
            )
        return self._next(Shuffle(self._source, size, seed, reshuffle_each_iteration is not False))

    def cache(self, filename: Any = "", name: str | None = None) -> Dataset:
        """The elements, kept after the first whole pass.

        **Arguments:**
        - `filename`: where to keep them; in memory if it is empty.
        - `name`: accepted for compatibility.
        """
        path = text_of(filename)
        return self._next(CachedInFile(self._source, path + ".cache") if path else Cached(self._source))

    # ---- batches ---------------------------------------------------------------------------------------------

    def batch(
        self,
        batch_size: Any,
        drop_remainder: bool = False,
        num_parallel_calls: Any = None,
        deterministic: bool | None = None,
        name: str | None = None,
    ) -> Dataset:
        """Consecutive elements stacked.

        **Arguments:**
        - `batch_size`: how many.
        - `drop_remainder`: whether to leave out a last batch that is smaller.
        - `num_parallel_calls`, `deterministic`: accepted for compatibility; rows are fetched at once, in order.
        - `name`: accepted for compatibility.

        **Raises:** `InvalidArgumentError` for a size that is not positive, and for elements of different shapes.
        """
        size = positive(batch_size, "batch_size")
        made = self._next(Batch(self._source, size, bool(drop_remainder)))
        if num_parallel_calls is not None:
            made._shown = "_ParallelBatchDataset"
        return made

    def padded_batch(
        self,
        batch_size: Any,
        padded_shapes: Any = None,
        padding_values: Any = None,
        drop_remainder: bool = False,
        name: str | None = None,
    ) -> Dataset:
        """Consecutive elements padded to one shape and stacked.

        **Arguments:**
        - `batch_size`: how many.
        - `padded_shapes`: a structure of shapes; None or -1 in one stands for the largest of the batch, as it does for
          the dimensions the element spec leaves open if no shapes are given.
        - `padding_values`: a structure of values, or one for all; zeros and empty strings by default.
        - `drop_remainder`: whether to leave out a last batch that is smaller.
        - `name`: accepted for compatibility.

        **Raises:** `ValueError` for shapes or values that do not fit; `InvalidArgumentError` for an element that is
        larger than its shape.
        """
        size = positive(batch_size, "batch_size")
        specs = flatten_element(self.element_spec)
        shapes = flat_padded_shapes(self.element_spec, specs, padded_shapes)
        values = flat_padding_values(self.element_spec, specs, padding_values)
        return self._next(PaddedBatch(self._source, size, shapes, values, bool(drop_remainder)))

    def unbatch(self, name: str | None = None) -> Dataset:
        """The rows of the elements, one by one."""
        return self._next(Unbatch(self._source))

    def rebatch(self, batch_size: Any, drop_remainder: bool = False, name: str | None = None) -> Dataset:
        """The rows of the elements in batches of another size."""
        made = self.unbatch().batch(batch_size, drop_remainder)
        made._shown = "_RebatchDataset"
        return made

    def window(
        self, size: Any, shift: Any = None, stride: Any = 1, drop_remainder: bool = False, name: str | None = None
    ) -> Dataset:
        """Consecutive elements as small datasets, one for each component.

        **Arguments:**
        - `size`: how many elements in a window.
        - `shift`: how far the next window begins after this one; `size` by default.
        - `stride`: how far apart a window's elements are.
        - `drop_remainder`: whether to leave out last windows that are smaller.
        - `name`: accepted for compatibility.

        **Raises:** `InvalidArgumentError` for numbers that are not positive.
        """
        count, distance, step = (
            positive(value, f"Window {key}")
            for key, value in (("size", size), ("shift", size if shift is None else shift), ("stride", stride))
        )
        spec = map_specs(self.element_spec, DatasetSpec)
        return self._next(Windows(self._source, count, distance, step, bool(drop_remainder), spec, _window))

    # ---- several datasets ------------------------------------------------------------------------------------

    def unique(self, name: str | None = None) -> Dataset:
        """The elements, each once; an element is one tensor."""
        return self._next(Unique(self._source))

    @staticmethod
    def sample_from_datasets(
        datasets: Any,
        weights: Any = None,
        seed: Any = None,
        stop_on_empty_dataset: bool = False,
        rerandomize_each_iteration: bool | None = None,
    ) -> Dataset:
        """Elements of several datasets, each time one chosen at random.

        **Arguments:**
        - `datasets`: a list of datasets.
        - `weights`: how likely each is; alike by default.
        - `seed`: a number, or None.
        - `stop_on_empty_dataset`: whether to stop at the first that has no more elements.
        - `rerandomize_each_iteration`: whether each pass chooses anew.

        **Raises:** `ValueError` without datasets or for other numbers of weights.
        """
        parts = list(datasets)
        if not parts:
            raise ValueError("Invalid `datasets`. `datasets` should not be empty.")
        shares = None if weights is None else np.asarray(host_value(weights), float).reshape(-1).tolist()
        choice = random_choice(len(parts), shares, seed, bool(rerandomize_each_iteration))
        return Dataset(Chosen([each._source for each in parts], choice, stop_on_empty_dataset, INFINITE))

    @staticmethod
    def choose_from_datasets(datasets: Any, choice_dataset: Dataset, stop_on_empty_dataset: bool = True) -> Dataset:
        """Elements of several datasets in the order that another names.

        **Arguments:**
        - `datasets`: a list of datasets.
        - `choice_dataset`: scalar int64s, numbers of datasets.
        - `stop_on_empty_dataset`: whether to stop at the first that has no more elements.

        **Raises:** `ValueError` without datasets; `TypeError` for other choices.
        """
        parts = list(datasets)
        if not parts:
            raise ValueError("Invalid `datasets`. `datasets` should not be empty.")
        choice = choice_dataset._source
        return Dataset(
            Chosen([each._source for each in parts], named_choice(choice), stop_on_empty_dataset, choice.length())
        )

    def prefetch(self, buffer_size: Any, name: str | None = None) -> Dataset:
        """The elements, made ahead of their use where Python functions or files are waited for.

        **Arguments:**
        - `buffer_size`: how many wait at most; 0 for none, `tf.data.AUTOTUNE` for a few.
        - `name`: accepted for compatibility.

        **Raises:** `InvalidArgumentError` for another negative size.
        """
        size = integer(buffer_size, "buffer_size")
        if size < AUTOTUNE:
            raise InvalidArgumentError(message=f"buffer_size must be >= 0 or tf.data.AUTOTUNE. Received: {size}")
        return self._next(Prefetch(self._source, size))

    def __repr__(self) -> str:
        return f"<{self._shown or self._source.label} element_spec={self.element_spec!r}>"


class DatasetSpec(TypeSpec):
    """The spec of a dataset that is a component of an element (`tf.data.DatasetSpec`).

    **Arguments:**
    - `element_spec`: of its elements.
    - `dataset_shape`: the shape of a tensor of such datasets.
    """

    __slots__ = ("_dataset_shape", "_element_spec")

    def __init__(self, element_spec: Any, dataset_shape: Any = ()) -> None:
        self._element_spec = element_spec
        self._dataset_shape = TensorShape(dataset_shape)

    @property
    def value_type(self) -> type:
        """`tf.data.Dataset`."""
        return Dataset

    @property
    def element_spec(self) -> Any:
        """The spec of the dataset's elements."""
        return self._element_spec

    def _parts(self) -> tuple[Any, ...]:
        return self._element_spec, self._dataset_shape


def _window(values: list[Any], spec: Any) -> Dataset:
    return Dataset(Elements([(each,) for each in values], spec))
