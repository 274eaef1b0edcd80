"""Write the tables and charts of docs/performance.md from the output of `python -m bench --json`.

`python -m bench.page figures.json ten-million.json` puts the tables between the marks on the page and draws the
charts. The second file is a run of claim and list with more posts.
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Annotated, Final

import typer
from pydantic import BaseModel

from bench.charts import Axis, Limit, Line, bars, curves
from bench.delivery import LAG_MS
from bench.figures import shown

_PAGE: Final = Path(__file__).parent.parent / "docs" / "performance.md"
_TARGETS: Final = re.compile(
    r"publish, (\d+) targets?(, idempotency key)?(, \d+ at a time)?(, \d+ API processes)?(, [\d,]+ posts before)?: throughput"
)
# What a user gets, and the figures that say it; those of the second report have many more posts.
_FOR_USERS: Final[Sequence[tuple[str, str, bool]]] = (
    ("a publish call to one account returns after, with 16 clients at once", r"publish, 1 target: (median|p99)", False),
    ("one to 10 accounts, with a single client", r"publish, 10 targets, 1 at a time: (median|p99)", False),
    ("publish calls that an API process accepts, each to one account", r"publish, 1 target: throughput", False),
    (
        "a post that is published at once reaches its platform, after the response to the call",
        r"lag from answer to first platform call, [^,]+, [\d,]+ waiting: (median|p99)",
        False,
    ),
    (
        "a scheduled post reaches its platform, after its time",
        r"lag from due to first platform call, [^,]+, [\d,]+ waiting: (median|p99)",
        False,
    ),
    ("posts due at one instant, with one worker", r"drain of .+, 1 worker: all published", False),
    ("the same with two workers", r"drain of .+, 2 workers: all published", False),
    (
        "a page of 50 posts of the largest project is read from the database in",
        r"list with .+: big project, first page, desc, median",
        True,
    ),
    ("`presswork up` is ready after, if its database exists", r"presswork up, fastest of .+: ready after", False),
    ("memory of all its processes, before the first post", r"presswork up, fresh: memory", False),
    ("the same, a minute after eleven posts", r"presswork up, .+ after the last post: memory", False),
    ("an idle worker uses, of one core", r"idle worker: share of a core", False),
    ("additional memory for a large video, of the API that receives it", r"video of .+, in: memory of the API", False),
    ("the same, of the worker that sends it", r"video of .+, out: memory of the worker", False),
)
_PARTS: Final = ("API, or the caller of the inserts", "PostgreSQL", "load generator")


class _Budget(BaseModel):
    of: str
    sign: str
    limit: float


class _Figure(BaseModel):
    measure: str
    value: float
    unit: str
    floor: float | None
    ratio: float | None
    budget: _Budget | None
    verdict: str


class _Curve(BaseModel):
    name: str
    across: str
    up: str
    points: list[tuple[float, float]]


class Report(BaseModel):
    """One run."""

    machine: dict[str, str]
    figures: list[_Figure]
    curves: list[_Curve]

    def named(self, start: str) -> list[_Figure]:
        """Return the figures whose name has this prefix."""
        return [figure for figure in self.figures if figure.measure.startswith(start)]

    def one(self, measure: str) -> _Figure:
        """Return one figure by its name. Raises KeyError."""
        found = next((figure for figure in self.figures if figure.measure == measure), None)
        if found is None:
            raise KeyError(measure)
        return found


def users_table(report: Report, more: Report) -> str:
    """Return what a user gets as Markdown: values without floors. A figure that the reports do not have has no line."""
    rows = []
    for what, pattern, is_of_many in _FOR_USERS:
        source = more if is_of_many else report
        found = [figure for figure in source.figures if re.fullmatch(pattern, figure.measure)]
        if found:
            number, *late = (f"{shown(figure.value)} {figure.unit}" for figure in found[:2])
            rows.append((what, number + "".join(f"; 99 of 100 within {one}" for one in late)))
    return _table(("what", "value"), rows)


def publish_table(report: Report) -> str:
    """Return the figures of the publish call as Markdown, one line per kind of call."""
    head = (
        "targets",
        "calls/s (rows/s)",
        "plain inserts",
        "ratio",
        "budget",
        "median, p99",
        "CPU time per call: API + PostgreSQL + load generator",
        "plain inserts: caller + PostgreSQL",
        "WAL per call (plain inserts)",
    )
    rows = []
    for figure in report.figures:
        if not (kind := _TARGETS.fullmatch(figure.measure)):
            continue
        name = figure.measure.removesuffix(": throughput")
        middle, late, wal = (report.one(f"{name}: {word}") for word in ("median", "p99", "WAL"))
        api, base, load = (
            report.one(f"{name}: processor time, {part}") for part in ("API", "PostgreSQL", "load generator")
        )
        rows.append(
            (
                f"{kind[1]}{', with a key' if kind[2] else ''}{kind[3] or ''}{kind[4] or ''}{kind[5] or ''}",
                f"{shown(figure.value)} ({figure.value * int(kind[1]):,.0f})",
                f"{shown(figure.floor or 0)}",
                f"{figure.ratio:.2f}",
                _budget(figure),
                f"{shown(middle.value)} ms, {shown(late.value)} ms",
                f"{api.value:.0f} + {base.value:.0f} + {load.value:.0f} µs",
                f"{api.floor or 0:.0f} + {base.floor or 0:.0f} µs",
                f"{wal.value:.1f} ({wal.floor or 0:.1f}) KiB",
            )
        )
    return _table(head, rows)


def table(report: Report) -> str:
    """Return all other figures as Markdown; both orders of a list share a line."""
    rows: list[tuple[str, ...]] = []
    lists: dict[str, list[_Figure]] = {}
    for figure in report.figures:
        if figure.measure.startswith("publish"):
            continue
        if figure.measure.startswith("list with"):
            lists.setdefault(re.sub(r", (asc|desc), median$", "", figure.measure), []).append(figure)
        else:
            rows.append(_row(figure.measure, [figure]))
    rows += [_row(name, both) for name, both in lists.items()]
    return _table(("measure", "value", "floor", "ratio", "budget"), rows)


def _row(name: str, figures: Sequence[_Figure]) -> tuple[str, ...]:
    worst = max(figures, key=lambda figure: figure.ratio or 0)
    ratios = [figure.ratio for figure in figures if figure.ratio is not None]
    floors = [figure.floor for figure in figures if figure.floor is not None]
    return (
        name,
        f"{_range([shown(figure.value) for figure in figures])} {worst.unit}",
        f"{_range([shown(floor) for floor in floors])} {worst.unit}" if floors else "",
        _range([f"{ratio:.2f}" for ratio in ratios]),
        _budget(worst),
    )


def _range(numbers: Sequence[str]) -> str:
    known = sorted(set(numbers), key=lambda number: float(number.replace(",", "")))
    return f"{known[0]}–{known[-1]}" if len(known) > 1 else "".join(known)


def _budget(figure: _Figure) -> str:
    if figure.budget is None:
        return ""
    what = "ratio " if figure.budget.of == "ratio" else ""
    verdict = "**over**" if figure.verdict == "over" else figure.verdict
    return f"{what}{figure.budget.sign} {figure.budget.limit:g}: {verdict}"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] + ["--:"] * (len(head) - 1), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def machine_line(report: Report) -> str:
    """Return a description of the machine."""
    machine = report.machine
    return (
        f"{machine['cores']} cores ({machine['system']}), {machine['memory']}, Python {machine['python']}, PostgreSQL {machine['postgresql']}, "
        f"fsync {machine['fsync']}, synchronous commit {machine['synchronous_commit']}. Load average before the run: {machine['load before']}."
    )


def pictures(report: Report, more: Report) -> Mapping[str, str]:
    """Return the charts by file name."""
    lags = [curve for curve in report.curves if curve.name.startswith("lag")]
    drains = [curve for curve in report.curves if curve.name.startswith("drain")]
    drain = max(drains, key=lambda curve: curve.points[-1][0])
    far = max(x for curve in lags for x, _ in curve.points[:-1])
    return {
        "publish-time.svg": bars(
            "CPU time of a publish call and of plain inserts of its rows", _PARTS, _publish_bars(report), unit="µs"
        ),
        "rows.svg": curves(
            "Time with many posts, as a ratio to the time with 10,000",
            _ratios(report, more),
            x=Axis(
                title="posts in the database", upper_end=2, names=("10,000", *(_rows_of(one) for one in (report, more)))
            ),
            y=Axis(title="ratio", upper_end=2),
            limit=Limit(at=1.5, name="budget: 1.5"),
        ),
        "lag.svg": curves(
            "Time from due to the worker, at 100 posts per second",
            [Line(name=curve.name.partition(",")[0].removeprefix("lag "), points=curve.points) for curve in lags],
            x=Axis(title="milliseconds (the last 1 % can be further right)", upper_end=max(60.0, far)),
            y=Axis(title="% of the posts", upper_end=100),
            limit=Limit(at=LAG_MS, name=f"budget for 99 %: {LAG_MS} ms", is_vertical=True),
        ),
        "drain.svg": curves(
            f"{drain.points[-1][1]:,.0f} posts due at one instant",
            [Line(name=curve.name.partition("instant, ")[2], points=curve.points) for curve in drains],
            x=Axis(title=drain.across, upper_end=drain.points[-1][0]),
            y=Axis(title=drain.up, upper_end=drain.points[-1][1]),
        ),
    }


def _publish_bars(report: Report) -> list[tuple[str, Sequence[float]]]:
    rows: list[tuple[str, Sequence[float]]] = []
    for figure in report.figures:
        if (kind := _TARGETS.fullmatch(figure.measure)) and not any(kind.groups()[1:]):
            name = figure.measure.removesuffix(": throughput")
            api, base, load = (
                report.one(f"{name}: processor time, {part}") for part in ("API", "PostgreSQL", "load generator")
            )
            targets = f"{kind[1]} target{'s' if kind[1] != '1' else ''}"
            rows.append((f"call, {targets}", (api.value, base.value, load.value)))
            rows.append((f"plain inserts, {targets}", (api.floor or 0, base.floor or 0)))
    return rows


def _rows_of(report: Report) -> str:
    return report.named("list with ")[0].measure.removeprefix("list with ").partition(" ")[0]


def _ratios(*reports: Report) -> Sequence[Line]:
    lines: dict[str, list[tuple[float, float]]] = {}
    for place, report in enumerate(reports, 1):
        pages = [figure.ratio or 0 for figure in report.named("list with ")]
        waiting = f"{_rows_of(report)} waiting"
        known = {
            "claim of 100": report.one(f"{waiting}: claim of 100, median").ratio or 0,
            "next wake": report.one(f"{waiting}: next wake, median").ratio or 0,
            f"page of 50: median of {len(pages)}": median(pages),
            f"page of 50: slowest of {len(pages)}": max(pages),
        }
        for name, ratio in known.items():
            lines.setdefault(name, [(0.0, 1.0)]).append((float(place), ratio))
    return [Line(name=name, points=points) for name, points in lines.items()]


def main(
    figures: Annotated[Path, typer.Argument(exists=True, help="JSON output of a default run.")],
    more: Annotated[Path, typer.Argument(exists=True, help="A run of claim and list with more posts.")],
    page: Annotated[Path, typer.Option(exists=True, help="The page with the marks.")] = _PAGE,
) -> None:
    """Update the tables on the page and draw its charts."""
    report, other = (Report.model_validate_json(file.read_bytes()) for file in (figures, more))
    tables = {
        "users": users_table(report, other),
        "machine": machine_line(report),
        "publish": publish_table(report),
        "figures": table(report),
        "more machine": machine_line(other),
        "more": table(other),
    }
    text = page.read_text("utf-8")
    for name, content in tables.items():
        begin, _, rest = text.partition(f"<!-- {name} -->\n")
        _, end, after = rest.partition("<!-- end -->")
        if not end:
            raise typer.BadParameter(f"{page} has no marks for '{name}'")
        text = f"{begin}<!-- {name} -->\n{content}\n{end}{after}"
    page.write_text(text, "utf-8")
    folder = page.parent / "pictures"
    folder.mkdir(exist_ok=True)
    for file, drawn in pictures(report, other).items():
        (folder / file).write_text(drawn, "utf-8")


if __name__ == "__main__":
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command()(main)
    app()
