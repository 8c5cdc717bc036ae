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
_NO_REPLICAS = "Use tf.distribute.get_strategy(), which has one replica, or split the work with jax.shard_map."
_NO_EMBEDDING_HARDWARE = "Embedding tables live with the other variables: use tf.nn.embedding_lookup."
_NO_TENSORRT = "Export the program with jax.export."
_NO_BUILD = "functape is Python only: there is nothing to compile or link against."
_NO_DISPATCH = "Write a class whose __tf_tensor__ gives its tensor."
_NO_SMALL_TYPES = "Compute in tf.int8 or tf.bfloat16; JAX has jnp.int4 and jnp.float8_e4m3fn for arrays of its own."

_NO_OTHER_ARCHITECTURES = (
    "Build the architecture with tf.keras.layers, or take a flax module by tf.keras.layers.FlaxLayer; there are VGG, "
    "ResNet and MobileNetV2 in tf.keras.applications."
)
_NO_AUGMENTATION = "Write the augmentation with tf.image in tf.data.Dataset.map, or in a layer's call."
_NO_BOXES = "Compute with the boxes' coordinates directly, or use tf.image's functions of boxes."
_NO_CTC_DECODE = "Use tf.nn.ctc_greedy_decoder or tf.nn.ctc_beam_search_decoder."
_NO_PLOTS = "Draw with matplotlib."
_NO_SKLEARN = "Wrap model.fit and model.predict in a class of scikit-learn's BaseEstimator."
_NO_ESTIMATOR = "Estimators are gone from TensorFlow too: use tf.keras.Model.fit."
_NO_FEATURE_COLUMNS = "Use the preprocessing layers: StringLookup, CategoryEncoding, Normalization."
_NO_SPECTROGRAM = "Compute it with tf.signal.stft, and tf.signal.linear_to_mel_weight_matrix."

