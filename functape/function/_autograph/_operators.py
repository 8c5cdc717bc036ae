"""What converted code knows as `ag__`."""

from __future__ import annotations

import sys

from malt.core.converter import STANDARD_OPTIONS as STD

from functape.function._autograph._assertions import assert_stmt
from functape.function._autograph._calls import autograph_artifact, converted_call
from functape.function._autograph._conditionals import if_exp, if_stmt
from functape.function._autograph._lists import (
    GetItemOpts,
    ListPopOpts,
    ListStackOpts,
    get_item,
    list_append,
    list_pop,
    list_stack,
    new_list,
    set_item,
    update_item_with_op,
)
from functape.function._autograph._logical import and_, eq, not_, not_eq, or_
from functape.function._autograph._loops import for_stmt, while_stmt
from functape.function._autograph._matching import match_pattern
from functape.function._autograph._scopes import FunctionScope, with_function_scope
from functape.function._autograph._transpiler import ConversionOptions, Feature
from functape.function._autograph._undefined import Undefined, UndefinedReturnValue, ld, ldu

__all__ = [
    "STD",
    "ConversionOptions",
    "Feature",
    "FunctionScope",
    "GetItemOpts",
    "ListPopOpts",
    "ListStackOpts",
    "Undefined",
    "UndefinedReturnValue",
    "and_",
    "assert_stmt",
    "autograph_artifact",
    "converted_call",
    "current_exception",
    "eq",
    "for_stmt",
    "get_item",
    "if_exp",
    "if_stmt",
    "ld",
    "ldu",
    "list_append",
    "list_pop",
    "list_stack",
    "match_pattern",
    "new_list",
    "not_",
    "not_eq",
    "or_",
    "set_item",
    "update_item_with_op",
    "while_stmt",
    "with_function_scope",
]


def current_exception() -> BaseException | None:
    """The exception that is being handled."""
    return sys.exc_info()[1]
