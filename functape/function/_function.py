"""`tf.function`: a Python function that is traced once for each signature and runs as one compiled program."""

from __future__ import annotations

import functools
import inspect
import logging
import weakref
from collections.abc import Callable
from typing import Any

from functape._core._dispatch import CompositeTensor
from functape._core._spec import TensorSpec, TypeSpec
from functape._core._tensor import Tensor
from functape._engine._avals import Kind
from functape._engine._recorder import local
from functape._engine._trace import ValueNeeded
from functape.function import _modes
from functape.function._compiled import Compiled
from functape.function._concrete import ConcreteFunction, Variant, fit
from functape.function._signature import Reading, replace_tensors
from functape.function._structure import TENSOR as _TENSOR
from functape.function._weak_method import WeakMethod

logger = logging.getLogger("functape")

_UNKNOWN = object()
MANY_TRACES = 5
"""So many traces in as many calls are worth a warning."""


class Function:
    """A Python function that runs compiled; made by `tf.function`.

    **Arguments:**
    - `python_function`: what is traced.
    - `options`: the arguments of `tf.function`.
    """

    def __init__(self, python_function: Callable[..., Any], **options: Any) -> None:
        self._python_function = python_function
        self._options = options
        self._autograph = options.get("autograph", True)
        self._reduce = bool(options.get("reduce_retracing"))
        inner = getattr(python_function, "func", None)
        name = getattr(python_function, "__name__", None) or getattr(inner, "__name__", None)
        self._name: str = name or type(python_function).__name__
        self._signature = _signature(python_function)
        self._input_signature = _checked_signature(options.get("input_signature"), self._signature, self._name)
        self._positional = _positional_count(self._signature)
        self._calls: dict[Any, tuple[Compiled, Variant]] = {}
        self._concrete: list[tuple[Any, tuple[Any, ...], ConcreteFunction]] = []
        """Of each signature its key, the specs of its tensors, and the function."""
        self._traces = 0
        self._recent: list[bool] = []
        self._created: list[Any] = []
        self._untraceable: set[Any] = set()
        self._converted: Any = None
        self._bound: weakref.WeakKeyDictionary[Any, Function] = weakref.WeakKeyDictionary()
        functools.update_wrapper(self, python_function, updated=())

    # ---- calls -----------------------------------------------------------------------------------------------

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run the function on these arguments, tracing it first if it was not traced for such yet."""
        if _modes._eager and not local.recorder.tracing:
            return self._python_function(*args, **kwargs)
        if not kwargs and len(args) == self._positional:
            key: Any = []
            tensors: list[Any] = []
            for arg in args:
                if arg.__class__ is Tensor and arg.aval.kind is not Kind.HOST:
                    tensors.append(arg)
                    key.append(arg.aval)
                else:
                    break
            else:
                found = self._calls.get(tuple(key))
                if found is not None:
                    made = found[0](tensors)
                    template = found[1].template
                    return made[0] if template is _TENSOR else found[1].rebuild(made)
        return self._called(args, kwargs)

    def _called(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """As `__call__`, for any arguments."""
        args, kwargs = self._bind(args, kwargs)
        reading = Reading()
        key = tuple([reading.key(each) for each in args])
        if kwargs:
            key = (key, tuple([(name, reading.key(kwargs[name])) for name in sorted(kwargs)]))
        if reading.variables:
            key = (key, tuple(map(id, reading.variables)))
        found = self._calls.get(key)
        if found is None:
            if key in self._untraceable:
                return self._run_unstaged(args, kwargs)
            try:
                found = self._prepare(args, kwargs, reading, key)
            except ValueNeeded as error:
                if local.recorder.tracing:
                    raise
                self._give_up(key, error)
                return self._run_unstaged(args, kwargs)
            self._calls[key] = found
        compiled, variant = found
        return variant.rebuild(compiled(reading.tensors))

    def _prepare(self, args: Any, kwargs: Any, reading: Reading, key: Any) -> tuple[Compiled, Variant]:
        concrete = self._concrete_for(args, kwargs, reading)
        made = len(self._created)
        variant = concrete.variant(args, kwargs, reading)
        if len(self._created) > made:
            # As in TensorFlow: now that its variables exist, the function is traced again, and creates none.
            concrete.variants.clear()
            concrete.may_create = False
            self._traces += 1
            variant = concrete.variant(args, kwargs, reading)
        avals = tuple([tensor.aval for tensor in reading.tensors])
        return variant.compiled(avals), variant

    def _give_up(self, key: Any, error: ValueNeeded) -> None:
        self._untraceable.add(key)
        logger.warning(
            "%s cannot be compiled as a whole and runs as plain Python, statement by statement: %s", self._name, error
        )

    def _run_unstaged(self, args: Any, kwargs: Any) -> Any:
        function = self._convert()
        return function(*replace_tensors(args, _as_tensor), **replace_tensors(kwargs, _as_tensor))

    def _bind(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """The arguments with the defaults filled in, in one form for all ways of passing them.

        **Raises:** `TypeError` if they do not fit the parameters or the input signature.
        """
        signature = self._signature
        if signature is not None and (kwargs or len(args) != self._positional):
            try:
                bound = signature.bind(*args, **kwargs)
            except TypeError as error:
                raise TypeError(
                    f"Binding inputs to tf.function failed due to `{error}`. Received args: {args} and kwargs: "
                    f"{kwargs} for signature: {signature}."
                ) from None
            bound.apply_defaults()
            args, kwargs = bound.args, bound.kwargs
        if self._input_signature is not None:
            names = [] if signature is None else list(signature.parameters)
            specs = self._input_signature
            fitted = [
                fit(value, specs[index], names[index] if index < len(names) else f"args_{index}")
                if index < len(specs)
                else value
                for index, value in enumerate(args)
            ]
            args = tuple(fitted)
        return args, kwargs

    # ---- signatures ------------------------------------------------------------------------------------------

    def _concrete_for(self, args: Any, kwargs: Any, reading: Reading) -> ConcreteFunction:
        """The signature that these arguments belong to; a new one if there is none."""
        skeleton = _skeleton(args, kwargs)
        specs = reading.specs()
        if self._input_signature is not None:
            specs = _widened(specs, _flat_specs(self._input_signature))
        fitting = [
            (wanted, concrete)
            for known, wanted, concrete in self._concrete
            if known == skeleton and _covers(wanted, specs)
        ]
        if fitting:
            self._note(False)
            return next((concrete for wanted, concrete in fitting if wanted == specs), fitting[-1][1])
        if self._reduce:
            for known, wanted, _ in self._concrete:
                if known == skeleton:
                    specs = _joined(specs, wanted)
        following = iter(specs)
        described = replace_tensors((args, kwargs), lambda tensor: next(following), describe=True)
        return self._add(skeleton, specs, *described)

    def _add(self, skeleton: Any, specs: Any, args: Any, kwargs: Any) -> ConcreteFunction:
        concrete = ConcreteFunction(
            self._convert(), self._name, self._signature, args, kwargs, may_create=not self._traces
        )
        concrete.created = self._created
        self._concrete.append((skeleton, specs, concrete))
        self._traces += 1
        self._note(True)
        return concrete

    def _note(self, traced: bool) -> None:
        """Warn once of a function that is traced again and again."""
        if len(self._recent) > 32:
            return
        self._recent.append(traced)
        if sum(self._recent) == MANY_TRACES and len(self._recent) <= 2 * MANY_TRACES:
            logger.warning(
                "%d out of the last %d calls to %r triggered tf.function retracing. Tracing is slow: define the "
                "tf.function outside of loops, pass tensors instead of Python numbers, use reduce_retracing=True or an "
                "input_signature for tensors of several shapes.",
                MANY_TRACES,
                len(self._recent),
                self._python_function,
            )
            self._recent.extend([False] * 33)

    def _convert(self) -> Callable[..., Any]:
        """The function that is traced: with AutoGraph applied, unless that is off."""
        if self._converted is None:
            from functape.function import _autograph

            if self._autograph:
                self._converted = _autograph.convert(
                    self._python_function, optional_features=self._options.get("experimental_autograph_options")
                )
            else:
                self._converted = functools.partial(_unconverted, _autograph.autograph_off, self._python_function)
        return self._converted

    def get_concrete_function(self, *args: Any, **kwargs: Any) -> ConcreteFunction:
        """The function for one signature, traced if it was not yet (`get_concrete_function`).

        **Arguments:**
        - `*args`, `**kwargs`: arguments as for a call, or `tf.TensorSpec`s in place of tensors. None at all where the
          function has an input signature.

        **Raises:** `TypeError` if they do not fit the parameters.
        """
        if self._input_signature is not None and not args and not kwargs:
            args = tuple(self._input_signature)
        if self._signature is not None:
            try:
                bound = self._signature.bind(*args, **kwargs)
            except TypeError as error:
                raise TypeError(
                    f"Binding inputs to tf.function failed due to `{error}`. Received args: {args} and kwargs: "
                    f"{kwargs} for signature: {self._signature}."
                ) from None
            bound.apply_defaults()
            args, kwargs = bound.args, bound.kwargs
        described = replace_tensors((args, kwargs), lambda tensor: _spec_of(_as_tensor(tensor)), describe=True)
        specs = list(_flat_specs(described))
        if self._input_signature is not None:
            covering = _flat_specs(self._input_signature)
            if not _covers(covering, specs):
                raise TypeError(
                    f"Binding inputs to tf.function failed due to `Can not cast {tuple(specs)} to {covering}`. "
                    f"Received args: {args} and kwargs: {kwargs}."
                )
            specs = list(covering)
            following = iter(specs)
            described = _replace_specs(described, lambda spec: next(following))
        skeleton = _skeleton(*described)
        for known, wanted, concrete in self._concrete:
            if known == skeleton and list(wanted) == list(specs):
                return concrete
        concrete = self._add(skeleton, specs, *described)
        if all(spec.shape.is_fully_defined() for spec in specs) and not _holds_composites(described):
            made = len(self._created)
            concrete._any()
            if len(self._created) > made:
                concrete.variants.clear()
                concrete.may_create = False
                self._traces += 1
                concrete._any()
        return concrete

    # ---- looking at it ---------------------------------------------------------------------------------------

    @property
    def python_function(self) -> Callable[..., Any]:
        """The function as it was written."""
        return self._python_function

    @property
    def name(self) -> str:
        """Its name."""
        return self._name

    @property
    def input_signature(self) -> tuple[Any, ...] | None:
        """The signature it was given, or None."""
        if self._input_signature is None or self._signature is None:
            return self._input_signature
        return self._input_signature

    def experimental_get_tracing_count(self) -> int:
        """How often it was traced: once for each signature, and once more where that made variables.

        ```python
        >>> import functape as tf
        >>> double = tf.function(lambda x: x * 2)
        >>> _ = double(tf.constant(1.0)), double(tf.constant(2.0)), double(tf.constant(3))
        >>> double.experimental_get_tracing_count()
        2

        ```
        """
        return self._traces

    def pretty_printed_concrete_signatures(self, verbose: bool = True) -> str:
        """The signatures it was traced for, as text."""
        return "\n\n".join(concrete.pretty_printed_signature(verbose) for _, _, concrete in self._concrete)

    def experimental_get_compiler_ir(self, *args: Any, **kwargs: Any) -> Callable[..., str]:
        """A function of `stage` that returns the program for these arguments as JAX's StableHLO text."""
        import jax

        from functape._engine._compat import enable_x64

        args, kwargs = self._bind(args, kwargs)
        reading = Reading()
        reading.key((args, kwargs))
        variant = self._concrete_for(args, kwargs, reading).variant(args, kwargs, reading)

        def text(stage: str = "hlo", device_name: Any = None, platform_name: Any = None) -> str:
            with enable_x64(True):
                lowered = jax.jit(variant.staged.function).lower(*(each.struct for each in variant.staged.input_avals))
                return str(lowered.compile().as_text() if stage.startswith("optimized") else lowered.as_text())

        return text

    @property
    def function_spec(self) -> inspect.Signature | None:
        """The parameters."""
        return self._signature

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        if instance is None:
            return self
        try:
            found = self._bound.get(instance)
        except TypeError:
            return Function(functools.partial(self._python_function, instance), **self._options)
        if found is None or found._python_function.__self__ is not instance:  # type: ignore[attr-defined]
            found = Function(WeakMethod(self._python_function, instance), **self._options)
            self._bound[instance] = found
        return found

    def __repr__(self) -> str:
        return f"<functape.function.Function {self._name} at {hex(id(self))}>"

    def __reduce__(self) -> Any:
        return _remake, (self._python_function, self._options)