UNSUPPORTED = {
    "Graph": f"{_NO_GRAPH} Run the code as it stands.",
    "OptionalSpec": "Look at the next element with an iterator: next(iterator, None).",
    "TensorArraySpec": "Pass the TensorArray itself.",
    "config.experimental.ClusterDeviceFilters": _NO_SERVER,
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
    **{
        f"distribute.cluster_resolver.{name}": _NO_SERVER
        for name in (
            "ClusterResolver", "GCEClusterResolver", "KubernetesClusterResolver", "KubernetesExecutableLocation",
            "SimpleClusterResolver", "SlurmClusterResolver", "TFConfigClusterResolver", "UnionResolver",
        )
    },
    "distribute.coordinator": _NO_SERVER,
    **{
        f"distribute.{name}": _NO_REPLICAS
        for name in ("MultiWorkerMirroredStrategy", "ParameterServerStrategy", "TPUStrategy", "experimental")
    },
    **{
        f"distribute.{name}": "With one replica datasets and values are what they are without a strategy."
        for name in ("DistributedDataset", "DistributedIterator", "DistributedValues", "InputReplicationMode")
    },
    "distribute.experimental_set_strategy": "Use the strategy's scope.",
    "distribute.Server": _NO_SERVER,
    "distribute.experimental.coordinator": _NO_SERVER,
    "distribute.experimental.rpc": _NO_SERVER,
    "graph_util": _NO_GRAPH,
    "import_graph_def": _NO_GRAPH,
    "io.decode_proto": "Use the message's own class: Message.FromString(content).",
    "io.encode_proto": "Use the message's own class: Message(...).SerializeToString().",
    "io.match_filenames_once": "Use tf.io.gfile.glob, or tf.io.matching_files.",
    "io.write_graph": _NO_RECORDS_OF_GRAPHS,
    "linalg.experimental": "Use tf.linalg.solve, or jax.scipy.sparse.linalg.cg.",
    "keras.Function": "Use tf.keras.Model(inputs, outputs).",
    "keras.Operation": "Use tf.keras.layers.Layer.",
    "keras.Quantizer": _NO_QUANTIZED,
    "keras.RematScope": "Use tf.recompute_grad.",
    "keras.StatelessScope": "Use functape.functionalize.",
    "keras.SymbolicScope": "Use tf.keras.Input.",
    "keras.device": "Delete the scope: JAX's default device runs everything.",
    "keras.distillation": "Write the loss of student and teacher in train_step.",
    "keras.distribution": _NO_DTENSOR,
    "keras.dtensor": _NO_DTENSOR,
    "keras.estimator": _NO_ESTIMATOR,
    "keras.experimental.LinearModel": _NO_ESTIMATOR,
    "keras.experimental.SequenceFeatures": _NO_FEATURE_COLUMNS,
    "keras.experimental.SidecarEvaluator": "Call model.evaluate, in a process of its own if need be.",
    "keras.experimental.WideDeepModel": _NO_ESTIMATOR,
    "keras.export": "Use functape.functionalize and jax.export.",
    **{f"keras.ops.{module}ctc_decode": _NO_CTC_DECODE for module in ("", "nn.")},
    "keras.ops.image.elastic_transform": "Draw displacements with tf.random, for tf.keras.ops.image.map_coordinates.",
    "keras.protobuf": "Models are stored by model.save.",
    "keras.quantizers": _NO_QUANTIZED,
    "keras.remat": "Use tf.recompute_grad.",
    "keras.version": "tf.functape_version is the version of functape.",
    "keras.visualization": _NO_PLOTS,
    "keras.wrappers": _NO_SKLEARN,
    **{
        f"keras.applications.{name}": _NO_OTHER_ARCHITECTURES
        for name in (
            "DenseNet121", "DenseNet169", "DenseNet201", "InceptionResNetV2", "InceptionV3", "MobileNet",
            "MobileNetV3Large", "MobileNetV3Small", "NASNetLarge", "NASNetMobile", "Xception", "convnext", "densenet",
            "efficientnet", "efficientnet_v2", "inception_resnet_v2", "inception_v3", "mobilenet", "mobilenet_v3",
            "nasnet", "regnet", "resnet_rs", "xception",
            *(f"ConvNeXt{size}" for size in ("Base", "Large", "Small", "Tiny", "XLarge")),
            *(f"EfficientNetB{number}" for number in range(8)),
            *(f"EfficientNetV2{size}" for size in ("B0", "B1", "B2", "B3", "L", "M", "S")),
            *(
                f"RegNet{kind}{size}"
                for kind in "XY"
                for size in ("002", "004", "006", "008", "016", "032", "040", "064", "080", "120", "160", "320")
            ),
            *(f"ResNetRS{depth}" for depth in (50, 101, 152, 200, 270, 350, 420)),
        )
    },
    "keras.backend.experimental": "Random numbers are TensorFlow's own, given the same seeds: delete the call.",
    "keras.backend.function": "Use tf.keras.Model(inputs, outputs), or tf.function.",
    "keras.backend.manual_variable_initialization": "Variables are made with their values: delete the call.",
    "keras.callbacks.BaseLogger": "tf.keras.callbacks.History has the means of each epoch.",
    "keras.callbacks.OrbaxCheckpoint": "Use tf.keras.callbacks.ModelCheckpoint, or orbax on functape.functionalize.",
    "keras.callbacks.SidecarEvaluatorModelExport": "Call model.evaluate and model.save in a process of its own.",
    "keras.callbacks.experimental": "Use tf.keras.callbacks.BackupAndRestore.",
    "keras.config.disable_flash_attention": "XLA chooses how attention is computed: delete the call.",
    "keras.config.enable_flash_attention": "XLA chooses how attention is computed: delete the call.",
    "keras.config.is_flash_attention_enabled": "XLA chooses how attention is computed.",
    "keras.config.is_nnx_enabled": "A flax.nnx module is taken by tf.keras.layers.FlaxLayer.",
    **{
        f"keras.dtype_policies.{name}": _NO_QUANTIZED
        for name in (
            "AWQDTypePolicy", "GPTQDTypePolicy", "Int4DTypePolicy", "QuantizedDTypePolicy",
            "QuantizedFloat8DTypePolicy",
        )
    },
    "keras.layers.AbstractRNNCell": "Subclass tf.keras.layers.Layer, with state_size and call(inputs, states).",
    "keras.layers.DenseFeatures": _NO_FEATURE_COLUMNS,
    "keras.layers.JaxLayer": "Use tf.keras.layers.Lambda with jax.numpy, or tf.keras.layers.FlaxLayer.",
    "keras.layers.MaxNumBoundingBoxes": _NO_BOXES,
    "keras.layers.MelSpectrogram": _NO_SPECTROGRAM,
    "keras.layers.Pipeline": "Use tf.keras.Sequential.",
    "keras.layers.ReversibleEmbedding": "Multiply by tf.transpose(embedding.embeddings).",
    "keras.layers.STFTSpectrogram": _NO_SPECTROGRAM,
    "keras.layers.TFSMLayer": "Load the model where TensorFlow is, and save it as .keras.",
    "keras.layers.TorchModuleWrapper": "Port the module to tf.keras.layers or flax.",
    **{
        f"keras.layers.{name}": _NO_AUGMENTATION
        for name in (
            "AugMix", "AutoContrast", "ContrastLimitedAdaptiveHistogramEqualization", "CutMix", "Equalization",
            "MixUp", "RandAugment", "RandomColorDegeneration", "RandomColorJitter", "RandomElasticTransform",
            "RandomErasing", "RandomGaussianBlur", "RandomGrayscale", "RandomHeight", "RandomHue", "RandomInvert",
            "RandomPerspective", "RandomPosterization", "RandomSaturation", "RandomSharpness", "RandomShear",
            "RandomWidth", "Solarization", "experimental.preprocessing.RandomHeight",
            "experimental.preprocessing.RandomWidth",
        )
    },
    "keras.layers.experimental.DynamicEmbedding": "Use tf.keras.layers.StringLookup and Embedding.",
    "keras.layers.experimental.DynamicLookup": "Use tf.keras.layers.StringLookup.",
    "keras.layers.experimental.RandomFourierFeatures": "Use Dense with a fixed random kernel, and tf.cos.",
    "keras.metrics.experimental": "Compute in NumPy on result().numpy(), or subclass tf.keras.metrics.Metric.",
    "keras.models.experimental": "Write the two gradients of sharpness-aware minimization in train_step.",
    "keras.models.model_from_yaml": "Use model_from_json, as in TensorFlow.",
    "keras.preprocessing.image.DirectoryIterator": "Use ImageDataGenerator.flow_from_directory.",
    "keras.preprocessing.image.Iterator": "Use tf.keras.utils.PyDataset.",
    "keras.preprocessing.image.NumpyArrayIterator": "Use ImageDataGenerator.flow.",
    "keras.utils.Config": "Use a dict or a dataclass.",
    "keras.utils.FeatureSpace": _NO_FEATURE_COLUMNS,
    "keras.utils.SidecarEvaluator": "Call model.evaluate, in a process of its own if need be.",
    "keras.utils.StepsPerExecutionTuner": "Pass steps_per_execution to compile.",
    "keras.utils.TimedThread": "Use Python's threading.Thread.",
    "keras.utils.audio_dataset_from_directory": "Use scipy.io.wavfile in tf.data.Dataset.from_generator.",
    "keras.utils.bounding_boxes": _NO_BOXES,
    "keras.utils.experimental": "Pass the dataset itself to fit.",
    "keras.utils.get_source_inputs": "Use model.inputs.",
    "keras.utils.warmstart_embedding_matrix": "Copy the rows of the words known before, and set_weights.",
    "load_library": "XLA has no kernels of TensorFlow's: write the op with jax.ffi, or in Python.",
    "load_op_library": "XLA has no kernels of TensorFlow's: write the op with jax.ffi, or in Python.",
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
    **{
        f"quantization.{name}": _NO_QUANTIZED
        for name in (
            "dequantize", "experimental", "quantize", "quantize_and_dequantize", "quantize_and_dequantize_v2",
            "quantized_concat",
        )
    },
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
    "strings.unicode_script": "Use fontTools.unicodedata.script on the characters.",
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
    "types.experimental.AtomicFunction": "Use tf.types.experimental.ConcreteFunction.",
    "types.experimental.FunctionType": "Use inspect.signature(f.python_function).",
    "types.experimental.SupportsTracingProtocol": "Give the class __tf_flatten__ and __tf_unflatten__.",
    "types.experimental.TraceType": "Give the class __tf_flatten__ and __tf_unflatten__.",
    "experimental.RowPartition": "Use the row splits, row lengths and value rowids of a tf.RaggedTensor.",
    "data.experimental.ServiceOptions": _NO_SERVICE,
    "data.experimental.distributed_save": "Save with tf.data.Dataset.save.",
    "data.experimental.from_variant": "Pass the dataset itself.",
    "data.experimental.to_variant": "Pass the dataset itself.",
    "data.experimental.get_model_proto": "Measure the steps of the pipeline with time.perf_counter.",
    "data.experimental.make_saveable_from_iterator": "Save the iterator with tf.train.Checkpoint(iterator=iterator).",
    "train.experimental": "A checkpoint is one file: there is nothing to shard. Keep Python state in a tf.Variable.",
    "variant": "Keep Python objects in Python: lists, dicts and tf.RaggedTensor.",
    "version.COMPILER_VERSION": _NO_BUILD,
    "version.GIT_VERSION": "tf.functape_version is the version of functape.",
}  # fmt: skip
"""By dotted name under `tf`, each with all that is below it."""

