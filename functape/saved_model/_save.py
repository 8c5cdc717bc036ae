"""`tf.saved_model.save`."""

from __future__ import annotations

import inspect
import json
import logging
import os
import shutil
import tempfile
from collections.abc import Mapping
from typing import Any

import jax
import numpy as np

from functape._core._module import Module
from functape._core._spec import TensorSpec
from functape._core._variable import Variable
from functape._engine._recorder import local
from functape._version import __version__
from functape.function._concrete import ConcreteFunction
from functape.function._function import Function
from functape.functional._layout import Layout
from functape.saved_model import _files as files
from functape.saved_model._functions import RestoredFunction, RestoredProgram
from functape.saved_model._keras import keras_functions
from functape.saved_model._options import Asset, SaveOptions
from functape.saved_model._program import Exported, export_program
from functape.saved_model._signatures import chosen_signatures, signature_program
from functape.saved_model._structures import encoded, plain
from functape.train._checkpoint import Checkpoint

logger = logging.getLogger("functape")


def save(obj: Any, export_dir: Any, signatures: Any = None, options: SaveOptions | None = None) -> None:
    """Save an object's variables and functions in a folder, as programs that run without its Python code
    (`tf.saved_model.save`).

    The programs are StableHLO, written by `jax.export` with their derivatives, for CPU, GPU and TPU. The folder is not
    TensorFlow's SavedModel and only functape's `tf.saved_model.load` reads it.

    **Arguments:**
    - `obj`: a `tf.Module`, a Keras model or layer, or a `tf.train.Checkpoint`. Its variables, and those of the objects
      in its attributes, lists and dicts; its `tf.function`s, for the signatures they have been called with or were
      given. A length that an input signature leaves open stays open. A Keras model also gets `serve` and can be called.
    - `export_dir`: the folder; files in it that are no part of a saved program stay.
    - `signatures`: a `tf.function` with an input signature, a concrete function, or a dict of them. By default a Keras
      model's call, or the one function there is with an input signature.
    - `options`: a `tf.saved_model.SaveOptions`.

    **Raises:** `ValueError` for another object or signature, or a function that does not work for lengths left open;
    `NotImplementedError` for a signature that prints or calls Python while it runs.

    ```python
    >>> import functape as tf, tempfile
    >>> class Scale(tf.Module):
    ...     def __init__(self):
    ...         super().__init__()
    ...         self.factor = tf.Variable(2.0)
    ...     @tf.function(input_signature=[tf.TensorSpec([None], tf.float32)])
    ...     def __call__(self, x):
    ...         return x * self.factor
    >>> folder = tempfile.mkdtemp()
    >>> tf.saved_model.save(Scale(), folder)
    >>> loaded = tf.saved_model.load(folder)
    >>> loaded(tf.constant([1.0, 2.0, 3.0])).numpy(), loaded.factor.numpy()
    (array([2., 4., 6.], dtype=float32), np.float32(2.0))

    ```
    """
    if not isinstance(obj, Module | Checkpoint):
        raise ValueError(
            f"Expected an object of type `Trackable`, such as `tf.Module` or a subclass of the `Trackable` class, for "
            f"export. Got {obj!r} with type {type(obj)}."
        )
    if options is not None and not isinstance(options, SaveOptions):
        raise TypeError(f"`options` must be a tf.saved_model.SaveOptions. Received: {options!r}")
    if local.recorder.tracing:
        raise AssertionError(
            "tf.saved_model.save is not supported inside a traced @tf.function. Move the call outside."
        )
    made = keras_functions(obj)
    write(obj, export_dir, made, chosen_signatures(obj, signatures, made))


def write(obj: Any, export_dir: Any, functions: dict[str, Any], signatures: dict[str, Any]) -> None:
    """Save an object.

    **Arguments:**
    - `obj`, `export_dir`: as for `save`.
    - `functions`: functions to save besides the object's own.
    - `signatures`: concrete functions by name.
    """
    local.recorder.flush("a program is saved")
    saver = _Saver()
    saver.object(obj, functions)
    for key, function in signatures.items():
        saver.signature(key, function)
    target = os.fspath(export_dir)
    os.makedirs(target, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".saving", dir=target) as folder:
        saver.write(folder)
        for name in sorted(os.listdir(folder), key=lambda name: name == files.PROGRAM):
            old = os.path.join(target, name)
            if os.path.isdir(old):
                shutil.rmtree(old)
            os.replace(os.path.join(folder, name), old)