def _remake(python_function: Any, options: dict[str, Any]) -> Function:
    return Function(python_function, **options)


def function(
    func: Any = None,
    input_signature: Any = None,
    autograph: bool = True,
    jit_compile: bool | None = None,
    reduce_retracing: bool = False,
    experimental_implements: Any = None,
    experimental_autograph_options: Any = None,
    experimental_attributes: Any = None,
    experimental_relax_shapes: bool | None = None,
    experimental_compile: bool | None = None,
    experimental_follow_type_hints: bool | None = None,
) -> Any:
    """Compile a Python function: it is traced once for each signature and then runs as one program (`tf.function`).

    **Arguments:**
    - `func`: the function; a decorator is returned without it.
    - `input_signature`: a sequence of `tf.TensorSpec`, or structures of them: the one signature it is traced for.
    - `autograph`: whether `if`, `while`, `for` and the like over tensors become part of the program.
    - `jit_compile`: accepted for compatibility: every function is compiled by XLA.
    - `reduce_retracing`: whether tensors of another shape share a signature that leaves the shape open.
    - `experimental_implements`, `experimental_attributes`: accepted for compatibility; names for other compilers.
    - `experimental_autograph_options`: AutoGraph features to use.
    - `experimental_relax_shapes`: the old name of `reduce_retracing`.
    - `experimental_compile`: the old name of `jit_compile`.
    - `experimental_follow_type_hints`: whether a Python value given for a parameter annotated `tf.Tensor` is made a
      tensor.

    **Returns:** a `Function`, or a decorator that makes one.

    **Raises:** `TypeError` or `ValueError` for an input signature that is none or does not fit the parameters.

    ```python
    >>> import functape as tf
    >>> @tf.function
    ... def area(width, height):
    ...     return width * height
    >>> area(tf.constant(2.0), tf.constant(3.0))
    <tf.Tensor: shape=(), dtype=float32, numpy=6.0>

    ```
    """
    if experimental_relax_shapes is not None:
        reduce_retracing = experimental_relax_shapes
    options = {
        "input_signature": input_signature,
        "autograph": autograph,
        "reduce_retracing": reduce_retracing,
        "experimental_autograph_options": experimental_autograph_options,
        "experimental_follow_type_hints": experimental_follow_type_hints,
    }

    def decorated(inner: Any) -> Function:
        if isinstance(inner, Function):
            inner = inner.python_function
        if isinstance(inner, property | staticmethod | classmethod):
            raise TypeError(
                f"tf.function cannot decorate a {type(inner).__name__}: put @{type(inner).__name__} above @tf.function."
            )
        if not callable(inner):
            raise TypeError(f"The argument `func` of tf.function must be callable. Received: {inner!r}")
        return Function(inner, **options)

    return decorated if func is None else decorated(func)


