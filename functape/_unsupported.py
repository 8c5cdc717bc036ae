"""TensorFlow 2 names that functape leaves out on purpose, or has with a difference: the reason and the way instead."""

from __future__ import annotations

_NO_GRAPH = "There are no graphs of nodes here: a program is recorded as it runs."
_NO_RECORDS_OF_GRAPHS = f"{_NO_GRAPH} For the recorded program use tf.explain, or jax.make_jaxpr on functionalize."
_NO_QUEUES = "Queues fed graphs: use tf.data, or Python's queue.Queue."
_NO_DTENSOR = "Place and shard arrays with jax.sharding and jax.shard_map."
_NO_TPU_CALLS = "JAX finds TPUs by itself: delete the call."
_NO_QUANTIZED = "XLA has no quantized dtypes: compute with tf.int8 or tf.uint8 and a scale of your own."
_NO_SERVICE = "Datasets run in this process: make one in each process with tf.data.Dataset.shard."
_NO_MLIR = "XLA compiles through StableHLO: jax.jit(f).lower(...).as_text() shows it."
_NO_SERVER = "Start processes with jax.distributed.initialize."
_NO_EMBEDDING_HARDWARE = "Embedding tables live with the other variables: use tf.nn.embedding_lookup."
_NO_TENSORRT = "Export the program with jax.export."
_NO_BUILD = "functape is Python only: there is nothing to compile or link against."
_NO_DISPATCH = "Write a class whose __tf_tensor__ gives its tensor."
_NO_SMALL_TYPES = "Compute in tf.int8 or tf.bfloat16; JAX has jnp.int4 and jnp.float8_e4m3fn for arrays of its own."

