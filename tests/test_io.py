"""`tf.io` against TensorFlow: files and folders, bytes, CSV, serialized tensors."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow
from expressions import assert_same, described, outcome
from oracle import check_signature

import functape


def message(value: Any, dtype: Any = None, **options: Any) -> bytes:
    """A tensor as TensorFlow's Python code writes it, which is not how its kernels do."""
    wanted = None if dtype is None else tensorflow.as_dtype(dtype.name)
    return tensorflow.make_tensor_proto(value, wanted, **options).SerializeToString()


def names(tf: Any) -> dict[str, Any]:
    return {"io": tf.io, "zlib": zlib, "gzip": gzip, "message": message}


VALUES = [
    "io.decode_raw(b'\\x01\\x00\\x02\\x00', tf.int16)",
    "io.decode_raw(b'\\x01\\x00\\x02\\x00', tf.int16, little_endian=False)",
    "io.decode_raw([b'\\x01\\x00\\x02\\x00', b'\\x01\\x00\\x02\\x03'], tf.uint8)",
    "io.decode_raw([b'\\x01\\x00\\x02\\x00', b'\\x01\\x00\\x02'], tf.uint8)",
    "io.decode_raw([b'\\x01\\x00\\x02\\x00', b'\\x01\\x00\\x02'], tf.uint8, fixed_length=4)",
    "io.decode_raw([b'\\x01\\x00\\x02\\x00', b'\\x01\\x00\\x02'], tf.uint16, fixed_length=2)",
    "io.decode_raw([b'\\x01\\x00\\x02\\x00', b'\\x01\\x00\\x02'], tf.uint16, fixed_length=3)",
    "io.decode_raw(b'\\x01\\x00\\x02', tf.int16)",
    "io.decode_raw(b'', tf.int16)",
    "io.decode_raw([b'', b''], tf.int16)",
    "io.decode_raw(tf.zeros([0], tf.string), tf.int16)",
    "io.decode_raw(b'\\x00\\x00\\x80?', tf.float32)",
    "io.decode_raw(b'?\\x80\\x00\\x00', tf.float32, little_endian=False)",
    "io.decode_raw(b'?\\x80\\x00\\x00\\x00\\x00\\x00\\x00', tf.complex64, little_endian=False)",
    "io.decode_raw(b'\\x00\\x01', tf.bool)",
    "io.decode_raw(b'\\x80?', tf.bfloat16)",
    "io.decode_raw(b'\\x80?', tf.string)",
    "io.decode_raw(b'\\x80?', tf.int16, fixed_length=0)",
    "io.decode_raw(1, tf.int16)",
    "io.encode_base64(['hello', 'a', b'\\xff\\xfe\\xfd', ''])",
    "io.encode_base64(['hello', 'a'], pad=True)",
    "io.decode_base64(['aGVsbG8', 'aGVsbG8=', '__79', ''])",
    "io.decode_base64('aGVsbG8==')",
    "io.decode_base64('a')",
    "io.decode_base64('a+b/')",
    "io.decode_base64('aGV sbG8')",
    "io.decode_base64('=')",
    "io.decode_base64('aGVs=')",
    "io.decode_compressed(zlib.compress(b'hi'), 'ZLIB')",
    "io.decode_compressed([gzip.compress(b'hi'), gzip.compress(b'ho')], 'GZIP')",
    "io.decode_compressed('hi')",
    "io.decode_compressed('hi', 'ZLIB')",
    "io.decode_compressed('hi', 'GZIP')",
    "io.serialize_tensor([1.0, 2.0])",
    "io.serialize_tensor([['a', 'b']])",
    "io.serialize_tensor(5)",
    "io.serialize_tensor(True)",
    "io.serialize_tensor(tf.zeros([0, 2]))",
    "io.serialize_tensor(tf.constant(1.5, tf.bfloat16))",
    "io.serialize_tensor(tf.constant(1.5, tf.float16))",
    "io.serialize_tensor(1 + 2j)",
    "io.serialize_tensor(tf.constant(3, tf.uint32))",
    "io.parse_tensor(io.serialize_tensor([[1, 2], [3, 4]]), tf.int32)",
    "io.parse_tensor(io.serialize_tensor([['a']]), tf.string)",
    "io.parse_tensor(io.serialize_tensor([['a']]), tf.int32)",
    "io.parse_tensor(io.serialize_tensor(True), tf.bool)",
    "io.parse_tensor(b'\\xff\\xff\\xff', tf.int32)",
    "io.parse_tensor(b'', tf.int32)",
    "io.parse_tensor(message(5.0, shape=[2, 3]), tf.float32)",
    "io.parse_tensor(message([1, 2], tf.int64), tf.int64)",
    "io.parse_tensor(message([1.5, 2.5], tf.float16), tf.float16)",
    "io.parse_tensor(message([1.5, 2.5], tf.bfloat16), tf.bfloat16)",
    "io.parse_tensor(message([1 + 2j], tf.complex64), tf.complex64)",
    "io.parse_tensor(message([True, False]), tf.bool)",
    "io.parse_tensor(message(['x', 'y']), tf.string)",
    "io.parse_tensor(message([3], tf.uint8), tf.uint8)",
    "io.parse_tensor([b''], tf.int32)",
    "io.serialize_sparse(tf.sparse.from_dense([[1, 0], [0, 2]]))",
    "io.serialize_many_sparse(tf.sparse.from_dense([[1, 0], [0, 2]]))",
    "io.deserialize_many_sparse(io.serialize_many_sparse(tf.sparse.from_dense([[1, 0], [0, 2]])), tf.int32)",
    "io.deserialize_many_sparse(io.serialize_many_sparse(tf.sparse.from_dense([[1, 0], [0, 2]])), tf.int64)",
    "io.deserialize_many_sparse(io.serialize_many_sparse(tf.sparse.from_dense([[1, 0], [0, 2]])), tf.int32, rank=2)",
    "io.deserialize_many_sparse(['a'], tf.int32)",
    "io.serialize_sparse([1])",
    "(len(recordbytes('')), recordbytes(''))",
]
CSV = [
    "io.decode_csv(['1,2.5,a', '3,4,b'], [[0], [0.0], ['']])",
    "io.decode_csv('1,2.5,a', [[0], [0.0], ['']])",
    "io.decode_csv(['1,,'], [[7], [0.5], ['d']])",
    "io.decode_csv(['1,,'], [tf.constant([], tf.int32), [0.5], ['d']])",
    "io.decode_csv([',,'], [tf.constant([], tf.int32), [0.5], ['d']])",
    "io.decode_csv([',,'], [tf.int32, tf.float32, tf.string])",
    "io.decode_csv(['1,2,x'], [tf.int32, tf.float32, tf.string])",
    "io.decode_csv(['1,2'], [[0], [0.0], ['']])",
    "io.decode_csv(['1,2,3,4'], [[0], [0.0], ['']])",
    "io.decode_csv(['x,2'], [[0], [0.0]])",
    "io.decode_csv(['1.5,2'], [[0], [0.0]])",
    "io.decode_csv(['1,x'], [[0], [0.0]])",
    "io.decode_csv([' 1, 2 '], [[0], [0.0]])",
    "io.decode_csv([' a ,b'], [[''], ['']])",
    "io.decode_csv(['\"a,b\",c'], [[''], ['']])",
    "io.decode_csv(['\"a\"\"b\",c'], [[''], ['']])",
    "io.decode_csv(['a\"b,c'], [[''], ['']])",
    "io.decode_csv(['\"a\"b,c'], [[''], ['']])",
    "io.decode_csv(['\"a,c'], [[''], ['']])",
    "io.decode_csv(['\"a\\nb\",c'], [[''], ['']])",
    "io.decode_csv(['a\\nb,c'], [[''], ['']])",
    "io.decode_csv(['a\\r\\nb,c'], [[''], ['']])",
    "io.decode_csv(['\"a,b\",c'], [[''], [''], ['']], use_quote_delim=False)",
    "io.decode_csv(['a;b'], [[''], ['']], field_delim=';')",
    "io.decode_csv(['a\\tb'], [[''], ['']], field_delim='\\t')",
    "io.decode_csv(['a||b'], [[''], ['']], field_delim='||')",
    "io.decode_csv(['NA,1'], [[5], [0]], na_value='NA')",
    "io.decode_csv(['\"NA\",1'], [['q'], [0]], na_value='NA')",
    "io.decode_csv(['1,2,3'], [[0], [0]], select_cols=[0, 2])",
    "io.decode_csv(['1,2,3'], [[0], [0]], select_cols=[2, 0])",
    "io.decode_csv(['1,2,3'], [[0]], select_cols=[0, 2])",
    "io.decode_csv(['1,2,3'], [[0], [0]], select_cols=[0, 5])",
    "io.decode_csv([['1,2'], ['3,4']], [[0], [0]])",
    "io.decode_csv(tf.zeros([0], tf.string), [[0], [0]])",
    "io.decode_csv(['9999999999,1'], [[0], [0]])",
    "io.decode_csv(['9999999999,1'], [tf.constant([0], tf.int64), [0]])",
    "io.decode_csv(['1e3,1'], [[0.0], [0]])",
    "io.decode_csv(['1'], [tf.constant([0.0], tf.float64)])",
    "io.decode_csv(['1'], [tf.constant([0], tf.int8)])",
    "io.decode_csv(['1'], [[1, 2]])",
    "io.decode_csv(['1'], [5])",
    "io.decode_csv(['1,2'], [5, 0.5])",
    "io.decode_csv([''], [[5]])",
    "io.decode_csv([''], [['x']])",
    "io.decode_csv(['1,'], [[5], ['x']])",
    "io.decode_csv(['\"\",1'], [['q'], [0]])",
    "io.decode_csv(['\"1\",1'], [[7], [0]])",
    "io.decode_csv(['\"1\" ,1'], [[7], [0]])",
    "io.decode_csv(['\"\",1'], [[7], [0]])",
    "io.decode_csv(['True'], [[True]])",
    "io.decode_csv(1, [[0]])",
    "io.decode_csv(['é,1'], [['q'], [0]])",
    "io.decode_csv(['nan,inf'], [[0.0], [0.0]])",
    "io.decode_csv(['+1,-0'], [[0], [0]])",
    "io.decode_csv(['1,2'], [])",
    "io.decode_csv(['1,2\\n'], [[0], [0]])",
    "io.decode_csv(['a,b\\n'], [[''], ['']], use_quote_delim=False)",
    "io.decode_csv(['1,2,'], [[0], [0]])",
    "io.decode_csv(['1,2,'], [[0], [0], [5]])",
    "io.decode_csv([',1'], [[0], [0]])",
    "io.decode_csv(['\"a\",'], [['x'], ['y']])",
    "io.decode_csv(['1,\"a\"\"\",3'], [[0], ['y'], [0]])",
]


