"""Printed forms of tensors and variables, and `tf.print`, against TensorFlow's own."""

from __future__ import annotations

import collections
import io
import logging
import os
import sys
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import ml_dtypes
import numpy as np
import pytest
import tensorflow

import functape
from functape._core._print import format_values
from functape._core._print_value import summarize_array

with np.errstate(all="ignore"):
    _RANDOM = np.random.default_rng(0)
    NUMBERS = np.concatenate([
        [
            0.999998569, 1.0, 0.1, 1e-5, 1e-4, 123456.0, 1234567.0, 12345678.0, 16777216.0, 1e10, 1e15, 1e16, 1e22,
            3.4e38, 1e-38, -1e-40, 1e-45, 1e-310, np.nan, -np.nan, np.inf, -np.inf, -0.0, 0.0, 1 / 3, 2 / 3, 1e5, 1e6,
            1e7, np.pi, 1e-7, 123.456, -1.5, 9.999999e9, 0.00012345, 99999.99, 1.17549435e-38,
        ],
        _RANDOM.normal(size=100) * 10.0 ** _RANDOM.integers(-20, 20, 100),
    ])  # fmt: skip
    # TensorFlow caches Python scalars and takes -0.0 for 0.0 there, so the negative zero stands in arrays only.
    REALS = [
        number.astype(dtype)
        for dtype in (np.float32, np.float64, np.float16, ml_dtypes.bfloat16)
        for number in NUMBERS
        if number or not np.signbit(number)
    ]

VALUES = [
    np.array(True), np.array([True, False]), np.array(5), np.array([1, 2, 3]), np.array(-7, np.int64), np.uint8(3),
    np.int8([-3, 4]), np.array(2**63, np.uint64), np.array(1 + 2j), np.array([1 + 2j, 1 / 3], np.complex64),
    np.zeros(0), np.zeros((1, 0)), np.zeros((0, 2)), np.zeros((2, 0, 3)), np.zeros((2, 3, 0)), np.zeros((1, 1)),
    _RANDOM.normal(size=(3, 4, 5)), _RANDOM.normal(size=(2, 2, 2, 2)).astype(ml_dtypes.bfloat16), np.arange(2000),
    _RANDOM.normal(size=(40, 40)).astype(np.float32), np.array([np.nan, np.inf], np.float32), np.float16([1.5, 2]),
    np.array([[1e-10, 1e10]], np.float32), "abc", "", ["a", "b"], "a'b\"c\n\t\r\x01\x7f\\?", b"\xff\x00", "h\u00e9",
    [["a"]], ["a"] * 7, [["x", "yy"], ["z", ""]], "two\nlines",
]  # fmt: skip

SHAPES = [
    (), (0,), (1,), (2,), (6,), (7,), (7, 7), (2, 7), (7, 2), (3, 3, 3), (7, 7, 7), (2, 2, 2, 2), (1, 1, 1), (7, 1, 1),
    (1, 7, 1), (2, 3, 7), (0, 2), (2, 0), (7, 0), (2, 0, 3), (2, 3, 0), (2, 0, 0, 0), (1, 8, 8, 8),
]  # fmt: skip


def theirs_printed(value: Any, summarize: int) -> bytes:
    return tensorflow.strings.format("{}", value, summarize=summarize).numpy()


def ours_printed(tensor: Any, summarize: int) -> bytes:
    value = tensor.numpy()
    array = np.array(value, object) if isinstance(value, bytes) else np.asarray(value)
    return summarize_array(array, summarize).encode("utf-8", "surrogateescape")


def attempt(function: Any, *args: Any) -> Any:
    try:
        return function(*args)
    except Exception as error:
        return type(error)


@pytest.mark.parametrize("form", [str, repr, "{}".format])
def test_forms_of_tensors(form: Any) -> None:
    for value in [*REALS, *VALUES]:
        assert form(functape.constant(value)) == form(tensorflow.constant(value))


@pytest.mark.parametrize("form", [str, repr])
def test_forms_of_variables(form: Any) -> None:
    for value in [*REALS[::20], *VALUES]:
        assert form(functape.Variable(value, name="w")) == form(tensorflow.Variable(value, name="w"))


