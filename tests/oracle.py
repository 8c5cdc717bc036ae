"""The comparison with TensorFlow itself.

A `Case` is a function of a module called `tf` and some inputs. `check` calls it with TensorFlow and with functape, and
compares values, dtypes, shapes, first and second gradients (which are None included). `check_raises` compares the
exceptions. No expected value is written down anywhere: TensorFlow computes it.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import tensorflow

import functape

RELATIVE = {
    "float16": 2e-3,
    "bfloat16": 1.6e-2,
    "float32": 2e-6,
    "float64": 1e-12,
    "complex64": 2e-6,
    "complex128": 1e-12,
}
"""By dtype, relative tolerance. About 16 units in the last place of a float32: XLA's and Eigen's elementary functions
differ by up to 4, and a second derivative multiplies a few of them. Two units for the 16-bit types, where both round
after each op; 4,500 for float64, which is still far below any error of formula."""

ABSOLUTE = {
    "float16": 1e-3,
    "bfloat16": 8e-3,
    "float32": 2e-7,
    "float64": 1e-14,
    "complex64": 2e-7,
    "complex128": 1e-14,
}
"""By dtype, absolute tolerance: the rounding of a sum of terms of order one that cancels."""


@dataclass(frozen=True)
class Case:
    """One comparison.

    **Arguments:**
    - `name`: the test's id.
    - `function`: `(tf, *inputs)`, called with `tf` as TensorFlow and as functape; returns a tensor or a structure of
      tensors and Python values.
    - `inputs`: NumPy arrays, which become tensors (inside lists, tuples and dicts too); anything else is passed as it
      is.
    - `gradients`: how many times to differentiate: 0, 1 or 2.
    - `loosen`: how many times the tolerances of the tables to allow.
    - `because`: why, if `loosen` is not 1.
    """

    name: str
    function: Callable[..., Any]
    inputs: tuple[Any, ...] = ()
    gradients: int = 2
    loosen: float = 1.0
    because: str = ""

    def __post_init__(self) -> None:
        if (self.loosen != 1.0) != bool(self.because):
            raise ValueError(f"Case {self.name!r} must say why it loosens the tolerances, and only then.")


@dataclass
class Outcome:
    """What one side made of a case, as NumPy arrays and Python values."""

    values: list[Any]
    dtypes: list[Any]
    shapes: list[Any]
    gradients: list[Any] | None
    """For each inexact input an array or None; None if the side has no gradient for an op."""
    seconds: list[Any] | None
    """As `gradients`, of the weighted sum of the gradients."""


def each(cases: Iterable[Case]) -> Any:
    """Parametrize a test over cases: `@each(CASES)`, with a parameter `case`."""
    cases = list(cases)
    names = [case.name for case in cases]
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise ValueError(f"Cases of the same name: {repeated}")
    return pytest.mark.parametrize("case", cases, ids=names)


def check(case: Case) -> None:
    """Fail unless functape agrees with TensorFlow on a case."""
    compare(run(tensorflow, case), run(functape, case), case)


def check_raises(case: Case) -> None:
    """Fail unless both raise, and exceptions of the same name; functape must raise before any value is asked for."""
    theirs, ours = (_error(module, case) for module in (tensorflow, functape))
    assert theirs is not None, f"{case.name}: TensorFlow raises nothing"
    assert ours is not None, f"{case.name}: TensorFlow raises {_described(theirs)}; functape raises nothing"
    assert type(ours).__name__ == type(theirs).__name__, (
        f"{case.name}: TensorFlow raises {_described(theirs)}; functape raises {_described(ours)}"
    )
    assert str(ours), f"{case.name}: the error has no message"


def check_signature(theirs: Callable[..., Any], ours: Callable[..., Any]) -> None:
    """Fail unless both functions take the same parameters: names, order, kinds and defaults."""
    assert _parameters(ours) == _parameters(theirs)


def run(tf: Any, case: Case) -> Outcome:
    """A case's outcome with TensorFlow or functape as `tf`.

    The gradients are of a weighted sum of all outputs, so that outputs which always sum to the same are told apart.
    """
    watched: list[Any] = []
    inputs = [_tensors(tf, each, watched) for each in case.inputs]
    with tf.GradientTape(persistent=True) as outer:
        for tensor in watched:
            outer.watch(tensor)
        with tf.GradientTape(persistent=True) as inner:
            for tensor in watched:
                inner.watch(tensor)
            leaves = flatten(case.function(tf, *inputs))
        gradients = seconds = None
        targets = [leaf for leaf in leaves if _is_inexact(leaf)]
        if case.gradients:
            gradients = _gradient(tf, inner, targets, watched)
    if gradients is not None and case.gradients > 1:
        seconds = _gradient(tf, outer, [gradient for gradient in gradients if gradient is not None], watched)
    return Outcome(
        values=[_value(leaf) for leaf in leaves],
        dtypes=[_dtype(leaf) for leaf in leaves],
        shapes=[_shape(leaf) for leaf in leaves],
        gradients=None if gradients is None else [_value(gradient) for gradient in gradients],
        seconds=None if seconds is None else [_value(second) for second in seconds],
    )


def compare(theirs: Outcome, ours: Outcome, case: Case) -> None:
    """Fail unless two outcomes agree within the case's tolerances."""
    assert ours.dtypes == theirs.dtypes, f"{case.name}: dtypes {ours.dtypes}, TensorFlow's {theirs.dtypes}"
    assert ours.shapes == theirs.shapes, f"{case.name}: shapes {ours.shapes}, TensorFlow's {theirs.shapes}"
    _compare_lists(theirs.values, ours.values, case, "value")
    for theirs_list, ours_list, what in (
        (theirs.gradients, ours.gradients, "gradient"),
        (theirs.seconds, ours.seconds, "second gradient"),
    ):
        if theirs_list is None:
            continue
        assert ours_list is not None, f"{case.name}: functape has no {what}"
        if what == "second gradient":
            ours_list, theirs_list = _without_zeros(ours_list, theirs_list), _without_zeros(theirs_list, ours_list)
        present, wanted = ([each is not None for each in side] for side in (ours_list, theirs_list))
        assert present == wanted, f"{case.name}: {what} present: {present}, TensorFlow's: {wanted}"
        _compare_lists(theirs_list, ours_list, case, what)


