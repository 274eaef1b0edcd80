"""The report: tables for people, and the same as Markdown beside a picture."""

import bisect
import json
import math
import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table

from chaos.picture import Lane, Picture, draw
from chaos.plan import LIVE_CALLS, Kind
from chaos.run import Result

_BLAMED_WITHIN: Final = timedelta(seconds=5)
"""An outage is put down to the last fault that began so shortly before it."""
_BUCKETS: Final = 240


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One table."""

    title: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]


def print_report(result: Result, console: Console) -> None:
    """Print what happened and what the ledger says."""
    for section in sections(result):
        table = Table(title=section.title, title_justify="left")
        for name in section.head:
            table.add_column(name, justify="left" if name == section.head[0] else "right")
        for row in section.rows:
            table.add_row(*row)
        console.print(table)
    good = result.verdict.is_good
    console.print(
        "The ledger agrees." if good else "The ledger does not agree.", style="bold green" if good else "bold red"
    )


def write_report(result: Result, folder: Path) -> None:
    """Write the tables as Markdown and the picture as SVG into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    parts = [
        f"### {section.title}\n\n{_line(section.head)}{_line(['---'] + ['--:'] * (len(section.head) - 1))}"
        + "".join(_line(row) for row in section.rows)
        for section in sections(result)
    ]
    (folder / "chaos.md").write_text("\n".join(parts))
    (folder / "chaos.svg").write_text(draw(_picture(result)))
    (folder / "chaos.json").write_text(json.dumps(_facts(result), indent=2) + "\n")


def sections(result: Result) -> Sequence[Section]:
    """Return the tables of a run."""
    tables = (_faults, _recovery, _troubles, _live_calls, _calls, _posts, _ledger)
    return [table(result) for table in tables]


def _faults(result: Result) -> Section:
    outages = _outages(result)
    rows = []
    for kind in Kind:
        done = [one for one in result.diary.done if one.kind is kind]
        taken = [one.taken_over_after for one in done if one.taken_over_after is not None]
        rows.append((kind.value, f"{len(done):,}", _spread(outages.get(kind, [])), _spread(taken)))
    rows.append(("parts started again after they had ended by themselves", f"{result.diary.restarts:,}", "", ""))
    head = ("fault", "times", "service not ready", "posts in other hands")
    return Section(title="Faults in our own processes (median / 90 % / longest, in seconds)", head=head, rows=rows)


def _recovery(result: Result) -> Section:
    killed, stopped = (
        [one.taken_over_after for one in result.diary.done if one.kind is kind and one.taken_over_after is not None]
        for kind in (Kind.KILL_WORKER, Kind.STOP_WORKER)
    )
    outages = [lasted for _, lasted in result.outages]
    next_ends = [wait for one in result.diary.done if (wait := _next_end(result.ends, one.at)) is not None]
    whole = result.broken_for + result.ended_after
    away = sum((lasted.total_seconds() for lasted in outages), 0.0) / whole.total_seconds()
    rows = [
        ("posts of a killed worker in other hands, or over", f"{len(killed):,}", _spread(killed)),
        ("posts of a stopped worker in other hands, or over", f"{len(stopped):,}", _spread(stopped)),
        ("service not ready, to a caller that does not try again", f"{len(outages):,}", _spread(outages)),
        ("next post over after a fault", f"{len(next_ends):,}", _spread(next_ends)),
        ("share of the time that the service was not ready", "", f"{away:.1%}"),
        ("longest that the platforms needed for an answer", "", f"{result.slowest_platform.total_seconds():.1f}"),
        ("faults went on for", "", f"{result.broken_for.total_seconds():,.0f}"),
        ("from the last fault to the last post", "", f"{result.ended_after.total_seconds():.0f}"),
    ]
    head = ("what", "times", "median / 90 % / longest, in seconds")
    return Section(title="Recovery", head=head, rows=rows)


def _troubles(result: Result) -> Section:
    met, platforms = result.met, ("instagram", "tiktok", "sms", "provider")
    names = sorted({fault for *_, fault in met.faults})

    def count(platform: str, name: str) -> str:
        return f"{sum(n for (where, _, fault), n in met.faults.items() if (where, fault) == (platform, name)):,}"

    calls = [f"{sum(n for (where, _), n in met.calls.items() if where == platform):,}" for platform in platforms]
    refused = [
        f"{sum(n for (where, *_), n in met.over_limit.items() if where == platform):,}" for platform in platforms
    ]
    rows = [
        ("calls in all", *calls),
        *((name, *(count(platform, name) for platform in platforms)) for name in names),
        ("refused for a limit, without having been told to", *refused),
    ]
    return Section(title="Calls to the platforms, and those that a fault hit", head=("fault", *platforms), rows=rows)


def _live_calls(result: Result) -> Section:
    met, names = result.met, sorted({fault for *_, fault in result.met.faults})
    rows = [
        (
            f"{platform} {operation}",
            f"{met.calls[platform, operation]:,}",
            *(f"{met.faults[platform, operation, name]:,}" for name in names),
        )
        for platform, operations in LIVE_CALLS.items()
        for operation in operations
    ]
    return Section(title="The same for the calls that can't be taken back", head=("call", "calls", *names), rows=rows)