@pytest.mark.parametrize("expression", VALUES + CSV)
def test_expression(expression: str):
    assert_same(expression, names)


PROTOS = [
    "proto(1)",
    "proto([1, 2])",
    "proto([1.5, 2.5])",
    "proto(1.5)",
    "proto('a')",
    "proto(['a', 'b'])",
    "proto([1, 2], tf.int64)",
    "proto([1, 2], tf.float32)",
    "proto([1.5], tf.int32)",
    "proto([1, 2], shape=[2, 1])",
    "proto([1, 2], shape=[2, 3])",
    "proto([1, 2], shape=[1])",
    "proto(5, shape=[2, 3])",
    "proto(5, shape=[2, 3], allow_broadcast=True)",
    "proto([1, 2], shape=[2, 3], allow_broadcast=True)",
    "proto([1, 2], shape=[2, 1], verify_shape=True)",
    "proto([1, 2], shape=[2], verify_shape=True)",
    "proto([1, 2], verify_shape=True, allow_broadcast=True)",
    "proto([])",
    "proto([], shape=[0, 3])",
    "proto(True)",
    "proto([True, False])",
    "proto(1 + 2j)",
    "proto([1 + 2j], tf.complex64)",
    "proto([1.5, 2.5], tf.float16)",
    "proto(1.5, tf.float16)",
    "proto(1.5, tf.bfloat16)",
    "proto(np.array([1.5, 2.5]))",
    "proto(np.array([1, 2]))",
    "proto(np.uint8(3))",
    "proto([3, 4], tf.uint16)",
    "proto([[1, 2], [3, 4]])",
    "proto(None)",
    "proto(2 ** 40)",
    "proto([[1], [2, 3]])",
    "ndarray(5, shape=[2, 3])",
    "ndarray(['a'], shape=[2])",
    "ndarray([1.5], tf.bfloat16)",
]


