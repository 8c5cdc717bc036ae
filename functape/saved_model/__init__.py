"""`tf.saved_model`: programs with their variables in a folder, as StableHLO that `jax.export` writes.

It is not TensorFlow's SavedModel: the folder holds no `saved_model.pb`, TensorFlow does not read it, and this module
does not read TensorFlow's.
"""

from functape._namespace import lazy

_LAZY = {
    "Asset": "functape.saved_model._options:Asset",
    "LoadOptions": "functape.saved_model._options:LoadOptions",
    "SaveOptions": "functape.saved_model._options:SaveOptions",
    "contains_saved_model": "functape.saved_model._files:contains_saved_model",
    "load": "functape.saved_model._load:load",
    "save": "functape.saved_model._save:save",
}

ASSETS_DIRECTORY = "assets"
ASSETS_KEY = "saved_model_assets"
CLASSIFY_INPUTS = "inputs"
CLASSIFY_METHOD_NAME = "tensorflow/serving/classify"
CLASSIFY_OUTPUT_CLASSES = "classes"
CLASSIFY_OUTPUT_SCORES = "scores"
DEBUG_DIRECTORY = "debug"
DEBUG_INFO_FILENAME_PB = "saved_model_debug_info.pb"
DEFAULT_SERVING_SIGNATURE_DEF_KEY = "serving_default"
GPU = "gpu"
PREDICT_INPUTS = "inputs"
PREDICT_METHOD_NAME = "tensorflow/serving/predict"
PREDICT_OUTPUTS = "outputs"
REGRESS_INPUTS = "inputs"
REGRESS_METHOD_NAME = "tensorflow/serving/regress"
REGRESS_OUTPUTS = "outputs"
SAVED_MODEL_FILENAME_PB = "saved_model.pb"
SAVED_MODEL_FILENAME_PBTXT = "saved_model.pbtxt"
SAVED_MODEL_SCHEMA_VERSION = 1
SERVING = "serve"
TPU = "tpu"
TRAINING = "train"
VARIABLES_DIRECTORY = "variables"
VARIABLES_FILENAME = "variables"

__all__ = [name for name in dir() if name.isupper() and not name.startswith("_")]
__getattr__ = lazy(__name__, _LAZY, lambda: __all__)