class _Saver:
    """What one call of `save` writes."""

    def __init__(self) -> None:
        self.variables: dict[tuple[int, int], int] = {}
        """The number of each array, by the cell's id and the array's place in it."""
        self.arrays: list[Any] = []
        self.described: list[dict[str, Any]] = []
        self.objects: list[dict[str, Any]] = []
        self.numbers: dict[int, int] = {}
        """The number of each object, by id."""
        self.functions: list[dict[str, Any]] = []
        self.programs: list[bytes] = []
        self.signatures: dict[str, Any] = {}
        self.assets: list[str] = []
        self.alive: list[Any] = []

    # ---- objects ---------------------------------------------------------------------------------------------

    def object(self, obj: Any, more: dict[str, Any] | None = None) -> int:
        """The number of an object, after describing it; `more` are functions besides its own."""
        found = self.numbers.get(id(obj))
        if found is not None:
            return found
        number = self.numbers[id(obj)] = len(self.objects)
        self.alive.append(obj)
        described: dict[str, Any] = {"attributes": {}, "functions": {}}
        self.objects.append(described)
        for name, value in _attributes(obj).items():
            form = self.value(value)
            if form is not None:
                described["attributes"][name] = form
        if isinstance(obj, Module):
            described["variables"] = [self.variable(each) for each in obj.variables if isinstance(each, Variable)]
        for name, function in (_functions(obj) | (more or {})).items():
            described["functions"][name] = self.function(name, function)
        return number

    def value(self, value: Any) -> Any:
        """The description of an attribute's value; None for one that is not saved."""
        match value:
            case Variable():
                return {"variable": self.variable(value)}
            case Module() | Checkpoint():
                return {"object": self.object(value)}
            case Asset():
                return {"asset": self.asset(value)}
            case Mapping():
                forms = {key: self.value(each) for key, each in value.items() if isinstance(key, str)}
                kept = {key: form for key, form in forms.items() if form is not None}
                return {"dict": kept} if kept else None
            case list() | tuple():
                forms_in_order = [self.value(each) for each in value]
                return {"list": forms_in_order} if any(form is not None for form in forms_in_order) else None
        return None

    def asset(self, asset: Asset) -> str:
        """The name of an asset's copy."""
        path = asset._path
        if not os.path.isfile(path):
            raise ValueError(f"There is no file for tf.saved_model.Asset({path!r}).")
        if path not in self.assets:
            self.assets.append(path)
        return f"{self.assets.index(path)}_{os.path.basename(path)}"

    # ---- variables -------------------------------------------------------------------------------------------

    def variable(self, variable: Variable) -> int:
        """The number of a variable."""
        return self.array(variable, 0)

    def array(self, cell: Any, place: int) -> int:
        """The number of one array of a cell."""
        found = self.variables.get((id(cell), place))
        if found is not None:
            return found
        self.alive.append(cell)
        layout = Layout([cell])
        with jax.enable_x64(True):
            values = jax.tree.leaves(layout.read()) if len(layout.flat) == 1 else layout.leaves(layout.read())
        for index, (entry, value) in enumerate(zip(layout.flat, values, strict=True)):
            self.variables[(id(cell), index)] = len(self.arrays)
            self.arrays.append(np.asarray(value))
            name = cell.name.removesuffix(":0") if isinstance(cell, Variable) else "/".join(entry.path)
            trainable = isinstance(cell, Variable) and bool(cell.trainable)
            self.described.append({"name": name, "dtype": np.dtype(value.dtype).name, "trainable": trainable})
        return self.variables[(id(cell), place)]

    # ---- functions -------------------------------------------------------------------------------------------

    def function(self, name: str, function: Any) -> int:
        """The number of a function, after exporting its programs."""
        described: dict[str, Any] = {"name": name, "programs": [], "parameters": None}
        if isinstance(function, RestoredFunction):
            described["parameters"] = _parameters(function.parameters)
            described["programs"] = [self.restored(each) for each in function.concrete_functions]
            described["reason"] = function.reason
        else:
            described["parameters"] = _parameters(function._signature)
            try:
                described["programs"] = [
                    self.program(function, concrete._args, concrete._kwargs, name) for concrete in _concrete(function)
                ]
            except (NotImplementedError, ValueError) as error:
                logger.warning("The function %s is not saved: %s", name, error)
                described["reason"] = str(error)
        self.functions.append(described)
        return len(self.functions) - 1

    def program(self, function: Any, args: Any, kwargs: Any, name: str) -> dict[str, Any]:
        """The description of a program, after exporting it."""
        args, kwargs = plain(args), plain(kwargs)
        arguments = encoded((args, kwargs), name)
        return self.exported(export_program(function, args, kwargs, name), arguments, name)

    def exported(self, made: Exported, arguments: Any, name: str) -> dict[str, Any]:
        """The description of an exported program."""
        self.programs.append(made.data)
        return {
            "program": len(self.programs) - 1,
            "reads": [self.array(*each) for each in made.reads],
            "writes": [self.array(*each) for each in made.writes],
            "arguments": arguments,
            "results": encoded(made.results, name),
        }

    def restored(self, concrete: RestoredProgram) -> dict[str, Any]:
        """The description of a program that was loaded: it is saved as it is."""
        program = concrete.program
        reads, writes = ([(variable, 0) for variable in each] for each in (program.reads, program.writes))
        made = Exported(program.data, reads, writes, program.results)
        return self.exported(made, encoded(program.arguments, concrete.name), concrete.name)

    def signature(self, key: str, function: Any) -> None:
        """Describe a signature."""
        if isinstance(function, RestoredProgram):
            self.signatures[key] = self.restored(function)
            return
        inner, specs = signature_program(key, function)
        made = export_program(inner, (), specs, key)
        named = {name: TensorSpec(each.shape, each.dtype, name) for name, each in made.results.items()}
        self.signatures[key] = self.exported(made._replace(results=named), encoded(((), specs), key), key)

    # ---- files -----------------------------------------------------------------------------------------------

    def write(self, folder: str) -> None:
        """Write everything into an empty folder."""
        for name in ("functions", "variables", "assets"):
            os.makedirs(os.path.join(folder, name))
        for number, data in enumerate(self.programs):
            with open(os.path.join(folder, files.FUNCTIONS, f"{number}.bin"), "wb") as file:
                file.write(data)
        for number, path in enumerate(self.assets):
            shutil.copyfile(path, os.path.join(folder, files.ASSETS, f"{number}_{os.path.basename(path)}"))
        files.write_arrays(os.path.join(folder, files.VARIABLES), self.arrays)
        description = {
            "format": files.FORMAT,
            "functape": __version__,
            "variables": self.described,
            "objects": self.objects,
            "functions": self.functions,
            "signatures": self.signatures,
        }
        with open(os.path.join(folder, files.PROGRAM), "w", encoding="utf-8") as file:
            json.dump(description, file, indent=1)