@pytest.mark.parametrize("spec", ["", ".3f", "5", "x", ".2e", ">10", "s", "d"])
def test_format_specs(spec: str) -> None:
    for value in [*REALS[::20], *VALUES]:
        assert attempt(format, functape.constant(value), spec) == attempt(format, tensorflow.constant(value), spec)


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.float16, ml_dtypes.bfloat16])
def test_printed_numbers(dtype: Any) -> None:
    with np.errstate(all="ignore"):
        numbers = NUMBERS.astype(dtype)
    assert ours_printed(functape.constant(numbers), -1) == theirs_printed(tensorflow.constant(numbers), -1)
    for number in numbers[~((numbers == 0) & np.signbit(numbers))][::5]:
        assert ours_printed(functape.constant(number), 3) == theirs_printed(tensorflow.constant(number), 3)


@pytest.mark.parametrize("summarize", [3, 2, -1])
def test_printed_values(summarize: int) -> None:
    for value in VALUES:
        assert ours_printed(functape.constant(value), summarize) == theirs_printed(
            tensorflow.constant(value), summarize
        )


@pytest.mark.parametrize("summarize", [3, 1, -1, -5, 0, 2, 10])
def test_printed_shapes(summarize: int) -> None:
    for shape in SHAPES:
        value = np.arange(int(np.prod(shape))).reshape(shape)
        assert ours_printed(functape.constant(value), summarize) == theirs_printed(
            tensorflow.constant(value), summarize
        )


Pair = collections.namedtuple("Pair", "x y")


class Plain:
    def __repr__(self) -> str:
        return "repr!"

    def __str__(self) -> str:
        return "str!"


def printed_inputs(side: Any) -> dict[str, tuple[tuple[Any, ...], dict[str, Any]]]:
    """What is handed to `tf.print`, made of one library's tensors."""
    row, number, text = side.constant(np.arange(10)), side.constant(1.5), side.constant("abc")
    weights = side.Variable([1.0, 2.0], name="w")
    cases: dict[str, Any] = {
        "nothing": (), "tensor": (row,), "text": ("x",), "text and tensor": ("x:", row, "y", number),
        "string tensor": (text,), "two string tensors": (text, text), "string in a list": ([text],),
        "list of text": (["a", text],), "list": ([row, number],), "dict": ({"b": row, "a": number},),
        "tuple": ((row,),), "none": (None,), "python": (1, 2.5, True, None, "s", b"s", 1 + 2j, ...),
        "python list": ([1, "a", 2.5, None],), "python dict": ({"k": "v"},), "array": (np.arange(5),),
        "array scalar": (np.float32(1.5),), "matrix array": (np.arange(20.0).reshape(4, 5),),
        "list of arrays": ([np.arange(3)],), "variable": (weights,), "variables": ([weights, weights],),
        "nested": ({"v": weights, "n": [number, (row,), {"z": text}]},), "named tuple": (Pair(number, "q"),),
        "nested named tuple": (Pair(number, [row]),), "braces": ("{}", number),
        "more braces": ("{} {}", number, "{}"), "braces in a list": (["{}", number],),
        "braces in a tensor": (side.constant("{}"), number), "percent": ("100%", number), "quote": ("a'b",),
        "quotes in a list": (["a'b", 'c"d', number],), "quoted braces": ("'{}'", number), "dtype": (side.float32,),
        "shape": (side.TensorShape([2, None]),), "tensor's shape": (row.shape,),
        "matrix": (side.constant([[1, 2], [3, 4]]),), "class": (int,), "set": ({1, 2},),
        "bool": (side.constant(True),), "complex": (side.constant(1 + 2j),), "newline": ("line\n", number),
        "many": ([number] * 40,), "many numbers": (list(range(60)),),
        "many keys": ({f"key{index}": number for index in range(12)},),
        "long texts": ([f"a long string here {index}" for index in range(8)],),
        "empty": ([], {}, (), [[], number]), "range": (range(3),), "slice": (slice(1),),
        "string array": (np.array("abc"),), "object": (Plain(), [Plain(), number]),
        "accent": ("h\u00e9", side.constant(["h\u00e9"])), "deep": ([[[number]]],),
        "strings": (side.constant(["a", "b"]),), "escapes": (side.constant("a'b\"c\n"), [side.constant("a'b\"c\n")]),
        "empty string": (side.constant(""),), "empty tensor": (side.constant(np.zeros((0, 3))),),
        "unsortable": ({1: number, "a": number},),
        "ragged": ("r", side.ragged.range([12, 0, 2]), [side.ragged.constant([[1.5, 1e9], [1e-9]])]),
        "ragged strings": (side.ragged.constant([["a'b", "c"], [""]]), side.ragged.constant([[True], []])),
        "ragged twice": (side.ragged.constant([[[1], [2, 3]], [], [[]], [[4]] * 9]),),
    }  # fmt: skip
    options: dict[str, Any] = {
        "sep": ((row, number), {"sep": ", "}), "end": ((row,), {"end": ""}),
        "both": (("a", "b"), {"sep": "\n", "end": "!"}), "all": ((row,), {"summarize": -1}),
        "two": ((row,), {"summarize": 2}), "no summarize": ((row,), {"summarize": None}),
        "zero": ((row,), {"summarize": 0}), "all ragged": ((side.ragged.range([12]),), {"summarize": -1}),
        "name": ((row,), {"name": "n"}), "unknown": ((row,), {"color": 1}),
        "bad sep": ((row,), {"sep": 3}), "bad end": ((row,), {"end": 3}),
        "bad stream": ((row,), {"output_stream": "x"}), "number stream": ((row,), {"output_stream": 5}),
        "no stream": ((row,), {"output_stream": None}), "text stream": ((row,), {"output_stream": io.StringIO()}),
        "no file": ((row,), {"output_stream": "file://"}),
    }  # fmt: skip
    return {name: (inputs, {}) for name, inputs in cases.items()} | options


