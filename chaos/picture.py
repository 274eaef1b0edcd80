"""The picture of a run: posts coming to their end over time, and below it what was broken when."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from jinja2 import Environment

_LEFT: Final = 300
_WIDTH: Final = 700
_CHART: Final = 150
_TOP: Final = 50
_LANE: Final = 20
_TICKS: Final = 8
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


_SVG: Final = Environment(autoescape=True).from_string("""\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {{ left + width + 30 }} {{ height }}" font-family="sans-serif" font-size="12">
<rect width="100%" height="100%" fill="#ffffff"/>
<text x="20" y="28" font-size="16" font-weight="bold">{{ title }}</text>
<text x="{{ left - 10 }}" y="{{ top + 10 }}" text-anchor="end">{{ most }} posts a second</text>
<text x="{{ left - 10 }}" y="{{ top + chart }}" text-anchor="end">0</text>
<path d="{{ area }}" fill="#9ecae1" stroke="#3182bd"/>
<text x="{{ calm - 6 }}" y="{{ top - 6 }}" text-anchor="end" fill="#1b7837">nothing is broken from here on</text>
<line x1="{{ calm }}" x2="{{ calm }}" y1="{{ top }}" y2="{{ bottom }}" stroke="#31a354" stroke-dasharray="4 3"/>
{% for lane in lanes %}\
<text x="{{ left - 10 }}" y="{{ lane.y + 12 }}" text-anchor="end">{{ lane.name }}</text>
<line x1="{{ left }}" x2="{{ left + width }}" y1="{{ lane.y + 8 }}" y2="{{ lane.y + 8 }}" stroke="#eeeeee"/>
{% for x, length in lane.marks %}\
<rect x="{{ x }}" y="{{ lane.y + 3 }}" width="{{ length }}" height="10" fill="#de2d26"/>
{% endfor %}\
{% endfor %}\
{% for x, label in ticks %}\
<line x1="{{ x }}" x2="{{ x }}" y1="{{ bottom }}" y2="{{ bottom + 4 }}" stroke="#000000"/>
<text x="{{ x }}" y="{{ bottom + 18 }}" text-anchor="middle">{{ label }}</text>
{% endfor %}\
</svg>
""")


def draw(picture: Picture) -> str:
    """Return the picture as SVG."""
    scale = _WIDTH / picture.seconds
    most = max([*picture.rates, 1.0])
    step = _WIDTH / max(len(picture.rates), 1)
    points = " ".join(
        f"L{_LEFT + (number + 0.5) * step:.1f},{_TOP + _CHART * (1 - rate / most):.1f}"
        for number, rate in enumerate(picture.rates)
    )
    base = _TOP + _CHART
    bottom = base + 15 + _LANE * len(picture.lanes)
    return _SVG.render(
        title=picture.title,
        left=_LEFT,
        width=_WIDTH,
        height=bottom + 30,
        top=_TOP,
        chart=_CHART,
        bottom=bottom,
        most=round(most),
        area=f"M{_LEFT},{base} {points} L{_LEFT + _WIDTH},{base} Z",
        calm=round(_LEFT + picture.broken_until * scale, 1),
        lanes=[
            {
                "name": lane.name,
                "y": base + 10 + _LANE * number,
                "marks": [
                    (round(_LEFT + at * scale, 1), round(max(lasts * scale, 1.5), 1)) for at, lasts in lane.marks
                ],
            }
            for number, lane in enumerate(picture.lanes)
        ],
        ticks=[
            (round(_LEFT + _WIDTH * part / _TICKS, 1), _instant(picture.seconds * part / _TICKS, picture.seconds))
            for part in range(_TICKS + 1)
        ],
    )


def _instant(seconds: float, whole: float) -> str:
    return f"{seconds / 60:.0f} min" if whole >= _LONG else f"{seconds:.0f} s"
