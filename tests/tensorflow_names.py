"""The public names of TensorFlow's API, walked in TensorFlow itself.

`python tests/tensorflow_names.py` writes them to functape/_tensorflow_names.txt: for each module one line,
`module: name name ...`, the names of `tf` itself in the line that begins with a bare colon.
"""

from __future__ import annotations

import os
import pathlib
import types

NAMES = pathlib.Path(__file__).resolve().parent.parent / "functape" / "_tensorflow_names.txt"

_ROOTS = ("tensorflow.", "keras.", "tf_keras.")
_NOT_PUBLIC = ("src", "python", "core", "compiler", "tools", "security")
_NOT_WALKED = ("compat", "raw_ops", "dtensor", "keras.protobuf")


def public_names(module: types.ModuleType, path: str = "", outer: tuple[int, ...] = ()) -> dict[str, set[str]]:
    """The public names of a module of TensorFlow's API and of the modules inside it, by dotted path under `tf`."""
    found: dict[str, set[str]] = {path: set()}
    for name in dir(module):
        value = getattr(module, name)
        dotted = f"{path}.{name}" if path else name
        if name.startswith("_"):
            continue
        if not isinstance(value, types.ModuleType):
            found[path].add(name)
        elif value.__name__.startswith(_ROOTS) and name not in _NOT_PUBLIC:
            found[path].add(name)
            if dotted not in _NOT_WALKED and id(value) not in outer:
                found.update(public_names(value, dotted, (*outer, id(value))))
    return found


def tensorflow_names() -> dict[str, set[str]]:
    """Names of the installed TensorFlow, with those of both generations of Keras under `keras`."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import tensorflow
    import tf_keras

    names = public_names(tensorflow)
    for path, here in public_names(tf_keras, "keras").items():
        names.setdefault(path, set()).update(here)
    return names


def as_text(names: dict[str, set[str]]) -> str:
    """The names as the file's text."""
    return "".join(f"{path}: {' '.join(sorted(here))}\n" for path, here in sorted(names.items()) if here)


if __name__ == "__main__":
    NAMES.write_text(as_text(tensorflow_names()), encoding="utf-8")
