"""One signature of a traced function: `tf.types.experimental.ConcreteFunction`."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from functape._core._convert import convert
from functape._core._holding import is_tensor_like
from functape._core._spec import TensorSpec, TypeSpec
from functape._core._tensor import Tensor
from functape._core._variable import Variable
from functape._engine._avals import Aval, Kind
from functape._engine._errors import InvalidArgumentError
from functape._engine._recorder import local
from functape._engine._staged import Staged
from functape._engine._trace import Trace, graph_error
from functape.function._compiled import Compiled
from functape.function._signature import Reading, replace_tensors
from functape.function._structure import TENSOR, Static, Template, put_together, take_apart


class Variant:
    """A trace for arguments of given shapes.

    **Arguments:**
    - `staged`: the trace.
    - `template`: the structure of what the function returns.
    """

    def __init__(self, staged: Staged, template: Any) -> None:
        self.staged = staged
        self.template = template
        self._compiled: dict[tuple[Aval, ...], Compiled] = {}

    def compiled(self, avals: tuple[Aval, ...]) -> Compiled:
        """The program for arguments held in given ways."""
        found = self._compiled.get(avals)
        if found is None:
            found = self._compiled[avals] = Compiled(self.staged, avals)
        return found

    def rebuild(self, tensors: list[Any]) -> Any:
        """What the function returns, from its tensors."""
        return put_together(self.template, iter(tensors))


class ConcreteFunction:
    """A function for one signature; what `get_concrete_function` returns.

    It is traced once more, silently, for each combination of lengths that the signature leaves open.

    **Arguments:**
    - `function`: the Python function, with AutoGraph applied.
    - `name`: its name.
    - `signature`: its parameters.
    - `args`, `kwargs`: the arguments of the signature: `TensorSpec`s in place of tensors.
    """

    def __init__(
        self,
        function: Callable[..., Any],
        name: str,
        signature: inspect.Signature | None,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        may_create: bool,
    ) -> None:
        self._function = function
        self._name = name
        self._signature = signature
        self._args = args
        self._kwargs = kwargs
        self.may_create = may_create
        self.variants: dict[tuple[Any, ...], Variant] = {}
        self.created: list[Any] = []

    # ---- tracing ---------------------------------------------------------------------------------------------

    def variant(self, args: tuple[Any, ...], kwargs: dict[str, Any], reading: Reading) -> Variant:
        """The trace for the shapes and layouts of these arguments, and for the variables among them."""
        shapes = tuple(tensor.aval.as_kind(Kind.ARRAY) for tensor in reading.tensors)
        key = (shapes, tuple(map(id, reading.variables)), tuple(reading.layouts))
        found = self.variants.get(key)
        if found is None:
            found = self.variants[key] = self._trace(args, kwargs, shapes, reading.tensors)
        return found

    def _trace(self, args: Any, kwargs: Any, shapes: tuple[Aval, ...], tensors: list[Any]) -> Variant:
        outer = local.recorder
        trace = Trace(outer, self._name, self.may_create)
        trace.created = self.created
        trace.memory = {"names": {}, "arguments": {~index: tensor for index, tensor in enumerate(tensors)}}
        placeholders = trace.placeholders(shapes)
        trace.memory["names"][id(trace)] = {
            ~index: name for index, name in enumerate(_argument_names(self._signature, args, kwargs, len(shapes)))
        }
        following = iter(placeholders)

        def call() -> Any:
            arguments = replace_tensors((args, kwargs), lambda tensor: next(following))
            result = self._function(*arguments[0], **arguments[1])
            found: list[Any] = []
            template = _results(result, found, self._name)
            return [convert(each) for each in found], template

        try:
            with _no_global_name_scope():
                results, template = trace.run(call)
            staged = Staged(trace, len(shapes), results)
        except InvalidArgumentError as error:
            if getattr(error, "at_run_time", False):
                raise
            raise graph_error(error).with_traceback(error.__traceback__) from None
        finally:
            trace.undo()
        return Variant(staged, template)

    # ---- calls -----------------------------------------------------------------------------------------------

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the function with tensors of the signature.

        **Raises:** `TypeError` for arguments that do not fit.
        """
        bound_args, bound_kwargs = self._bind(args, kwargs)
        reading = Reading()
        reading.key((bound_args, bound_kwargs))
        variant = self.variant(bound_args, bound_kwargs, reading)
        compiled = variant.compiled(tuple(tensor.aval for tensor in reading.tensors))
        return variant.rebuild(compiled(reading.tensors))

    def _bind(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, Any]:
        names = self._names()
        if len(args) > len(self._args):
            tensors = _specs((self._args, self._kwargs))
            if len(args) != len(tensors):
                raise TypeError(
                    f"{self._name}() takes {len(self._args)} positional arguments. Received {len(args)}: {args!r}"
                )
        values = list(self._args)
        given: set[int] = set()
        for index, value in enumerate(args):
            if index < len(values):
                values[index] = value
                given.add(index)
        rest = dict(self._kwargs)
        for name, value in kwargs.items():
            if name in names:
                values[names.index(name)] = value
                given.add(names.index(name))
            elif name in rest:
                rest[name] = value
            else:
                raise TypeError(f"{self._name}() got unexpected keyword arguments {name!r}. Its parameters: {names}.")
        missing = [names[index] for index, value in enumerate(self._args) if index not in given and _specs(value)]
        if missing:
            raise TypeError(f"{self._name}() missing required arguments: {', '.join(missing)}.")
        fitted = [
            fit(value, spec, names[index]) for index, (value, spec) in enumerate(zip(values, self._args, strict=True))
        ]
        return tuple(fitted), {name: fit(rest[name], spec, name) for name, spec in self._kwargs.items()}

    def _names(self) -> list[str]:
        if self._signature is None:
            return [f"arg{index}" for index in range(len(self._args))]
        names = [
            each.name
            for each in self._signature.parameters.values()
            if each.kind in (each.POSITIONAL_ONLY, each.POSITIONAL_OR_KEYWORD)
        ]
        return names + [f"arg{index}" for index in range(len(names), len(self._args))]

    # ---- looking at it ---------------------------------------------------------------------------------------

    def _any(self) -> Variant:
        """A trace of it; for lengths left open, of length 1, if there was no call yet."""
        if self.variants:
            return next(iter(self.variants.values()))
        args, kwargs = _stand_ins((self._args, self._kwargs))
        reading = Reading()
        reading.key((args, kwargs))
        return self.variant(args, kwargs, reading)

    @property
    def name(self) -> bytes:
        """A name like those TensorFlow gives."""
        return f"__inference_{self._name}_{id(self) % 10**6}".encode()

    @property
    def structured_input_signature(self) -> tuple[Any, Any]:
        """The arguments: `TensorSpec`s named after the parameters in place of tensors."""
        names = self._names()
        args = tuple(_named(each, names[index]) for index, each in enumerate(self._args))
        return args, {name: _named(each, name) for name, each in self._kwargs.items()}

    @property
    def structured_outputs(self) -> Any:
        """What it returns: `TensorSpec`s in place of tensors."""
        variant = self._any()
        specs = [
            TensorSpec(each.shape, each.dtype) for each in variant.staged.output_avals[: len(variant.staged.results)]
        ]
        return put_together(variant.template, iter(specs))

    @property
    def output_shapes(self) -> Any:
        """The shapes of what it returns."""
        variant = self._any()
        shapes = [TensorSpec(each.shape, each.dtype).shape for each in variant.staged.output_avals]
        return put_together(variant.template, iter(shapes))

    @property
    def output_dtypes(self) -> Any:
        """The dtypes of what it returns."""
        variant = self._any()
        return put_together(variant.template, iter(each.dtype for each in variant.staged.output_avals))

    @property
    def inputs(self) -> list[TensorSpec]:
        """The tensors that enter, captures aside."""
        return _specs(self.structured_input_signature)

    @property
    def outputs(self) -> list[TensorSpec]:
        """The tensors that it returns."""
        variant = self._any()
        return [
            TensorSpec(each.shape, each.dtype) for each in variant.staged.output_avals[: len(variant.staged.results)]
        ]

    @property
    def captured_inputs(self) -> list[Any]:
        """The tensors and variables of the code around that it uses."""
        return list(self._any().staged.captures)

    @property
    def variables(self) -> tuple[Variable, ...]:
        """The variables it reads or assigns."""
        staged = self._any().staged
        found: dict[int, Any] = {}
        for each in [*staged.captures, *(cell for cell, _ in staged.writes)]:
            if isinstance(each, Variable):
                found.setdefault(id(each), each)
        return tuple(found.values())

    @property
    def trainable_variables(self) -> tuple[Variable, ...]:
        """Those of its variables that tapes watch by themselves."""
        return tuple(each for each in self.variables if each.trainable)

    @property
    def graph(self) -> ConcreteFunction:
        """The function itself: there is no separate graph."""
        return self

    def pretty_printed_signature(self, verbose: bool = True) -> str:
        """The parameters, their types and what is returned, as text."""
        lines = ["Input Parameters:"]
        names = self._names()
        shown = [*zip(names, self._args, strict=False), *self._kwargs.items()]
        lines += [f"  {name} (POSITIONAL_OR_KEYWORD): {_type_text(value)}" for name, value in shown] or ["  None"]
        lines += ["Output Type:", f"  {_type_text(self.structured_outputs)}", "Captures:"]
        captured = [f"  {index}: {_type_text(each)}" for index, each in enumerate(self.captured_inputs)]
        return "\n".join([*lines, *(captured or ["  None"])])

    def __str__(self) -> str:
        return f"ConcreteFunction {self.pretty_printed_signature()}"

    def __repr__(self) -> str:
        return f"<ConcreteFunction {self._name} at {hex(id(self))}>"