UNSUPPORTED = {
    "Graph": f"{_NO_GRAPH} Run the code as it stands.",
    "OptionalSpec": "Look at the next element with an iterator: next(iterator, None).",
    "TensorArraySpec": "Pass the TensorArray itself.",
    "config.experimental.ClusterDeviceFilters": _NO_SERVER,
    "fingerprint": "Use hashlib.",
    "random.learned_unigram_candidate_sampler": "Count the classes, and use tf.random.fixed_unigram_candidate_sampler.",
    "nn.learned_unigram_candidate_sampler": "Count the classes, and use tf.random.fixed_unigram_candidate_sampler.",
    "CriticalSection": "Python code runs one line after another: use threading.Lock between threads.",
    "NoneTensorSpec": "None needs no description: pass None.",
    "Operation": _NO_GRAPH,
    "RegisterGradient": "Use tf.custom_gradient.",
    "audio": "Read and write WAV files with Python's wave or scipy.io.wavfile.",
    "check_pinned": "JAX decides where host memory is pinned.",
    "dtensor": _NO_DTENSOR,
    "dtypes.QUANTIZED_DTYPES": _NO_QUANTIZED,
    "dtypes.experimental": _NO_SMALL_TYPES,
    "dtypes.variant": "Keep Python objects in Python: lists, dicts and tf.RaggedTensor.",
    "dtypes.resource": "A variable or table is a Python object: pass it itself.",
    "experimental.BatchableExtensionType": "Use a dataclass or tf.Module that holds the tensors.",
    "experimental.DynamicRaggedShape": "Shapes are known when ops run: use row_lengths and bounding_shape.",
    "experimental.ExtensionType": "Use a dataclass that holds the tensors.",
    "experimental.ExtensionTypeBatchEncoder": "Use a dataclass that holds the tensors.",
    "experimental.ExtensionTypeSpec": "Use a dataclass that holds the tensors.",
    "experimental.StructuredTensor": "Use nested dicts of tensors and tf.RaggedTensor.",
    "experimental.async_clear_error": "Errors are raised where they are made: delete the call.",
    "experimental.async_scope": "Programs are dispatched without waiting anyway: delete the scope.",
    "experimental.dispatch_for_api": _NO_DISPATCH,
    "experimental.dispatch_for_binary_elementwise_apis": _NO_DISPATCH,
    "experimental.dispatch_for_binary_elementwise_assert_apis": _NO_DISPATCH,
    "experimental.dispatch_for_unary_elementwise_apis": _NO_DISPATCH,
    "experimental.unregister_dispatch_for": _NO_DISPATCH,
    "experimental.dtensor": _NO_DTENSOR,
    "experimental.enable_strict_mode": "Delete the call: dtypes are never converted behind your back.",
    "experimental.extension_type": "Use a dataclass that holds the tensors.",
    "experimental.function_executor_type": "XLA runs everything: delete the call.",
    "experimental.register_filesystem_plugin": "Open files through fsspec.",
    "experimental.tensorrt": _NO_TENSORRT,
    **{f"experimental.{name}": _NO_SMALL_TYPES for name in (
        "float4_e2m1fn", "float8_e4m3b11fnuz", "float8_e4m3fn", "float8_e4m3fnuz", "float8_e5m2", "float8_e5m2fnuz",
        "int2", "int4", "uint2", "uint4",
    )},
    "data.experimental.service": _NO_SERVICE,
    "debugging.experimental": "Use tf.config.run_op_by_op and tf.debugging.enable_check_numerics.",
    "distribute.cluster_resolver": _NO_SERVER,
    "distribute.coordinator": _NO_SERVER,
    "distribute.Server": _NO_SERVER,
    "distribute.experimental.coordinator": _NO_SERVER,
    "distribute.experimental.rpc": _NO_SERVER,
    "graph_util": _NO_GRAPH,
    "import_graph_def": _NO_GRAPH,
    "io.write_graph": _NO_RECORDS_OF_GRAPHS,
    "linalg.experimental": "Use tf.linalg.solve, or jax.scipy.sparse.linalg.cg.",
    **{
        f"linalg.LinearOperator{kind}": "Use the dense functions of tf.linalg on the matrix itself."
        for kind in (
            "", "Adjoint", "BlockDiag", "BlockLowerTriangular", "Circulant", "Circulant2D", "Circulant3D",
            "Composition", "Diag", "FullMatrix", "Householder", "Identity", "Inversion", "Kronecker", "LowRankUpdate",
            "LowerTriangular", "Permutation", "ScaledIdentity", "Toeplitz", "Tridiag", "Zeros",
        )
    },
    "load_library": "XLA has no kernels of TensorFlow's: write the op with jax.ffi, or in Python.",
    "load_op_library": "XLA has no kernels of TensorFlow's: write the op with jax.ffi, or in Python.",
    "make_ndarray": "Use tf.io.parse_tensor(message, dtype).numpy().",
    "make_tensor_proto": "Use tf.io.serialize_tensor.",
    "mlir": _NO_MLIR,
    "nn.RNNCellDeviceWrapper": "Delete the wrapper: JAX's default device runs every cell.",
    "nn.RNNCellDropoutWrapper": "Use the dropout arguments of tf.keras.layers.LSTMCell and its like.",
    "nn.RNNCellResidualWrapper": "Add the input to the cell's output in a subclass's call.",
    "nondifferentiable_batch_function": "Collect requests into a batch in Python.",
    "profiler": "Use jax.profiler: start_trace, stop_trace and trace.",
    "qint16": _NO_QUANTIZED,
    "qint32": _NO_QUANTIZED,
    "qint8": _NO_QUANTIZED,
    "quint16": _NO_QUANTIZED,
    "quint8": _NO_QUANTIZED,
    **{f"dtypes.{name}": _NO_QUANTIZED for name in ("qint16", "qint32", "qint8", "quint16", "quint8")},
    "quantization": _NO_QUANTIZED,
    "queue": _NO_QUEUES,
    "raw_ops": "Use the public function: raw_ops are TensorFlow's kernels.",
    "resource": "A variable or table is a Python object: pass it itself.",
    "image.decode_jxl": "Read JPEG XL files with the pillow-jxl-plugin package and PIL.Image.open.",
    "io.decode_jxl": "Read JPEG XL files with the pillow-jxl-plugin package and PIL.Image.open.",
    "image.generate_bounding_box_proposals": (
        "TensorFlow has it on GPUs alone. Decode the boxes from their anchors, clip them, take the best with "
        "tf.math.top_k, and choose with tf.image.non_max_suppression_padded."
    ),
    "ragged.cross_hashed": "Use tf.ragged.cross and tf.strings.to_hash_bucket_fast.",
    "sparse.cross_hashed": "Use tf.sparse.cross and tf.strings.to_hash_bucket_fast.",
    "saved_model.experimental": "Read the folder's files with tf.io.gfile.",
    "sysconfig": _NO_BUILD,
    "test.assert_equal_graph_def": _NO_GRAPH,
    "test.create_local_cluster": _NO_SERVER,
    "test.disable_with_predicate": "Use unittest.skipIf.",
    "test.experimental": "Delete the call: reading a value waits for it.",
    "test.with_eager_op_as_function": "Delete the decorator: programs are compiled anyway.",
    "tpu.experimental": _NO_TPU_CALLS,
    "tpu.XLAOptions": _NO_TPU_CALLS,
    "tpu.experimental.embedding": _NO_EMBEDDING_HARDWARE,
    "train.ClusterDef": _NO_SERVER,
    "train.ClusterSpec": _NO_SERVER,
    "train.Coordinator": "Use Python's threading.Event and concurrent.futures.",
    "train.JobDef": _NO_SERVER,
    "train.ServerDef": _NO_SERVER,
    "types.experimental.distributed": _NO_DTENSOR,
    "variant": "Keep Python objects in Python: lists, dicts and tf.RaggedTensor.",
    "version.COMPILER_VERSION": _NO_BUILD,
    "version.GIT_VERSION": "tf.functape_version is the version of functape.",
}  # fmt: skip
"""By dotted name under `tf`, each with all that is below it."""

DIFFERENT = {
    "linalg.cholesky": "NaN, not an error, for a matrix that is not positive definite.",
    "linalg.inv": "infinities or NaN, not an error, for a singular matrix.",
    "linalg.solve": "infinities or NaN, not an error, for a singular matrix.",
    **{
        f"{module}.{name}": "the pixels are those of dct_method='INTEGER_ACCURATE', a few levels from the default's."
        for module, names in {
            "image": (
                "adjust_jpeg_quality", "decode_and_crop_jpeg", "decode_image", "decode_jpeg", "random_jpeg_quality",
                "stateless_random_jpeg_quality",
            ),
            "io": ("decode_and_crop_jpeg", "decode_image", "decode_jpeg"),
        }.items()
        for name in names
    },
    "device": "everything runs on JAX's default device: the name is checked, and that is all.",
    "nn.fractional_avg_pool": "the sequences are of NumPy's generator.",
    "nn.fractional_max_pool": "the sequences are of NumPy's generator.",
    "config.threading": "XLA's threads are set before the process starts: the numbers are kept, and read back.",
    "config.optimizer": "XLA optimizes everything: the options are kept, and read back.",
    "keras.optimizers.ScheduleFreeAdamW": "takes the steps of the paper; TensorFlow's momentum is read too late.",
}
"""By dotted name under `tf`: what is not as in TensorFlow. docs/differences-from-tensorflow.md tells more."""
