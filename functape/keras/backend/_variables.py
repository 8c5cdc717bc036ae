"""The backend's variables, their values, and the functions that run on them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from functape._api import _creation as creation
from functape._api import _joining as joining
from functape._api._choosing import where
from functape._api._random import normal, truncated_normal, uniform
from functape._api._shaping import expand_dims
from functape._api._static import operand
from functape._core._cast import cast
from functape._core._convert import is_tensor_like
from functape._core._print import tf_print
from functape._core._variable import Variable
from functape._engine._dtypes import as_dtype
from functape.keras import _phase
from functape.keras._configuration import floatx
from functape.keras.backend._table import described


def _variable(value: Any, dtype: Any, name: str | None, constraint: Any) -> Variable:
    kind = as_dtype(dtype or floatx())
    if is_tensor_like(value):
        value = cast(value, kind)
    return Variable(value, dtype=kind, name=name, constraint=constraint)


def _get_value(x: Any) -> Any:
    return x.numpy() if is_tensor_like(x) or hasattr(x, "numpy") else x


def _set_value(x: Any, value: Any) -> None:
    x.assign(np.asarray(value, as_dtype(x.dtype).as_numpy_dtype))


def _set_values(pairs: Any) -> None:
    for variable, value in pairs:
        _set_value(variable, value)


def _to_floatx(x: Any) -> Any:
    if is_tensor_like(x):
        return cast(x, floatx())
    return np.asarray(x, dtype=as_dtype(floatx()).as_numpy_dtype)


def _called(value: Any) -> Any:
    return value() if callable(value) and not is_tensor_like(value) else value


def _switch(condition: Any, then_expression: Any, else_expression: Any) -> Any:
    given = cast(operand(condition), "bool")
    if not given.aval.ndim:
        return _called(then_expression if bool(given) else else_expression)
    then, other = operand(_called(then_expression)), operand(_called(else_expression))
    rank = then.aval.ndim
    if given.aval.ndim > rank:
        raise ValueError(
            "Rank of `condition` should be less than or equal to rank of `then_expression` and `else_expression`. "
            f"ndim(condition)={given.aval.ndim}, ndim(then_expression)={rank}"
        )
    while given.aval.ndim < rank:
        given = expand_dims(given, -1)
    return where(given, then, other)


def _in_train_phase(x: Any, alt: Any, training: Any) -> Any:
    training = _phase.learning_phase() if training is None else training
    return _called(x if bool(training) else alt)


def _moved(x: Variable, value: Any, momentum: Any) -> Any:
    share = 1 - momentum
    return x.assign_sub((x - cast(value, x.dtype)) * share)


def _fold(fn: Callable[..., Any], elems: Any, initializer: Any, backwards: bool) -> Any:
    items = list(joining.unstack(operand(elems)))
    items = items[::-1] if backwards else items
    state = items.pop(0) if initializer is None else initializer
    for item in items:
        state = fn(state, item)
    return state


def _mapped(fn: Callable[..., Any], elems: Any, dtype: Any) -> Any:
    results = [fn(each) for each in joining.unstack(operand(elems))]
    stacked = joining.stack(results)
    return stacked if dtype is None else cast(stacked, dtype)


def _seed(seed: Any, bound: float = 10e6) -> Any:
    """Keras 2's rule: a missing seed comes from NumPy."""
    return int(np.random.randint(int(bound))) if seed is None else seed


def _bernoulli(shape: Any, p: float, dtype: Any, seed: Any) -> Any:
    kind = as_dtype(dtype or floatx())
    drawn = uniform(shape, dtype=kind, seed=_seed(seed))
    return where(drawn <= p, creation.ones(shape, kind), creation.zeros(shape, kind))


def _drawn_variable(
    draw: Callable[..., Any], shape: Any, first: Any, second: Any, dtype: Any, name: Any, seed: Any
) -> Variable:
    return _variable(draw(shape, first, second, dtype or floatx(), _seed(seed, 10e8)), dtype, name, None)


def _print_tensor(x: Any, message: str, summarize: int) -> Any:
    tf_print(message, x, summarize=summarize, output_stream="stdout")
    return x


def _gradients(loss: Any, variables: Any) -> Any:
    raise RuntimeError(
        "tf.gradients is not supported when eager execution is enabled. Use tf.GradientTape instead: "
        "with tf.GradientTape() as tape: loss = ...; tape.gradient(loss, variables)."
    )


def _placeholder(*_: Any) -> Any:
    raise RuntimeError("There are no placeholders: pass the values as arguments, or use tf.keras.Input for a model.")


def _count(x: Any) -> int:
    return int(np.prod(operand(x).aval.shape, dtype=np.int64))


