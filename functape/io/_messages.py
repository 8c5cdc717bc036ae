"""TensorFlow's messages for examples and tensors, in its wire format.

They live in a pool of descriptors of their own, so that TensorFlow may be loaded in the same process.
"""

from __future__ import annotations

from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

_Field = descriptor_pb2.FieldDescriptorProto
_SCALARS = {
    "bytes": _Field.TYPE_BYTES,
    "string": _Field.TYPE_STRING,
    "float": _Field.TYPE_FLOAT,
    "double": _Field.TYPE_DOUBLE,
    "int32": _Field.TYPE_INT32,
    "int64": _Field.TYPE_INT64,
    "uint32": _Field.TYPE_UINT32,
    "uint64": _Field.TYPE_UINT64,
    "bool": _Field.TYPE_BOOL,
}
_PACKAGE = "tensorflow"

_MESSAGES: dict[str, list[str]] = {
    "BytesList": ["repeated bytes value = 1"],
    "FloatList": ["repeated float value = 1"],
    "Int64List": ["repeated int64 value = 1"],
    "Feature": [
        "oneof BytesList bytes_list = 1",
        "oneof FloatList float_list = 2",
        "oneof Int64List int64_list = 3",
    ],
    "Features": ["map Feature feature = 1"],
    "FeatureList": ["repeated Feature feature = 1"],
    "FeatureLists": ["map FeatureList feature_list = 1"],
    "Example": ["optional Features features = 1"],
    "SequenceExample": ["optional Features context = 1", "optional FeatureLists feature_lists = 2"],
    "Dim": ["optional int64 size = 1", "optional string name = 2"],
    "TensorShapeProto": ["repeated Dim dim = 2", "optional bool unknown_rank = 3"],
    "TensorProto": [
        # The types of tensors are an enumeration, whose wire format is that of numbers.
        "optional int32 dtype = 1",
        "optional TensorShapeProto tensor_shape = 2",
        "optional int32 version_number = 3",
        "optional bytes tensor_content = 4",
        "repeated int32 half_val = 13",
        "repeated float float_val = 5",
        "repeated double double_val = 6",
        "repeated int32 int_val = 7",
        "repeated bytes string_val = 8",
        "repeated float scomplex_val = 9",
        "repeated int64 int64_val = 10",
        "repeated bool bool_val = 11",
        "repeated double dcomplex_val = 12",
        "repeated uint32 uint32_val = 16",
        "repeated uint64 uint64_val = 17",
    ],
}
"""The fields of each message: how often, type, name and number."""


def _describe(message: Any, name: str, fields: list[str]) -> None:
    message.name = name
    for text in fields:
        label, kind, field_name, _, number = text.split()
        field = message.field.add(name=field_name, number=int(number))
        repeated = label in ("repeated", "map")
        field.label = _Field.LABEL_REPEATED if repeated else _Field.LABEL_OPTIONAL
        if label == "oneof":
            if not message.oneof_decl:
                message.oneof_decl.add(name="kind")
            field.oneof_index = 0
        if label == "map":
            entry = "".join(part.capitalize() for part in field_name.split("_")) + "Entry"
            nested = message.nested_type.add()
            _describe(nested, entry, ["optional string key = 1", f"optional {kind} value = 2"])
            nested.options.map_entry = True
            kind = f"{name}.{entry}"
        if kind in _SCALARS:
            field.type = _SCALARS[kind]
        else:
            field.type, field.type_name = _Field.TYPE_MESSAGE, f".{_PACKAGE}.{kind}"


def _make() -> dict[str, Any]:
    file = descriptor_pb2.FileDescriptorProto(name="functape/messages.proto", package=_PACKAGE, syntax="proto3")
    for name, fields in _MESSAGES.items():
        _describe(file.message_type.add(), name, fields)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return {
        name: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"{_PACKAGE}.{name}")) for name in _MESSAGES
    }


_PURPOSES = {
    "BytesList": "Strings of bytes: `value`",
    "FloatList": "Numbers of type float32: `value`",
    "Int64List": "Numbers of type int64: `value`",
    "Feature": "The values of a feature: `bytes_list`, `float_list` or `int64_list`",
    "Features": "Features by name: `feature`",
    "FeatureList": "A feature's values step by step: `feature`",
    "FeatureLists": "Lists of features by name: `feature_list`",
    "Example": "An example: its `features`",
    "SequenceExample": "An example with steps: its `context` and its `feature_lists`",
}
_classes = _make()
for _name, _purpose in _PURPOSES.items():
    _classes[_name].__module__ = "functape.train"
    _classes[_name].__doc__ = f"{_purpose} (`tf.train.{_name}`); a message of protobuf."
BytesList, FloatList, Int64List = _classes["BytesList"], _classes["FloatList"], _classes["Int64List"]
Feature, Features, Example = _classes["Feature"], _classes["Features"], _classes["Example"]
FeatureList, FeatureLists = _classes["FeatureList"], _classes["FeatureLists"]
SequenceExample = _classes["SequenceExample"]
TensorProto = _classes["TensorProto"]
