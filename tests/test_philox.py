"""Seeded random numbers against TensorFlow itself: bit for bit, and normal samples to a few units in the last place."""

from __future__ import annotations

import functools
import threading
from typing import Any

import jax
import numpy as np
import pytest
import tensorflow

from functape import _seeds
from functape._engine._avals import aval
from functape._engine._cache import cache
from functape._engine._dtypes import as_dtype, float32
from functape._engine._errors import InvalidArgumentError
from functape._engine._recorder import new_tensor, record
from functape._ops import _philox, _random_rows

NORMAL_TOLERANCE = {"float16": 1e-3, "bfloat16": 8e-3, "float32": 5e-7, "float64": 1e-15}
"""Relative; for the 16-bit types one unit in the last place, since a float32 that differs may round differently."""

SIZES = ((), (0,), (1,), (2,), (3,), (4,), (5,), (2, 3), (131,), (7, 11, 13))


@functools.cache
def compiled(function: Any, **attributes: Any) -> Any:
    return jax.jit(functools.partial(function, **attributes))


def draw(function: Any, *arrays: Any, **attributes: Any) -> np.ndarray[Any, Any]:
    with jax.enable_x64(True):
        return np.asarray(compiled(function, **attributes)(*arrays))


def same_bits(ours: Any, expected: Any) -> None:
    ours, expected = np.asarray(ours), np.asarray(expected)
    assert ours.dtype == expected.dtype
    if ours.dtype.kind not in "iu":
        ours, expected = ours.astype(np.float64), expected.astype(np.float64)
    np.testing.assert_array_equal(ours, expected)


def close(ours: Any, expected: Any) -> None:
    ours, expected = np.asarray(ours), np.asarray(expected)
    assert ours.dtype == expected.dtype
    tolerance = NORMAL_TOLERANCE[as_dtype(ours.dtype).name]
    np.testing.assert_allclose(ours.astype(np.float64), expected.astype(np.float64), rtol=tolerance, atol=0)


def numpy_dtype(name: str) -> Any:
    return as_dtype(name).as_numpy_dtype


class Kind:
    """One kind of random op: TensorFlow's call, our function and the check that compares them."""

    def __init__(self, kernel: str, dtype: str, call: Any, ours: Any, compare: Any = same_bits) -> None:
        self.key = (kernel, dtype)
        self.call = call
        self.ours = ours
        self.compare = compare

    def samples(self, shape: tuple[int, ...]) -> int:
        return shape[0] if self.key[0] == "RandomShuffle" else int(np.prod(shape))


def _floating(kernel: str, name: str, function: Any, dtype: str, compare: Any = same_bits) -> Kind:
    return Kind(
        kernel,
        dtype,
        lambda shape, seed: getattr(tensorflow.random, name)(shape, dtype=dtype, seed=seed),
        lambda words, shape: draw(function, words, shape=shape, dtype=dtype),
        compare,
    )


def _integer(dtype: str, low: int, high: int) -> Kind:
    bounds = np.array([low, high], dtype)
    return Kind(
        "RandomUniformInt",
        dtype,
        lambda shape, seed: tensorflow.random.uniform(shape, low, high, dtype=dtype, seed=seed),
        lambda words, shape: draw(_philox.uniform_int, words, bounds[0], bounds[1], shape=shape),
    )


def _rows(shape: tuple[int, ...]) -> np.ndarray[Any, Any]:
    return np.arange(np.prod(shape), dtype=np.float32).reshape(shape)


SHUFFLE = Kind(
    "RandomShuffle",
    "float32",
    lambda shape, seed: tensorflow.random.shuffle(_rows(shape), seed=seed),
    lambda words, shape: draw(_random_rows.shuffle, words, _rows(shape)),
)

UNIFORM = _floating("RandomUniform", "uniform", _philox.uniform, "float32")