def _attributes(obj: Any) -> dict[str, Any]:
    """An object's attributes that may be saved."""
    found = dict(vars(obj))
    if isinstance(obj, Checkpoint):
        return found
    kept = {name: value for name, value in found.items() if name not in obj._TF_MODULE_IGNORED_PROPERTIES}
    if hasattr(obj, "get_config"):
        # A layer's own books are in private attributes; what a user keeps in one is taken.
        kept = {n: v for n, v in kept.items() if not n.startswith("_") or isinstance(v, Variable | Module)}
    return kept


def _functions(obj: Any) -> dict[str, Any]:
    """An object's traced or restored functions, methods included."""
    found = {name: value for name, value in vars(obj).items() if isinstance(value, Function | RestoredFunction)}
    for name in dir(type(obj)):
        if isinstance(inspect.getattr_static(type(obj), name), Function):
            found[name] = getattr(obj, name)
    return found


def _concrete(function: Function) -> list[ConcreteFunction]:
    if not function._concrete and function.input_signature is not None:
        return [function.get_concrete_function()]
    return [concrete for _, _, concrete in function._concrete]


def _parameters(signature: inspect.Signature | None) -> Any:
    if signature is None:
        return None
    made = []
    for each in signature.parameters.values():
        described: dict[str, Any] = {"name": each.name, "kind": each.kind.name}
        if each.default is not each.empty:
            try:
                described["default"] = encoded(plain(each.default), each.name)
            except ValueError:
                described["default"] = {"value": None}
        made.append(described)
    return made
