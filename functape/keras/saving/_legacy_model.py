"""Whole models in Keras 2's HDF5 format."""

from __future__ import annotations

import json
import logging
from typing import Any

import h5py

from functape.keras import metrics
from functape.keras._registration import (
    CustomObjectScope,
    get_custom_objects,
    get_registered_name,
    get_registered_object,
)
from functape.keras._serialization import SafeModeScope, deserialize_keras_object, serialize_keras_object
from functape.keras.optimizers._weights import load_values
from functape.keras.saving import _legacy_weights as weights
from functape.keras.saving._state import optimizer_variables

_logger = logging.getLogger("functape")
_NOT_IN_KERAS_2 = ("module", "registered_name", "build_config", "compile_config", "shared_object_id")


def save_legacy_model(model: Any, path: Any, include_optimizer: bool = True) -> None:
    """Store a model as one HDF5 file.

    **Arguments:**
    - `model`: the model.
    - `path`: the file.
    - `include_optimizer`: whether to store what `compile` was given, and the optimizer's state.

    **Raises:** `NotImplementedError` for a subclassed model without `get_config`.
    """
    with h5py.File(path, "w") as file:
        file.attrs["keras_version"] = weights.KERAS_VERSION
        file.attrs["backend"] = "tensorflow"
        config = _with_plain_layers(serialize_keras_object(model.get_config()))
        _set_json(file, "model_config", {"class_name": get_registered_name(type(model)), "config": config})
        weights.save_weights(file.create_group("model_weights"), model)
        if include_optimizer and model.compiled and model.optimizer is not None:
            _set_json(file, "training_config", _training_config(model))
            variables = optimizer_variables(model.optimizer)
            weights.save_variables(file.create_group("optimizer_weights"), variables)


def _set_json(file: Any, name: str, value: Any) -> None:
    text = json.dumps(value).encode()
    # An attribute holds no more than 64 KiB, unless it is a string of its own.
    file.attrs.create(name, text, dtype=h5py.string_dtype("utf-8"))


def _with_plain_layers(config: Any) -> Any:
    """A model's configuration with its layers described as in Keras 2: class and configuration only."""
    if not isinstance(config, dict) or not isinstance(config.get("layers"), list):
        return config
    layers = []
    for layer in config["layers"]:
        plain = {key: each for key, each in layer.items() if key not in _NOT_IN_KERAS_2}
        if layer.get("registered_name"):
            plain["class_name"] = layer["registered_name"]
        layers.append({**plain, "config": _with_plain_layers(plain["config"])})
    return {**config, "layers": layers}


def _training_config(model: Any) -> dict[str, Any]:
    told = {key: each for key, each in model.get_compile_config().items() if key != "optimizer"}
    optimizer = model.optimizer
    described = {"class_name": get_registered_name(type(optimizer)), "config": optimizer.get_config()}
    return {**told, "optimizer_config": serialize_keras_object(described)}


def load_legacy_model(path: Any, custom_objects: dict[str, Any] | None, compile: bool, safe_mode: bool) -> Any:
    """The model that an HDF5 file holds; the arguments are those of `load_model`.

    **Raises:** `ValueError` if it holds no model, but weights perhaps.
    """
    with h5py.File(path, "r") as file, CustomObjectScope(custom_objects), SafeModeScope(safe_mode):
        config = _get_json(file, "model_config")
        if config is None:
            raise ValueError(
                f"No model config found in the file at {path}. If it holds weights only, make the model and call "
                "`model.load_weights(path)`."
            )
        model = deserialize_keras_object(_modernized(config), safe_mode=safe_mode)
        weights.load_weights(file["model_weights"], model)
        if compile:
            _compile(model, file)
    return model


def _get_json(file: Any, name: str) -> Any:
    text = file.attrs.get(name)
    if text is None:
        return None
    return json.loads(text.decode() if isinstance(text, bytes) else text, object_hook=_special)


def _special(value: dict[str, Any]) -> Any:
    """The tuples and shapes that Keras 2 writes as dicts."""
    if value.get("class_name") == "__tuple__":
        return tuple(value["items"])
    if value.get("class_name") == "TensorShape" and "items" in value:
        return tuple(value["items"])
    return value


def _modernized(config: Any) -> Any:
    """A configuration of Keras 2 without what only it knows."""
    if isinstance(config, dict):
        config = {key: _modernized(each) for key, each in config.items()}
        name = config.get("class_name")
        if isinstance(name, str) and name.startswith("Custom>") and name not in get_custom_objects():
            config["class_name"] = name.removeprefix("Custom>")
        return config
    if isinstance(config, list | tuple):
        return type(config)(_modernized(each) for each in config)
    return config


def _compile(model: Any, file: Any) -> None:
    training = _get_json(file, "training_config")
    if training is None:
        _logger.warning(
            "No training configuration found in the save file, so the model was *not* compiled. Compile it manually."
        )
        return
    training = _modernized(training)
    model.compile(
        optimizer=_object(training["optimizer_config"]),
        loss=_object(training.get("loss")),
        metrics=_metrics(_object(training.get("metrics")), model),
        weighted_metrics=_metrics(_object(training.get("weighted_metrics")), model),
        loss_weights=training.get("loss_weights"),
    )
    if "optimizer_weights" not in file or model.optimizer is None:
        return
    model.optimizer.build(model.trainable_variables)
    values = weights.load_variables(file["optimizer_weights"])
    load_values(model.optimizer, {str(place): value for place, value in enumerate(values)})


def _object(config: Any) -> Any:
    """The objects of a structure of configurations; names stay names."""
    if isinstance(config, dict):
        if config.get("class_name") == "MeanMetricWrapper" and isinstance(config["config"].get("fn"), str):
            return _named_metric(**config["config"])
        if "class_name" in config and "config" in config:
            return deserialize_keras_object(config)
        return {key: _object(each) for key, each in config.items()}
    if isinstance(config, list | tuple):
        return [_object(each) for each in config]
    if isinstance(config, str):
        found = get_registered_object(config)
        return config if found is None else found
    return config


def _named_metric(fn: str, name: str | None = None, dtype: Any = None, **settings: Any) -> Any:
    """The mean of a function that Keras 2 stores by its name."""
    metric = metrics.get(fn)
    if isinstance(metric, metrics.Metric):
        return type(metric)(name=name, dtype=dtype, **settings)
    return metrics.MeanMetricWrapper(metric, name=name, dtype=dtype, **settings)


def _metrics(given: Any, model: Any) -> Any:
    """The metrics of a model of one output: Keras 2 has them in a list of its own."""
    if isinstance(given, list) and len(given) == 1 and isinstance(given[0], list):
        return given[0] if len(getattr(model, "output_names", ()) or ()) <= 1 else given
    return given
