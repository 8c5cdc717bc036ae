"""One program, run with TensorFlow and with functape, and what came out compared.

A program is a function of a module called `tf` that returns a structure of tensors, Nones and Python values. Nothing
expected is written down anywhere: TensorFlow computes it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import tensorflow
from oracle import assert_close

import functape

Program = Callable[[Any], Any]


class Table(list[Any]):
    """Programs, collected by using the table as a decorator."""

    def __call__(self, program: Program) -> Program:
        if any(program.__name__ == each.__name__ for each in self):
            raise ValueError(f"Two programs are called {program.__name__}.")
        self.append(program)
        return program

    def each(self) -> Any:
        """Parametrizes a test over the table, with a parameter `program`."""
        return pytest.mark.parametrize("program", self, ids=lambda program: program.__name__)


def assert_same_outcome(program: Program, loosen: float = 1.0) -> None:
    """Fail unless a program returns the same with functape as with TensorFlow: structure, dtypes, shapes, values."""
    theirs = described(program(tensorflow))
    ours = described(program(functape))
    compare(ours, theirs, program.__name__, loosen)


def assert_same_error(program: Program) -> None:
    """Fail unless a program raises an exception of the same name with both."""
    theirs, ours = (error_of(program, tf) for tf in (tensorflow, functape))
    assert theirs is not None, "TensorFlow raises nothing"
    assert ours is not None, f"TensorFlow raises {theirs!r}; functape nothing"
    assert type(ours).__name__ == type(theirs).__name__, f"TensorFlow raises {theirs!r}; functape {ours!r}"
    assert str(ours)


def error_of(program: Program, tf: Any) -> Exception | None:
    try:
        program(tf)
    except Exception as error:
        return error
    return None


def described(structure: Any) -> Any:
    """A structure with NumPy values for its tensors."""
    if isinstance(structure, dict):
        return {key: described(each) for key, each in structure.items()}
    if isinstance(structure, tuple) and hasattr(structure, "_fields"):
        return (type(structure).__name__, *(described(each) for each in structure))
    if isinstance(structure, list | tuple):
        return type(structure)(described(each) for each in structure)
    if hasattr(structure, "dense_shape"):
        structure = tensor_of_slices(structure)
    if hasattr(structure, "numpy") and hasattr(structure, "dtype"):
        value = structure.numpy()
        assert structure.shape.is_compatible_with(np.shape(value))
        assert structure.dtype == structure.dtype.name == np.asarray(value).dtype or structure.dtype.name == "string"
        return value if isinstance(value, np.ndarray | np.generic | bytes) else np.asarray(value)
    return structure


def tensor_of_slices(slices: Any) -> Any:
    tf = functape if isinstance(slices, functape.IndexedSlices) else tensorflow
    return tf.convert_to_tensor(slices)


def compare(ours: Any, theirs: Any, where: str, loosen: float = 1.0) -> None:
    """Fail unless two described structures are the same."""
    assert type(ours).__name__ == type(theirs).__name__, f"{where}: {ours!r}, TensorFlow's {theirs!r}"
    if isinstance(theirs, dict):
        assert list(ours) == list(theirs), where
        for key in theirs:
            compare(ours[key], theirs[key], f"{where}[{key!r}]", loosen)
    elif isinstance(theirs, list | tuple):
        assert len(ours) == len(theirs), f"{where}: {ours!r}, TensorFlow's {theirs!r}"
        for index, (mine, wanted) in enumerate(zip(ours, theirs, strict=True)):
            compare(mine, wanted, f"{where}[{index}]", loosen)
    elif isinstance(theirs, np.ndarray | np.generic):
        assert_close(ours, theirs, where, loosen)
    else:
        assert ours == theirs, f"{where}: {ours!r}, TensorFlow's {theirs!r}"