@pytest.mark.parametrize("expression", PROTOS)
def test_tensor_messages(expression: str):
    def also(tf: Any) -> dict[str, Any]:
        return {
            "proto": lambda *args, **options: tf.make_tensor_proto(*args, **options).SerializeToString(),
            "ndarray": lambda *args, **options: tf.make_ndarray(tf.make_tensor_proto(*args, **options)),
        }

    assert_same(expression, also)


DTYPES = [
    "float16", "bfloat16", "float32", "float64", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32",
    "uint64", "bool", "complex64", "complex128",
]  # fmt: skip


@pytest.mark.parametrize("shape", [(), (3,), (2, 0), (2, 3)], ids=str)
@pytest.mark.parametrize("dtype", DTYPES)
def test_serialized_tensors_are_tensorflows(dtype: str, shape: tuple[int, ...]):
    array = np.arange(np.prod(shape)).reshape(shape)
    ours, theirs = (
        tf.io.serialize_tensor(tf.constant(array.astype(tf.as_dtype(dtype).as_numpy_dtype)))
        for tf in (functape, tensorflow)
    )
    assert ours.numpy() == theirs.numpy()
    back = functape.io.parse_tensor(theirs.numpy(), dtype)
    assert back.shape == shape and back.dtype == dtype
    np.testing.assert_array_equal(back.numpy(), array.astype(back.dtype.as_numpy_dtype))


