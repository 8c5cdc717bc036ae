"""`tf.random.Generator`: a stream of random numbers whose state is a variable."""

from __future__ import annotations

import enum
import math
from typing import Any

import numpy as np

from functape._api._random import DRAWN, bounds_of, checked_dtype, moved, normal_arguments, shape_of, spread, typed
from functape._api._static import as_int, operand
from functape._core._cast import cast
from functape._core._convert import convert
from functape._core._variable import Variable
from functape._engine._dtypes import as_dtype, float32, int32, int64, uint64
from functape._engine._recorder import record
from functape._ops import _distributions as distributions
from functape._ops import _random_rows as rows


class Algorithm(enum.Enum):
    """The algorithms of random generators (`tf.random.Algorithm`); Philox is the one there is."""

    PHILOX = 1
    THREEFRY = 2
    AUTO_SELECT = 3


def _check_algorithm(alg: Any) -> None:
    number = alg.value if isinstance(alg, Algorithm) else alg
    if number not in (1, 3, "philox", "auto_select", None):
        raise ValueError(f"Argument `alg` got unsupported value {alg!r}. Use 'philox'.")


def create_rng_state(seed: Any, alg: Any) -> Any:
    """The state of a generator, from a seed (`tf.random.create_rng_state`).

    **Arguments:**
    - `seed`: an integer of any size, or up to three.
    - `alg`: `"philox"`.

    **Returns:** int64[3].

    ```python
    >>> import functape as tf
    >>> tf.random.create_rng_state(7, "philox").numpy()
    array([7, 0, 0])

    ```
    """
    _check_algorithm(alg)
    if isinstance(seed, int):
        words = [(seed >> 64 * place) & (1 << 64) - 1 for place in range(3)]
        return convert(np.array(words, np.uint64).view(np.int64))
    given = cast(convert(seed), int64)
    if given.aval.ndim == 0:
        given = given[None]
    if given.aval.ndim != 1:
        raise ValueError(f"seed should have rank 0 or 1. Received shape: {given.aval.shape}")
    numbers = np.asarray(given)[:3]
    return convert(np.concatenate([np.zeros(3 - len(numbers), np.int64), numbers]))