def _no_global_name_scope() -> Any:
    from functape._core._name_scope import name_scope

    return name_scope("")


def _results(result: Any, found: list[Any], name: str) -> Any:
    """The template of what a traced function returned; its tensors are appended to `found`."""
    template = take_apart(result, found, numbers=True)
    return _checked(template, name)


def _checked(template: Any, name: str) -> Any:
    if template is TENSOR:
        return template
    if isinstance(template, Static):
        value = template.value
        if value is None or is_tensor_like(value):
            return template
        if isinstance(value, str | bytes):
            return Static(convert(value))
        raise TypeError(
            "To be compatible with tf.function, Python functions must return zero or more Tensors or ExtensionTypes or "
            f"None values; in compilation of {name}, found return value of type {type(value).__name__}, which is not a "
            "Tensor or ExtensionType. Return tensors, or compute that object outside the function."
        )
    return Template(template.kind, tuple(_checked(each, name) for each in template.parts), template.make)


def fit(value: Any, spec: Any, name: str) -> Any:
    """An argument as its part of the signature wants it.

    **Raises:** `TypeError` if it does not fit.
    """
    if isinstance(spec, TensorSpec):
        try:
            tensor = convert(value, None if is_tensor_like(value) else spec.dtype)
        except (TypeError, ValueError) as error:
            raise TypeError(
                f"Binding inputs to tf.function failed due to `{error}`. Received {name}={value!r}."
            ) from None
        if not spec.is_compatible_with(tensor):
            given = TensorSpec(tensor.aval.shape, tensor.aval.dtype)
            raise TypeError(
                f"Binding inputs to tf.function failed due to `Can not cast {given!r} to "
                f"{TensorSpec(spec.shape, spec.dtype)!r}`. Received {name}={value!r}."
            )
        return tensor
    if isinstance(spec, TypeSpec) and not spec.is_compatible_with(value):
        raise TypeError(
            f"Binding inputs to tf.function failed due to `Can not cast {value!r} to {spec!r}`. Received "
            f"{name}={value!r}."
        )
    if isinstance(spec, list | tuple) and isinstance(value, list | tuple) and len(spec) == len(value):
        parts = [fit(each, wanted, name) for each, wanted in zip(value, spec, strict=True)]
        if hasattr(spec, "_fields"):
            return type(spec)(*parts)
        return parts if type(spec) is list else type(spec)(parts)
    if isinstance(spec, dict) and isinstance(value, dict) and set(spec) == set(value):
        return {key: fit(value[key], spec[key], name) for key in value}
    if _specs(spec):
        raise TypeError(
            f"Binding inputs to tf.function failed due to `Can not cast {value!r} to {spec!r}`. Received "
            f"{name}={value!r}."
        )
    return value


