"""Where Keras's random numbers begin: seeds that count on, in a variable."""

from __future__ import annotations

import random
from typing import Any

import numpy as np

from functape._core._convert import convert, from_numpy
from functape._core._variable import Variable
from functape._engine import _dtypes as dtypes
from functape._engine._recorder import record, record_multiple
from functape._ops import _seed_state as rows
from functape._seeds import set_seed
from functape.keras._naming import on_clear, unique_name


def make_default_seed() -> int:
    """A seed for what is given none: the next of Python's own generator."""
    return random.randint(1, int(1e9))


class SeedGenerator:
    """A seed, and how often it was used: each use gives other random numbers (`tf.keras.random.SeedGenerator`).

    **Arguments:**
    - `seed`: an integer; drawn from Python's `random` by default.
    - `name`: its name; `seed_generator` by default, with a number.

    **Raises:** `ValueError` if `seed` is no integer, or for an argument that is not known.

    ```python
    >>> import functape as tf
    >>> generator = tf.keras.random.SeedGenerator(seed=7)
    >>> print(generator.next().numpy(), generator.next().numpy())
    [7 0] [7 1]

    ```
    """

    def __init__(self, seed: int | None = None, name: str | None = None, **kwargs: Any) -> None:
        kwargs.pop("backend", None)
        if kwargs:
            raise ValueError(f"Unrecognized keyword arguments: {kwargs}. Known are `seed` and `name`.")
        self.name = unique_name(type(self).__name__) if name is None else name
        self._initial_seed = seed
        start = make_default_seed() if seed is None else seed
        if not isinstance(start, int):
            raise ValueError(f"Argument `seed` must be an integer. Received: seed={seed!r}")
        pair = np.array([start, 0], np.int64)
        self.state = Variable(from_numpy(pair), trainable=False, name=f"{self.name}/seed_generator_state")

    def next(self, ordered: bool = True) -> Any:
        """The present state, int64[2]; the next call gives another.

        **Arguments:**
        - `ordered`: whether to count on; else both numbers change.
        """
        row = rows.SEED_NEXT if ordered else rows.SEED_MIXED
        now, following = record_multiple(row, (), (self.state,))
        self.state.assign(following)
        return now

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {"seed": self._initial_seed, "name": self.name}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> SeedGenerator:
        """The generator that `get_config` described."""
        return cls(**config)


class _Global:
    generator: SeedGenerator | None = None


def global_seed_generator() -> SeedGenerator:
    """The generator of random functions that are given no seed."""
    if _Global.generator is None:
        _Global.generator = SeedGenerator()
    return _Global.generator


def reset_global_seed_generator() -> None:
    """Let the next random function without a seed begin a new stream."""
    _Global.generator = None


on_clear.append(reset_global_seed_generator)


def integer_pair(seed: int) -> np.ndarray[Any, Any]:
    """The int32 pair that stands for an integer."""
    wrapped = (seed + 2**63) % 2**64 - 2**63
    return np.array([wrapped % rows.LARGEST, 0], np.int32)


def draw_seed(seed: Any) -> Any:
    """The int32 pair a stateless op takes as its seed.

    **Arguments:**
    - `seed`: an integer, which always gives the same pair; a `SeedGenerator`; or None for the global one.

    **Raises:** `ValueError` for anything else.
    """
    if isinstance(seed, int):
        return convert(from_numpy(integer_pair(seed)))
    if seed is None:
        pair = global_seed_generator().next(ordered=False)
    elif isinstance(seed, SeedGenerator):
        pair = seed.next()
    else:
        raise ValueError(
            "Argument `seed` must be either an integer or an instance of `SeedGenerator`. "
            f"Received: seed={seed!r} (of type {type(seed)})"
        )
    return pair if pair.aval.dtype is dtypes.int32 else record(rows.SEED_NARROWED, (), (pair,))


def set_random_seed(seed: int) -> None:
    """Seed Python's, NumPy's and TensorFlow's random numbers (`tf.keras.utils.set_random_seed`).

    The initial weights of the same model are then those of TensorFlow.

    **Arguments:**
    - `seed`: an integer from 0 to 2**32 - 1.

    **Raises:** `ValueError` if it is none.

    ```python
    >>> import functape as tf
    >>> tf.keras.utils.set_random_seed(0)
    >>> first = tf.keras.initializers.GlorotUniform()([2, 2]).numpy()
    >>> tf.keras.utils.set_random_seed(0)
    >>> bool((tf.keras.initializers.GlorotUniform()([2, 2]).numpy() == first).all())
    True

    ```
    """
    if not isinstance(seed, int):
        raise ValueError(f"Expected `seed` argument to be an integer. Received: seed={seed!r} (of type {type(seed)})")
    reset_global_seed_generator()
    random.seed(seed)
    np.random.seed(seed)
    set_seed(seed)
