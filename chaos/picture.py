"""The picture of a run: posts coming to their end over time, and below it what was broken when."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bench.drawing import INK, Drawing

_LEFT: Final = 300
_WIDTH: Final = 700
_CHART: Final = 150
_TOP: Final = 50
_LANE: Final = 20
_TICKS: Final = 8
_RATE: Final = "#3182bd"
_RATE_AREA: Final = "#9ecae1"
_CALM: Final = "#31a354"
_FAULT: Final = "#de2d26"
_LONG: Final = 600.0
"""From so many seconds on, the axis is in minutes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """One kind of fault: when it was injected and how long it lasted, in seconds since the begin."""

    name: str
    marks: Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """What is drawn. `rates` are posts a second, in as many equal parts of the time as there are."""

    title: str
    seconds: float
    rates: Sequence[float]
    lanes: Sequence[Lane]
    broken_until: float


def draw(picture: Picture) -> str:
    """Return the picture as SVG."""
    base = _TOP + _CHART
    bottom = base + 15 + _LANE * len(picture.lanes)
    drawing = Drawing(_LEFT + _WIDTH + 30, bottom + 30)
    drawing.text(20, 28, picture.title, size=16, is_bold=True)
    _draw_rates(drawing, picture.rates, base)
    scale = _WIDTH / picture.seconds
    calm = _LEFT + picture.broken_until * scale
    drawing.line(calm, _TOP, calm, bottom, color=_CALM, dashes="4 3")
    drawing.text(calm - 6, _TOP - 6, "nothing is broken from here on", anchor="end")
    for number, lane in enumerate(picture.lanes):
        y = base + 10 + _LANE * number
        drawing.text(_LEFT - 10, y + 12, lane.name, anchor="end")
        drawing.line(_LEFT, y + 8, _LEFT + _WIDTH, y + 8)
        for at, lasts in lane.marks:
            drawing.rectangle(_LEFT + at * scale, y + 3, max(lasts * scale, 1.5), 10, fill=_FAULT)
    for part in range(_TICKS + 1):
        x = _LEFT + _WIDTH * part / _TICKS
        drawing.line(x, bottom, x, bottom + 4, color=INK)
        drawing.text(x, bottom + 18, _instant(picture.seconds * part / _TICKS, picture.seconds), anchor="middle")
    return drawing.svg()


def _draw_rates(drawing: Drawing, rates: Sequence[float], base: float) -> None:
    most = max([*rates, 1.0])
    step = _WIDTH / max(len(rates), 1)
    tops = [(_LEFT + (number + 0.5) * step, base - _CHART * rate / most) for number, rate in enumerate(rates)]
    drawing.path([(_LEFT, base), *tops, (_LEFT + _WIDTH, base)], color=_RATE, fill=_RATE_AREA)
    drawing.text(_LEFT - 10, _TOP + 10, f"{most:.0f} posts a second", anchor="end")
    drawing.text(_LEFT - 10, base, "0", anchor="end")


def _instant(seconds: float, whole: float) -> str:
    return f"{seconds / 60:.0f} min" if whole >= _LONG else f"{seconds:.0f} s"