KINDS = {
    **{
        f"uniform-{dtype}": _floating("RandomUniform", "uniform", _philox.uniform, dtype)
        for dtype in ("float16", "bfloat16", "float32", "float64")
    },
    **{
        f"normal-{dtype}": _floating("RandomStandardNormal", "normal", _philox.normal, dtype, close)
        for dtype in ("float16", "bfloat16", "float32", "float64")
    },
    **{
        f"truncated_normal-{dtype}": _floating(
            "TruncatedNormal", "truncated_normal", _philox.truncated_normal, dtype, close
        )
        for dtype in ("float16", "bfloat16", "float32", "float64")
    },
    "int32": _integer("int32", -5, 1000),
    "int32-widest": _integer("int32", -(2**31), 2**31 - 1),
    "int64": _integer("int64", -(2**40), 2**61),
    "shuffle": SHUFFLE,
}

SEED = 3
BOTH = (("set", 42), 1, 1, 7, 1)
SCENARIOS = {
    "global only": (("set", 42), None, None, None, ("set", 42), None),
    "op only": (("set", None), 1, 1, 7, 0, 1),
    "both": BOTH,
    "both, after reset": BOTH + BOTH,
    "mixed": (("set", 1), None, 3, None, 3, ("set", 2), 3, None),
    "zero and zero": (("set", 0), 0, 0),
    "largest": (("set", 2**31 - 1), 2**31 - 1, 2**31 - 2, 2**40, None),
    "negative": (("set", -7), -3, -3, None),
    "scalar arrays": (("set", np.int64(5)), np.array(4), np.int32(4), None),
    "float and bool": (("set", 2.75), 1.5, True, None),
}


def run_tensorflow(kind: Kind, shape: tuple[int, ...], scenario: tuple[Any, ...]) -> list[Any]:
    results = []
    for step in scenario:
        if isinstance(step, tuple):
            tensorflow.random.set_seed(step[1])
        else:
            results.append(kind.call(shape, step).numpy())
    return results


def run_ours(kind: Kind, shape: tuple[int, ...], scenario: tuple[Any, ...]) -> list[Any]:
    results = []
    for step in scenario:
        if isinstance(step, tuple):
            _seeds.set_seed(step[1])
        else:
            results.append(kind.ours(_seeds.seed_words(kind.key, kind.samples(shape), step), shape))
    return results


def compare_scenario(kind: Kind, shape: tuple[int, ...], scenario: tuple[Any, ...]) -> None:
    expected = run_tensorflow(kind, shape, scenario)
    for ours, wanted in zip(run_ours(kind, shape, scenario), expected, strict=True):
        kind.compare(ours, wanted)


@pytest.mark.parametrize("scenario", SCENARIOS.values(), ids=SCENARIOS)
@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_seeds_and_repeated_calls(kind: Kind, scenario: tuple[Any, ...]) -> None:
    compare_scenario(kind, (7, 2), scenario)


@pytest.mark.parametrize("shape", SIZES, ids=str)
@pytest.mark.parametrize("name", ["uniform-float32", "uniform-float64", "normal-float64", "truncated_normal-float32"])
def test_sizes_that_fill_no_block(name: str, shape: tuple[int, ...]) -> None:
    compare_scenario(KINDS[name], shape, (("set", 42), SEED, SEED))


@pytest.mark.parametrize("rows", [0, 1, 2, 3, 5, 257, 5000])
def test_shuffle_lengths(rows: int) -> None:
    compare_scenario(SHUFFLE, (rows,), (("set", 42), SEED, SEED, None))
    compare_scenario(SHUFFLE, (rows, 0), (("set", 42), SEED))


def test_shuffle_leaves_a_scalar() -> None:
    same_bits(draw(_random_rows.shuffle, _seeds.philox_words((1, 2)), np.float32(3)), tensorflow.random.shuffle(3.0))


@pytest.mark.parametrize("name", ["normal-float32", "normal-float64", "truncated_normal-float32", "uniform-float32"])
def test_many_samples(name: str) -> None:
    compare_scenario(KINDS[name], (100_003,), (("set", 9), None))