# ---- pieces ----------------------------------------------------------------------------------------------------------


def _signature(function: Any) -> inspect.Signature | None:
    try:
        return inspect.signature(function)
    except (TypeError, ValueError):
        return None


def _positional_count(signature: inspect.Signature | None) -> int:
    """The number of arguments with which nothing needs binding; -1 if something always does."""
    if signature is None:
        return -1
    plain = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    if any(each.kind not in plain for each in signature.parameters.values()):
        return -1
    return len(signature.parameters)


def _checked_signature(given: Any, signature: inspect.Signature | None, name: str) -> tuple[Any, ...] | None:
    if given is None:
        return None
    if not isinstance(given, list | tuple):
        raise TypeError(
            f"input_signature must be either a tuple or a list, got {type(given)}. Pass a sequence of tf.TensorSpec, "
            f"one a parameter."
        )
    specs = tuple(given)
    for spec in _leaves(specs):
        if not isinstance(spec, TypeSpec):
            raise TypeError(
                f"input_signature must hold tf.TensorSpec objects, got {spec!r} of type {type(spec).__name__} for "
                f"{name}."
            )
    if signature is not None:
        parameters = [
            each
            for each in signature.parameters.values()
            if each.kind in (each.POSITIONAL_ONLY, each.POSITIONAL_OR_KEYWORD)
        ]
        if parameters and parameters[0].name == "self":
            # A method in the class's body: it is called bound.
            parameters = parameters[1:]
        more = any(each.kind is each.VAR_POSITIONAL for each in signature.parameters.values())
        if len(specs) > len(parameters) and not more:
            raise TypeError(
                f"input_signature of {name} has {len(specs)} entries, but the function takes {len(parameters)} "
                f"positional parameters. Give one entry a parameter."
            )
        missing = [each.name for each in parameters[len(specs) :] if each.default is each.empty]
        missing += [
            each.name
            for each in signature.parameters.values()
            if each.kind is each.KEYWORD_ONLY and each.default is each.empty
        ]
        if missing:
            raise TypeError(
                f"input_signature missing type constraint for {missing[0]}: the function {name} has a parameter that "
                f"neither input_signature nor a default describes."
            )
    return specs


