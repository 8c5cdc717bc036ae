"""A graph of boxes as an SVG drawing, from top to bottom."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from functape._drawing._picture import Box

_WIDTH, _HEIGHT, _ACROSS, _DOWN, _MARGIN = 168, 46, 24, 40, 16
_FLOWS, _RESTS, _STOPS = "#2e7d32", "#b0bec5", "#c62828"
_FILLS = {"target": "#fff3e0", "source": "#e3f2fd", "variable": "#e8f5e9", "constant": "#f5f5f5"}
_STYLE = "font-family: sans-serif; font-size: 12px"


def render(boxes: Sequence[Box]) -> str:
    """The drawing: a row for each step away from the inputs, green where the gradient flows, red where it is missing.

    **Arguments:**
    - `boxes`: each after those it is computed from.
    """
    rows: list[list[Box]] = []
    level: dict[int, int] = {}
    for box in boxes:
        level[box.slot] = 1 + max((level[slot] for slot in box.inputs), default=-1)
    # An input stands right above what uses it first.
    for box in boxes:
        if not box.inputs:
            below = [level[other.slot] for other in boxes if box.slot in other.inputs]
            level[box.slot] = min(below, default=1) - 1
    for box in boxes:
        while len(rows) <= level[box.slot]:
            rows.append([])
        rows[level[box.slot]].append(box)
    across = max((len(row) for row in rows), default=1)
    width = 2 * _MARGIN + across * (_WIDTH + _ACROSS) - _ACROSS
    height = 2 * _MARGIN + max(len(rows), 1) * (_HEIGHT + _DOWN) - _DOWN
    places: dict[int, tuple[float, float]] = {}
    for number, row in enumerate(rows):
        left = (width - len(row) * (_WIDTH + _ACROSS) + _ACROSS) / 2
        for column, box in enumerate(row):
            places[box.slot] = left + column * (_WIDTH + _ACROSS), _MARGIN + number * (_HEIGHT + _DOWN)
    flowing = {box.slot for box in boxes if box.flows}
    parts = [
        _arrow(places[slot], places[box.slot], slot in flowing and box.flows) for box in boxes for slot in box.inputs
    ]
    parts += [_box(box, *places[box.slot]) for box in boxes]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        f'style="{_STYLE}">{"".join(parts)}</svg>'
    )


def _arrow(start: tuple[float, float], end: tuple[float, float], flows: bool) -> str:
    x, y = start[0] + _WIDTH / 2, start[1] + _HEIGHT
    to_x, to_y = end[0] + _WIDTH / 2, end[1]
    colour, thick = (_FLOWS, 2) if flows else (_RESTS, 1)
    bend = (to_y - y) / 2
    return (
        f'<path d="M{x:.0f},{y:.0f} C{x:.0f},{y + bend:.0f} {to_x:.0f},{to_y - bend:.0f} {to_x:.0f},{to_y:.0f}" '
        f'fill="none" stroke="{colour}" stroke-width="{thick}"/>'
        f'<path d="M{to_x - 4:.0f},{to_y - 7:.0f} L{to_x:.0f},{to_y:.0f} L{to_x + 4:.0f},{to_y - 7:.0f}" '
        f'fill="none" stroke="{colour}" stroke-width="{thick}"/>'
    )


def _box(box: Box, x: float, y: float) -> str:
    fill = next((colour for role, colour in _FILLS.items() if role in box.roles), "#ffffff")
    stroke = _STOPS if box.note else _FLOWS if box.flows else _RESTS
    dashes = "" if "watched" in box.roles or box.inputs or not box.note else ' stroke-dasharray="4 3"'
    detail = ", ".join((box.shape, *(role for role in box.roles if role in ("watched", "target"))))
    hint = "\n".join(each for each in (box.line, box.note) if each)
    middle = x + _WIDTH / 2
    title = box.title if len(box.title) <= 24 else box.title[:23] + "…"
    return (
        f"<g><title>{escape(hint)}</title>"
        f'<rect x="{x:.0f}" y="{y:.0f}" width="{_WIDTH}" height="{_HEIGHT}" rx="6" fill="{fill}" stroke="{stroke}" '
        f'stroke-width="2"{dashes}/>'
        f'<text x="{middle:.0f}" y="{y + 19:.0f}" text-anchor="middle" font-weight="bold">{escape(title)}</text>'
        f'<text x="{middle:.0f}" y="{y + 36:.0f}" text-anchor="middle" fill="#546e7a">{escape(detail)}</text>'
        "</g>"
    )
