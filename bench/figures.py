"""Figures: measured values, their floors and their budgets."""

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal, Self

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """A limit on a figure's value or on its ratio to the floor."""

    of: Literal["value", "ratio"]
    sign: Literal["≥", "≤"]
    limit: float

    def holds(self, figure: "Figure") -> bool:
        """Whether the figure is within the limit."""
        measured = figure.ratio if self.of == "ratio" else figure.value
        if measured is None:
            raise ValueError(f"{figure.measure} has a budget for its ratio but no floor")
        return measured >= self.limit if self.sign == "≥" else measured <= self.limit


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One line of the report. `floor` is the value of the same run without the part under test."""

    measure: str
    value: float
    unit: str
    floor: float | None = None
    budget: Budget | None = None

    @property
    def ratio(self) -> float | None:
        """The value divided by the floor."""
        return self.value / self.floor if self.floor else None

    @property
    def verdict(self) -> str:
        """`ok`, `over`, or empty without a budget."""
        if self.budget is None:
            return ""
        return "ok" if self.budget.holds(self) else "over"


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """The points behind a figure, for a chart, with the titles of both axes."""

    name: str
    across: str
    up: str
    points: Sequence[tuple[float, float]]

    @classmethod
    def of_shares(cls, name: str, across: str, values: Sequence[float]) -> Self:
        """Return the cumulative distribution of the values, in percent."""
        percents = range(1, 101)
        points = [(round(quantile(values, percent / 100), 3), float(percent)) for percent in percents]
        return cls(name=name, across=across, up="% of the posts", points=points)

    @classmethod
    def of_count(cls, name: str, times: Sequence[float], *, since: float) -> Self:
        """Return how many of the times (seconds) have passed at each time, in a hundred steps."""
        known = sorted(times)
        steps = {round(step * (len(known) - 1) / 100) for step in range(101)}
        points = [(round(known[place] - since, 3), float(place + 1)) for place in sorted(steps)]
        return cls(name=name, across="seconds after they were due", up="posts live", points=[(0.0, 0.0), *points])


Finding = Figure | Curve


def quantile(values: Sequence[float], share: float) -> float:
    """Return the value that `share` (0 to 1) of the values do not exceed. Raises ValueError if there are no values."""
    if not values:
        raise ValueError("there are no values")
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def print_table(console: Console, figures: Sequence[Figure]) -> None:
    """Print the figures as a table."""
    table = Table(
        "measure", "value", "floor", "ratio", "budget", "", title="Presswork benchmarks", title_justify="left"
    )
    for column in table.columns[1:4]:
        column.justify = "right"
    for figure in figures:
        budget = figure.budget
        table.add_row(
            figure.measure,
            f"{shown(figure.value)} {figure.unit}",
            "" if figure.floor is None else f"{shown(figure.floor)} {figure.unit}",
            "" if figure.ratio is None else f"{figure.ratio:.2f}",
            "" if budget is None else f"{budget.of} {budget.sign} {budget.limit:g}",
            {"ok": "[green]ok[/]", "over": "[red]over[/]", "": ""}[figure.verdict],
        )
    console.print(table)


def shown(value: float) -> str:
    """Return a number with about three significant digits."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def write_json(path: Path, machine: dict[str, str], figures: Sequence[Figure], curves: Sequence[Curve]) -> None:
    """Write machine, figures and curves as JSON."""
    rows = [asdict(figure) | {"ratio": figure.ratio, "verdict": figure.verdict} for figure in figures]
    report = {"machine": machine, "figures": rows, "curves": [asdict(curve) for curve in curves]}
    path.write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n", "utf-8")
