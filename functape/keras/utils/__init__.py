"""Helpers around models and data (`tf.keras.utils`)."""

from __future__ import annotations

from functape._namespace import lazy
from functape.keras._configuration import standardize_dtype
from functape.keras._naming import clear_session
from functape.keras._registration import (
    CustomObjectScope,
    custom_object_scope,
    get_custom_objects,
    get_registered_name,
    get_registered_object,
    register_keras_serializable,
)
from functape.keras._serialization import deserialize_keras_object, serialize_keras_object
from functape.keras.random._seeds import set_random_seed
from functape.keras.utils._files import get_file
from functape.keras.utils._images import array_to_img, img_to_array, load_img, save_img
from functape.keras.utils._numbers import normalize, to_categorical, to_ordinal
from functape.keras.utils._packing import pack_x_y_sample_weight, unpack_x_y_sample_weight
from functape.keras.utils._padding import pad_sequences
from functape.keras.utils._progress import (
    Progbar,
    disable_interactive_logging,
    enable_interactive_logging,
    is_interactive_logging_enabled,
)
from functape.keras.utils._pydataset import GeneratorEnqueuer, OrderedEnqueuer, PyDataset, SequenceEnqueuer

Sequence = PyDataset

__all__ = [
    "CustomObjectScope", "GeneratorEnqueuer", "OrderedEnqueuer", "Progbar", "PyDataset", "Sequence",
    "SequenceEnqueuer", "array_to_img", "clear_session", "custom_object_scope", "deserialize_keras_object",
    "disable_interactive_logging", "enable_interactive_logging", "get_custom_objects", "get_file",
    "get_registered_name", "get_registered_object", "img_to_array", "is_interactive_logging_enabled", "load_img",
    "normalize", "pack_x_y_sample_weight", "pad_sequences", "register_keras_serializable", "save_img",
    "serialize_keras_object", "set_random_seed", "standardize_dtype", "to_categorical", "to_ordinal",
    "unpack_x_y_sample_weight",
]  # fmt: skip

_LAZY = {
    "image_dataset_from_directory": "functape.keras.utils._folder_datasets:image_dataset_from_directory",
    "is_keras_tensor": "functape.keras.backend:is_keras_tensor",
    "legacy": "functape.keras.utils.legacy",
    "model_to_dot": "functape.keras.utils._model_pictures:model_to_dot",
    "plot_model": "functape.keras.utils._model_pictures:plot_model",
    "split_dataset": "functape.keras.utils._datasets:split_dataset",
    "text_dataset_from_directory": "functape.keras.utils._folder_datasets:text_dataset_from_directory",
    "timeseries_dataset_from_array": "functape.keras.utils._datasets:timeseries_dataset_from_array",
}

__getattr__ = lazy(__name__, _LAZY, lambda: __all__)
