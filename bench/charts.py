"""Charts of what was measured: curves over an axis, and bars of parts."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bench.drawing import FAINT, INK, Drawing

COLORS: Final = ("#3182bd", "#e6550d", "#31a354", "#756bb1", "#636363", "#d62728")
_LEFT: Final = 70
_WIDTH: Final = 640
_TOP: Final = 56
_HEIGHT: Final = 260
_RIGHT: Final = 250
_BAR: Final = 20
_LIMIT: Final = "#cf222e"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A named curve."""

    name: str
    points: Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """What an axis shows, with its unit, and how far it goes. `names` stand at 0, 1, 2 … instead of numbers."""

    title: str
    most: float
    names: Sequence[str] = ()

    def ticks(self) -> Sequence[tuple[float, str]]:
        """Return where there is a mark, and what it says: round numbers, five or so."""
        if self.names:
            return [(float(place), name) for place, name in enumerate(self.names)]
        power = 10 ** math.floor(math.log10(self.most))
        step = next(power * part for part in (0.2, 0.25, 0.5, 1, 2) if self.most / (power * part) <= 6)
        return [(number * step, f"{number * step:,g}") for number in range(math.floor(self.most / step) + 1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """A budget: a line that is not to be passed, across (`is_upright`: from below to above)."""

    at: float
    name: str
    is_upright: bool = False


def curves(title: str, lines: Sequence[Line], *, across: Axis, up: Axis, limit: Limit | None = None) -> str:
    """Draw curves with a legend beside them, as SVG."""
    drawing = Drawing(_LEFT + _WIDTH + _RIGHT, _TOP + _HEIGHT + 56)
    drawing.text(20, 30, title, size=16, is_bold=True)
    bottom, last = _TOP + _HEIGHT, max(across.most, 1e-9)

    def place(x: float, y: float) -> tuple[float, float]:
        return _LEFT + min(x / last, 1) * _WIDTH, bottom - min(y / up.most, 1) * _HEIGHT

    for at, label in up.ticks():
        _, y = place(0, at)
        drawing.line(_LEFT, y, _LEFT + _WIDTH, y)
        drawing.text(_LEFT - 8, y + 4, label, anchor="end")
    for at, label in across.ticks():
        x, _ = place(at, 0)
        drawing.line(x, bottom, x, bottom + 5, color=INK)
        drawing.text(x, bottom + 20, label, anchor="middle")
    drawing.line(_LEFT, bottom, _LEFT + _WIDTH, bottom, color=INK)
    drawing.text(_LEFT + _WIDTH / 2, bottom + 42, across.title, anchor="middle")
    drawing.text(20, _TOP + _HEIGHT / 2, up.title, anchor="middle", is_upright=True)
    if limit:
        x, y = place(limit.at, limit.at)
        if limit.is_upright:
            drawing.line(x, _TOP, x, bottom, color=_LIMIT, dashes="5 4")
            is_right = x > _LEFT + _WIDTH / 2
            drawing.text(
                x - 5 if is_right else x + 5,
                bottom - 8,
                limit.name,
                color=_LIMIT,
                anchor="end" if is_right else "start",
            )
        else:
            drawing.line(_LEFT, y, _LEFT + _WIDTH, y, color=_LIMIT, dashes="5 4")
            drawing.text(_LEFT + 5, y - 5, limit.name, color=_LIMIT)
    for number, (line, color) in enumerate(zip(lines, COLORS, strict=False)):
        drawing.path([place(x, y) for x, y in line.points], color=color)
        if across.names:
            for x, y in (place(*point) for point in line.points):
                drawing.rectangle(x - 3, y - 3, 6, 6, fill=color)
        drawing.rectangle(_LEFT + _WIDTH + 20, _TOP + 22 * number, 12, 12, fill=color)
        drawing.text(_LEFT + _WIDTH + 38, _TOP + 10 + 22 * number, line.name)
    return drawing.svg()


def bars(title: str, parts: Sequence[str], rows: Sequence[tuple[str, Sequence[float]]], *, unit: str) -> str:
    """Draw a bar for each row, made of the parts, as SVG."""
    left, top = 210, 84
    drawing = Drawing(left + _WIDTH + 110, top + (_BAR + 8) * len(rows) + 20)
    drawing.text(20, 30, title, size=16, is_bold=True)
    x = 20.0
    for name, color in zip(parts, COLORS, strict=False):
        drawing.rectangle(x, 48, 12, 12, fill=color)
        drawing.text(x + 17, 58, name)
        x += 40 + 7 * len(name)
    most = max(sum(lengths) for _, lengths in rows)
    for number, (name, lengths) in enumerate(rows):
        x, y = float(left), top + (_BAR + 8) * number
        drawing.text(left - 10, y + 14, name, anchor="end")
        for part, length, color in zip(parts, lengths, COLORS, strict=False):
            width = length / most * _WIDTH
            drawing.rectangle(x, y, width, _BAR, fill=color, tells=f"{part}: {length:,.0f} {unit}")
            if width > 44:
                drawing.text(x + width / 2, y + 14, f"{length:,.0f}", anchor="middle", color="#ffffff")
            x += width
        drawing.text(x + 8, y + 14, f"{sum(lengths):,.0f} {unit}")
    drawing.line(left, top - 4, left, top + (_BAR + 8) * len(rows), color=FAINT)
    return drawing.svg()