def _leaves(structure: Any) -> list[Any]:
    if isinstance(structure, dict):
        return [leaf for key in structure for leaf in _leaves(structure[key])]
    if isinstance(structure, list | tuple):
        return [leaf for each in structure for leaf in _leaves(each)]
    return [structure]


def _flat_specs(structure: Any) -> list[TensorSpec]:
    if isinstance(structure, dict):
        return [leaf for key in sorted(structure) for leaf in _flat_specs(structure[key])]
    if isinstance(structure, list | tuple):
        return [leaf for each in structure for leaf in _flat_specs(each)]
    return [structure] if isinstance(structure, TensorSpec) else []


def _replace_specs(structure: Any, following: Callable[[Any], Any]) -> Any:
    if isinstance(structure, TensorSpec):
        return following(structure)
    if isinstance(structure, dict):
        made = {key: _replace_specs(structure[key], following) for key in sorted(structure)}
        return {key: made[key] for key in structure}
    if isinstance(structure, list | tuple):
        parts = [_replace_specs(each, following) for each in structure]
        if hasattr(structure, "_fields"):
            return type(structure)(*parts)
        return parts if isinstance(structure, list) else tuple(parts)
    return structure


def _holds_composites(structure: Any) -> bool:
    """Whether there are specs of ragged or sparse tensors, of which no trace can be made."""
    return any(isinstance(leaf, TypeSpec) and not isinstance(leaf, TensorSpec) for leaf in _leaves(structure))