def assert_close(ours: Any, theirs: Any, what: str = "value", loosen: float = 1.0) -> None:
    """Fail unless two arrays have one dtype and shape, and agree within the tables' tolerances.

    NaNs and infinities must be in the same places.
    """
    ours, theirs = np.asarray(ours), np.asarray(theirs)
    assert ours.dtype == theirs.dtype, f"{what}: dtype {ours.dtype}, TensorFlow's {theirs.dtype}"
    assert ours.shape == theirs.shape, f"{what}: shape {ours.shape}, TensorFlow's {theirs.shape}"
    name = theirs.dtype.name
    if name not in RELATIVE:
        np.testing.assert_array_equal(ours, theirs, err_msg=what)
        return
    wide = np.complex128 if theirs.dtype.kind == "c" else np.float64
    with np.errstate(invalid="ignore", over="ignore"):
        np.testing.assert_allclose(
            ours.astype(wide),
            theirs.astype(wide),
            rtol=RELATIVE[name] * loosen,
            atol=ABSOLUTE[name] * loosen,
            equal_nan=True,
            err_msg=what,
        )


def flatten(structure: Any) -> list[Any]:
    """The leaves of nested lists, tuples and dicts."""
    if isinstance(structure, dict):
        structure = list(structure.values())
    if isinstance(structure, list | tuple):
        return [leaf for each in structure for leaf in flatten(each)]
    return [structure]


def _tensors(tf: Any, value: Any, watched: list[Any]) -> Any:
    if isinstance(value, np.ndarray | np.generic):
        tensor = tf.constant(value)
        if _is_inexact(tensor):
            watched.append(tensor)
        return tensor
    if isinstance(value, dict):
        return {key: _tensors(tf, each, watched) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_tensors(tf, each, watched) for each in value)
    return value


def _gradient(tf: Any, tape: Any, targets: list[Any], sources: list[Any]) -> list[Any] | None:
    """Gradients of a weighted sum of `targets`; None if an op on the way has none."""
    if not targets or not sources:
        return [None] * len(sources)
    weights = [tf.constant(_weights(_shape(target), _dtype(target))) for target in targets]
    try:
        gradients = tape.gradient(targets, sources, output_gradients=weights)
    except LookupError:
        return None
    return [_dense(tf, gradient) for gradient in gradients]


def _weights(shape: Any, dtype: str) -> Any:
    numbers = np.random.default_rng(7).uniform(0.5, 1.5, shape)
    return np.asarray(numbers).astype(functape.as_dtype(dtype).as_numpy_dtype)


def _dense(tf: Any, value: Any) -> Any:
    return tf.convert_to_tensor(value) if hasattr(value, "dense_shape") else value


def _is_tensor(leaf: Any) -> bool:
    return hasattr(leaf, "numpy") and hasattr(leaf, "dtype")


def _is_inexact(leaf: Any) -> bool:
    return _is_tensor(leaf) and (leaf.dtype.is_floating or leaf.dtype.is_complex)


def _value(leaf: Any) -> Any:
    return leaf.numpy() if _is_tensor(leaf) else leaf


def _dtype(leaf: Any) -> Any:
    return leaf.dtype.name if _is_tensor(leaf) else type(leaf).__name__


def _shape(leaf: Any) -> Any:
    return tuple(leaf.shape.as_list()) if _is_tensor(leaf) else None


def _without_zeros(ones: list[Any], others: list[Any]) -> list[Any]:
    """The second gradients `ones`, with None for zeros where `others` has None.

    Whether the second derivative of a linear function is None or zeros depends on which kernels its gradient is made
    of, not on mathematics: TensorFlow has None for `2 * x` and zeros for the product of one element.
    """
    pairs = zip(ones, others, strict=True)
    return [None if other is None and one is not None and not np.any(one) else one for one, other in pairs]


def _compare_lists(theirs: list[Any], ours: list[Any], case: Case, what: str) -> None:
    for position, (wanted, got) in enumerate(zip(theirs, ours, strict=True)):
        message = f"{case.name}: {what} {position}"
        if isinstance(wanted, np.ndarray | np.generic):
            assert_close(got, wanted, message, case.loosen)
        else:
            assert got == wanted, f"{message}: {got!r}, TensorFlow's {wanted!r}"


def _error(tf: Any, case: Case) -> Exception | None:
    inputs = [_tensors(tf, each, []) for each in case.inputs]
    try:
        case.function(tf, *inputs)
    except Exception as error:
        return error
    return None


def _described(error: Exception) -> str:
    return f"{type(error).__name__} ({str(error)[:300]})"


def _parameters(function: Callable[..., Any]) -> list[tuple[str, Any, Any]]:
    parameters = inspect.signature(function).parameters.values()
    return [(each.name, each.kind.name, _default(each.default)) for each in parameters]


def _default(value: Any) -> Any:
    if inspect.isfunction(value):
        return value.__name__
    return value.name if isinstance(value, functape.DType | tensorflow.DType) else value
