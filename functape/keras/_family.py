"""The objects of one kind, such as initializers, that can be given by name or by configuration."""

from __future__ import annotations

import inspect
from typing import Any

from functape.keras._naming import to_snake_case
from functape.keras._registration import CustomObjectScope, get_registered_name, get_registered_object
from functape.keras._serialization import deserialize_keras_object, serialize_keras_object


class Family:
    """Objects of one kind by all their names.

    **Arguments:**
    - `kind`: what one of them is called in messages: `"initializer"`.
    - `members`: classes and functions; each goes by its name, a class also in snake case.
    - `aliases`: further names.
    """

    def __init__(self, kind: str, members: list[Any], aliases: dict[str, Any] | None = None) -> None:
        self.kind = kind
        self.objects: dict[str, Any] = {}
        for member in members:
            self.objects[member.__name__] = member
            if inspect.isclass(member):
                self.objects[to_snake_case(member.__name__)] = member
        self.objects.update(aliases or {})

    def serialize(self, member: Any, use_legacy_format: bool = False) -> Any:
        """The configuration of a member; Keras 2's `class_name` and `config` if asked for."""
        if use_legacy_format and hasattr(member, "get_config"):
            return {"class_name": get_registered_name(type(member)), "config": member.get_config()}
        return serialize_keras_object(member)

    def deserialize(self, config: Any, custom_objects: dict[str, Any] | None = None) -> Any:
        """The member a name or configuration stands for.

        **Raises:** `ValueError` for a name that is not known.
        """
        name = config.get("class_name") if isinstance(config, dict) else config
        if isinstance(config, str):
            with CustomObjectScope(custom_objects):
                if get_registered_object(config, module_objects=self.objects) is None:
                    raise self._unknown(name)
        elif isinstance(config, dict) and "config" not in config and name is not None:
            config = {**config, "config": {}}
        if isinstance(config, dict) and config.get("module") == "builtins":
            config = {key: each for key, each in config.items() if key != "module"}
        return deserialize_keras_object(config, custom_objects, module_objects=self.objects)

    def find(self, identifier: Any) -> Any:
        """What `identifier` stands for: a name, a configuration, a class, or what can be called.

        **Raises:** `ValueError` for anything else.
        """
        if isinstance(identifier, str | dict):
            identifier = self.deserialize(identifier)
        if not callable(identifier):
            raise ValueError(
                f"Could not interpret {self.kind} identifier: {identifier!r}. Pass a name, a configuration or what "
                "can be called."
            )
        return identifier() if inspect.isclass(identifier) else identifier

    def _unknown(self, name: Any) -> ValueError:
        return ValueError(
            f"Could not interpret {self.kind} identifier: {name!r}. Known are {', '.join(sorted(self.objects))}; one's "
            "own go into `custom_objects` or tf.keras.utils.custom_object_scope."
        )
