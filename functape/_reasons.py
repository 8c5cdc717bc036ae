"""Names that TensorFlow programs use and functape does not have: what to use instead."""

from __future__ import annotations

_IMPLEMENTATION = (
    "it is TensorFlow's own implementation, not its public interface. Use the public name instead: "
    "tensorflow.keras for tensorflow.python.keras, tf.<name> for tensorflow.python.ops and tensorflow.python.framework."
)
_CONTRIB = "it belonged to TensorFlow 1 and is not part of TensorFlow 2. Use tf.keras, tf.math, tf.nn or tf.image."

PRIVATE = {
    "python": _IMPLEMENTATION,
    "core": _IMPLEMENTATION,
    "compiler": _IMPLEMENTATION,
    "tools": _IMPLEMENTATION,
    "_api": _IMPLEMENTATION,
    "contrib": _CONTRIB,
    "examples": _CONTRIB,
}
"""Top-level modules that are nobody's public interface."""

RENAMED = {
    "assign": "the variable's own assign method",
    "assign_add": "the variable's own assign_add method",
    "assign_sub": "the variable's own assign_sub method",
    "ceil": "tf.math.ceil",
    "count_nonzero": "tf.math.count_nonzero",
    "cumprod": "tf.math.cumprod",
    "diag": "tf.linalg.tensor_diag",
    "diag_part": "tf.linalg.tensor_diag_part",
    "digamma": "tf.math.digamma",
    "div": "tf.divide",
    "div_no_nan": "tf.math.divide_no_nan",
    "erf": "tf.math.erf",
    "erfc": "tf.math.erfc",
    "expm1": "tf.math.expm1",
    "floordiv": "tf.math.floordiv",
    "is_finite": "tf.math.is_finite",
    "is_inf": "tf.math.is_inf",
    "is_nan": "tf.math.is_nan",
    "lgamma": "tf.math.lgamma",
    "log": "tf.math.log",
    "log1p": "tf.math.log1p",
    "log_sigmoid": "tf.math.log_sigmoid",
    "matrix_determinant": "tf.linalg.det",
    "matrix_inverse": "tf.linalg.inv",
    "matrix_solve": "tf.linalg.solve",
    "matrix_transpose": "tf.linalg.matrix_transpose",
    "mod": "tf.math.floormod",
    "multinomial": "tf.random.categorical",
    "random_crop": "tf.image.random_crop",
    "random_gamma": "tf.random.gamma",
    "random_normal": "tf.random.normal",
    "random_shuffle": "tf.random.shuffle",
    "random_uniform": "tf.random.uniform",
    "reciprocal": "tf.math.reciprocal",
    "rint": "tf.math.rint",
    "rsqrt": "tf.math.rsqrt",
    "segment_sum": "tf.math.segment_sum",
    "set_random_seed": "tf.random.set_seed",
    "softplus": "tf.nn.softplus",
    "squared_difference": "tf.math.squared_difference",
    "sub": "tf.subtract",
    "mul": "tf.multiply",
    "neg": "tf.negative",
    "pack": "tf.stack",
    "unpack": "tf.unstack",
    "to_double": "tf.cast(x, tf.float64)",
    "to_float": "tf.cast(x, tf.float32)",
    "to_int32": "tf.cast(x, tf.int32)",
    "to_int64": "tf.cast(x, tf.int64)",
    "trace": "tf.linalg.trace",
    "truncated_normal": "tf.random.truncated_normal",
    "python_io.TFRecordWriter": "tf.io.TFRecordWriter",
    "string_join": "tf.strings.join",
    "string_split": "tf.strings.split",
    "string_strip": "tf.strings.strip",
    "string_to_hash_bucket": "tf.strings.to_hash_bucket",
    "string_to_hash_bucket_fast": "tf.strings.to_hash_bucket_fast",
    "string_to_hash_bucket_strong": "tf.strings.to_hash_bucket_strong",
    "string_to_number": "tf.strings.to_number",
    "nn.softmax_cross_entropy_with_logits_v2": "tf.nn.softmax_cross_entropy_with_logits",
    "train.AdamOptimizer": "tf.keras.optimizers.Adam",
    "train.GradientDescentOptimizer": "tf.keras.optimizers.SGD",
    "train.MomentumOptimizer": "tf.keras.optimizers.SGD with momentum",
    "train.AdagradOptimizer": "tf.keras.optimizers.Adagrad",
    "train.RMSPropOptimizer": "tf.keras.optimizers.RMSprop",
}
"""TensorFlow 1 names that live on under another name."""

_NO_GRAPH = "Programs run as they are written: call the functions, and read a value with its numpy method."
_NO_PLACEHOLDER = "Pass the values as arguments of an ordinary Python function."

TENSORFLOW_1 = {
    "ConfigProto": _NO_GRAPH,
    "GPUOptions": _NO_GRAPH,
    "InteractiveSession": _NO_GRAPH,
    "Session": _NO_GRAPH,
    "Print": "Use tf.print.",
    "app": "Call your main function yourself, or use absl.app.",
    "disable_eager_execution": _NO_GRAPH,
    "enable_eager_execution": "Delete the call: it is how programs run anyway.",
    "enable_v2_behavior": "Delete the call: it is how programs run anyway.",
    "flags": "Use argparse or absl.flags.",
    "get_default_graph": _NO_GRAPH,
    "get_default_session": _NO_GRAPH,
    "get_variable": "Use tf.Variable, kept in a tf.Module.",
    "global_variables": "Use the variables attribute of a tf.Module.",
    "global_variables_initializer": "Delete the call: a tf.Variable has its value from the start.",
    "initialize_all_variables": "Delete the call: a tf.Variable has its value from the start.",
    "layers": "Use tf.keras.layers.",
    "local_variables_initializer": "Delete the call: a tf.Variable has its value from the start.",
    "logging": "Use Python's logging, or absl.logging.",
    "placeholder": _NO_PLACEHOLDER,
    "placeholder_with_default": _NO_PLACEHOLDER,
    "py_func": "Use tf.py_function.",
    "reset_default_graph": "Delete the call: there is no graph to reset.",
    "python_io": "Use tf.io.TFRecordWriter and tf.data.TFRecordDataset.",
    "tables_initializer": "Delete the call: a table is filled when it is made.",
    "trainable_variables": "Use the trainable_variables attribute of a tf.Module.",
    "variable_scope": "Use tf.Module and its name_scope.",
}
"""TensorFlow 1 names with no successor under another name."""

INSTEAD = {
    "compat.v1": "Programs in TensorFlow 1 style are not supported: write the step with tf.GradientTape.",
    "estimator": "Write the training loop with tf.GradientTape.",
    "feature_column": "Prepare the columns with NumPy or pandas.",
    "lite": "There is no converter to TensorFlow Lite.",
    "tpu": "JAX finds the devices by itself: delete the initialization.",
    "xla": "Everything is compiled by XLA anyway.",
}
"""TensorFlow 2 names, each with all that is below it: how to write the program while they are missing."""
