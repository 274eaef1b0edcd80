"""Charts as SVG with matplotlib, on white so that they are readable on a dark page."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

_LIMIT: Final = "#cf222e"
_FAINT: Final = "#d0d7de"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A named curve."""

    name: str
    points: Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """The title of an axis, with its unit, and its upper end. `names` label 0, 1, 2 … instead of numbers."""

    title: str
    upper_end: float
    names: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """A budget, drawn as a dashed line: horizontal, or vertical with `is_vertical`."""

    at: float
    name: str
    is_vertical: bool = False


def new_figure(*, inches: tuple[float, float]) -> Figure:
    """Return an empty figure."""
    return Figure(figsize=inches, layout="constrained")


def svg_of(figure: Figure) -> str:
    """Return a figure as SVG, without a date and with text as text, so that the same input gives the same file."""
    out = io.StringIO()
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "presswork"}):
        figure.savefig(out, format="svg", metadata={"Date": None})
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"


def curves(title: str, lines: Sequence[Line], *, x: Axis, y: Axis, limit: Limit | None = None) -> str:
    """Draw curves with a legend beside them, as SVG."""
    figure = new_figure(inches=(9.5, 3.9))
    axes = figure.subplots()
    axes.set_title(title, loc="left", weight="bold")
    for line in lines:
        marker = "s" if x.names else None
        axes.plot([at for at, _ in line.points], [value for _, value in line.points], label=line.name, marker=marker)
    axes.set_xlabel(x.title)
    axes.set_ylabel(y.title)
    axes.set_xlim(0, max(x.upper_end, 1e-9))
    axes.set_ylim(0, y.upper_end)
    if x.names:
        axes.set_xticks(range(len(x.names)), labels=x.names)
        axes.margins(x=0.05)
    else:
        axes.xaxis.set_major_formatter(FuncFormatter(_number))
    axes.yaxis.set_major_formatter(FuncFormatter(_number))
    axes.grid(axis="y", color=_FAINT)
    if limit is not None:
        draw = axes.axvline if limit.is_vertical else axes.axhline
        draw(limit.at, color=_LIMIT, linestyle="--", linewidth=1, label=limit.name)
    axes.legend(loc="upper left", bbox_to_anchor=(1.02, 1), frameon=False)
    return svg_of(figure)


def bars(title: str, parts: Sequence[str], rows: Sequence[tuple[str, Sequence[float]]], *, unit: str) -> str:
    """Draw one horizontal bar for each row, stacked from the parts, as SVG."""
    figure = new_figure(inches=(9.5, 1.4 + 0.35 * len(rows)))
    axes = figure.subplots()
    axes.set_title(title, loc="left", weight="bold")
    names = [name for name, _ in rows]
    starts = [0.0] * len(rows)
    for place, part in enumerate(parts):
        lengths = [values[place] if place < len(values) else 0.0 for _, values in rows]
        drawn = axes.barh(names, lengths, left=starts, label=part, height=0.7)
        axes.bar_label(
            drawn, [f"{length:,.0f}" if length else "" for length in lengths], label_type="center", fontsize=8
        )
        starts = [start + length for start, length in zip(starts, lengths, strict=True)]
    axes.invert_yaxis()
    axes.set_xlabel(unit)
    axes.xaxis.set_major_formatter(FuncFormatter(_number))
    axes.legend(loc="upper left", bbox_to_anchor=(1.02, 1), frameon=False)
    return svg_of(figure)


def _number(value: float, _place: int) -> str:
    return f"{value:,g}"