FUNCTIONS = described(
    {
        "batch_get_value": ("The values of variables", lambda tensors: [_get_value(each) for each in tensors]),
        "batch_set_value": (
            "Pairs of a variable and its new value, assigned",
            lambda tuples: _set_values(tuples),
        ),
        "cast_to_floatx": ("A tensor or array of the default floating dtype", lambda x: _to_floatx(x)),
        "count_params": ("The number of elements", lambda x: _count(x)),
        "dtype": ("The name of a tensor's dtype", lambda x: as_dtype(x.dtype).name),
        "eval": ("The value of a tensor or variable", lambda x: _get_value(x)),
        "eye": (
            "A variable with an identity matrix",
            lambda size, dtype=None, name=None: _variable(
                creation.eye(size, dtype=dtype or floatx()), dtype, name, None
            ),
        ),
        "foldl": (
            "The elements put together from the first on",
            lambda fn, elems, initializer=None, name=None: _fold(fn, elems, initializer, False),
        ),
        "foldr": (
            "The elements put together from the last on",
            lambda fn, elems, initializer=None, name=None: _fold(fn, elems, initializer, True),
        ),
        "get_value": ("The value of a variable", lambda x: _get_value(x)),
        "gradients": ("Not to be had here: see `tf.GradientTape`", lambda loss, variables: _gradients(loss, variables)),
        "in_test_phase": (
            "`x` in inference, else `alt`",
            lambda x, alt, training=None: _in_train_phase(alt, x, training),
        ),
        "in_train_phase": (
            "`x` in training, else `alt`",
            lambda x, alt, training=None: _in_train_phase(x, alt, training),
        ),
        "map_fn": ("A function of each element", lambda fn, elems, name=None, dtype=None: _mapped(fn, elems, dtype)),
        "moving_average_update": (
            "A variable moved towards a value",
            lambda x, value, momentum: _moved(x, value, momentum),
        ),
        "ones": (
            "A variable with ones",
            lambda shape, dtype=None, name=None: _variable(creation.ones(shape, dtype or floatx()), dtype, name, None),
        ),
        "placeholder": (
            "Not to be had here: see `tf.keras.Input`",
            lambda shape=None, ndim=None, dtype=None, sparse=False, name=None, ragged=False: _placeholder(),
        ),
        "print_tensor": ("A tensor, printed", lambda x, message="", summarize=3: _print_tensor(x, message, summarize)),
        "random_bernoulli": (
            "Ones with a probability, else zeros",
            lambda shape, p=0.0, dtype=None, seed=None: _bernoulli(shape, p, dtype, seed),
        ),
        "random_binomial": (
            "Ones with a probability, else zeros",
            lambda shape, p=0.0, dtype=None, seed=None: _bernoulli(shape, p, dtype, seed),
        ),
        "random_normal": (
            "Samples of a normal distribution",
            lambda shape, mean=0.0, stddev=1.0, dtype=None, seed=None: normal(
                shape, mean, stddev, dtype or floatx(), _seed(seed)
            ),
        ),
        "random_normal_variable": (
            "A variable with samples of a normal distribution",
            lambda shape, mean, scale, dtype=None, name=None, seed=None: _drawn_variable(
                normal, shape, mean, scale, dtype, name, seed
            ),
        ),
        "random_uniform": (
            "Samples of a uniform distribution",
            lambda shape, minval=0.0, maxval=1.0, dtype=None, seed=None: uniform(
                shape, minval, maxval, dtype or floatx(), _seed(seed)
            ),
        ),
        "random_uniform_variable": (
            "A variable with samples of a uniform distribution",
            lambda shape, low, high, dtype=None, name=None, seed=None: _drawn_variable(
                uniform, shape, low, high, dtype, name, seed
            ),
        ),
        "set_value": ("A variable's new value, assigned", lambda x, value: _set_value(x, value)),
        "switch": (
            "One of two values or of what two functions return",
            lambda condition, then_expression, else_expression: _switch(condition, then_expression, else_expression),
        ),
        "truncated_normal": (
            "Samples of a normal distribution within two standard deviations",
            lambda shape, mean=0.0, stddev=1.0, dtype=None, seed=None: truncated_normal(
                shape, mean, stddev, dtype or floatx(), _seed(seed)
            ),
        ),
        "update": ("A variable's new value, assigned", lambda x, new_x: x.assign(new_x)),
        "update_add": ("A number added to a variable", lambda x, increment: x.assign_add(increment)),
        "update_sub": ("A number taken from a variable", lambda x, decrement: x.assign_sub(decrement)),
        "variable": (
            "A variable of the default floating dtype",
            lambda value, dtype=None, name=None, constraint=None: _variable(value, dtype, name, constraint),
        ),
        "zeros": (
            "A variable with zeros",
            lambda shape, dtype=None, name=None: _variable(creation.zeros(shape, dtype or floatx()), dtype, name, None),
        ),
    },
    "functape.keras.backend",
)
