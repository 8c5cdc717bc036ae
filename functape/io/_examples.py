"""`tf.io.parse_example` and `tf.io.parse_single_example`."""

from __future__ import annotations

from typing import Any

from functape._api._static import invalid
from functape._core._convert import convert
from functape._core._holding import from_numpy
from functape._core._host import each, texts
from functape._engine._dtypes import string
from functape.io._columns import Column
from functape.io._messages import Example


def parse_example(serialized: Any, features: Any, example_names: Any = None, name: str | None = None) -> dict[str, Any]:
    """The features of a batch of serialized `tf.train.Example`s (`tf.io.parse_example`).

    **Arguments:**
    - `serialized`: a vector of strings; a scalar for one example, whose tensors then have no batch axis.
    - `features`: by the features' names what they are: `tf.io.FixedLenFeature`, `VarLenFeature`, `SparseFeature`,
      `RaggedFeature` or `FixedLenSequenceFeature`.
    - `example_names`: a vector of names for messages.
    - `name`: accepted for compatibility.

    **Returns:** a dict from the names to tensors, sparse tensors and ragged tensors.

    **Raises:** `ValueError` for features that are none of these; `InvalidArgumentError` for a string that is no
    example, or whose features are not as described.

    ```python
    >>> import functape as tf
    >>> example = tf.train.Example()
    >>> example.features.feature["age"].int64_list.value.append(7)
    >>> tf.io.parse_example([example.SerializeToString()], {"age": tf.io.FixedLenFeature([], tf.int64)})["age"].numpy()
    array([7])

    ```
    """
    if not features:
        raise ValueError(f"Argument `features` cannot be None or falsy. Got {features}")
    given = texts(convert(serialized, string), "ParseExampleV2")
    if given.ndim > 1:
        raise invalid(
            f"The argument `serialized` must be a scalar or a vector. Received a tensor of shape {given.shape}."
        )
    names = names_of(example_names)
    maps = [parsed(Example, one).features.feature for one in given.reshape(-1)]
    column = Column(maps, names, not given.ndim)
    return {key: column.parse(key, features[key]) for key in sorted(features)}


def names_of(example_names: Any) -> list[str]:
    """What examples are called."""
    if example_names is None:
        return []
    return [one.decode() for one in texts(example_names, "ParseExampleV2", 1).reshape(-1)]


def parsed(kind: Any, serialized: bytes) -> Any:
    """A message.

    **Raises:** `InvalidArgumentError` if the string is none.
    """
    from google.protobuf.message import DecodeError

    try:
        return kind.FromString(serialized)
    except DecodeError:
        shown = serialized[:64]
        raise invalid(
            f"Could not parse example input, value: {shown!r}: it is no serialized {kind.DESCRIPTOR.name}."
        ) from None


def parse_single_example(
    serialized: Any, features: Any, example_names: Any = None, name: str | None = None
) -> dict[str, Any]:
    """The features of one serialized `tf.train.Example` (`tf.io.parse_single_example`).

    **Arguments:**
    - `serialized`: a scalar string.
    - `features`, `example_names`, `name`: as for `parse_example`.

    **Returns:** as `parse_example` does, without a batch axis.

    **Raises:** `ValueError` if `serialized` is no scalar, and as `parse_example` does.

    ```python
    >>> import functape as tf
    >>> example = tf.train.Example()
    >>> example.features.feature["name"].bytes_list.value.append(b"Ada")
    >>> tf.io.parse_single_example(example.SerializeToString(), {"name": tf.io.FixedLenFeature([], tf.string)})
    {'name': <tf.Tensor: shape=(), dtype=string, numpy=b'Ada'>}

    ```
    """
    if not features:
        raise ValueError("Invalid argument: features cannot be empty.")
    tensor = convert(serialized, string)
    if tensor.aval.shape:
        raise ValueError(f"Input serialized must be a scalar. Received a tensor of shape {tensor.aval.shape}.")
    return parse_example(tensor, features, example_names)


def decode_json_example(json_examples: Any, name: str | None = None) -> Any:
    """Serialized `tf.train.Example`s of examples written as JSON (`tf.io.decode_json_example`).

    **Arguments:**
    - `json_examples`: strings, of any shape.
    - `name`: accepted for compatibility.

    **Raises:** `InvalidArgumentError` for a string that is no example.

    ```python
    >>> import functape as tf
    >>> text = '{"features": {"feature": {"age": {"int64List": {"value": [7]}}}}}'
    >>> tf.io.parse_single_example(tf.io.decode_json_example(text), {"age": tf.io.FixedLenFeature([], tf.int64)})
    {'age': <tf.Tensor: shape=(), dtype=int64, numpy=7>}

    ```
    """
    from google.protobuf import json_format

    def serialized(value: bytes) -> bytes:
        try:
            return json_format.Parse(value, Example()).SerializeToString(deterministic=True)
        except json_format.ParseError as error:
            raise invalid(f"Error while parsing JSON as an Example: {error} [Op:DecodeJSONExample]") from None

    return from_numpy(each(texts(json_examples, "DecodeJSONExample"), serialized))