def written_and_read(io: Any, at: str) -> Any:
    file = io.gfile.GFile(at + "/b", "w+")
    file.write("hello\nx\n")
    file.flush()
    found = [file.read(), file.seek(0), file.readline(), file.tell()]
    file.write("y")
    file.close()
    return [*found, io.gfile.GFile(at + "/b").read()]


def appended(io: Any, at: str) -> Any:
    file = io.gfile.GFile(at + "/b", "a+")
    file.write("hello")
    found = [file.tell(), file.read()]
    file.close()
    return [*found, io.gfile.GFile(at + "/b", "rb").read()]


def line_by_line(io: Any, at: str) -> Any:
    file = io.gfile.GFile(at + "/b")
    return [next(file), file.tell(), list(file), file.readline(), file.read()]


def after_the_block(io: Any, at: str) -> Any:
    with io.gfile.GFile(at + "/b") as file:
        found = file.read()
    return [found, file.read(), file.size()]


HELPERS = [written_and_read, appended, line_by_line, after_the_block]

FILES = [
    "io.gfile.GFile('/tmp/nofile_x').read()",
    "io.gfile.GFile('/', 'r').read()",
    "io.gfile.GFile('/nodir/x', 'w').write('a')",
    "io.gfile.GFile(at + '/a', 'w').write('hé\\nb\\n')",
    "io.gfile.GFile(at + '/a', 'q')",
    "io.gfile.GFile(at + '/a').read()",
    "io.gfile.GFile(at + '/a', 'rb').read()",
    "io.gfile.GFile(at + '/a').read(2)",
    "io.gfile.GFile(at + '/a', 'rb').read(2)",
    "io.gfile.GFile(at + '/a').readlines()",
    "io.gfile.GFile(at + '/a').readline()",
    "io.gfile.GFile(at + '/a', 'rb').readline()",
    "list(io.gfile.GFile(at + '/a'))",
    "io.gfile.GFile(at + '/a').size()",
    "io.gfile.GFile(at + '/a').tell()",
    "io.gfile.GFile(at + '/a').name == at + '/a'",
    "io.gfile.GFile(at + '/a').mode",
    "io.gfile.GFile(at + '/a').seekable()",
    "io.gfile.GFile(at + '/a', 'w').read()",
    "io.gfile.GFile(at + '/a', 'w').write(b'x')",
    "io.gfile.GFile(at + '/a').read()",
    "io.gfile.GFile(at + '/a', 'wb').write('x')",
    "io.gfile.GFile(at + '/a').write('x')",
    "io.gfile.GFile(at + '/a').seek(1)",
    "io.gfile.GFile(at + '/a').seek(-1)",
    "io.gfile.GFile(at + '/a').seek(100)",
    "io.gfile.GFile(at + '/a').seek(0, 2)",
    "io.gfile.GFile(at + '/a').seek(0, 3)",
    "io.gfile.GFile(at + '/a').seek()",
    "io.gfile.GFile(at + '/a').seek(position=1)",
    "io.gfile.GFile(at + '/b', 'a+').write('q')",
    "io.gfile.GFile(at + '/b', 'r+').write('q')",
    "io.gfile.GFile(at + '/b', 'r+').read()",
    "io.gfile.GFile(at + '/b', 'w+').write('zz')",
    "io.gfile.GFile(at + '/b', 'a').write('1')",
    "io.gfile.GFile(at + '/b', 'a').write(1)",
    "io.gfile.GFile(at + '/b').read()",
    "io.gfile.GFile(at + '/new', 'w').close()",
    "io.gfile.exists(at + '/new')",
    "io.gfile.GFile(at + '/new2', 'w').flush()",
    "io.gfile.exists(at + '/new2')",
    "io.gfile.exists(at)",
    "io.gfile.isdir(at + '/a')",
    "sorted(io.gfile.listdir(at))",
    "io.gfile.listdir('/nodir')",
    "io.gfile.listdir(at + '/a')",
    "io.gfile.makedirs(at + '/d/e')",
    "io.gfile.makedirs(at + '/d/e')",
    "io.gfile.makedirs(at + '/a')",
    "io.gfile.mkdir(at + '/d')",
    "io.gfile.mkdir(at + '/p/q')",
    "io.gfile.copy(at + '/a', at + '/c')",
    "io.gfile.copy(at + '/a', at + '/c')",
    "io.gfile.copy(at + '/a', at + '/c', overwrite=True)",
    "io.gfile.copy(at + '/none', at + '/c2')",
    "io.gfile.rename(at + '/c', at + '/c4')",
    "io.gfile.rename(at + '/a', at + '/c4')",
    "io.gfile.rename(at + '/none', at + '/c5')",
    "io.gfile.remove(at + '/none')",
    "io.gfile.remove(at + '/d')",
    "io.gfile.remove(at + '/c4')",
    "io.gfile.rmtree(at + '/none')",
    "io.gfile.rmtree(at + '/a')",
    "sorted((a.replace(at, ''), sorted(b), sorted(c)) for a, b, c in io.gfile.walk(at))",
    "[a.replace(at, '') for a, b, c in io.gfile.walk(at + '/deep')]",
    "[a.replace(at, '') for a, b, c in io.gfile.walk(at + '/deep', topdown=False)]",
    "[(a.replace(at, ''), b, c) for a, b, c in io.gfile.walk(at + '/none')]",
    "io.gfile.stat(at + '/a').length",
    "io.gfile.stat(at + '/d').is_directory",
    "io.gfile.stat(at + '/none')",
    "[a.replace(at, '') for a in io.gfile.glob(at + '/*')]",
    "[a.replace(at, '') for a in io.gfile.glob([at + '/a', at + '/n*'])]",
    "[a.replace(at, '') for a in io.gfile.glob(at + '/[a-b]')]",
    "[a.replace(at, '') for a in io.gfile.glob(at + '/**/e')]",
    "[a.replace(at, '') for a in io.gfile.glob(at + '/{a,b}')]",
    "io.gfile.join('a', 'b', '/c')",
    "io.gfile.join('a')",
    "io.gfile.exists('gs2://x/y')",
    "io.gfile.exists('file://' + at)",
    "io.gfile.rmtree(at + '/d')",
    "io.gfile.exists(at + '/d')",
    "io.read_file('/none')",
    "io.read_file(at)",
    "io.write_file(at + '/x/y', 'c')",
    "io.read_file(at + '/x/y')",
    "io.write_file(at + '/x/y', ['c'])",
    "io.write_file([at + '/x/y'], 'c')",
    "io.write_file(at + '/x', 'c')",
    "io.matching_files(at + '/q*')",
    "io.matching_files([at + '/a', at + '/b']).shape",
    "io.read_file([at])",
    "io.read_file(1)",
    "io.gfile.GFile(at + '/b', 'w').write('abc')",
    "io.gfile.GFile(at + '/b', 'r+').write('q')",
    "io.gfile.GFile(at + '/b').read()",
    "written_and_read(io, at)",
    "appended(io, at)",
    "line_by_line(io, at)",
    "io.gfile.GFile(at + '/b', 'w').tell()",
    "io.gfile.GFile(at + '/b', 'a').write('abc')",
    "io.gfile.GFile(at + '/b').read(-1)",
    "io.gfile.GFile(at + '/b').read(0)",
    "io.gfile.GFile(Path(at) / 'b').read()",
    "io.gfile.GFile(Path(at) / 'b').name",
    "io.gfile.GFile(at + '/b', 'rb').readlines()",
    "io.gfile.GFile(at + '/b', 'r').readline()",
    "after_the_block(io, at)",
    "io.gfile.GFile(at + '/b', 'r').flush()",
    "io.gfile.GFile(at + '/b', 'w').seekable()",
    "io.gfile.exists(Path(at))",
    "io.gfile.join(Path('a'), 'b')",
    "io.gfile.join(b'a', b'b')",
]
WALKS = [
    "sorted((a.replace(at, ''), sorted(b), sorted(c)) for a, b, c in io.gfile.walk(at))",
    "[a.replace(at, '') for a, b, c in io.gfile.walk(at + '/deep')]",
    "[a.replace(at, '') for a, b, c in io.gfile.walk(at + '/deep', topdown=False)]",
    "list(io.gfile.walk(at + '/none'))",
]


