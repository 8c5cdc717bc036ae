"""Looking at what a tape recorded: pictures of it, and why a gradient is None."""

from __future__ import annotations

from functape._drawing._explain import Cause, Explanation, explain
from functape._drawing._picture import Picture, draw

__all__ = ["Cause", "Explanation", "Picture", "draw", "explain"]
