"""`tf.data`: pipelines of elements."""

from __future__ import annotations

from functape._namespace import lazy
from functape.data._dataset import Dataset, DatasetSpec
from functape.data._iterator import OwnedIterator as Iterator
from functape.data._mapping import AUTOTUNE
from functape.data._options import Options, ThreadingOptions
from functape.data._source import INFINITE as INFINITE_CARDINALITY
from functape.data._source import UNKNOWN as UNKNOWN_CARDINALITY

__all__ = [
    "AUTOTUNE",
    "Dataset",
    "DatasetSpec",
    "INFINITE_CARDINALITY",
    "Iterator",
    "Options",
    "ThreadingOptions",
    "UNKNOWN_CARDINALITY",
]

_LAZY = {
    "FixedLengthRecordDataset": "functape.data._file_datasets:FixedLengthRecordDataset",
    "IteratorSpec": "functape.data._iterator:IteratorSpec",
    "NumpyIterator": "functape.data._iterator:NumpyIterator",
    "TFRecordDataset": "functape.data._file_datasets:TFRecordDataset",
    "TextLineDataset": "functape.data._file_datasets:TextLineDataset",
    "experimental": "functape.data.experimental",
}
__getattr__ = lazy(__name__, _LAZY, lambda: __all__)
