"""`tf.strings` against TensorFlow: what expressions give, and what they raise."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow
from expressions import assert_same, described
from oracle import check_signature

import functape


def names(tf: Any) -> dict[str, Any]:
    return {"s": tf.strings, "r": tf.ragged.constant([["a b"], ["c", "d e f"]])}


EXPRESSIONS = [
    "s.lower(1)",
    "s.lower(tf.constant(1))",
    "s.lower([])",
    "s.lower('É', 'utf-8')",
    "s.lower('É', 'latin1')",
    "s.lower(b'\\xff\\xc3A', 'utf-8')",
    "s.lower(np.array([1.0]))",
    "s.length('é', unit='UTF8_CHAR')",
    "s.length('é', unit='X')",
    "s.length(b'\\xff\\x80a', unit='UTF8_CHAR')",
    "s.substr('hello', 5, 1)",
    "s.substr('hello', 6, 1)",
    "s.substr('hello', -5, 2)",
    "s.substr('hello', -6, 2)",
    "s.substr('hello', 1, -2)",
    "s.substr('héllo', 1, -2, unit='UTF8_CHAR')",
    "s.substr('héllo', 5, 2, unit='UTF8_CHAR')",
    "s.substr('héllo', 6, 2, unit='UTF8_CHAR')",
    "s.substr('héllo', -5, 2, unit='UTF8_CHAR')",
    "s.substr('héllo', -6, 2, unit='UTF8_CHAR')",
    "s.substr(['abc', 'defg'], [1, 2], [1, 2])",
    "s.substr(['abc', 'defg'], [1, 2], 1)",
    "s.substr(['abc', 'defg'], 1, 2)",
    "s.substr('abcd', [1, 2], [1, 2])",
    "s.substr([['abc', 'defg'], ['abc', 'defg']], [1, 2], [1, 2])",
    "s.substr([['abc', 'defg'], ['abc', 'defg']], [[1], [2]], [[1], [2]])",
    "s.substr(['abc', 'defg', 'x'], [1, 2], [1, 2])",
    "s.substr('abc', 1.0, 2)",
    "s.substr('abc', tf.constant(1, tf.int64), 2)",
    "s.substr('abc', 1, 1, unit='X')",
    "s.substr(r, 0, 1)",
    "s.regex_replace('baaac', 'a*', 'x')",
    "s.regex_replace('baaac', 'a*', 'x', replace_global=False)",
    "s.regex_replace('abc', '(b)', '[\\\\1\\\\0\\\\\\\\]')",
    "s.regex_replace('abc', '(b)', '\\\\5')",
    "s.regex_replace('abc', '(b)', '\\\\q')",
    "s.regex_replace('abc', '(', 'x')",
    "s.regex_replace('hé', '.', 'x')",
    "s.regex_replace(b'h\\xff\\xc3', '.', 'x')",
    "s.regex_replace('a\\nb', '^b', 'x')",
    "s.regex_replace('a\\nb', '(?m)^b', 'x')",
    "s.regex_replace('a\\n', 'a$', 'x')",
    "s.regex_replace('abc', tf.constant('b'), tf.constant('q'))",
    "s.regex_replace('abc', ['b'], 'q')",
    "s.regex_replace('abc', 1, 'q')",
    "s.regex_replace('Été 1', '\\\\\\\\pL+', '<\\\\\\\\0>')",
    "s.regex_replace('abc', '', '-')",
    "s.regex_full_match(['abc', 'ab'], 'a.c')",
    "s.regex_full_match(['abc', 'ab'], '(')",
    "s.regex_full_match(r, 'a.*')",
    "s.to_number([' 1.5 ', '1e5', 'inf', '-nan', '0x10', '.5', '5.', '+3'])",
    "s.to_number('abc')",
    "s.to_number('')",
    "s.to_number(' 12 ', tf.int32)",
    "s.to_number('+12', tf.int32)",
    "s.to_number('0x12', tf.int32)",
    "s.to_number('1.5', tf.int32)",
    "s.to_number('3000000000', tf.int32)",
    "s.to_number('3000000000', tf.int64)",
    "s.to_number('-1', tf.uint32)",
    "s.to_number('1', tf.uint64)",
    "s.to_number('1', tf.int8)",
    "s.to_number('1e39')",
    "s.to_number('1e400', tf.float64)",
    "s.to_number('1e-50')",
    "s.to_number('nan', tf.float64)",
    "s.to_number('infinity', tf.float64)",
    "s.to_number('INF', tf.float64)",
    "s.to_number('1_0')",
    "s.to_number('1d5')",
    "s.to_number('1f')",
    "s.to_number('0x1p3')",
    "s.to_number(r)",
    "s.as_string([1, -2])",
    "s.as_string([1.5, float('inf'), float('nan'), -0.0])",
    "s.as_string(True)",
    "s.as_string(True, width=7)",
    "s.as_string(True, width=7, fill='0')",
    "s.as_string('abc', width=7)",
    "s.as_string(1 + 2j)",
    "s.as_string(1 + 2j, precision=2)",
    "s.as_string(1 + 2j, precision=2, width=10, fill='0')",
    "s.as_string(3.14159, precision=2)",
    "s.as_string(3.14159, precision=2, scientific=True)",
    "s.as_string(3.14159, shortest=True)",
    "s.as_string(3.14159, shortest=True, scientific=True)",
    "s.as_string(3, precision=2)",
    "s.as_string(3, scientific=True)",
    "s.as_string(3, shortest=True)",
    "s.as_string(3, width=5)",
    "s.as_string(3, width=5, fill='0')",
    "s.as_string(3, width=5, fill='-')",
    "s.as_string(3, width=5, fill='+')",
    "s.as_string(3, width=5, fill=' ')",
    "s.as_string(3, width=5, fill='#')",
    "s.as_string(3, width=5, fill='00')",
    "s.as_string(3, fill='0')",
    "s.as_string(3.0, width=10, fill='0')",
    "s.as_string(tf.constant(3, tf.uint8))",
    "s.as_string(tf.constant(3.5, tf.float16))",
    "s.as_string(tf.constant(3.5, tf.bfloat16))",
    "s.as_string(tf.ragged.constant([[1], [2, 3]]))",
    "s.as_string(True, precision=2)",
    "s.as_string('a', precision=2)",
    "s.as_string(1e+20)",
    "s.join([])",
    "s.join(['a', 'b'])",
    "s.join([['a', 'b'], ['c', 'd']], separator='-')",
    "s.join([['a', 'b'], 'x', ['c', 'd']], separator='-')",
    "s.join([['a', 'b'], ['c']])",
    "s.join([['a', 'b'], [['c', 'd']]])",
    "s.join([['a', 'b'], 1])",
    "s.join(tf.constant(['a', 'b']))",
    "s.join('abc')",
    "s.join([r, '!'])",
    "s.join([r, r], '+')",
    "s.join(['x', r, 'y'])",
    "s.join([r, tf.constant(['p', 'q'])])",
    "s.join([r, tf.constant([['p'], ['q']])])",
    "s.join([b'a'])",
    "s.join(['a', 'b'], separator=tf.constant('s'))",
    "s.reduce_join([['a', 'b'], ['c', 'd']])",
    "s.reduce_join([['a', 'b'], ['c', 'd']], 0)",
    "s.reduce_join([['a', 'b'], ['c', 'd']], 1, separator='-')",
    "s.reduce_join([['a', 'b'], ['c', 'd']], -1, keepdims=True)",
    "s.reduce_join([['a', 'b'], ['c', 'd']], [0, 1], separator=',')",
    "s.reduce_join([['a', 'b'], ['c', 'd']], [1, 0], separator=',')",
    "s.reduce_join([['a', 'b'], ['c', 'd']], [])",
    "s.reduce_join([['a', 'b'], ['c', 'd']], 2)",
    "s.reduce_join([['a', 'b'], ['c', 'd']], [0, 0])",
    "s.reduce_join('a')",
    "s.reduce_join('a', 0)",
    "s.reduce_join([])",
    "s.reduce_join(tf.zeros([0, 2], tf.string), 0)",
    "s.reduce_join(r)",
    "s.reduce_join(r, 1, separator='|')",
    "s.reduce_join(r, -1, separator='|')",
    "s.reduce_join(r, 0, separator='|')",
    "s.reduce_join(r, 1, keepdims=True)",
    "s.reduce_join(r, None, keepdims=True)",
    "s.reduce_join([['a', 'b']], None, keepdims=True)",
    "s.unsorted_segment_join(['a', 'b', 'c'], [0, 1, 0], 2, ':')",
    "s.unsorted_segment_join(['a', 'b', 'c'], [0, 1, 0], 3)",
    "s.unsorted_segment_join([['a', 'b'], ['c', 'd']], [0, 0], 1)",
    "s.unsorted_segment_join([['a', 'b'], ['c', 'd']], [[0, 1], [1, 0]], 2)",
    "s.unsorted_segment_join(['a', 'b', 'c'], [0, -1, 0], 2)",
    "s.unsorted_segment_join(['a', 'b', 'c'], [0, 5, 0], 2)",
    "s.unsorted_segment_join(['a', 'b', 'c'], [0, 1], 2)",
    "s.unsorted_segment_join(['a', 'b', 'c'], [0, 1, 0], -1)",
    "s.format('x: {}', tf.constant([1, 2, 3]))",
    "s.format('x: {} {}', (tf.constant([1.5]), tf.constant('abc')))",
    "s.format('x: {} {}', [tf.constant([1.5])])",
    "s.format('x', [tf.constant([1.5])])",
    "s.format('x', [])",
    "s.format('x %s', tf.range(20), placeholder='%s')",
    "s.format('x %s', tf.range(20), placeholder='%s', summarize=-1)",
    "s.format('x {}', tf.reshape(tf.range(24), [2, 3, 4]), summarize=1)",
    "s.format('x {}', True)",
    "s.format('x {}', [1, 2])",
    "s.format('{} {}', [1, 2])",
    "s.format('x {}', r)",
    "s.format(1, r)",
    "s.format('{}', [['a', 'b']])",
    "s.split('a b  c')",
    "s.split(['a b  c', '', 'd'])",
    "s.split([['a b'], ['c']])",
    "s.split('a,b,,c', ',')",
    "s.split('', ',')",
    "s.split('', '')",
    "s.split(' a b c ', maxsplit=1)",
    "s.split('a,b,c', ',', maxsplit=1)",
    "s.split('a,b,c', ',', maxsplit=0)",
    "s.split('a b c', maxsplit=0)",
    "s.split(' a b c', None, -5)",
    "s.split('a||b||c', '||')",
    "s.split(r)",
    "s.split(1)",
    "s.split(['a'], sep=['x'])",
    "s.split(['a b']).shape",
    "s.split([['a b'], ['c']]).shape",
    "s.split(tf.zeros([0], tf.string))",
    "s.split([['a b'], ['c']]).row_splits.dtype",
    "s.split('a\\tb\\nc\\x0bd\\x0ce\\rf\\xa0g')",
    "s.bytes_split('abc')",
    "s.bytes_split(['abc', '', 'de'])",
    "s.bytes_split([['abc'], ['de']])",
    "s.bytes_split(r)",
    "s.ngrams(['a', 'b', 'c', 'd'], 2)",
    "s.ngrams(['a', 'b', 'c', 'd'], [1, 2])",
    "s.ngrams(['a', 'b', 'c', 'd'], (2, 3), separator='|')",
    "s.ngrams([['a', 'b', 'c', 'd'], ['e', 'f', 'g', 'h']], 2)",
    "s.ngrams(tf.ragged.constant([['a', 'b'], ['c'], []]), 2)",
    "s.ngrams(tf.ragged.constant([['a', 'b'], ['c'], []]), 3, preserve_short_sequences=True)",
    "s.ngrams(['a', 'b', 'c', 'd'], 2, pad_values='_')",
    "s.ngrams(['a', 'b', 'c', 'd'], 3, pad_values=('<', '>'))",
    "s.ngrams(['a', 'b', 'c', 'd'], 3, pad_values=('<', '>'), padding_width=1)",
    "s.ngrams(['a', 'b', 'c', 'd'], [1, 3], pad_values=('<', '>'), padding_width=5)",
    "s.ngrams(['a', 'b'], 3)",
    "s.ngrams(['a', 'b'], 0)",
    "s.ngrams(['a', 'b'], 'x')",
    "s.ngrams(['a', 'b'], 2, padding_width=1)",
    "s.ngrams(['a', 'b'], 2, pad_values=1)",
    "s.ngrams(['a', 'b'], 2, pad_values=('a',))",
    "s.ngrams(['a', 'b'], 2, pad_values='a', padding_width=-1)",
    "s.ngrams('a', 2)",
    "s.ngrams([1, 2], 2)",
    "s.ngrams([['a', 'b']], 3, preserve_short_sequences=True)",
    "s.ngrams(tf.ragged.constant([[['a', 'b']], [['c'], []]]), 2)",
    "s.to_hash_bucket_fast(r, 10)",
    "s.to_hash_bucket_fast('a', 0)",
    "s.to_hash_bucket_strong('a', 10, [1, 2, 3])",
    "s.to_hash_bucket_strong('a', 10, [1.5, 2])",
    "s.to_hash_bucket('a', 2 ** 40)",
    "s.to_hash_bucket(['a', 'abcdefgh', 'abcdefghijklm', 'é' * 20], 2 ** 62)",
    "s.unicode_decode('hé', 'UTF-8')",
    "s.unicode_decode(['hé', '', '😀'], 'UTF-8')",
    "s.unicode_decode([['hé'], ['a']], 'UTF-8')",
    "s.unicode_decode(r, 'UTF-8')",
    "s.unicode_decode(b'a\\xffb', 'UTF-8')",
    "s.unicode_decode(b'a\\xffb', 'UTF-8', errors='ignore')",
    "s.unicode_decode(b'a\\xffb', 'UTF-8', errors='strict')",
    "s.unicode_decode(b'a\\xffb', 'UTF-8', errors='foo')",
    "s.unicode_decode(b'a\\xffb', 'UTF-8', replacement_char=63)",
    "s.unicode_decode(b'a\\xe2\\x82b', 'UTF-8')",
    "s.unicode_decode(b'a\\xf0\\x9f\\x98', 'UTF-8')",
    "s.unicode_decode(b'\\xed\\xa0\\x80', 'UTF-8')",
    "s.unicode_decode(b'\\xc0\\x80x', 'UTF-8')",
    "s.unicode_decode('a\\tb\\x00\\x7f\\x85', 'UTF-8', replace_control_characters=True)",
    "s.unicode_decode('a\\tb\\x00', 'UTF-8', replace_control_characters=True, errors='ignore')",
    "s.unicode_decode('a\\tb\\x00', 'UTF-8', replace_control_characters=True, errors='strict')",
    "s.unicode_decode(b'\\x00a\\x00b', 'UTF-16-BE')",
    "s.unicode_decode(b'\\x00a\\x00', 'UTF-16-BE')",
    "s.unicode_decode(b'\\x00\\x00\\x00a', 'UTF-32-BE')",
    "s.unicode_decode(b'\\xe9', 'latin1')",
    "s.unicode_decode(b'\\xe9', 'ISO-8859-1')",
    "s.unicode_decode(b'\\x83A', 'shift_jis')",
    "s.unicode_decode(b'\\xe9', 'US-ASCII')",
    "s.unicode_decode(b'\\x80', 'windows-1252')",
    "s.unicode_decode(b'a', 'nonsense')",
    "s.unicode_decode(1, 'UTF-8')",
    "s.unicode_decode('a', 'UTF-8', replacement_char='x')",
    "s.unicode_decode_with_offsets('héx', 'UTF-8')",
    "s.unicode_decode_with_offsets(['héx', '', 'ab'], 'UTF-8')",
    "s.unicode_decode_with_offsets(b'\\x00a\\xd8=\\xde\\x00\\x00b', 'UTF-16-BE')",
    "s.unicode_decode_with_offsets(b'a\\xff\\xffb', 'UTF-8', errors='ignore')",
    "s.unicode_decode_with_offsets(b'a\\xe2\\x82b', 'UTF-8')",
    "s.unicode_encode([104, 233], 'UTF-8')",
    "s.unicode_encode([[104, 233], [97, 98]], 'UTF-16-BE')",
    "s.unicode_encode(tf.ragged.constant([[104, 233], [], [97]]), 'UTF-8')",
    "s.unicode_encode(tf.ragged.constant([[[104, 233], []], [[97]]]), 'UTF-32-BE')",
    "s.unicode_encode([55296, 97], 'UTF-8')",
    "s.unicode_encode([1114112, 97], 'UTF-8')",
    "s.unicode_encode([1114112, 97], 'UTF-8', errors='ignore')",
    "s.unicode_encode([1114112, 97], 'UTF-8', errors='strict')",
    "s.unicode_encode([1114112, 97], 'UTF-8', replacement_char=63)",
    "s.unicode_encode([97], 'latin1')",
    "s.unicode_encode(97, 'UTF-8')",
    "s.unicode_encode([97.0], 'UTF-8')",
    "s.unicode_encode(['a'], 'UTF-8')",
    "s.unicode_encode(tf.constant([97], tf.int64), 'UTF-8')",
    "s.unicode_encode([-1], 'UTF-8')",
    "s.unicode_split('hé', 'UTF-8')",
    "s.unicode_split(['hé', '', 'ab'], 'UTF-8')",
    "s.unicode_split(b'\\x00a\\x00b', 'UTF-16-BE')",
    "s.unicode_split(b'\\xe9a', 'latin1')",
    "s.unicode_split(b'a\\xffb', 'UTF-8')",
    "s.unicode_split(b'a\\xffb', 'UTF-8', errors='ignore')",
    "s.unicode_split_with_offsets(['héx', 'ab'], 'UTF-8')",
    "s.unicode_transcode('hé', 'UTF-8', 'UTF-16-BE')",
    "s.unicode_transcode(['hé', 'a'], 'UTF-8', 'UTF-32-BE')",
    "s.unicode_transcode(b'a\\xff', 'UTF-8', 'UTF-8')",
    "s.unicode_transcode(b'a\\xff', 'UTF-8', 'UTF-8', errors='ignore')",
    "s.unicode_transcode(b'a\\xff', 'UTF-8', 'UTF-8', errors='strict')",
    "s.unicode_transcode(b'a\\xff\\t', 'UTF-8', 'UTF-8', replacement_char=63, replace_control_characters=True)",
    "s.unicode_transcode(b'\\xe9', 'latin1', 'UTF-8')",
    "s.unicode_transcode(b'\\xe9', 'UTF-8', 'latin1')",
    "s.unicode_transcode(r, 'UTF-8', 'UTF-8')",
    "s.unicode_transcode(b'\\xef\\xbb\\xbfa', 'UTF-8', 'UTF-8')",
    "s.unicode_transcode(b'\\xfe\\xff\\x00a', 'UTF-16', 'UTF-8')",
    "s.unicode_transcode(b'\\x00a', 'UTF-16', 'UTF-8')",
    "s.unicode_transcode(b'a\\x00', 'UTF-16LE', 'UTF-8')",
    "s.unicode_transcode(b'a\\x00', 'UTF-16-LE', 'UTF-8')",
    "s.unicode_transcode(b'a\\x00', 'utf8', 'UTF-8')",
    "s.format('{}', tf.constant('a\"b\\né'))",
    "s.format('{}', (r, tf.constant(1.0)))",
    "s.format('{} {}', (r, tf.constant(1.0)))",
    "s.format('{}', tf.constant(1 / 3))",
    "s.format('{}', tf.constant([True, False]))",
    "s.format('{}', tf.constant([], tf.float32))",
    "s.format('{}', tf.ragged.range(tf.range(10)))",
    "s.format('{}', tf.ragged.range(tf.range(10)), summarize=-1)",
    "s.format('{}', tf.constant(1 + 2j))",
    "s.regex_replace('abc', '(b)', '[\\\\\\\\5\\\\1]')",
    "s.regex_replace('abc', '(b)', 'x\\\\q')",
    "s.regex_replace('abc', '(b)', 'x\\\\q', replace_global=False)",
    "s.regex_replace('abc', '(b)', 'x\\\\')",
    "s.regex_replace('aaa', 'a|(b)', '<\\\\1>')",
    "s.regex_replace(['aXbX', 'é'], '[[:upper:]]', '_')",
    "s.regex_replace('ab12', '\\\\d+', '<\\\\0>')",
    "s.regex_replace('Été 1', '\\\\pL+', '<\\\\0>')",
    "s.regex_full_match('a\\n', 'a')",
    "s.regex_full_match('a\\n', '(?s)a.')",
    "s.regex_full_match(b'\\xff', '.')",
    "s.regex_full_match(b'\\xff', '\\\\C')",
    "s.regex_replace(b'\\x00a', 'a', '\\x00')",
]


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_expression(expression: str):
    assert_same(expression, names)


OF_STRINGS = [
    "x == 'a'",
    "x != ['a', 'c']",
    "tf.equal(x, 'a')",
    "tf.equal(x, [['a'], ['b']])",
    "tf.equal(x, ['a', 'b', 'c'])",
    "tf.not_equal(x, x)",
    "tf.equal(x, 1)",
    "x + 'z'",
    "'z' + x",
    "tf.add(x, ['1', '2'])",
    "x + 1",
    "x - 'z'",
    "tf.where(x == 'a', x, 'z')",
    "tf.where([True, False], 'y', 'n')",
    "tf.scatter_nd([[1], [3]], x, [4])",
    "tf.scatter_nd([[1], [1]], x, [2])",
    "tf.tensor_scatter_nd_update(x, [[1]], ['q'])",
    "tf.tensor_scatter_nd_update(x, [[5]], ['q'])",
    "tf.debugging.assert_equal(x, x)",
    "tf.map_fn(tf.strings.length, x, fn_output_signature=tf.int32)",
    "tf.map_fn(tf.strings.upper, x)",
    "tf.map_fn(lambda e: e[0] + e[1], (x, x), fn_output_signature=tf.string)",
    "tf.map_fn(lambda e: tf.strings.length(e['k']) + e['n'], {'k': x, 'n': [1, 2]}, fn_output_signature=tf.int32)",
    "tf.map_fn(tf.strings.length, x[:0], fn_output_signature=tf.int32)",
    "tf.map_fn(tf.strings.length, x)",
]


@pytest.mark.parametrize("expression", OF_STRINGS)
def test_operators_of_strings(expression: str):
    assert_same(expression, lambda tf: {"x": tf.constant(["a", "b"])})


FINGERPRINTS = [
    "tf.fingerprint(['a', 'b'])",
    "tf.fingerprint([1, 2])",
    "tf.fingerprint([[1, 2], [3, 4]])",
    "tf.fingerprint([['a', 'b'], ['c', 'd']])",
    "tf.fingerprint(['a'], method='x')",
    "tf.fingerprint('a')",
    "tf.fingerprint(tf.constant([1.5]))",
    "tf.fingerprint(tf.zeros([0, 2]))",
    "tf.fingerprint(tf.zeros([2, 0]))",
    "tf.fingerprint(['a'], method=b'farmhash64')",
    "tf.fingerprint([True])",
    "tf.fingerprint([[['a'], ['b']]])",
]


@pytest.mark.parametrize("expression", FINGERPRINTS)
def test_fingerprint(expression: str):
    assert_same(expression, names)


def in_a_function(tf: Any) -> Any:
    @tf.function
    def parts(text: Any) -> Any:
        return tf.strings.length(tf.strings.split(text, ",").to_tensor("-")), text[0], tf.stack([text, text], 1)

    return parts(tf.constant(["ab,c", "d"]))


def of_a_symbolic_number(tf: Any) -> Any:
    return tf.function(lambda x: tf.strings.join(["v", tf.strings.as_string(x)]))(tf.constant(3))


def with_a_signature(tf: Any) -> Any:
    return tf.function(tf.strings.upper, input_signature=[tf.TensorSpec([None], tf.string)])(tf.constant(["a", "b"]))


def used_in_a_program(tf: Any) -> Any:
    @tf.function
    def scaled(text: Any, x: Any) -> Any:
        return x * tf.cast(tf.strings.to_number(text), tf.float32)

    with tf.GradientTape() as tape:
        x = tf.Variable(2.0)
        y = scaled(tf.constant("3.5"), x)
    return [tape.gradient(y, x)]


def in_a_pipeline(tf: Any) -> Any:
    lines = tf.data.Dataset.from_tensor_slices(["1,2.5", "3,4.5"])
    numbers = lines.map(lambda line: tf.strings.to_number(tf.strings.split(line, ",")))
    words = tf.data.Dataset.range(3).map(lambda x: tf.strings.as_string(x) + "!")
    return [list(numbers.batch(2)), list(words), list(lines.batch(2).map(tf.strings.upper))]


def no_gradient_through_strings(tf: Any) -> Any:
    x = tf.constant([1.5, 2.5])
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.strings.to_number(tf.strings.as_string(x)) * 2.0
    return [y, tape.gradient(y, x)]


@pytest.mark.parametrize(
    "program",
    [in_a_function, of_a_symbolic_number, with_a_signature, used_in_a_program, in_a_pipeline,
     no_gradient_through_strings],
    ids=lambda program: program.__name__,
)  # fmt: skip
def test_program(program: Any):
    assert described(program(functape)) == described(program(tensorflow))


@pytest.mark.parametrize("name", sorted(set(functape.strings.__all__)))
def test_signature(name: str):
    check_signature(getattr(functape.strings, name), getattr(tensorflow.strings, name))


def test_fingerprints_of_many_strings():
    texts = [bytes(np.random.default_rng(n).integers(0, 256, n, np.uint8)) for n in range(150)]
    for tf in (functape, tensorflow):
        found = [
            tf.strings.to_hash_bucket(texts, 2**62),
            tf.strings.to_hash_bucket_fast(texts, 2**62),
            tf.strings.to_hash_bucket_strong(texts, 2**62, [3, 2**40]),
        ]
        if tf is functape:
            ours = [each.numpy() for each in found]
    for mine, theirs in zip(ours, found, strict=True):
        np.testing.assert_array_equal(mine, theirs.numpy())


def test_a_wrong_answer_would_be_found():
    with pytest.raises(AssertionError):
        assert_same("1 if tf.__name__ == 'functape' else 2", names)


def test_the_top_level_alias():
    assert functape.as_string is functape.strings.as_string


def test_string_tensors_elsewhere_say_what_to_do():
    with pytest.raises(functape.errors.InvalidArgumentError, match=r"Use tf\.strings"):
        functape.sqrt(functape.constant("a"))