def _specs(structure: Any) -> list[TensorSpec]:
    if isinstance(structure, TensorSpec):
        return [structure]
    if isinstance(structure, dict):
        return [spec for key in structure for spec in _specs(structure[key])]
    if isinstance(structure, list | tuple):
        return [spec for each in structure for spec in _specs(each)]
    return []


def _named(value: Any, name: str) -> Any:
    if isinstance(value, TensorSpec):
        return TensorSpec(value.shape, value.dtype, value.name or name)
    if isinstance(value, list):
        return [_named(each, name) for each in value]
    if isinstance(value, tuple):
        parts = [_named(each, name) for each in value]
        return type(value)(*parts) if hasattr(value, "_fields") else tuple(parts)
    if isinstance(value, dict):
        return {key: _named(each, key if isinstance(key, str) else name) for key, each in value.items()}
    return value


def _stand_ins(structure: Any) -> Any:
    """Tensors of zeros in place of specs; what a spec leaves open has length 1."""
    import numpy as np

    if isinstance(structure, TensorSpec):
        lengths = (
            [1] if structure.shape.rank is None else [each or 1 if each is None else each for each in structure.shape]
        )
        return convert(np.zeros(tuple(int(each) for each in lengths), structure.dtype.as_numpy_dtype))
    if isinstance(structure, dict):
        return {key: _stand_ins(each) for key, each in structure.items()}
    if isinstance(structure, list | tuple):
        parts = [_stand_ins(each) for each in structure]
        if hasattr(structure, "_fields"):
            return type(structure)(*parts)
        return parts if isinstance(structure, list) else tuple(parts)
    return structure


