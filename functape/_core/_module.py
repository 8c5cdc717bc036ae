"""`tf.Module`: an object that finds the variables and modules among its attributes."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from functape._core._deferred import has_new_parts, waiting
from functape._core._name_scope import name_scope
from functape._core._slices import IndexedSlices

Path = tuple[Any, ...]

_WORD_START = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=.)(?=[A-Z][a-z])")


class Module:
    """A named container of variables and other modules (`tf.Module`).

    Variables and modules are found in the attributes, in the order of the attributes' names, also inside lists,
    tuples and dicts: first a module's own, then those of its submodules in turn. Each is found once.

    **Arguments:**
    - `name`: a Python identifier; by default the class's name in snake case.

    **Raises:** `ValueError` if the name is not an identifier.

    ```python
    >>> import functape as tf
    >>> class Affine(tf.Module):
    ...     def __init__(self):
    ...         super().__init__()
    ...         self.weight = tf.Variable(2.0, name="weight")
    ...         self.bias = tf.Variable(0.0, name="bias")
    >>> [variable.name for variable in Affine().variables]
    ['bias:0', 'weight:0']

    ```
    """

    _TF_MODULE_IGNORED_PROPERTIES: frozenset[str] = frozenset()
    """Names of attributes that are not searched; a subclass extends it."""

    def __init__(self, name: str | None = None) -> None:
        if name is None:
            name = _WORD_START.sub("_", type(self).__name__).lower()
        elif not isinstance(name, str):
            raise TypeError(f"The argument `name` must be a string. Received: {name!r}")
        elif not (name.isidentifier() and name.isascii()):
            raise ValueError(
                f"{name!r} is not a valid module name: it must be a Python identifier, such as a class name."
            )
        self._name = name
        with name_scope(name) as prefix:
            self._name_scope = name_scope(prefix)

    def __setattr__(self, name: str, value: Any) -> None:
        object.__setattr__(self, name, value)
        if waiting:
            has_new_parts(self)

    @property
    def name(self) -> str:
        """The name, without those of enclosing scopes."""
        return self._name

    @property
    def name_scope(self) -> name_scope:
        """The scope of the module's variables, which includes the scopes it was created in."""
        return self._name_scope

    @property
    def variables(self) -> tuple[Any, ...]:
        """All variables of the module and its submodules."""
        return tuple(self._flatten(predicate=_is_variable, expand_composites=True))

    @property
    def trainable_variables(self) -> tuple[Any, ...]:
        """The variables that tapes watch by themselves."""
        return tuple(self._flatten(predicate=_is_trainable, expand_composites=True))

    @property
    def non_trainable_variables(self) -> tuple[Any, ...]:
        """The other variables."""
        return tuple(self._flatten(predicate=_is_not_trainable, expand_composites=True))

    @property
    def submodules(self) -> tuple[Module, ...]:
        """All modules inside this one."""
        return tuple(self._flatten(predicate=lambda value: isinstance(value, Module)))

    @classmethod
    def with_name_scope(cls, method: Callable[..., Any]) -> Callable[..., Any]:
        """Decorate a method so that it runs inside the module's name scope."""

        @functools.wraps(method)
        def wrapped(self: Module, *args: Any, **kwargs: Any) -> Any:
            with self.name_scope:
                return method(self, *args, **kwargs)

        return wrapped

    def _flatten(
        self,
        recursive: bool = True,
        predicate: Callable[[Any], bool] | None = None,
        attribute_traversal_key: Callable[[str], Any] | None = None,
        with_path: bool = False,
        expand_composites: bool = False,
    ) -> Iterator[Any]:
        """The leaves of the attributes, breadth first.

        **Arguments:**
        - `recursive`: whether to go into submodules.
        - `predicate`: which leaves to yield; all by default.
        - `attribute_traversal_key`: sorts the attributes' names.
        - `with_path`: yield `(path, leaf)`, once for every path that leads to the leaf, instead of each leaf once.
        - `expand_composites`: yield the parts of `IndexedSlices` instead.
        """
        walk = _Walk(predicate, attribute_traversal_key, with_path, expand_composites)
        walk.seen.add(id(self))
        return walk.module(self, recursive, ())


class _Walk:
    """One search through modules."""

    def __init__(
        self, predicate: Callable[[Any], bool] | None, key: Callable[[str], Any] | None, with_path: bool, expand: bool
    ) -> None:
        self.predicate = predicate or (lambda value: True)
        self.key = key
        self.with_path = with_path
        self.expand = expand
        self.seen: set[int] = set()
        self.inside: list[int] = []
        """The modules on the way from the root, which are not gone into again."""

    def module(self, module: Module, recursive: bool, path: Path) -> Iterator[Any]:
        recursive = recursive and id(module) not in self.inside
        submodules: list[tuple[Path, Module]] = []
        attributes = vars(module)
        for name in sorted(attributes, key=self.key):
            if name in module._TF_MODULE_IGNORED_PROPERTIES:
                continue
            try:
                leaves = list(self.leaves(attributes[name], (*path, name)))
            except TypeError as error:
                raise ValueError(f"Error processing property {name!r} of {attributes[name]!r}: {error}") from error
            for leaf_path, leaf in leaves:
                if not self.with_path:
                    if id(leaf) in self.seen:
                        continue
                    self.seen.add(id(leaf))
                if self.predicate(leaf):
                    yield (leaf_path, leaf) if self.with_path else leaf
                if recursive and isinstance(leaf, Module):
                    submodules.append((leaf_path, leaf))
        self.inside.append(id(module))
        for sub_path, submodule in submodules:
            yield from self.module(submodule, True, sub_path)
        self.inside.pop()

    def leaves(self, value: Any, path: Path) -> Iterator[tuple[Path, Any]]:
        if isinstance(value, Mapping):
            for key in sorted(value):
                yield from self.leaves(value[key], (*path, key))
        elif isinstance(value, list | tuple):
            names = getattr(value, "_fields", range(len(value)))
            for name, each in zip(names, value, strict=True):
                yield from self.leaves(each, (*path, name))
        elif self.expand and isinstance(value, IndexedSlices):
            parts = (value.values, value.indices, value.dense_shape)
            yield from self.leaves([part for part in parts if part is not None], (*path, "IndexedSlices"))
        else:
            yield path, value


def _is_variable(value: Any) -> bool:
    from functape._core._variable import Variable

    return isinstance(value, Variable)


def _is_trainable(value: Any) -> bool:
    return _is_variable(value) and bool(value.trainable)


def _is_not_trainable(value: Any) -> bool:
    return _is_variable(value) and not value.trainable