def test_streams_of_different_kinds_are_apart() -> None:
    scenario = [("uniform-float32", 5), ("uniform-float64", 5), ("uniform-float32", 5), ("int32", 5), ("int32", 5)]
    tensorflow.random.set_seed(1)
    _seeds.set_seed(1)
    for name, seed in scenario:
        kind = KINDS[name]
        expected = kind.call((3,), seed).numpy()
        same_bits(kind.ours(_seeds.seed_words(kind.key, 3, seed), (3,)), expected)


def test_shapes_of_one_kind_share_a_stream() -> None:
    tensorflow.random.set_seed(1)
    _seeds.set_seed(1)
    for shape in ((3,), (2, 5), (), (3,)):
        same_bits(
            UNIFORM.ours(_seeds.seed_words(UNIFORM.key, UNIFORM.samples(shape), 5), shape), UNIFORM.call(shape, 5)
        )


def test_a_wrong_stream_is_seen() -> None:
    words = _seeds.philox_words((42, 7))
    tensorflow.random.set_seed(42)
    for name in ("uniform-float16", "normal-float64", "int32", "shuffle"):
        kind = KINDS[name]
        expected = kind.call((9,), 7).numpy()
        kind.compare(kind.ours(words, (9,)), expected)
        for position in range(6):
            wrong = words.copy()
            wrong[position] += 1
            with pytest.raises(AssertionError):
                kind.compare(kind.ours(wrong, (9,)), expected)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64"])
def test_the_tolerance_sees_a_wrong_value(dtype: str) -> None:
    expected = np.array([0.5, 1.25, -0.75], numpy_dtype(dtype))
    step = 2 * NORMAL_TOLERANCE[dtype]
    with pytest.raises(AssertionError):
        close((expected.astype(np.float64) * (1 + step)).astype(expected.dtype), expected)


def test_without_any_seed_numbers_differ() -> None:
    _seeds.set_seed(None)
    assert _seeds.next_op_seed() == (None, None)
    made = {tuple(_seeds.seed_words(UNIFORM.key, 3).tolist()) for _ in range(20)}
    assert len(made) == 20


@pytest.mark.parametrize("given", [(None, 0), (0, 0), (7, 3), (2**31 - 1, 0), (-1, 2**33), (None, None)])
def test_pairs_of_seeds(given: tuple[Any, Any]) -> None:
    tensorflow.random.set_seed(given[0])
    _seeds.set_seed(given[0])
    assert _seeds.next_op_seed(given[1]) == tensorflow.compat.v1.get_seed(given[1])


@pytest.mark.parametrize("global_seed", [42, None])
def test_ops_of_a_traced_function_are_numbered(global_seed: Any) -> None:
    tensorflow.random.set_seed(global_seed)
    expected = []

    @tensorflow.function
    def traced() -> None:
        expected.extend(tensorflow.compat.v1.get_seed(seed) for seed in (None, None, 5, None))

    traced()
    trace = _seeds.TraceSeeds(global_seed)
    assert [trace.next_op_seed(seed) for seed in (None, None, 5, None)] == expected


@pytest.mark.parametrize("wrong", ["a", [1, 2], object()])
def test_what_is_no_seed(wrong: Any) -> None:
    tensorflow.random.set_seed(1)
    with pytest.raises(TypeError):
        tensorflow.random.uniform([1], seed=wrong)
    with pytest.raises(TypeError):
        tensorflow.random.set_seed(wrong)
        tensorflow.random.uniform([1])
    with pytest.raises(TypeError, match="seed"):
        _seeds.set_seed(wrong)
    _seeds.set_seed(1)
    with pytest.raises(TypeError, match="seed"):
        _seeds.seed_words(UNIFORM.key, 1, wrong)


def test_a_refused_seed_changes_nothing() -> None:
    _seeds.set_seed(42)
    first = _seeds.next_op_seed()
    _seeds.set_seed(42)
    with pytest.raises(TypeError):
        _seeds.set_seed("a")
    assert _seeds.next_op_seed() == first