def _type_text(value: Any) -> str:
    if isinstance(value, TensorSpec):
        return repr(TensorSpec(value.shape, value.dtype))
    if isinstance(value, Tensor):
        return repr(TensorSpec(value.aval.shape, value.aval.dtype))
    if isinstance(value, Variable):
        return f"VariableSpec(shape={value.shape}, dtype={value.dtype!r}, trainable={value.trainable}, alias_id=0)"
    if isinstance(value, dict):
        return f"Dict[{', '.join(f'[{key!r}, {_type_text(each)}]' for key, each in value.items())}]"
    if isinstance(value, list | tuple):
        return f"{type(value).__name__.capitalize()}[{', '.join(map(_type_text, value))}]"
    return f"Literal[{value!r}]"


def _argument_names(signature: Any, args: Any, kwargs: Any, count: int) -> list[str]:
    """A name for each tensor among the arguments."""
    names = []
    parameters = [] if signature is None else list(signature.parameters)
    for index, value in enumerate(args):
        name = parameters[index] if index < len(parameters) else f"args_{index}"
        found = _count(value)
        names += [name if found == 1 else f"{name}_{number}" for number in range(found)]
    for name in kwargs:
        found = _count(kwargs[name])
        names += [name if found == 1 else f"{name}_{number}" for number in range(found)]
    return names[:count] if len(names) >= count else names + [f"args_{index}" for index in range(len(names), count)]


def _count(value: Any) -> int:
    reading = Reading()
    reading.key(value)
    return len(reading.tensors)