DIFFERENT = {
    "experimental.numpy.experimental_enable_numpy_behavior": "the modes 'safe' and 'all', of weak types, are refused.",
    "experimental.numpy.around": "decimals below 0 round to tens exactly; TensorFlow's factor of 0.1 is a float32.",
    "io.gfile": "paths are those of this machine: fsspec reads others.",
    "io.decode_compressed": "ZSTD is not supported.",
    "linalg.cholesky": "NaN, not an error, for a matrix that is not positive definite.",
    "linalg.inv": "infinities or NaN, not an error, for a singular matrix.",
    "linalg.solve": "infinities or NaN, not an error, for a singular matrix.",
    **{
        f"{module}.{name}": "the pixels are those of dct_method='INTEGER_ACCURATE', a few levels from the default's."
        for module, names in {
            "image": (
                "adjust_jpeg_quality",
                "decode_and_crop_jpeg",
                "decode_image",
                "decode_jpeg",
                "random_jpeg_quality",
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
    "distribute.MirroredStrategy": "has one replica, on one device; several devices are refused.",
    "distribute.OneDeviceStrategy": "the device is JAX's default one: its name is checked, and that is all.",
    "distribute.cluster_resolver.TPUClusterResolver": "finds no TPU: the ValueError says so, as on a machine without.",
    "config.optimizer": "XLA optimizes everything: the options are kept, and read back.",
    "keras.activations.sparsemax": "is the nearest point of the simplex; TensorFlow's does not sum to one.",
    "keras.optimizers.ScheduleFreeAdamW": "takes the steps of the paper; TensorFlow's momentum is read too late.",
}
"""By dotted name under `tf`: what is not as in TensorFlow. docs/differences-from-tensorflow.md tells more."""
