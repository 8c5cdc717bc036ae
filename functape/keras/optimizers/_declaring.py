"""Constructors made from declarations: an optimizer's class lists its hyperparameters, and this the arguments."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from functape.keras.optimizers._settings import learning_rate_of, settings_of

SHARED: dict[str, Any] = {
    "weight_decay": None,
    "clipnorm": None,
    "clipvalue": None,
    "global_clipnorm": None,
    "use_ema": False,
    "ema_momentum": 0.99,
    "ema_overwrite_frequency": None,
    "loss_scale_factor": None,
    "gradient_accumulation_steps": None,
    "name": None,
}
"""Arguments that every optimizer takes, in Keras's order, with their defaults."""


def constructor(kind: type, base: type, learning_rate: Any, shared: dict[str, Any]) -> Callable[..., None]:
    """The `__init__` of an optimizer class: the learning rate, its own settings, those that all share, and the rest.

    **Arguments:**
    - `kind`: the class. A method `_check` is called when all is set.
    - `base`: the class whose constructor takes the shared arguments, the learning rate and whatever else is given.
    - `learning_rate`: its default.
    - `shared`: the shared arguments with their defaults.
    """
    declared = {name for each in kind.__mro__ if each not in base.__mro__ for name in vars(each)}
    own = {name: setting for name, setting in settings_of(kind).items() if name in declared}
    defaults = {"learning_rate": learning_rate}
    defaults |= {name: each.default for name, each in own.items() if not each.last}
    defaults |= {name: default for name, default in shared.items() if name not in defaults}
    defaults |= {name: each.default for name, each in own.items() if each.last}
    parameters = [inspect.Parameter("self", inspect.Parameter.POSITIONAL_OR_KEYWORD)]
    parameters += [
        inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD, default=default)
        for name, default in defaults.items()
    ]
    parameters.append(inspect.Parameter("kwargs", inspect.Parameter.VAR_KEYWORD))
    signature = inspect.Signature(parameters)

    def __init__(*args: Any, **kwargs: Any) -> None:
        bound = signature.bind(*args, **kwargs)
        bound.apply_defaults()
        given = bound.arguments
        self, others = given.pop("self"), given.pop("kwargs")
        if given["learning_rate"] is None or isinstance(given["learning_rate"], str):
            learning_rate_of(given["learning_rate"])
        rest = {name: given[name] for name in shared}
        initialize = base.__init__  # type: ignore[misc]
        initialize(self, learning_rate=given["learning_rate"], **rest, **others)
        for name in own:
            setattr(self, name, given[name])
        self._check()

    __init__.__qualname__ = f"{kind.__qualname__}.__init__"
    __init__.__doc__ = f"See `{kind.__name__}`."
    __init__.__signature__ = signature  # type: ignore[attr-defined]
    return __init__
