"""Functions that were loaded: by the form of the arguments, the program to run."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from typing import Any

import jax
import numpy as np

from functape._core._holding import is_tensor_like
from functape._core._spec import TensorSpec
from functape._core._variable import Variable
from functape.function._concrete import fit
from functape.functional._functionalize import is_leaf
from functape.saved_model._program import Program
from functape.saved_model._structures import plain, specs_in


class RestoredProgram:
    """One program of a loaded function, called as the function is.

    **Arguments:**
    - `name`: the function's.
    - `program`: the program.
    - `parameters`: the function's.
    """

    def __init__(self, name: str, program: Program, parameters: inspect.Signature | None) -> None:
        self.name = name
        self.program = program
        self.parameters = parameters

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run it.

        **Raises:** `TypeError` for arguments that do not fit.
        """
        return self.program(self.tensors(*_bound(self.parameters, args, kwargs)))

    def tensors(self, args: Any, kwargs: Any) -> list[Any]:
        """The tensors among arguments.

        **Raises:** `TypeError` if they do not fit.
        """
        structure: Any
        others: Any
        wanted, structure = jax.tree.flatten(self.program.arguments, is_leaf=_is_whole)
        given, others = jax.tree.flatten((plain(args), plain(kwargs)), is_leaf=_is_whole)
        if others != structure:
            raise TypeError(f"The arguments of {self.name} must be like {self.program.arguments}.")
        tensors = []
        for value, spec in zip(given, wanted, strict=True):
            if isinstance(spec, TensorSpec):
                tensors.append(fit(value, spec, spec.name or "an argument"))
            elif (
                is_tensor_like(value)
                or isinstance(value, np.ndarray)
                or type(value) is not type(spec)
                or (value != spec)
            ):
                raise TypeError(f"{self.name} was saved for {spec!r}, which is part of it. Received: {value!r}.")
        return tensors

    @property
    def structured_input_signature(self) -> Any:
        """The arguments, with specs in place of tensors."""
        return self.program.arguments

    @property
    def structured_outputs(self) -> Any:
        """What it returns, with specs in place of tensors."""
        return self.program.results

    @property
    def inputs(self) -> list[TensorSpec]:
        """The specs of its tensors."""
        return specs_in(self.program.arguments)

    @property
    def outputs(self) -> list[TensorSpec]:
        """The specs of what it returns."""
        return specs_in(self.program.results)

    @property
    def variables(self) -> tuple[Variable, ...]:
        """The variables it reads or assigns."""
        return tuple({id(each): each for each in (*self.program.reads, *self.program.writes)}.values())

    @property
    def trainable_variables(self) -> tuple[Variable, ...]:
        """Those of them that tapes watch by themselves."""
        return tuple(each for each in self.variables if each.trainable)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name} of {self.inputs} -> {self.structured_outputs}>"


class SignatureFunction(RestoredProgram):
    """A signature of what was loaded: tensors by name to tensors by name."""

    def __call__(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Run it; a single argument may go without its name.

        **Raises:** `TypeError` for arguments that do not fit.
        """
        specs = self.program.arguments[1]
        if len(args) == 1 and not kwargs and len(specs) == 1:
            kwargs, args = {next(iter(specs)): args[0]}, ()
        if args or set(kwargs) != set(specs):
            raise TypeError(
                f"The signature {self.name!r} takes the keyword arguments {list(specs)}. Received: "
                f"{len(args)} positional ones and {list(kwargs)}."
            )
        return self.program(self.tensors((), {name: kwargs[name] for name in specs}))


class SignatureMap(Mapping[str, SignatureFunction]):
    """The signatures of what was loaded, by name."""

    def __init__(self, signatures: dict[str, SignatureFunction]) -> None:
        self._signatures = signatures

    def __getitem__(self, key: str) -> SignatureFunction:
        return self._signatures[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._signatures)

    def __len__(self) -> int:
        return len(self._signatures)

    def __repr__(self) -> str:
        return f"SignatureMap({self._signatures})"


class RestoredFunction:
    """A function that was loaded.

    **Arguments:**
    - `name`: its name.
    - `programs`: for each form of arguments it was saved for.
    - `parameters`: its parameters.
    - `reason`: why there are no programs.
    """

    def __init__(
        self, name: str, programs: list[Program], parameters: inspect.Signature | None, reason: str = ""
    ) -> None:
        self.__name__ = name
        self.parameters = parameters
        self.reason = reason
        self.concrete_functions = [RestoredProgram(name, each, parameters) for each in programs]

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run the program for arguments of this form.

        **Raises:** `ValueError` if there is none; `NotImplementedError` if the function could not be saved.
        """
        if self.reason:
            raise NotImplementedError(f"{self.__name__} was not saved: {self.reason}")
        bound = _bound(self.parameters, args, kwargs)
        for concrete in self.concrete_functions:
            try:
                tensors = concrete.tensors(*bound)
            except TypeError:
                continue
            return concrete.program(tensors)
        if not self.concrete_functions:
            raise ValueError(
                f"Found zero restored functions for caller function {self.__name__!r}: it was not called before it "
                "was saved, and has no input signature, so there is no program of it."
            )
        options = "\n".join(f"  {each.structured_input_signature}" for each in self.concrete_functions)
        raise ValueError(
            f"Could not find matching concrete function to call loaded from the SavedModel. {self.__name__} was saved "
            f"for the arguments\n{options}\nReceived: args={args!r}, kwargs={kwargs!r}."
        )

    def get_concrete_function(self, *args: Any, **kwargs: Any) -> RestoredProgram:
        """The program for arguments of one form, given as specs or as tensors.

        **Raises:** `ValueError` if there is none.
        """
        args, kwargs = _bound(self.parameters, args, kwargs)
        structure: Any
        given, structure = jax.tree.flatten((plain(args), plain(kwargs)), is_leaf=_is_whole)
        for concrete in self.concrete_functions:
            wanted, others = jax.tree.flatten(concrete.program.arguments, is_leaf=_is_whole)
            if others == structure and all(map(_covers, wanted, given)):
                return concrete
        raise ValueError(f"{self.__name__} was not saved for the arguments {args}, {kwargs}.")

    def __repr__(self) -> str:
        return f"<RestoredFunction {self.__name__} for {len(self.concrete_functions)} forms of arguments>"


def _is_whole(value: Any) -> bool:
    return is_leaf(value) or isinstance(value, np.ndarray)


def _covers(spec: Any, given: Any) -> bool:
    if not isinstance(spec, TensorSpec):
        return type(spec) is type(given) and spec == given
    if not isinstance(given, TensorSpec):
        if not hasattr(given, "dtype"):
            return False
        given = TensorSpec(given.shape, given.dtype)
    return spec.dtype is given.dtype and spec.is_compatible_with(given)


def _bound(parameters: inspect.Signature | None, args: Any, kwargs: Any) -> tuple[Any, Any]:
    if parameters is None:
        return args, kwargs
    bound = parameters.bind(*args, **kwargs)
    bound.apply_defaults()
    return bound.args, bound.kwargs
