"""`tf.saved_model.load`."""

from __future__ import annotations

import inspect
import os
from typing import Any

from functape._core._module import Module
from functape._core._variable import Variable
from functape.saved_model import _files as files
from functape.saved_model._functions import RestoredFunction, SignatureFunction, SignatureMap
from functape.saved_model._options import Asset, LoadOptions
from functape.saved_model._program import Program
from functape.saved_model._structures import decoded


class SavedObject(Module):
    """An object that was loaded: the variables, objects and functions of the one that was saved, under their names."""

    _in_order: list[Any]

    @property
    def variables(self) -> tuple[Variable, ...]:
        """All variables, in the order that the saved object had them."""
        return tuple(self._in_order) or super().variables

    @property
    def trainable_variables(self) -> tuple[Variable, ...]:
        """The variables that tapes watch by themselves."""
        return tuple(each for each in self.variables if each.trainable)

    @property
    def non_trainable_variables(self) -> tuple[Variable, ...]:
        """The other variables."""
        return tuple(each for each in self.variables if not each.trainable)

    _TF_MODULE_IGNORED_PROPERTIES = frozenset({"signatures", "_in_order"})


class CallableObject(SavedObject):
    """A `SavedObject` that is called as the one that was saved."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run the program for arguments of this form."""
        return vars(self)["__call__"](*args, **kwargs)


def load(export_dir: Any, tags: Any = None, options: LoadOptions | None = None) -> Any:
    """What `tf.saved_model.save` saved, without its Python code (`tf.saved_model.load`).

    **Arguments:**
    - `export_dir`: the folder.
    - `tags`: None, or `"serve"`, which all saved programs have.
    - `options`: a `tf.saved_model.LoadOptions`.

    **Returns:** an object with the attributes, `variables` and functions that were saved, and `signatures`, a dict of
    functions from tensors by name to tensors by name. Tapes differentiate its functions, once, with respect to
    arguments and variables; training goes on with an optimizer of one's own.

    **Raises:** `OSError` if nothing is saved there; `NotImplementedError` for TensorFlow's own SavedModel, whose graph
    only TensorFlow runs; `ValueError` for other tags.
    """
    if options is not None and not isinstance(options, LoadOptions):
        raise TypeError(f"`options` must be a tf.saved_model.LoadOptions. Received: {options!r}")
    folder = os.fspath(export_dir)
    description = files.read_description(folder)
    if tags is not None and list([tags] if isinstance(tags, str) else tags) != ["serve"]:
        raise ValueError(
            f"Got an incompatible argument to `tags`: {tags}. The SavedModel at {folder} has the tags ['serve']. You "
            "may omit the argument, pass 'None', or pass matching tags."
        )
    return _Loader(folder, description).root()


class _Loader:
    """What one call of `load` reads."""

    def __init__(self, folder: str, description: Any) -> None:
        self.folder = folder
        self.description = description
        known = description["variables"]
        arrays = files.read_arrays(os.path.join(folder, files.VARIABLES), [each["dtype"] for each in known])
        self.variables = [
            Variable(array, trainable=each["trainable"], name=each["name"], dtype=array.dtype.name)
            for each, array in zip(known, arrays, strict=True)
        ]
        self.functions = [self.function(each) for each in description["functions"]]
        self.objects: list[Any] = [
            (CallableObject if "__call__" in each["functions"] else SavedObject)(name="saved")
            for each in description["objects"]
        ]

    def root(self) -> Any:
        """The object that was saved."""
        for obj, described in zip(self.objects, self.description["objects"], strict=True):
            object.__setattr__(obj, "_in_order", [self.variables[each] for each in described.get("variables", ())])
            for name, form in described["attributes"].items():
                vars(obj)[name] = self.value(form)
            for name, number in described["functions"].items():
                vars(obj)[name] = self.functions[number]
        signatures = {
            key: SignatureFunction(key, self.program(form), None)
            for key, form in self.description["signatures"].items()
        }
        root = self.objects[0]
        root.signatures = SignatureMap(signatures)
        return root

    def value(self, form: Any) -> Any:
        """An attribute's value."""
        if form is None:
            return None
        ((kind, inner),) = form.items()
        match kind:
            case "variable":
                return self.variables[inner]
            case "object":
                return self.objects[inner]
            case "asset":
                return Asset(os.path.join(self.folder, files.ASSETS, inner))
            case "dict":
                return {key: self.value(each) for key, each in inner.items()}
        return [self.value(each) for each in inner]

    def function(self, described: Any) -> RestoredFunction:
        """A function."""
        parameters = described["parameters"]
        signature = None
        if parameters is not None:
            signature = inspect.Signature(
                [
                    inspect.Parameter(
                        each["name"],
                        inspect._ParameterKind[each["kind"]],
                        default=decoded(each["default"]) if "default" in each else inspect.Parameter.empty,
                    )
                    for each in parameters
                ]
            )
        programs = [self.program(each) for each in described["programs"]]
        return RestoredFunction(described["name"], programs, signature, described.get("reason", ""))

    def program(self, described: Any) -> Program:
        """A program."""
        with open(os.path.join(self.folder, files.FUNCTIONS, f"{described['program']}.bin"), "rb") as file:
            data = file.read()
        reads, writes = ([self.variables[each] for each in described[key]] for key in ("reads", "writes"))
        return Program(data, reads, writes, decoded(described["arguments"]), decoded(described["results"]))