def _calls(result: Result) -> Section:
    traffic, memory = result.traffic, result.memory
    rows = [
        *((f"calls: {name}", f"{count:,}") for name, count in sorted(memory.counts.items())),
        ("calls in all", f"{traffic.calls:,}"),
        ("attempts", f"{traffic.attempts:,}"),
        ("attempts without an answer", f"{traffic.lost:,}"),
        ("attempts answered 503", f"{traffic.away:,}"),
        ("attempts that the caller broke off", f"{traffic.hung_up:,}"),
        ("twins: two calls at once under one key", f"{traffic.twins:,}"),
        ("idempotency keys", f"{result.verdict.keys:,}"),
        ("repeated after the answer", f"{traffic.replays:,}"),
        ("longest from the first attempt to the answer", f"{traffic.worst_seconds:.1f} s"),
        *((f"refused with {code}, as it should be", f"{count:,}") for code, count in sorted(memory.refused.items())),
    ]
    return Section(title="What the callers did", head=("what", "count"), rows=rows)


def _posts(result: Result) -> Section:
    verdict = result.verdict
    rows = [
        ("posts", f"{verdict.posts:,}"),
        *((f"ended as {name}", f"{count:,}") for name, count in sorted(verdict.by_status.items())),
        *((f"failed: {code}", f"{count:,}") for code, count in sorted(verdict.failures.items())),
        *((f"outcome unknown: {place}", f"{count:,}") for place, count in sorted(verdict.unknown.items())),
        ("live on the platforms", f"{verdict.live:,}"),
        ("in inboxes, as texts, with the provider", f"{verdict.drafts:,}, {verdict.texts:,}, {verdict.dispatches:,}"),
        ("accounts connected again after their access had ended", f"{verdict.connected_again:,}"),
        ("tokens that TikTok rotated", f"{sum(result.met.renewals.values()):,}"),
    ]
    return Section(title="Posts", head=("what", "count"), rows=rows)


def _ledger(result: Result) -> Section:
    faults = result.verdict.faults
    rows = [(check, str(len(faults.get(check, [])))) for check in sorted({*CHECKS, *faults})]
    return Section(title="The ledger: all of these must be 0", head=("check", "found"), rows=rows)


CHECKS: Final = (
    "doubles",
    "accepted posts that do not exist",
    "posts that nobody was answered",
    "posts that are not over",
    "delivered, and not on the other side",
    "on the other side, and nobody was answered",
    "canceled, and on the other side",
    "answered as canceled, and not",
    "failed, and on the other side",
    "outcome unknown without having asked",
    "on the wrong account",
    "with the wrong address",
    "with the wrong media",
    "with the wrong first comment",
    "timelines that do not agree with the state",
    "live without having been asked for",
    "posts without owner or deadline",
    "idempotency keys with two different answers",
    "idempotency keys with another effect than was answered",
    "content that is not what the callers were answered",
    "accounts that lost their access without need",
    "posts that the API shows otherwise",
    "calls to the platforms that were not counted",
    "answers that no caller should get",
    "answers 500",
    "posts that failed by the program's own fault",
    "posts whose lease had lapsed minutes ago, and nobody came",
)


def _outages(result: Result) -> Mapping[Kind, Sequence[timedelta]]:
    """Put each outage down to the last fault that began before it."""
    found: dict[Kind, list[timedelta]] = {}
    for began, lasted in result.outages:
        before = [one for one in result.diary.done if began - _BLAMED_WITHIN <= one.at <= began + timedelta(seconds=1)]
        if before:
            found.setdefault(max(before, key=lambda one: one.at).kind, []).append(lasted)
    return found


def _next_end(ends: Sequence[datetime], at: datetime) -> timedelta | None:
    place = bisect.bisect(ends, at)
    return ends[place] - at if place < len(ends) else None


def _spread(times: Sequence[timedelta]) -> str:
    if not times:
        return "–"
    seconds = sorted(one.total_seconds() for one in times)
    nine_in_ten = seconds[math.ceil(0.9 * len(seconds)) - 1]
    return f"{statistics.median(seconds):.1f} / {nine_in_ten:.1f} / {seconds[-1]:.1f}"


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |\n"


def _picture(result: Result) -> Picture:
    length = max((result.broken_for + result.ended_after).total_seconds(), 1.0)
    width = length / _BUCKETS
    counts = Counter(int((at - result.began_at).total_seconds() / width) for at in result.ends)
    lanes = [
        Lane(
            name=kind.value,
            marks=[
                (
                    (one.at - result.began_at).total_seconds(),
                    one.lasts.total_seconds() if kind is not Kind.CLOCK else 0.0,
                )
                for one in result.diary.done
                if one.kind is kind
            ],
        )
        for kind in Kind
    ]
    return Picture(
        title=f"{result.verdict.posts:,} posts under {len(result.diary.done)} faults (seed {result.seed})",
        seconds=length,
        rates=[counts.get(bucket, 0) / width for bucket in range(_BUCKETS)],
        lanes=lanes,
        broken_until=result.broken_for.total_seconds(),
    )


def _facts(result: Result) -> Mapping[str, object]:
    return {
        "seed": result.seed,
        "beganAt": result.began_at.isoformat(),
        "posts": result.verdict.posts,
        "accounts": result.size.accounts,
        "leaseSeconds": result.retry_policy.lease.total_seconds(),
        "brokenForSeconds": round(result.broken_for.total_seconds(), 1),
        "sections": [
            {"title": section.title, "head": list(section.head), "rows": [list(row) for row in section.rows]}
            for section in sections(result)
        ],
    }