def test_files_and_folders(tmp_path: Path):
    """The expressions one after the other, each library in a folder of its own."""
    found = []
    for tf in (functape, tensorflow):
        at = tmp_path / tf.__name__
        at.mkdir()
        helpers = {each.__name__: each for each in HELPERS}
        given = names(tf) | helpers | {"at": str(at), "Path": Path}
        outcomes = [outcome(each, tf, given) for each in FILES]
        (at / "deep" / "er").mkdir(parents=True)
        (at / "deep" / "file").touch()
        outcomes += [outcome(each, tf, given) for each in WALKS]
        found.append([str(each).replace(str(at), "AT") for each in outcomes])
    for expression, ours, theirs in zip(FILES + WALKS, *found, strict=True):
        assert ours == theirs, expression


def test_other_machines_and_tensors_as_paths(tmp_path: Path):
    path = tmp_path / "note"
    functape.io.write_file(path, "text")
    assert functape.io.gfile.GFile(functape.constant(str(path))).read() == "text"
    assert functape.io.gfile.glob(tmp_path / "n*") == [str(path)]
    assert set(functape.io.gfile.get_registered_schemes()) <= set(tensorflow.io.gfile.get_registered_schemes())
    with pytest.raises(functape.errors.FailedPreconditionError):
        functape.io.gfile.copy(str(tmp_path), str(tmp_path / "copy"))
    with pytest.raises(functape.errors.UnimplementedError, match="fsspec"):
        functape.io.read_file("gs://bucket/file")