CASES = list(printed_inputs(tensorflow))


@pytest.mark.parametrize("name", CASES)
def test_print(name: str, capfd: pytest.CaptureFixture[str]) -> None:
    printed = []
    for side in (functape, tensorflow):
        inputs, options = printed_inputs(side)[name]
        error = None
        try:
            assert side.print(*inputs, **options) is None
        except Exception as raised:
            error = type(raised).__name__
        printed.append((capfd.readouterr(), error))
    assert printed[0] == printed[1]


DICTS = {
    collections.OrderedDict: "OrderedDict([('b', [0 1]), ('a', 2)])\n",
    lambda pairs: collections.defaultdict(list, pairs): "defaultdict(<class 'list'>, {'a': 2, 'b': [0 1]})\n",
}


@pytest.mark.parametrize("make", DICTS)
def test_printed_dicts_keep_each_value_with_its_key(make: Any) -> None:
    """TensorFlow shows the values of these two kinds of dict beside the wrong keys, so they are spelt out here."""
    pairs = make([("b", functape.constant([0, 1])), ("a", functape.constant(2))])
    assert format_values((pairs,)) == DICTS[make]


def test_print_to_a_file(tmp_path: Any) -> None:
    written = []
    for side in (functape, tensorflow):
        path = tmp_path / side.__name__
        for value in (side.constant(np.arange(10)), "h\u00e9", side.constant("h\u00e9")):
            side.print(value, output_stream=f"file://{path}")
        written.append(path.read_bytes())
    assert written[0] == written[1]


def test_print_to_standard_output(capfd: pytest.CaptureFixture[str]) -> None:
    printed = []
    for side in (functape, tensorflow):
        side.print(side.constant(np.arange(10)), output_stream=sys.stdout)
        printed.append(capfd.readouterr())
    assert printed[0] == printed[1] and printed[0].out and not printed[0].err


@pytest.mark.parametrize("stream", [logging.info, logging.warning, logging.ERROR])
def test_print_to_the_log(stream: Any, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="functape"):
        functape.print("x", functape.constant([0, 1, 2]), output_stream=stream)
    assert [record.getMessage() for record in caplog.records] == ["x [0 1 2]"]


def test_bytes_that_are_no_text_reach_a_text_stream(capsys: pytest.CaptureFixture[str]) -> None:
    functape.print(functape.constant(b"\xff"), functape.constant("a"))
    assert capsys.readouterr().err == '"\ufffd" "a"\n'


def test_a_slightly_wrong_number_is_seen() -> None:
    number = np.float32(0.1)
    wrong = np.nextafter(number, np.float32(1))
    assert ours_printed(functape.constant(wrong), 3) != theirs_printed(tensorflow.constant(number), 3)
    assert repr(functape.constant(wrong)) != repr(tensorflow.constant(number))