def test_threads_never_share_numbers() -> None:
    _seeds.set_seed(1)
    starts: list[int] = []
    pairs: list[Any] = []

    def work() -> None:
        for _ in range(200):
            starts.append(int(_seeds.seed_words(UNIFORM.key, 1, 5)[2]))
            pairs.append(_seeds.next_op_seed())

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(starts) == [256 * number for number in range(800)]
    _seeds.set_seed(1)
    assert sorted(pairs) == sorted(_seeds.next_op_seed() for _ in range(800))


STATELESS_SEEDS = (
    np.array([1, 2], np.int32),
    np.array([-1, 2**31 - 1], np.int32),
    np.array([-(2**63), 2**40 + 1], np.int64),
    np.array([0, 0], np.int64),
)


@pytest.mark.parametrize("seed", STATELESS_SEEDS, ids=str)
def test_stateless(seed: Any) -> None:
    words = draw(_philox.stateless_words, seed)
    for dtype in ("float16", "bfloat16", "float32", "float64"):
        common = {"shape": (7,), "dtype": dtype}
        same_bits(draw(_philox.uniform, words, **common), tensorflow.random.stateless_uniform(seed=seed, **common))
        close(draw(_philox.normal, words, **common), tensorflow.random.stateless_normal(seed=seed, **common))
        expected = tensorflow.random.stateless_truncated_normal(seed=seed, **common)
        close(draw(_philox.truncated_normal, words, **common), expected)
    for dtype in ("int32", "uint32", "int64", "uint64"):
        common = {"shape": (7,), "dtype": dtype}
        expected = tensorflow.random.stateless_uniform(seed=seed, minval=None, **common)
        same_bits(draw(_philox.full_int, words, **common), expected)
    expected = tensorflow.random.stateless_uniform((7,), seed, -3, 11, dtype="int32")
    same_bits(draw(_philox.uniform_int, words, np.int32(-3), np.int32(11), shape=(7,)), expected)


@pytest.mark.parametrize("state", [(0, 5, 1), (2**64 - 2, 5, 1), (2**64 - 1, 2**64 - 1, 2**63), (2**32 - 1, 0, 9)])
def test_the_counter_carries(state: tuple[int, int, int]) -> None:
    held = np.array(state, np.uint64)
    generator = tensorflow.random.Generator.from_state(held.view(np.int64), alg="philox")
    words = np.concatenate([held[2:].view(np.uint32), held[:2].view(np.uint32)])
    expected = generator.uniform_full_int([18], tensorflow.uint32)
    same_bits(draw(_philox.full_int, words, shape=(18,), dtype="uint32"), expected)
    generator = tensorflow.random.Generator.from_state(held.view(np.int64), alg="philox")
    close(draw(_philox.truncated_normal, words, shape=(9,), dtype="float32"), generator.truncated_normal([9]))


def uniform_between(words: Any, low: Any, high: Any, *, shape: tuple[int, ...], dtype: str) -> Any:
    return _random_rows.spread(_philox.uniform(words, shape=shape, dtype=dtype), low, high)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64"])
@pytest.mark.parametrize("bounds", [(-0.3, 0.3), (2.0, 7.5), (3.0, -1.0), (0.0, 0.0), (-np.inf, 1.0)])
def test_spread_rounds_twice(bounds: tuple[float, float], dtype: str) -> None:
    tensorflow.random.set_seed(42)
    expected = tensorflow.random.uniform([4099], *bounds, dtype=dtype, seed=SEED)
    low, high = np.array(bounds, numpy_dtype(dtype))
    same_bits(draw(uniform_between, _seeds.philox_words((42, SEED)), low, high, shape=(4099,), dtype=dtype), expected)


def test_spread_gradient() -> None:
    samples = np.array([0.0, 0.25, 0.875], np.float32)
    low, high = np.array([1.0, 2.0, 3.0], np.float32), np.float32(5)
    arrays = [tensorflow.constant(each) for each in (samples, low, high)]
    with tensorflow.GradientTape() as tape:
        tape.watch(arrays)
        total = tensorflow.reduce_sum((arrays[0] * (arrays[2] - arrays[1]) + arrays[1]) ** 2)
    ours = jax.grad(lambda *each: (_random_rows.spread(*each) ** 2).sum(), (0, 1, 2))(samples, low, high)
    for mine, expected in zip(ours, tape.gradient(total, arrays), strict=True):
        np.testing.assert_allclose(mine, expected, rtol=1e-6)


