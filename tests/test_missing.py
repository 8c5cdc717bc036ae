"""What is said about names that functape does not have, and the list of TensorFlow's names that it is judged by."""

from __future__ import annotations

import pytest
import tensorflow_names as api

from functape._missing import explain, missing_attribute, tensorflow_names
from functape._reasons import INSTEAD, PRIVATE, RENAMED, TENSORFLOW_1


@pytest.fixture(scope="module")
def names() -> dict[str, set[str]]:
    return api.tensorflow_names()


def _in(names: dict[str, set[str]], path: str) -> bool:
    module, _, name = path.rpartition(".")
    return name in names.get(module, ())


def test_the_list_of_names_is_tensorflows(names: dict[str, set[str]]) -> None:
    # The release of Keras 3 beside TensorFlow is not pinned, so its names may be newer than the list.
    kept = {path: set(here) for path, here in tensorflow_names().items() if path.split(".")[0] != "keras"}
    assert kept == {path: here for path, here in names.items() if path.split(".")[0] != "keras" and here}


@pytest.mark.parametrize("path", ["keras", "keras.optimizers", "keras.layers", "keras.losses", "keras.metrics"])
def test_the_list_has_keras_names(names: dict[str, set[str]], path: str) -> None:
    assert len(tensorflow_names()[path] & names[path]) > 0.9 * len(names[path])


@pytest.mark.parametrize("path", sorted(RENAMED))
def test_a_renamed_name_is_not_tensorflow_2s_and_its_successor_is(names: dict[str, set[str]], path: str) -> None:
    assert not _in(names, path)
    successor = RENAMED[path].partition("(")[0].partition(" with ")[0]
    assert successor.startswith("the variable's own") or _in(names, successor.removeprefix("tf."))


@pytest.mark.parametrize("path", sorted(TENSORFLOW_1))
def test_a_tensorflow_1_name_is_not_tensorflow_2s(names: dict[str, set[str]], path: str) -> None:
    assert not _in(names, path)
    assert explain(path).endswith(TENSORFLOW_1[path])


@pytest.mark.parametrize("path", sorted(INSTEAD))
def test_advice_is_about_tensorflow_2s_names(names: dict[str, set[str]], path: str) -> None:
    assert _in(names, path) or path.partition(".")[0] in ("compat", "estimator")
    assert explain(f"{path}.anything").endswith(INSTEAD[path])


@pytest.mark.parametrize("path", sorted(PRIVATE))
def test_private_modules(path: str) -> None:
    assert explain(f"{path}.keras.layers").endswith(PRIVATE[path])


@pytest.mark.parametrize("module", ["functape.keras.optimizers", "tensorflow.keras.optimizers"])
def test_missing_attribute(module: str) -> None:
    error = missing_attribute(module, "Adamm", ["SGD", "Adam", "_Adamm"])
    assert isinstance(error, AttributeError) and error.name == "Adamm"
    assert str(error).startswith("tf.keras.optimizers.Adamm does not exist")
    assert str(error).endswith("Did you mean tf.keras.optimizers.Adam?")


def test_a_name_of_another_module_is_found_there() -> None:
    assert "tf.keras.optimizers.SGD" in str(missing_attribute("functape", "SGD", []))


def test_dunder_names_are_answered_briefly() -> None:
    assert str(missing_attribute("functape", "__wrapped__", [])) == "module 'functape' has no attribute '__wrapped__'"
