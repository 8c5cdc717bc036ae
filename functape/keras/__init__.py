"""Keras's names (`tf.keras`). Each part loads on first touch."""

from __future__ import annotations

from functape._namespace import lazy

_LAZY = {
    "Initializer": "functape.keras.initializers:Initializer",
    "Optimizer": "functape.keras.optimizers:Optimizer",
    "Regularizer": "functape.keras.regularizers:Regularizer",
    "activations": "functape.keras.activations",
    "applications": "functape.keras.applications",
    "backend": "functape.keras.backend",
    "callbacks": "functape.keras.callbacks",
    "config": "functape.keras.config",
    "constraints": "functape.keras.constraints",
    "datasets": "functape.keras.datasets",
    "dtype_policies": "functape.keras.dtype_policies",
    "DTypePolicy": "functape.keras.dtype_policies:DTypePolicy",
    "FloatDTypePolicy": "functape.keras.dtype_policies:FloatDTypePolicy",
    "initializers": "functape.keras.initializers",
    "mixed_precision": "functape.keras.mixed_precision",
    "ops": "functape.keras.ops",
    "preprocessing": "functape.keras.preprocessing",
    "random": "functape.keras.random",
    "regularizers": "functape.keras.regularizers",
    "saving": "functape.keras.saving",
    "utils": "functape.keras.utils",
    "Variable": "functape._core._variable:Variable",
    "experimental": "functape.keras.experimental",
    "legacy": "functape.keras.legacy",
    "name_scope": "functape._core._name_scope:name_scope",
    "tree": "functape.keras.tree",
    "Input": "functape.keras.layers.core._input:Input",
    "InputSpec": "functape.keras.layers._layer_specs:InputSpec",
    "KerasTensor": "functape.keras._symbolic:KerasTensor",
    "Layer": "functape.keras.layers._layer:Layer",
    "Model": "functape.keras.models._model:Model",
    "Sequential": "functape.keras.models._sequential:Sequential",
    "layers": "functape.keras.layers",
    "losses": "functape.keras.losses",
    "models": "functape.keras.models",
    "Loss": "functape.keras.losses:Loss",
    "Metric": "functape.keras.metrics:Metric",
    "metrics": "functape.keras.metrics",
    "optimizers": "functape.keras.optimizers",
}
__getattr__ = lazy(__name__, _LAZY, list)