def tensor_of(array: np.ndarray[Any, Any]) -> Any:
    tensor = new_tensor()
    tensor.home = None
    tensor.aval = aval(array.shape, array.dtype)
    tensor.value = array
    return tensor


def test_new_seeds_compile_nothing() -> None:
    _seeds.set_seed(42)
    programs = []
    for step in range(30):
        samples = []
        for row in (_random_rows.RANDOM_UNIFORM, _random_rows.TRUNCATED_NORMAL):
            words = tensor_of(_seeds.seed_words((row.name, "float32"), 5, step % 3 or None))
            samples.append(record(row, ((5,), float32), (words,)))
        shuffled = record(
            _random_rows.RANDOM_SHUFFLE, (), (tensor_of(_seeds.seed_words("RandomShuffle", 5)), samples[0])
        )
        assert sorted(np.asarray(shuffled.resolve())) == sorted(np.asarray(samples[0].resolve()))
        programs.append(cache.compiled)
        del samples, shuffled
    assert programs[0] == programs[-1]


def test_new_seeds_do_not_retrace() -> None:
    traces = []

    def counted(words: Any) -> Any:
        traces.append(words)
        return _philox.normal(words, shape=(3,), dtype="float32")

    function = jax.jit(counted)
    with jax.enable_x64(True):
        made = {float(function(_seeds.philox_words((step, step + 1), step))[0]) for step in range(20)}
    assert len(traces) == 1
    assert len(made) == 20


WORDS = aval((6,), np.uint32)
MISTAKES = {
    "dtype": (_random_rows.RANDOM_NORMAL, ((2,), as_dtype("int32")), (WORDS,), "attr 'dtype' of int32"),
    "length": (_random_rows.RANDOM_UNIFORM, ((-2,), float32), (WORDS,), "Dimension -2 must be >= 0"),
    "words": (_random_rows.RANDOM_UNIFORM, ((2,), float32), (aval((2,), np.int32),), "seed_words"),
    "float bounds": (
        _random_rows.RANDOM_UNIFORM_INT,
        ((2,),),
        (WORDS, aval((), np.float32), aval((), np.float32)),
        "Tout",
    ),
    "vector bound": (
        _random_rows.RANDOM_UNIFORM_INT,
        ((2,),),
        (WORDS, aval((), np.int32), aval((1,), np.int32)),
        "0-D",
    ),
    "mixed bounds": (_random_rows.RANDOM_UNIFORM_INT, ((2,),), (WORDS, aval((), np.int32), aval((), np.int64)), "Cast"),
    "seed length": (_random_rows.STATELESS_WORDS, (), (aval((3,), np.int32),), r"shape \[2\], not \[3\]"),
    "seed dtype": (_random_rows.STATELESS_WORDS, (), (aval((2,), np.float32),), "integers"),
    "full range": (_random_rows.RANDOM_FULL_INT, ((2,), as_dtype("int8")), (WORDS,), "attr 'dtype' of int8"),
}


@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=MISTAKES)
def test_mistakes_are_named(mistake: Any) -> None:
    row, statics, avals, message = mistake
    with pytest.raises(InvalidArgumentError, match=message):
        row.infer(statics, avals)


@pytest.mark.parametrize("bounds", [(0, 0), (5, 3)])
def test_an_empty_range(bounds: tuple[int, int]) -> None:
    with pytest.raises(tensorflow.errors.InvalidArgumentError) as expected:
        tensorflow.random.uniform([2], *bounds, dtype=tensorflow.int32)
    with pytest.raises(InvalidArgumentError) as ours:
        _random_rows.check_range("RandomUniformInt", *bounds, (2,))
    message = f"Need minval < maxval, got {bounds[0]} >= {bounds[1]}"
    assert message in str(expected.value) and message in str(ours.value)
    _random_rows.check_range("RandomUniformInt", *bounds, (2, 0))
