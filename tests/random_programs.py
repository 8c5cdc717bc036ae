"""Random programs over a vocabulary of recorded ops, written once and read in three ways.

A program is a list of steps; each step names an op of the vocabulary and the earlier values it takes. `run` runs it
with a module called `tf` (TensorFlow or functape); `by_hand` with `jax.numpy`, as a pure function for `jax.grad`. All
ops are smooth, so that finite differences exist; those in `STEEP` make steeper functions the more of them there are.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from hypothesis import strategies

Shape = tuple[int, ...]


class Word(NamedTuple):
    """One op of the vocabulary."""

    takes: int
    """How many earlier values it takes."""
    tape: Callable[..., Any]
    """`(tf, number, *values)`."""
    jax: Callable[..., Any]
    """`(number, *values)`, by hand."""
    shape: Callable[..., Shape | None]
    """The result's shape from the values' shapes; None if they do not fit."""


def _same(*shapes: Shape) -> Shape:
    return shapes[0]


def _broadcast(a: Shape, b: Shape) -> Shape | None:
    try:
        return np.broadcast_shapes(a, b)
    except ValueError:
        return None


def _product(a: Shape, b: Shape) -> Shape | None:
    return (a[0], b[1]) if len(a) == len(b) == 2 and a[1] == b[0] else None


def _needs(rank: int, shape: Callable[[Shape], Shape]) -> Callable[[Shape], Shape | None]:
    return lambda a: shape(a) if len(a) >= rank else None


def _alike(joined: Callable[[Shape], Shape], rank: int) -> Callable[[Shape, Shape], Shape | None]:
    return lambda a, b: joined(a) if a == b and len(a) >= rank else None


VOCABULARY = {
    "add": Word(2, lambda tf, n, a, b: a + b, lambda n, a, b: a + b, _broadcast),
    "subtract": Word(2, lambda tf, n, a, b: a - b, lambda n, a, b: a - b, _broadcast),
    "average": Word(2, lambda tf, n, a, b: (a + b) / 2.0, lambda n, a, b: (a + b) / 2, _broadcast),
    "half difference": Word(2, lambda tf, n, a, b: 0.5 * (a - b), lambda n, a, b: (a - b) / 2, _broadcast),
    "multiply": Word(2, lambda tf, n, a, b: a * b, lambda n, a, b: a * b, _broadcast),
    "divide": Word(2, lambda tf, n, a, b: a / (b * b + 1.0), lambda n, a, b: a / (b * b + 1), _broadcast),
    "scale": Word(1, lambda tf, n, a: n * a, lambda n, a: n * a, _same),
    "shift": Word(1, lambda tf, n, a: a - n, lambda n, a: a - n, _same),
    "from number": Word(1, lambda tf, n, a: n / (a * a + 1.0), lambda n, a: n / (a * a + 1), _same),
    "square": Word(1, lambda tf, n, a: a**2, lambda n, a: a * a, _same),
    "power": Word(1, lambda tf, n, a: (a * a + 1.0) ** n, lambda n, a: (a * a + 1) ** n, _same),
    "negative": Word(1, lambda tf, n, a: -a, lambda n, a: -a, _same),
    "sin": Word(1, lambda tf, n, a: tf.sin(a), lambda n, a: jnp.sin(a), _same),
    "tanh": Word(1, lambda tf, n, a: tf.tanh(a), lambda n, a: jnp.tanh(a), _same),
    "exp": Word(1, lambda tf, n, a: tf.exp(-a * a), lambda n, a: jnp.exp(-a * a), _same),
    "sqrt": Word(1, lambda tf, n, a: tf.sqrt(a * a + 1.0), lambda n, a: jnp.sqrt(a * a + 1), _same),
    "sigmoid": Word(1, lambda tf, n, a: tf.sigmoid(a), lambda n, a: 1 / (1 + jnp.exp(-a)), _same),
    "matmul": Word(2, lambda tf, n, a, b: tf.matmul(a, b), lambda n, a, b: a @ b, _product),
    "transpose": Word(1, lambda tf, n, a: tf.transpose(a), lambda n, a: a.T, lambda a: a[::-1]),
    "sum": Word(1, lambda tf, n, a: tf.reduce_sum(a), lambda n, a: jnp.sum(a), lambda a: ()),
    "sum over rows": Word(
        1, lambda tf, n, a: tf.reduce_sum(a, axis=0), lambda n, a: jnp.sum(a, axis=0), _needs(1, lambda a: a[1:])
    ),
    "mean kept": Word(
        1,
        lambda tf, n, a: tf.reduce_mean(a, axis=-1, keepdims=True),
        lambda n, a: jnp.mean(a, axis=-1, keepdims=True),
        _needs(1, lambda a: (*a[:-1], 1)),
    ),
    "row": Word(1, lambda tf, n, a: a[0], lambda n, a: a[0], _needs(1, lambda a: a[1:])),
    "backwards": Word(1, lambda tf, n, a: a[..., ::-1], lambda n, a: a[..., ::-1], _needs(1, _same)),
    "new axis": Word(1, lambda tf, n, a: a[tf.newaxis], lambda n, a: a[None], _needs(0, lambda a: (1, *a))),
    "flat": Word(
        1, lambda tf, n, a: tf.reshape(a, [-1]), lambda n, a: a.reshape(-1), lambda a: (int(np.prod(a, dtype=int)),)
    ),
    "stack": Word(
        2, lambda tf, n, a, b: tf.stack([a, b]), lambda n, a, b: jnp.stack([a, b]), _alike(lambda a: (2, *a), 0)
    ),
    "concat": Word(
        2,
        lambda tf, n, a, b: tf.concat([a, b], axis=0),
        lambda n, a, b: jnp.concatenate([a, b]),
        _alike(lambda a: (2 * a[0], *a[1:]), 1),
    ),
    "there and back": Word(
        1,
        lambda tf, n, a: tf.cast(tf.cast(tf.cast(a, tf.complex128), tf.float64) * n, tf.float64),
        lambda n, a: a * n,
        _same,
    ),
    "stop": Word(1, lambda tf, n, a: tf.stop_gradient(a) * n + a, lambda n, a: jax.lax.stop_gradient(a) * n + a, _same),
}


class Step(NamedTuple):
    """One line of a program."""

    word: str
    arguments: tuple[int, ...]
    """Numbers of earlier values."""
    number: float
    """A Python number the op may use."""


@dataclass(frozen=True)
class RandomProgram:
    """A program on float64 inputs, whose result is the sum of the sines of its last value and of all its inputs."""

    inputs: tuple[np.ndarray[Any, Any], ...]
    variables: tuple[bool, ...]
    """For each input whether it is a variable, else a watched constant."""
    steps: tuple[Step, ...]

    def run(self, tf: Any, values: list[Any], look: Callable[[int, Any], None] = lambda place, value: None) -> Any:
        """With `tf` as TensorFlow or functape; `look` is called with each value as it is made."""
        values = list(values)
        for place, step in enumerate(self.steps):
            values.append(VOCABULARY[step.word].tape(tf, step.number, *(values[each] for each in step.arguments)))
            look(place, values[-1])
        total = tf.reduce_sum(tf.sin(values[-1]))
        for value in values[: len(self.inputs)]:
            total = total + 0.1 * tf.reduce_sum(tf.sin(value))
        return total

    def by_hand(self, *inputs: Any) -> Any:
        """With `jax.numpy`, as a pure function of the inputs."""
        values = list(inputs)
        for step in self.steps:
            values.append(VOCABULARY[step.word].jax(step.number, *(values[each] for each in step.arguments)))
        return jnp.sum(jnp.sin(values[-1])) + 0.1 * sum(jnp.sum(jnp.sin(value)) for value in inputs)


STEEP = ("add", "subtract", "multiply", "scale", "square", "power", "there and back", "sum", "sum over rows", "matmul")


@strategies.composite
def programs(draw: Any, longest: int = 8, without: tuple[str, ...] = ()) -> RandomProgram:
    """Random programs of up to `longest` steps."""
    lengths = strategies.sampled_from([2, 1, 3])
    shapes: list[Shape] = draw(
        strategies.lists(strategies.lists(lengths, max_size=2).map(tuple), min_size=1, max_size=3)
    )
    seed = draw(strategies.integers(0, 2**16))
    generator = np.random.default_rng(seed)
    inputs = tuple(np.asarray(generator.uniform(-1.5, 1.5, shape)) for shape in shapes)
    variables = tuple(draw(strategies.lists(strategies.booleans(), min_size=len(shapes), max_size=len(shapes))))
    words = [name for name in VOCABULARY if name not in without]
    steps = []
    # The smallest number drawn makes the longest program, since hypothesis draws small numbers most.
    for _ in range(longest - draw(strategies.integers(0, longest - 1))):
        word = draw(strategies.sampled_from(words))
        fitting = list(_fitting(VOCABULARY[word], shapes))
        if fitting:
            places, shape = draw(strategies.sampled_from(fitting))
            steps.append(Step(word, places, draw(strategies.sampled_from([0.5, -1.25, 2.0, 0.75]))))
            shapes.append(shape)
    return RandomProgram(inputs, variables, tuple(steps))


def _fitting(word: Word, shapes: list[Shape]) -> Iterator[tuple[tuple[int, ...], Shape]]:
    """The values an op can take, the latest first, each time with the result's shape."""
    for places in itertools.product(reversed(range(len(shapes))), repeat=word.takes):
        shape = word.shape(*(shapes[place] for place in places))
        if shape is not None and len(shape) <= 3 and int(np.prod(shape, dtype=int)) <= 48:
            yield places, shape
