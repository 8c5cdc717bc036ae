"""`tf.lookup` against TensorFlow: tables of each kind, what they raise, and tables inside functions and pipelines."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import tensorflow
from expressions import assert_same, described
from oracle import check_signature

import functape

BOTH = (functape, tensorflow)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("lookup")
    (folder / "words").write_text("a\nb\nc\n")
    (folder / "table").write_text("x 7\ny 8\n")
    return {"words": str(folder / "words"), "table": str(folder / "table")}


def names(tf: Any, files: dict[str, str]) -> dict[str, Any]:
    given = tf.lookup.KeyValueTensorInitializer

    def tab(first: Any, second: Any, default: Any) -> Any:
        return tf.lookup.StaticHashTable(given([first, second], [0, 1]), default)

    return {
        "ab": given(["a", "b"], tf.constant([0, 1], tf.int64)),
        "numbers": given(tf.constant([5, 7], tf.int64), tf.constant([0, 1], tf.int64)),
        "given": given,
        "lines": tf.lookup.TextFileInitializer,
        "whole": tf.lookup.TextFileIndex.WHOLE_LINE,
        "line": tf.lookup.TextFileIndex.LINE_NUMBER,
        "static": tf.lookup.StaticHashTable,
        "vocabulary": tf.lookup.StaticVocabularyTable,
        "mutable": tf.lookup.experimental.MutableHashTable,
        "dense": tf.lookup.experimental.DenseHashTable,
        "tab": tab,
        **files,
    }


EXPRESSIONS = [
    "tab('a', 'b', -1).lookup(tf.constant(['a', 'z']))",
    "tab('a', 'b', -1)[tf.constant(['a', 'z'])]",
    "tab('a', 'b', -1).lookup(tf.constant([1]))",
    "tab('a', 'b', -1).size()",
    "tab('a', 'b', -1).key_dtype",
    "tab('a', 'b', -1).value_dtype",
    "tab('a', 'b', -1).default_value",
    "tab('a', 'b', -1).name",
    "tab('a', 'b', 1.5)",
    "tab('a', 'b', 'x')",
    "tab('a', 'b', None)",
    "tab('a', 'a', -1)",
    "static(given([1, 2], ['x', 'y']), '?').lookup(tf.constant([2, 3], tf.int64))",
    "static(given([1, 2], [0.5, 1.5], tf.int64, tf.float32), 0.0).lookup(tf.constant([2, 3], tf.int64))",
    "static(given([1, 2], [10, 20]), 0).lookup(tf.constant([[2, 3]]))",
    "static(given([1, 2], [10, 20, 30]), 0)",
    "static(given([1, 1], [10, 20]), 0)",
    "static(given([1, 1], [10, 10]), 0).size()",
    "static(given([[1, 2]], [[10, 20]]), 0).lookup(tf.constant([2]))",
    "static(given([1.0], [10]), 0)",
    "static(given(tf.constant([1.0]), [tf.constant(10)]), 0)",
    "static(given(['a'], [1]), -1).lookup(tf.ragged.constant([['a', 'b'], ['a']]))",
    "static(given(['a'], [1]), -1).lookup(tf.sparse.from_dense([['a', 'b'], ['', 'a']]))",
    "static(given([True], [1]), -1)",
    "static(given(['a'], [True]), False).lookup(tf.constant(['a', 'b']))",
    "static(given([], []), 0)",
    "static(given([], [], tf.string, tf.int64), 0).lookup(tf.constant(['a']))",
    "static(given(['a'], [[1, 2]]), 0)",
    "static(given(['a'], [1]), [0, 1])",
    "static(lines(words, tf.string, whole, tf.int64, line), -1).lookup(tf.constant(['b', 'zz', 'c']))",
    "static(lines(words, tf.int64, line, tf.string, whole), '?').lookup(tf.constant([0, 9], tf.int64))",
    "static(lines(table, tf.string, 0, tf.int64, 1, delimiter=' '), -1).lookup(tf.constant(['x', 'y']))",
    "static(lines(table, tf.string, 0, tf.int64, 5, delimiter=' '), -1)",
    "static(lines(table, tf.string, 0, tf.int64, 0, delimiter=' '), -1)",
    "static(lines(table, tf.int64, 1, tf.string, 0, delimiter=' '), '?').lookup(tf.constant([7], tf.int64))",
    "static(lines(words, tf.string, -2, tf.int64, -1, vocab_size=2), -1).lookup(tf.constant(['a', 'c']))",
    "static(lines(words, tf.string, -2, tf.int64, -1, vocab_size=20), -1)",
    "static(lines(words, tf.string, -2, tf.int64, -1, value_index_offset=10), -1).lookup(tf.constant(['a', 'c']))",
    "static(lines('/none', tf.string, -2, tf.int64, -1), -1)",
    "static(lines('', tf.string, -2, tf.int64, -1), -1)",
    "static(lines(words, tf.int64, -2, tf.int64, -1), -1)",
    "static(lines(words, tf.string, -2, tf.float32, -1), -1)",
    "static(lines(words, tf.string, -3, tf.float32, -1), -1)",
    "static(lines(words, tf.string, -2, tf.int32, -1), -1)",
    "(whole, line)",
    "vocabulary(ab, 3).lookup(tf.constant(['a', 'b', 'zz', 'q', 'é']))",
    "vocabulary(ab, 3).size()",
    "vocabulary(given(['a', 'b'], [0, 1]), 3)",
    "vocabulary(ab, 0)",
    "vocabulary(None, 3).lookup(tf.constant(['a', 'b']))",
    "vocabulary(None, 3).size()",
    "vocabulary(numbers, 3).lookup(tf.constant([5, 7, 9, 10], tf.int64))",
    "vocabulary(numbers, 3).lookup(tf.constant([5, 7, 9, 10]))",
    "vocabulary(numbers, 3, lookup_key_dtype=tf.int32).lookup(tf.constant([5, 7, 9, 10]))",
    "vocabulary(ab, 3).lookup(tf.ragged.constant([['a'], ['q', 'b']]))",
    "vocabulary(ab, 3)[tf.constant(['a', 'q'])]",
    "vocabulary(ab, 3).key_dtype",
    "dense(tf.string, tf.int64, -1, '', 'D').lookup(tf.constant(['q']))",
    "dense(tf.string, tf.int64, -1, '', '').lookup(tf.constant(['q']))",
    "dense(tf.int64, tf.int64, -1, 0, -1).lookup(tf.constant([0], tf.int64))",
    "dense(tf.int64, tf.int64, -1, 0, -1).size()",
    "dense(tf.int64, tf.int64, -1, 0, -1, initial_num_buckets=3)",
    "mutable(tf.string, tf.int64, 'x')",
    "mutable(tf.string, tf.int64, -1).lookup(['q'], dynamic_default_values=tf.constant([5], tf.int64))",
    "mutable(tf.string, tf.int64, -1).lookup(['q', 'r'], dynamic_default_values=tf.constant([5, 6], tf.int64))",
    "mutable(tf.string, tf.int64, -1).insert(['q'], [1, 2])",
    "mutable(tf.string, tf.int64, -1).insert([1], tf.constant([1], tf.int64))",
    "mutable(tf.string, tf.int64, -1).insert(['q'], [1])",
    "mutable(tf.float32, tf.int64, -1)",
    "mutable(tf.int32, tf.int32, -1).lookup(tf.constant([1]))",
]


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_expression(expression: str, files: dict[str, str]):
    assert_same(expression, lambda tf: names(tf, files))


def words_to_numbers(tf: Any) -> Any:
    table = tf.lookup.experimental.MutableHashTable(tf.string, tf.int64, -1)
    keys = tf.constant(["a", "b"])
    table.insert(keys, tf.constant([5, 6], tf.int64))
    found = [table.lookup(keys), table.size(), table[keys], table.lookup(tf.constant([["b"], ["z"]]))]
    table.remove(tf.constant(["a", "z"]))
    found += [table.lookup(keys), table.size(), *table.export()]
    table.insert(keys, tf.constant([7, 8], tf.int64))
    return [*found, table.lookup(keys), table.key_dtype, table.value_dtype, table.name]


def numbers_to_numbers(tf: Any) -> Any:
    table = tf.lookup.experimental.MutableHashTable(tf.int64, tf.float32, 0.5)
    keys = tf.constant([1, 2**40], tf.int64)
    table.insert(keys, tf.constant([5.0, 6.0]))
    table.remove(keys[:1])
    return [table.lookup(tf.reshape(keys, [2, 1])), *table.export()]


def rows_for_values(tf: Any) -> Any:
    table = tf.lookup.experimental.MutableHashTable(tf.string, tf.float32, [0.0, 1.0])
    table.insert(tf.constant(["a", "b"]), tf.constant([[5.0, 6.0], [7.0, 8.0]]))
    return [table.lookup(tf.constant([["a", "z"]])), table.export()[0].shape]


def keys_set_apart(tf: Any) -> Any:
    table = tf.lookup.experimental.DenseHashTable(tf.int64, tf.int64, -1, empty_key=0, deleted_key=-1)
    keys = tf.constant([1, 2], tf.int64)
    table.insert_or_assign(keys, keys * 10)
    table.erase(keys[:1])
    errors = []
    for key in (0, -1):
        for call in (lambda each: table.insert(each, each), table.lookup, table.remove):
            with pytest.raises(tf.errors.InvalidArgumentError) as error:
                call(tf.constant([key], tf.int64))
            errors.append(type(error.value).__name__)
    return [table.lookup(tf.constant([1, 2, 3], tf.int64)), table.size(), errors]


def compiled(tf: Any) -> Any:
    given = tf.lookup.KeyValueTensorInitializer(tf.constant([1, 2**40], tf.int64), tf.constant([10.0, 20.0]))
    table = tf.lookup.StaticHashTable(given, -1.0)

    @tf.function
    def scaled(keys: Any, x: Any) -> Any:
        return table.lookup(keys) * x

    x = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        y = scaled(tf.constant([[1], [2**40], [7]], tf.int64), x)
    return [y, tape.gradient(y, x)]


def strings_for_symbolic_numbers(tf: Any) -> Any:
    given = tf.lookup.KeyValueTensorInitializer(tf.constant([1, 2], tf.int64), ["x", "y"])
    table = tf.lookup.StaticHashTable(given, "?")
    return tf.function(lambda keys: table.lookup(keys))(tf.constant([[1], [5]], tf.int64))


def changed_in_a_function(tf: Any) -> Any:
    table = tf.lookup.experimental.MutableHashTable(tf.int64, tf.int64, -1)

    @tf.function
    def step(keys: Any) -> Any:
        table.insert(keys, keys * 2)
        table.remove(keys[:1])
        return table.lookup(keys), table.size()

    return [step(tf.constant([1, 2**40], tf.int64)), step(tf.constant([5, 2], tf.int64)), table.size()]


def words_changed_in_a_function(tf: Any) -> Any:
    table = tf.lookup.experimental.MutableHashTable(tf.string, tf.int64, -1)

    @tf.function
    def step(keys: Any, values: Any) -> Any:
        before = table.lookup(keys)
        table.insert(keys, values)
        return before, table.lookup(keys)

    keys = tf.constant(["a", "b"])
    return [step(keys, tf.constant([1, 2], tf.int64)), step(keys, tf.constant([3, 4], tf.int64))]


def in_a_pipeline(tf: Any) -> Any:
    words = tf.lookup.StaticVocabularyTable(
        tf.lookup.KeyValueTensorInitializer(["a", "b"], tf.constant([0, 1], tf.int64)), 2
    )
    numbers = tf.lookup.StaticHashTable(
        tf.lookup.KeyValueTensorInitializer(tf.constant([0, 2], tf.int64), tf.constant([5, 6], tf.int64)), -1
    )
    first = tf.data.Dataset.from_tensor_slices(["b", "q", "a"]).map(words.lookup).batch(2)
    return [list(first), list(tf.data.Dataset.range(4).map(numbers.lookup))]


PROGRAMS = [
    words_to_numbers, numbers_to_numbers, rows_for_values, keys_set_apart, compiled, strings_for_symbolic_numbers,
    changed_in_a_function, words_changed_in_a_function, in_a_pipeline,
]  # fmt: skip


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.__name__)
def test_program(program: Any):
    assert described(program(functape)) == described(program(tensorflow))


def test_a_checkpoint_holds_a_table_that_changes(tmp_path: Path):
    for keys in (["a", "b"], [1, 2]):
        saved, other, left = (
            functape.lookup.experimental.MutableHashTable(
                "string" if keys[0] == "a" else "int32", "int64", -1, checkpoint=held
            )
            for held in (True, True, False)
        )
        saved.insert(keys, [5, 6])
        path = functape.train.Checkpoint(table=saved).save(str(tmp_path / "all"))
        functape.train.Checkpoint(table=other).restore(path).assert_consumed()
        assert other.lookup(keys).numpy().tolist() == [5, 6]
        functape.train.Checkpoint(table=left).restore(path)
        assert left.size().numpy() == 0


def test_exported_pairs_belong_together():
    keys = [f"k{number}" for number in range(20)]
    exported = []
    for tf in BOTH:
        table = tf.lookup.StaticHashTable(tf.lookup.KeyValueTensorInitializer(keys, list(range(20))), -1)
        found, values = table.export()
        exported.append(dict(zip(found.numpy().tolist(), values.numpy().tolist(), strict=True)))
    assert exported[0] == exported[1]


def test_plain_lists_are_keys_too(files: dict[str, str]):
    tab = names(functape, files)["tab"]
    assert tab("a", "b", -1).lookup(["b", "z"]).numpy().tolist() == [1, -1]
    assert tab("a", "b", -1)["a"].numpy() == 0
    with pytest.raises(TypeError):
        tab("a", "b", -1).lookup([1])


SIGNATURES = [
    "KeyValueTensorInitializer",
    "TextFileInitializer",
    "StaticHashTable.size",
    "StaticHashTable.lookup",
    "StaticHashTable.export",
    "StaticVocabularyTable.lookup",
    "experimental.MutableHashTable.insert",
    "experimental.MutableHashTable.lookup",
    "experimental.MutableHashTable.remove",
    "experimental.DenseHashTable.insert",
]


@pytest.mark.parametrize("path", SIGNATURES)
def test_signature(path: str):
    ours, theirs = functape.lookup, tensorflow.lookup
    for name in path.split("."):
        ours, theirs = getattr(ours, name), getattr(theirs, name)
    check_signature(ours, theirs)


@pytest.mark.parametrize(
    "name", ["StaticHashTable", "StaticVocabularyTable", "experimental.MutableHashTable", "experimental.DenseHashTable"]
)
def test_constructors(name: str):
    ours, theirs = functape.lookup, tensorflow.lookup
    for part in name.split("."):
        ours, theirs = getattr(ours, part), getattr(theirs, part)
    check_signature(ours.__init__, theirs.__init__)
