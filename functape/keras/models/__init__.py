"""Keras's models (`tf.keras.models`). Each loads on first touch."""

from __future__ import annotations

from functape._namespace import lazy

_LAZY = {
    "Functional": "functape.keras.models._functional:Functional",
    "Model": "functape.keras.models._model:Model",
    "Sequential": "functape.keras.models._sequential:Sequential",
    "load_model": "functape.keras.saving._api:load_model",
    "save_model": "functape.keras.saving._api:save_model",
    "clone_model": "functape.keras.models._cloning:clone_model",
    "model_from_config": "functape.keras.models._cloning:model_from_config",
    "model_from_json": "functape.keras.models._cloning:model_from_json",
}
__getattr__ = lazy(__name__, _LAZY, list)