def in_a_pipeline(tf: Any, at: str) -> Any:
    names = tf.data.Dataset.list_files(at + "/*", shuffle=False)
    raw = names.map(lambda name: tf.io.decode_raw(tf.io.read_file(name), tf.uint8))
    lines = tf.data.Dataset.from_tensor_slices(["1,2.5", "3,"])
    columns = lines.map(lambda line: tf.io.decode_csv(line, [[0], [7.0]]))
    labels = names.map(lambda name: tf.strings.split(name, "/")[-1] == ["a", "b"])
    return [list(raw.batch(2)), list(columns.batch(2)), list(labels)]


def test_pipeline(tmp_path: Path):
    (tmp_path / "a").write_bytes(b"\x01\x02")
    (tmp_path / "b").write_bytes(b"\x03\x04")
    ours, theirs = (described(in_a_pipeline(tf, str(tmp_path))) for tf in (functape, tensorflow))
    assert ours == theirs


@pytest.mark.parametrize("name", sorted(set(functape.io.__all__) - {"gfile"} - set(dir(functape.image))))
def test_signature(name: str):
    check_signature(getattr(functape.io, name), getattr(tensorflow.io, name))


@pytest.mark.parametrize("name", functape.io.gfile.__all__)
def test_signature_of_gfile(name: str):
    check_signature(getattr(functape.io.gfile, name), getattr(tensorflow.io.gfile, name))


def test_what_image_has():
    for name in ("decode_png", "decode_jpeg", "encode_png", "decode_image"):
        assert getattr(functape.io, name) is getattr(functape.image, name)