class Generator:
    """A stream of random numbers (`tf.random.Generator`): the same numbers as TensorFlow's for the same state.

    **Arguments:**
    - `copy_from`: a generator to begin like.
    - `state`: int64[3], or a variable that holds it.
    - `alg`: `"philox"`.

    ```python
    >>> import functape as tf
    >>> first = tf.random.Generator.from_seed(1).normal([2])
    >>> bool((first.numpy() == tf.random.Generator.from_seed(1).normal([2]).numpy()).all())
    True

    ```
    """

    def __init__(self, copy_from: Any = None, state: Any = None, alg: Any = None) -> None:
        if copy_from is not None:
            if state is not None or alg is not None:
                raise ValueError("state and alg must be None when copy_from is given.")
            state = copy_from.state
        elif state is None or alg is None:
            raise ValueError("Must either supply copy_from or both state and alg.")
        else:
            _check_algorithm(alg)
        if isinstance(state, Variable) and copy_from is None:
            self._state = state
        else:
            value = cast(operand(state), int64)
            if value.aval.shape != (3,):
                raise ValueError(f"state must have shape [3]. Received: {value.aval.shape}")
            self._state = Variable(value, dtype=int64, name="StateVar", trainable=False)

    @classmethod
    def from_state(cls, state: Any, alg: Any) -> Generator:
        """A generator with this state."""
        return cls(state=state, alg=alg)

    @classmethod
    def from_seed(cls, seed: Any, alg: Any = None) -> Generator:
        """A generator that begins with this seed."""
        return cls(state=create_rng_state(seed, alg), alg=1)

    @classmethod
    def from_non_deterministic_state(cls, alg: Any = None) -> Generator:
        """A generator that begins anywhere."""
        _check_algorithm(alg)
        return cls(state=np.random.default_rng().integers(-(2**63), 2**63 - 1, 3), alg=1)

    @classmethod
    def from_key_counter(cls, key: Any, counter: Any, alg: Any) -> Generator:
        """A generator with this key, an integer, and counter, two integers."""
        _check_algorithm(alg)
        return cls(state=_joined(key, counter), alg=1)

    @property
    def algorithm(self) -> int:
        """The number of the algorithm, 1."""
        return 1

    @property
    def state(self) -> Any:
        """The variable that holds the state: the counter's two words and the key."""
        return self._state

    @property
    def key(self) -> Any:
        """The key."""
        return self._state[2]

    def reset(self, state: Any) -> None:
        """Go on from this state."""
        self._state.assign(cast(operand(state), int64))

    def reset_from_seed(self, seed: Any) -> None:
        """Begin anew with this seed."""
        self._state.assign(create_rng_state(seed, 1))

    def reset_from_key_counter(self, key: Any, counter: Any) -> None:
        """Begin anew with this key and counter."""
        self._state.assign(_joined(key, counter))

    def skip(self, delta: Any) -> Any:
        """Leave out so many numbers; returns the state before."""
        before = self._state.read_value()
        self._advance(cast(convert(delta), int64) * 256)
        return before

    def _advance(self, blocks: Any) -> None:
        self._state.assign(record(distributions.ADVANCED, (), (self._state, convert(blocks, int64))))

    def _words(self, samples: int) -> Any:
        words = record(distributions.WORDS, (), (self._state,))
        self._advance(256 * samples)
        return words

    def normal(
        self, shape: Any, mean: Any = 0.0, stddev: Any = 1.0, dtype: Any = float32, name: str | None = None
    ) -> Any:
        """Normal samples; as `tf.random.normal`."""
        return self._normal(rows.RANDOM_NORMAL, shape, mean, stddev, dtype)

    def truncated_normal(
        self, shape: Any, mean: Any = 0.0, stddev: Any = 1.0, dtype: Any = float32, name: str | None = None
    ) -> Any:
        """Normal samples within two standard deviations; as `tf.random.truncated_normal`."""
        return self._normal(rows.TRUNCATED_NORMAL, shape, mean, stddev, dtype)

    def _normal(self, row: Any, shape: Any, mean: Any, stddev: Any, dtype: Any) -> Any:
        wanted, lengths, mean, stddev = normal_arguments(row.name, shape, mean, stddev, dtype)
        words = self._words(math.prod(lengths))
        return moved(record(row, (lengths, wanted.as_numpy_dtype), (words,)), mean, stddev)

    def uniform(
        self, shape: Any, minval: Any = 0, maxval: Any = None, dtype: Any = float32, name: str | None = None
    ) -> Any:
        """Uniform samples; as `tf.random.uniform`. Integers of all sizes where both bounds are None."""
        wanted = as_dtype(dtype)
        if wanted.is_integer:
            if (minval is None) != (maxval is None):
                raise ValueError(
                    f"For integer dtype {wanted!r}, minval and maxval must be both None or both non-None; got "
                    f"minval={minval} and maxval={maxval}"
                )
            if minval is None:
                return self.uniform_full_int(shape, wanted)
            checked_dtype(wanted, DRAWN)
            lengths = shape_of(shape, "StatefulUniformInt")
            bounds = bounds_of(minval, maxval, wanted, lengths, "StatefulUniformInt")
            return record(rows.RANDOM_UNIFORM_INT, (lengths,), (self._words(math.prod(lengths)), *bounds))
        checked_dtype(wanted, DRAWN)
        maxval = 1 if maxval is None else maxval
        lengths = shape_of(shape, "StatefulUniform")
        low, high = typed("min", minval, wanted), typed("max", maxval, wanted)
        drawn = record(rows.RANDOM_UNIFORM, (lengths, wanted.as_numpy_dtype), (self._words(math.prod(lengths)),))
        return spread(drawn, minval, maxval, low, high)

    def uniform_full_int(self, shape: Any, dtype: Any = uint64, name: str | None = None) -> Any:
        """Integers over the whole range of a dtype."""
        lengths = shape_of(shape, "StatefulUniformFullInt")
        statics = (lengths, as_dtype(dtype).as_numpy_dtype)
        return record(rows.RANDOM_FULL_INT, statics, (self._words(math.prod(lengths)),))

    def binomial(self, shape: Any, counts: Any, probs: Any, dtype: Any = int32, name: str | None = None) -> Any:
        """Samples of binomial distributions; as `tf.random.stateless_binomial`."""
        lengths = shape_of(shape, "StatefulRandomBinomial")
        parameters = tuple(cast(convert(each), float32) for each in (counts, probs))
        statics = (lengths, as_dtype(dtype).as_numpy_dtype)
        return record(distributions.BINOMIAL, statics, (self._words(math.prod(lengths)), *parameters))

    def make_seeds(self, count: Any = 1) -> Any:
        """Seeds for stateless ops: int64 `[2, count]`, one a column."""
        from functape._api._creation import zeros
        from functape._api._joining import stack

        number = as_int(count, "count")
        return stack([self.uniform_full_int([number], int64), zeros([number], int64)])

    def split(self, count: Any = 1) -> list[Generator]:
        """Independent generators."""
        keys = np.asarray(self.uniform_full_int([as_int(count, "count")], int64))
        return [Generator(state=np.array([0, 0, key], np.int64), alg=1) for key in keys]


def _joined(key: Any, counter: Any) -> Any:
    from functape._api._joining import concat

    first, second = cast(convert(counter), int64), cast(convert(key), int64)
    if first.aval.shape != (2,) or second.aval.shape != ():
        raise ValueError(
            f"Shapes {first.aval.shape} and {second.aval.shape} are incompatible with a counter [2] and a key []"
        )
    return concat([first, second[None]], 0)


_global: list[Generator] = []


def get_global_generator() -> Generator:
    """The generator shared by a program (`tf.random.get_global_generator`)."""
    if not _global:
        _global.append(Generator.from_non_deterministic_state())
    return _global[0]


def set_global_generator(generator: Generator) -> None:
    """Replace the generator shared by a program (`tf.random.set_global_generator`)."""
    _global[:] = [generator]
