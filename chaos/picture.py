"""Draw a run: settled posts per second over time, and below it the time of each fault."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bench.charts import new_figure, svg_of
from matplotlib.ticker import FuncFormatter

_RATE: Final = "#3182bd"
_RATE_AREA: Final = "#9ecae1"
_CALM: Final = "#31a354"
_FAULT: Final = "#de2d26"
_MINUTES_FROM_SECONDS: Final = 600.0
"""Runs of this length and longer have an axis in minutes."""
_NARROWEST: Final = 0.002
"""Of the width: a fault that lasts no time is drawn as wide."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """One kind of fault: when each was injected and how long it lasted, in seconds since the start."""

    name: str
    marks: Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """The content of the picture. `rates` are posts per second, in parts of the run of equal length."""

    title: str
    seconds: float
    rates: Sequence[float]
    lanes: Sequence[Lane]
    faults_until_seconds: float


def draw(picture: Picture) -> str:
    """Return the picture as SVG."""
    figure = new_figure(inches=(10.5, 2.6 + 0.22 * len(picture.lanes)))
    heights = [6, max(1, len(picture.lanes))]
    rates, lanes = figure.subplots(2, 1, sharex=True, height_ratios=heights)
    step = picture.seconds / max(len(picture.rates), 1)
    instants = [(number + 0.5) * step for number in range(len(picture.rates))]
    rates.fill_between(instants, picture.rates, color=_RATE_AREA)
    rates.plot(instants, picture.rates, color=_RATE)
    rates.set_title(picture.title)
    rates.set_ylabel("posts per second")
    rates.set_ylim(bottom=0)
    for number, lane in enumerate(picture.lanes):
        widths = [(at, max(lasts, picture.seconds * _NARROWEST)) for at, lasts in lane.marks]
        lanes.broken_barh(widths, (number - 0.3, 0.6), color=_FAULT, gid=f"fault-{number}")
    lanes.set_yticks(range(len(picture.lanes)), labels=[lane.name for lane in picture.lanes])
    lanes.invert_yaxis()
    lanes.set_xlim(0, picture.seconds)
    lanes.xaxis.set_major_formatter(FuncFormatter(lambda seconds, _place: _instant(seconds, picture.seconds)))
    for axes in (rates, lanes):
        axes.axvline(
            picture.faults_until_seconds, color=_CALM, linestyle="--", linewidth=1, label="no faults from here on"
        )
    rates.legend(loc="upper left", frameon=False)
    return svg_of(figure)


def _instant(seconds: float, whole: float) -> str:
    return f"{seconds / 60:.0f} min" if whole >= _MINUTES_FROM_SECONDS else f"{seconds:.0f} s"