class _SkeletonReading(Reading):
    """Keys that leave shapes and dtypes of tensors out."""

    __slots__ = ()

    def key(self, value: Any) -> Any:
        if isinstance(value, TensorSpec):
            return _UNKNOWN
        return super().key(value)

    def _composite(self, value: Any, rest: Any, parts: list[Any]) -> Any:
        key = super()._composite(value, rest, parts)
        return (value.__class__, value._type_spec) if isinstance(value, CompositeTensor) else key

    def _tensor(self, tensor: Any) -> Any:
        key = super()._tensor(tensor)
        return key if key.__class__ is tuple else _UNKNOWN


def _skeleton(args: Any, kwargs: Any) -> Any:
    reading = _SkeletonReading()
    return (
        tuple(reading.key(each) for each in args),
        tuple((name, reading.key(kwargs[name])) for name in sorted(kwargs)),
    )


def _covers(wanted: Any, specs: Any) -> bool:
    return len(wanted) == len(specs) and all(
        mine.dtype is other.dtype and other.shape.is_subtype_of(mine.shape)
        for mine, other in zip(wanted, specs, strict=True)
    )


def _widened(specs: tuple[TensorSpec, ...], wanted: list[TensorSpec]) -> tuple[TensorSpec, ...]:
    return (*(TensorSpec(each.shape, each.dtype) for each in wanted[: len(specs)]), *specs[len(wanted) :])


def _joined(specs: tuple[TensorSpec, ...], others: Any) -> tuple[TensorSpec, ...]:
    """Specs that cover both, where the dtypes agree; otherwise `specs`."""
    if any(mine.dtype is not other.dtype for mine, other in zip(specs, others, strict=True)):
        return specs
    return tuple(
        TensorSpec(mine.shape.most_specific_common_supertype([other.shape]), mine.dtype)
        for mine, other in zip(specs, others, strict=True)
    )


def _unconverted(off: Callable[[], Any], function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
    """Call a function in a context where nothing is converted."""
    with off():
        return function(*args, **kwargs)


def _spec_of(tensor: Any) -> Any:
    return TensorSpec(tensor.aval.shape, tensor.aval.dtype)


def _as_tensor(value: Any) -> Any:
    from functape._core._convert import convert

    return convert(value)
