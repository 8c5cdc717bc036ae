"""The classes of arguments of `tf.saved_model`."""

from __future__ import annotations

import os
from typing import Any


class _Options:
    """Options of which all but those of a class's `_HARMLESS` must have their default."""

    _HARMLESS: frozenset[str] = frozenset()

    def _take(self, given: dict[str, Any], defaults: dict[str, Any]) -> None:
        for name, default in defaults.items():
            if given[name] != default and name not in self._HARMLESS:
                raise ValueError(
                    f"The option `{name}` is about TensorFlow's files or devices, which there are none of here. "
                    f"Received: {name}={given[name]!r}. Leave it out."
                )
            setattr(self, name, given[name])


class SaveOptions(_Options):
    """Options of `tf.saved_model.save` (`tf.saved_model.SaveOptions`).

    **Arguments:**
    - `save_debug_info`, `experimental_custom_gradients`, `experimental_debug_stripper`, `experimental_image_format`,
      `namespace_whitelist`, `experimental_variable_policy`: accepted for compatibility; they change nothing, since
      programs are written with their derivatives and without TensorFlow's ops.
    - `function_aliases`, `experimental_io_device`, `experimental_skip_saver`, `experimental_sharding_callback`,
      `extra_tags`: not supported.

    **Raises:** `ValueError` for one that is not supported.
    """

    _HARMLESS = frozenset(
        {
            "save_debug_info", "experimental_custom_gradients", "experimental_debug_stripper",
            "experimental_image_format", "namespace_whitelist", "experimental_variable_policy",
        }
    )  # fmt: skip

    def __init__(
        self,
        namespace_whitelist: Any = None,
        save_debug_info: bool = False,
        function_aliases: Any = None,
        experimental_debug_stripper: bool = False,
        experimental_io_device: str | None = None,
        experimental_variable_policy: Any = None,
        experimental_custom_gradients: bool = True,
        experimental_image_format: bool = False,
        experimental_skip_saver: bool = False,
        experimental_sharding_callback: Any = None,
        extra_tags: Any = None,
    ) -> None:
        given = dict(locals())
        defaults = dict.fromkeys(list(given)[1:], None) | dict.fromkeys(
            ("save_debug_info", "experimental_debug_stripper", "experimental_image_format", "experimental_skip_saver"),
            False,
        )
        self._take(given, defaults | {"experimental_custom_gradients": True})


class LoadOptions(_Options):
    """Options of `tf.saved_model.load` (`tf.saved_model.LoadOptions`).

    **Arguments:**
    - `experimental_variable_policy`, `experimental_load_function_aliases`: accepted for compatibility.
    - `allow_partial_checkpoint`, `experimental_io_device`, `experimental_skip_checkpoint`: not supported.

    **Raises:** `ValueError` for one that is not supported.
    """

    _HARMLESS = frozenset({"experimental_variable_policy", "experimental_load_function_aliases"})

    def __init__(
        self,
        allow_partial_checkpoint: bool = False,
        experimental_io_device: str | None = None,
        experimental_skip_checkpoint: bool = False,
        experimental_variable_policy: Any = None,
        experimental_load_function_aliases: bool = False,
    ) -> None:
        given = dict(locals())
        defaults = dict.fromkeys(list(given)[1:], False)
        self._take(given, defaults | {"experimental_io_device": None, "experimental_variable_policy": None})


class Asset:
    """A file that goes along with a saved program (`tf.saved_model.Asset`).

    **Arguments:**
    - `path`: the file. As an attribute of what is saved it is copied into the folder; what is loaded has an `Asset` for
      the copy.

    **Raises:** `ValueError` if there is no such file when it is saved.

    ```python
    >>> import functape as tf
    >>> tf.saved_model.Asset("words.txt").asset_path.numpy()
    b'words.txt'

    ```
    """

    def __init__(self, path: Any) -> None:
        self._path = os.fspath(path.numpy().decode() if hasattr(path, "numpy") else path)

    @property
    def asset_path(self) -> Any:
        """The path, as a string tensor."""
        from functape._core._convert import convert

        return convert(self._path)
