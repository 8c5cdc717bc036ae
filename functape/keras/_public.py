"""Where objects stand in the public namespace: `keras.layers.Dense` for a class of a private module, and back."""

from __future__ import annotations

import importlib
from typing import Any

_ROOT = "functape.keras"

MODELING = (
    "activations", "applications", "callbacks", "constraints", "dtype_policies", "initializers", "layers", "losses",
    "metrics", "mixed_precision", "models", "optimizers", "optimizers.schedules", "random", "regularizers",
)  # fmt: skip
"""The modules whose names configurations use."""


def public_place(obj: Any) -> tuple[str, str] | None:
    """Module and name under which a class or function of functape is public, as Keras writes them.

    ```python
    >>> import functape as tf
    >>> public_place(tf.keras.initializers.HeNormal)
    ('keras.initializers', 'HeNormal')

    ```

    **Returns:** None for what is not public, such as a user's class.
    """
    home, name = getattr(obj, "__module__", None) or "", getattr(obj, "__name__", "")
    if not home.startswith(_ROOT + "."):
        return None
    parts = [part for part in home.removeprefix(_ROOT).split(".") if part and not part.startswith("_")]
    candidates = ["", *(".".join(parts[:length]) for length in range(1, len(parts) + 1))]
    for path in (*candidates, *MODELING):
        if _attribute(path, name) is obj:
            return (f"keras.{path}" if path else "keras"), name
    return None


def public_object(module: str, name: str) -> Any:
    """The object of a public name.

    **Arguments:**
    - `module`: as Keras writes it: `keras.layers`. Keras's own private modules count as the public ones.
    - `name`: the object's name there.

    **Returns:** None if there is none.
    """
    package, _, path = module.partition(".")
    if package not in ("keras", "tf_keras", "tensorflow", "functape"):
        return None
    path = path.removeprefix("python.").removeprefix("keras").lstrip(".")
    if path == "" or path in MODELING:
        found = _attribute(path, name)
        if found is not None or not path:
            return found
    if path.startswith("src") or package != "keras":
        for other in MODELING:
            found = _attribute(other, name)
            if found is not None:
                return found
    return None


def _attribute(path: str, name: str) -> Any:
    """What a public module has under a name, loaded if need be; None if it has nothing."""
    module = _module(path)
    if module is None:
        return None
    if name in vars(module):
        return vars(module)[name]
    lazy = getattr(module, "_LAZY", {})
    return getattr(module, name) if name in lazy else None


def _module(path: str) -> Any:
    full = f"{_ROOT}.{path}" if path else _ROOT
    try:
        return importlib.import_module(full)
    except ModuleNotFoundError as error:
        if error.name is not None and full.startswith(error.name):
            return None
        raise
