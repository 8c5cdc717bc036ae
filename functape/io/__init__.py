"""Files, records and their formats, under TensorFlow's names (`tf.io`). They are read on the host, at once."""

from __future__ import annotations

from functape._namespace import lazy

_LAZY = {
    **dict.fromkeys(
        ("decode_and_crop_jpeg", "decode_bmp", "decode_gif", "decode_image", "decode_jpeg", "decode_png", "decode_webp",
         "encode_jpeg", "encode_png", "extract_jpeg_shape", "is_jpeg"),
        "functape.image:",
    ),
    **dict.fromkeys(
        ("FixedLenFeature", "FixedLenSequenceFeature", "RaggedFeature", "SparseFeature", "VarLenFeature"),
        "functape.io._features:",
    ),
    **dict.fromkeys(("decode_base64", "decode_compressed", "decode_raw", "encode_base64"), "functape.io._bytes:"),
    **dict.fromkeys(("decode_json_example", "parse_example", "parse_single_example"), "functape.io._examples:"),
    **dict.fromkeys(("parse_sequence_example", "parse_single_sequence_example"), "functape.io._sequences:"),
    **dict.fromkeys(("TFRecordOptions", "TFRecordWriter"), "functape.io._records:"),
    **dict.fromkeys(("matching_files", "read_file", "write_file"), "functape.io._files:"),
    **dict.fromkeys(
        ("deserialize_many_sparse", "parse_tensor", "serialize_many_sparse", "serialize_sparse", "serialize_tensor"),
        "functape.io._tensors:",
    ),
    "decode_csv": "functape.io._csv:",
}  # fmt: skip
_LAZY = {name: place + name for name, place in _LAZY.items()} | {"gfile": "functape.io.gfile"}
__all__ = sorted(_LAZY)

__getattr__ = lazy(__name__, _LAZY, lambda: __all__)
