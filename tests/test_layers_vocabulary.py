"""Layers that number tokens, against Keras 3: lookups, texts, hashes."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow
import tf_keras
from both_sides import compare, described

import functape

WORDS = [["a", "b", "z"], ["c", "", "y"]]
NUMBERS = [[12, 36, 7], [1138, 0, -5]]
TEXTS = ["The cat sat.", "the DOG sat on the mat!", "  ", "a, cat"]
LEARNED = ["the cat sat", "the dog sat", "cat the cat", "a mat"]


def _strings(**arguments: Any) -> Callable[[Any, Any], Any]:
    def run(layers: Any, tf: Any) -> Any:
        layer = layers.StringLookup(**{"vocabulary": ["a", "b", "c"]} | arguments)
        return [layer(tf.constant(WORDS)), layer(tf.constant(["a", "z"])), list(map(str, layer.get_vocabulary()))]

    return run


def _adapted(kind: str, data: Any, inputs: Any, **arguments: Any) -> Callable[[Any, Any], Any]:
    def run(layers: Any, tf: Any) -> Any:
        layer = getattr(layers, kind)(**arguments)
        layer.adapt(tf.constant(data))
        return [list(map(str, layer.get_vocabulary())), layer.vocabulary_size(), layer(tf.constant(inputs))]

    return run


def _integers(**arguments: Any) -> Callable[[Any, Any], Any]:
    def run(layers: Any, tf: Any) -> Any:
        layer = layers.IntegerLookup(**{"vocabulary": [12, 36, 1138, 42]} | arguments)
        return [layer(tf.constant(NUMBERS, tf.int64)), list(map(int, layer.get_vocabulary()))]

    return run


def _text(**arguments: Any) -> Callable[[Any, Any], Any]:
    return _adapted("TextVectorization", LEARNED, TEXTS, **arguments)


def _hashed(values: Any, **arguments: Any) -> Callable[[Any, Any], Any]:
    return lambda layers, tf: layers.Hashing(**{"num_bins": 5} | arguments)(tf.constant(values))


CASES: dict[str, Callable[[Any, Any], Any]] = {
    "strings": _strings(),
    "strings masked": _strings(mask_token=""),
    "strings several unknown": _strings(num_oov_indices=3),
    "strings salted": _strings(num_oov_indices=3, salt=[7, 11]),
    "strings one hot": lambda layers, tf: layers.StringLookup(vocabulary=["a", "b"], output_mode="one_hot")(
        tf.constant(["a", "z"])
    ),
    "strings several one hot": _strings(output_mode="one_hot", mask_token=""),
    "strings multi hot": _strings(output_mode="multi_hot", mask_token=""),
    "strings counted": _strings(output_mode="count", max_tokens=7, pad_to_max_tokens=True),
    "strings weighed": _strings(output_mode="tf_idf", idf_weights=[0.5, 1.5, 2.0]),
    "strings inverted": lambda layers, tf: layers.StringLookup(vocabulary=["a", "b"], invert=True)(
        tf.constant([[0, 1], [2, 9]], tf.int64)
    ),
    "strings inverted and masked": lambda layers, tf: layers.StringLookup(
        vocabulary=["a", "b"], invert=True, mask_token="m", oov_token="?"
    )(tf.constant([0, 1, 2, 3, 9], tf.int64)),
    "strings ragged": lambda layers, tf: layers.StringLookup(vocabulary=["a"])(
        tf.ragged.constant([["a"], [], ["z", "a"]])
    ).to_tensor(),
    "strings learned": _adapted("StringLookup", ["b", "a", "b", "c", "c"], ["a", "b", "q"]),
    "strings learned, some": _adapted("StringLookup", [["b", "a"], ["b", "c"]], ["a", "b"], max_tokens=3),
    "strings learned and weighed": _adapted(
        "StringLookup", [["b", "a"], ["b", "c"]], [["a", "b"], ["q", "q"]], output_mode="tf_idf"
    ),
    "integers": _integers(),
    "integers masked": _integers(mask_token=0),
    "integers several unknown": _integers(num_oov_indices=3, mask_token=0),
    "integers hashed": _integers(num_oov_indices=3, oov_method="farmhash"),
    "integers salted": _integers(num_oov_indices=3, oov_method="farmhash", salt=5),
    "integers multi hot": _integers(output_mode="multi_hot"),
    "integers inverted": lambda layers, tf: layers.IntegerLookup(vocabulary=[12, 36], invert=True)(
        tf.constant([[0, 1], [2, 9]], tf.int64)
    ),
    "integers learned": _adapted("IntegerLookup", [3, 3, 1, 5, 5], np.array([1, 3, 9]), max_tokens=3),
    "texts": _text(),
    "texts of a length": _text(output_sequence_length=4),
    "texts of a short length": _text(output_sequence_length=1),
    "texts counted": _text(output_mode="count"),
    "texts multi hot": _text(output_mode="multi_hot", max_tokens=10, pad_to_max_tokens=True),
    "texts weighed": _text(output_mode="tf_idf", max_tokens=5),
    "texts by character": _text(split="character", standardize="lower"),
    "texts in pairs": _text(ngrams=2),
    "texts in threes": _text(ngrams=(1, 3)),
    "texts as they are": _text(standardize=None, split=None),
    "texts without marks": _text(standardize="strip_punctuation"),
    "texts ragged": lambda layers, tf: layers.TextVectorization(vocabulary=["cat", "the"], ragged=True)(
        tf.constant(TEXTS)
    ).to_tensor(),
    "texts in a column": lambda layers, tf: layers.TextVectorization(vocabulary=["cat", "the"])(
        tf.constant([[each] for each in TEXTS])
    ),
    "texts by functions": lambda layers, tf: layers.TextVectorization(
        vocabulary=["CAT", "THE"], standardize=tf.strings.upper, split=lambda each: tf.strings.split(each, " ")
    )(tf.constant(TEXTS)),
    "hashed": _hashed([["A"], ["B"], [""]]),
    "hashed masked": _hashed(["A", "B", ""], mask_value=""),
    "hashed salted": _hashed(["A", "B", ""], salt=[133, 137]),
    "hashed integers": _hashed([[1, 2], [-3, 4]], salt=7),
    "hashed floats": _hashed([1.7, -2.2]),
    "hashed one hot": _hashed([["A"], ["B"]], output_mode="one_hot"),
    "hashed counted": _hashed([["A", "B"], ["B", "B"]], output_mode="count", mask_value="A"),
    "crossed": lambda layers, tf: layers.HashedCrossing(5)(
        (tf.constant(["A", "B", "A", "B"]), tf.constant([101, 101, -7, 102], tf.int64))
    ),
    "crossed one hot": lambda layers, tf: layers.HashedCrossing(5, output_mode="one_hot")(
        (tf.constant([["A"], ["B"]]), tf.constant([["x"], [""]]), tf.constant([[1], [2]], tf.int64))
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_values(name: str) -> None:
    theirs = described(CASES[name](keras.layers, tensorflow))
    ours = described(CASES[name](functape.keras.layers, functape))
    compare(ours, theirs, name)


ERRORS: dict[str, Callable[[Any, Any], Any]] = {
    "unknown strings": lambda layers, tf: layers.StringLookup(vocabulary=["a"], num_oov_indices=0)(tf.constant(["b"])),
    "unknown integers": lambda layers, tf: layers.IntegerLookup(vocabulary=[1], num_oov_indices=0)(
        tf.constant([2], tf.int64)
    ),
    "twice": lambda layers, tf: layers.StringLookup(vocabulary=["a", "a"]),
    "none": lambda layers, tf: layers.StringLookup(vocabulary=[]),
    "too many": lambda layers, tf: layers.StringLookup(vocabulary=["a", "b", "c"], max_tokens=3),
    "a mode": lambda layers, tf: layers.StringLookup(output_mode="words"),
    "an inverted mode": lambda layers, tf: layers.StringLookup(output_mode="count", invert=True),
    "weights without their mode": lambda layers, tf: layers.StringLookup(vocabulary=["a"], idf_weights=[1.0]),
    "a mode without weights": lambda layers, tf: layers.StringLookup(vocabulary=["a"], output_mode="tf_idf"),
    "learned after given": lambda layers, tf: layers.StringLookup(vocabulary=["a"]).adapt(["b"]),
    "a file that is not there": lambda layers, tf: layers.StringLookup(vocabulary="/nowhere/at/all"),
    "called before it is learned": lambda layers, tf: layers.StringLookup(output_mode="count")(tf.constant(["b"])),
    "strings without a vocabulary": lambda layers, tf: layers.StringLookup()(tf.constant(["b"])),
    "integers without a vocabulary": lambda layers, tf: layers.IntegerLookup()(tf.constant([2], tf.int64)),
    "numbers without a vocabulary": lambda layers, tf: layers.StringLookup(invert=True)(tf.constant([2])),
    "texts without a vocabulary": lambda layers, tf: layers.TextVectorization()(tf.constant(["b"])),
    "padded before it is learned": lambda layers, tf: layers.StringLookup(
        max_tokens=5, output_mode="one_hot", pad_to_max_tokens=True
    )(tf.constant(["b"])),
    "a salt": lambda layers, tf: layers.IntegerLookup(vocabulary=[1], salt=3),
    "a standardization": lambda layers, tf: layers.TextVectorization(standardize="nicely"),
    "two columns": lambda layers, tf: layers.TextVectorization(vocabulary=["a"])(tf.constant([["a", "b"]])),
    "no bins": lambda layers, tf: layers.Hashing(0),
    "floats for bins": lambda layers, tf: layers.Hashing(3, dtype="float32"),
    "one to cross": lambda layers, tf: layers.HashedCrossing(3)([tf.constant(["a"])]),
}


@pytest.mark.parametrize("name", ERRORS)
def test_errors(name: str) -> None:
    found = []
    for layers, tf in ((keras.layers, tensorflow), (functape.keras.layers, functape)):
        with pytest.raises(Exception) as caught:
            ERRORS[name](layers, tf)
        found.append(type(caught.value).__name__)
    assert found[0] == found[1]


@pytest.mark.parametrize("theirs", [keras, tf_keras], ids=["keras3", "keras2"])
def test_strings_are_brought_to_the_rank_of_a_models_input(theirs: Any) -> None:
    def run(tf: Any, k: Any) -> Any:
        found = []
        for shape, given in (((1,), ["a", "b", "a"]), ((), [["a"], ["b"], ["a"]])):
            inputs = k.Input(shape, dtype="string")
            numbers = k.layers.StringLookup(vocabulary=["a", "b"], output_mode="one_hot")(inputs)
            model = k.Model(inputs, k.layers.Dense(1, kernel_initializer="ones")(numbers))
            model.compile("sgd", "mse")
            texts = tf.constant(given)
            batches = tf.data.Dataset.from_tensor_slices((texts, [[1.0], [2.0], [3.0]])).batch(3)
            found += [model(texts), model.predict(texts, verbose=0)]
            if not shape:
                continue
            found += [model.predict(each, verbose=0) for each in (np.array(given, object), batches)]
            found.append(np.array(model.fit(texts, np.ones((3, 1)), verbose=0).history["loss"], np.float32))
            found.append(np.array(model.fit(batches, verbose=0).history["loss"], np.float32))
        return described(found)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        expected = run(tensorflow, theirs)
    compare(run(functape, functape.keras), expected, "strings")


def test_arrays_of_texts_may_be_of_any_kind() -> None:
    k = functape.keras
    model = k.Sequential([k.Input((1,), dtype="string"), k.layers.StringLookup(vocabulary=["a", "b"])])
    given = ["a", "b", "c"]
    for array in (np.array(given), np.array(given, "S"), np.array(given, object), np.array(given)[:, None]):
        np.testing.assert_array_equal(model.predict(array, verbose=0), [[1], [2], [0]])


def test_a_model_of_texts_trains_and_is_stored(tmp_path: Any) -> None:
    tf = functape
    texts = tf.keras.layers.TextVectorization(output_sequence_length=4, name="texts")
    texts.adapt(LEARNED)
    model = tf.keras.Sequential(
        [
            tf.keras.Input((1,), dtype=tf.string),
            texts,
            tf.keras.layers.Embedding(texts.vocabulary_size(), 3),
            tf.keras.layers.GlobalAveragePooling1D(),
            tf.keras.layers.Dense(1),
        ]
    )
    assert model.output_shape == (None, 1)
    inputs = tf.constant([[each] for each in TEXTS])
    made = model(inputs).numpy()
    model.save(tmp_path / "texts.keras")
    again = tf.keras.models.load_model(tmp_path / "texts.keras")
    np.testing.assert_array_equal(again(inputs).numpy(), made)
    assert again.get_layer("texts").get_vocabulary() == texts.get_vocabulary()


def test_shapes_in_functional_models() -> None:
    for layers, symbolic in ((keras.layers, keras.Input), (functape.keras.layers, functape.keras.Input)):
        words = symbolic((3,), dtype="string")
        shapes = [
            layers.StringLookup(vocabulary=["a"])(words).shape,
            layers.StringLookup(vocabulary=["a"], output_mode="multi_hot")(words).shape,
            layers.StringLookup(vocabulary=["a"], output_mode="one_hot")(symbolic((1,), dtype="string")).shape,
            layers.TextVectorization(vocabulary=["a"])(symbolic((1,), dtype="string")).shape,
            layers.Hashing(4)(words).shape,
            layers.IntegerLookup(vocabulary=[1], output_mode="count")(symbolic((3,), dtype="int64")).shape,
        ]
        found = [tuple(each) for each in shapes]
        assert found == [(None, 3), (None, 2), (None, 2), (None, None), (None, 3), (None, 2)]
    # Keras has one axis too many here, which what it computes has not.
    counts = functape.keras.layers.TextVectorization(vocabulary=["a"], output_mode="count")
    assert counts(functape.keras.Input((1,), dtype="string")).shape.as_list() == [None, 2]


def test_integers_are_looked_up_in_a_function() -> None:
    layer = functape.keras.layers.IntegerLookup(vocabulary=[12, 36], mask_token=0)
    traced = functape.function(layer)(functape.constant(NUMBERS, functape.int64))
    np.testing.assert_array_equal(traced.numpy(), layer(functape.constant(NUMBERS, functape.int64)).numpy())


def test_a_vocabulary_from_a_file_and_a_configuration(tmp_path: Any) -> None:
    path = tmp_path / "words.txt"
    path.write_text("b\nc\n")
    layer = functape.keras.layers.StringLookup(vocabulary=str(path))
    assert layer.get_vocabulary() == ["[UNK]", "b", "c"]
    given = functape.keras.layers.StringLookup(vocabulary=["x", "y"], mask_token="")
    again = functape.keras.layers.StringLookup.from_config(given.get_config())
    assert again.get_vocabulary() == given.get_vocabulary() == ["", "[UNK]", "x", "y"]
