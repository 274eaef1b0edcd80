"""Report a run: tables for the terminal, and Markdown, a chart and JSON."""

import json
import math
import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table

from chaos.outages import next_end, outages_by_kind
from chaos.picture import Lane, Picture, draw
from chaos.plan import LIVE_CALLS, Kind
from chaos.run import Result

_BUCKETS: Final = 240


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One table."""

    title: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]


def print_report(result: Result, console: Console) -> None:
    """Print the tables and the verdict."""
    for section in sections(result):
        table = Table(title=section.title, title_justify="left")
        for name in section.head:
            table.add_column(name, justify="left" if name == section.head[0] else "right")
        for row in section.rows:
            table.add_row(*row)
        console.print(table)
    good = result.verdict.is_good
    console.print(
        "The ledger has no violations." if good else "The ledger has violations.",
        style="bold green" if good else "bold red",
    )


def write_report(result: Result, folder: Path) -> None:
    """Write the tables as Markdown and JSON and the chart as SVG into a folder."""
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
    tables = (_faults, _recovery, _platform_faults, _live_calls, _calls, _posts, _ledger)
    return [table(result) for table in tables]


def _faults(result: Result) -> Section:
    outages = outages_by_kind(result)
    rows = []
    for kind in Kind:
        done = [one for one in result.fault_log.injected if one.kind is kind]
        taken = [one.takeover_time for one in done if one.takeover_time is not None]
        rows.append((kind.value, f"{len(done):,}", _spread(outages.get(kind, [])), _spread(taken)))
    rows += [(f"{kind.value}: left out", why, "", "") for kind, why in result.left_out.items()]
    rows.append(("restarts of parts that ended without a fault", f"{result.fault_log.restarts:,}", "", ""))
    head = ("fault", "times", "service not ready", "posts taken over")
    return Section(title="Faults in Presswork's processes (median / 90 % / longest, in seconds)", head=head, rows=rows)


def _recovery(result: Result) -> Section:
    killed, stopped = (
        [one.takeover_time for one in result.fault_log.injected if one.kind is kind and one.takeover_time is not None]
        for kind in (Kind.KILL_WORKER, Kind.STOP_WORKER)
    )
    outages = [lasted for _, lasted in result.outages]
    next_ends = [wait for one in result.fault_log.injected if (wait := next_end(result.ends, one.at)) is not None]
    whole = result.faults_duration + result.drain_duration
    server_errors = sum((lasted.total_seconds() for lasted in outages), 0.0) / whole.total_seconds()
    rows = [
        ("posts of a killed worker taken over or ended", f"{len(killed):,}", _spread(killed)),
        ("posts of a stopped worker taken over or ended", f"{len(stopped):,}", _spread(stopped)),
        ("service not ready, for a caller that does not retry", f"{len(outages):,}", _spread(outages)),
        ("next post that ended after a fault", f"{len(next_ends):,}", _spread(next_ends)),
        ("share of time in which the service was not ready", "", f"{server_errors:.1%}"),
        ("slowest response of the platforms", "", f"{result.slowest_platform.total_seconds():.1f}"),
        ("duration of the faults", "", f"{result.faults_duration.total_seconds():,.0f}"),
        ("from the last fault to the last post", "", f"{result.drain_duration.total_seconds():.0f}"),
    ]
    head = ("what", "times", "median / 90 % / longest, in seconds")
    return Section(title="Recovery", head=head, rows=rows)


def _platform_faults(result: Result) -> Section:
    counts, platforms = result.counts, tuple(LIVE_CALLS)
    names = sorted({fault for *_, fault in counts.faults})

    def count(platform: str, name: str) -> str:
        return f"{sum(n for (where, _, fault), n in counts.faults.items() if (where, fault) == (platform, name)):,}"

    calls = [f"{sum(n for (where, _), n in counts.calls.items() if where == platform):,}" for platform in platforms]
    refused = [
        f"{sum(n for (where, *_), n in counts.over_limit.items() if where == platform):,}" for platform in platforms
    ]
    rows = [
        ("all calls", *calls),
        *((name, *(count(platform, name) for platform in platforms)) for name in names),
        ("refused by a rate limit, not by a fault", *refused),
    ]
    return Section(title="Platform calls, and calls with a fault", head=("fault", *platforms), rows=rows)


def _live_calls(result: Result) -> Section:
    counts, names = result.counts, sorted({fault for *_, fault in result.counts.faults})
    rows = [
        (
            f"{platform} {operation}",
            f"{counts.calls[platform, operation]:,}",
            *(f"{counts.faults[platform, operation, name]:,}" for name in names),
        )
        for platform, operations in LIVE_CALLS.items()
        for operation in operations
    ]
    return Section(title="The same for calls that can't be undone", head=("call", "calls", *names), rows=rows)


def _calls(result: Result) -> Section:
    traffic, record = result.traffic, result.record
    rows = [
        *((f"calls: {name}", f"{count:,}") for name, count in sorted(record.counts.items())),
        ("all calls", f"{traffic.calls:,}"),
        ("attempts", f"{traffic.attempts:,}"),
        ("attempts without a response", f"{traffic.lost:,}"),
        ("attempts with a 503 response", f"{traffic.server_errors:,}"),
        ("attempts that the caller aborted", f"{traffic.aborted:,}"),
        ("concurrent duplicates with one key", f"{traffic.duplicates:,}"),
        ("idempotency keys", f"{result.verdict.keys:,}"),
        ("repeated after the response", f"{traffic.replays:,}"),
        ("longest time from the first attempt to the response", f"{traffic.worst_seconds:.1f} s"),
        *((f"refused with {code}, as expected", f"{count:,}") for code, count in sorted(record.refused.items())),
    ]
    return Section(title="Callers", head=("what", "count"), rows=rows)


def _posts(result: Result) -> Section:
    verdict, deleted = result.verdict, result.record.deleted_contents
    rows = [
        ("posts", f"{verdict.posts:,}"),
        *((f"ended as {name}", f"{count:,}") for name, count in sorted(verdict.by_status.items())),
        *((f"failed: {code}", f"{count:,}") for code, count in sorted(verdict.failures.items())),
        *((f"outcome unknown: {reason}", f"{count:,}") for reason, count in sorted(verdict.unknown.items())),
        *((f"taken down: {name}", f"{count:,}") for name, count in sorted(verdict.live_status.items())),
        *((f"changed while live: {name}", f"{count:,}") for name, count in sorted(verdict.edits.items())),
        ("comments of others", f"{verdict.comments:,}"),
        *((f"replies to them: {name}", f"{count:,}") for name, count in sorted(verdict.replies.items())),
        ("content deleted, and with its texts", f"{len(deleted):,}, {sum(deleted.values()):,}"),
        ("live on the platforms, and deleted there", f"{verdict.live:,}, {verdict.deleted:,}"),
        ("in inboxes, as SMS, at the provider", f"{verdict.drafts:,}, {verdict.texts:,}, {verdict.dispatches:,}"),
        ("accounts connected again after their access ended", f"{verdict.reconnections:,}"),
        ("tokens that platforms rotated", f"{sum(result.counts.refreshes.values()):,}"),
    ]
    return Section(title="Posts", head=("what", "count"), rows=rows)


def _ledger(result: Result) -> Section:
    faults = result.verdict.violations
    rows = [(check, str(len(faults.get(check, [])))) for check in sorted({*CHECKS, *faults})]
    return Section(title="Ledger: each count must be 0", head=("check", "found"), rows=rows)


CHECKS: Final = (
    "duplicates",
    "accepted posts that do not exist",
    "posts without an accepted call",
    "posts without a final status",
    "delivered, but not on the platform",
    "on the platform without an accepted call",
    "canceled, but on the platform",
    "cancel confirmed, but not canceled",
    "take-downs and changes without an end",
    "take-downs that ended as they must not",
    "taken down, but on the platform",
    "taken down without an accepted call",
    "gone, but not deleted by a person",
    "deleted, though no one asked for it",
    "changed after the end of the take-down",
    "changes of live posts that failed",
    "with another text than was reported",
    "on the platform with a text that was edited or refused",
    "deleted content that contradicts the calls",
    "erased content with texts",
    "objects of deleted content in the store",
    "objects that are missing in the store",
    "objects that no row names",
    "counters that differ from the sum of the rows",
    "failed, but on the platform",
    "outcome unknown without enough look-ups",
    "on the wrong account",
    "with the wrong URL",
    "with the wrong media",
    "with the wrong first comment",
    "replies written twice",
    "accepted replies that do not exist",
    "replies without an accepted call",
    "replies on the platform without an accepted call",
    "replies reported as posted, but not on the platform",
    "replies that failed, but are on the platform",
    "replies that failed, though their comment stays",
    "replies of unknown outcome without enough look-ups",
    "replies in the wrong place",
    "replies and calls about comments without an end",
    "own comments that pass for others'",
    "comments received twice",
    "comments that were not received",
    "comments without one event",
    "comments that stay, but pass for deleted",
    "comments deleted, though no one asked for it",
    "commented posts that were not read",
    "timelines that contradict the status",
    "live without a recorded call",
    "posts without lease owner or expiry",
    "idempotency keys with two different responses",
    "idempotency keys with another stored response",
    "content with an unexpected approval status",
    "accounts that lost access unnecessarily",
    "posts that the API returns differently",
    "platform calls that were not counted",
    "unexpected responses",
    "responses with status 500",
    "posts that failed with INTERNAL",
    "posts whose lease lapsed minutes ago without takeover",
)


def _spread(times: Sequence[timedelta]) -> str:
    if not times:
        return "–"
    seconds = sorted(one.total_seconds() for one in times)
    nine_in_ten = seconds[math.ceil(0.9 * len(seconds)) - 1]
    return f"{statistics.median(seconds):.1f} / {nine_in_ten:.1f} / {seconds[-1]:.1f}"


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |\n"


def _picture(result: Result) -> Picture:
    length = max((result.faults_duration + result.drain_duration).total_seconds(), 1.0)
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
                for one in result.fault_log.injected
                if one.kind is kind
            ],
        )
        for kind in Kind
    ]
    return Picture(
        title=f"{result.verdict.posts:,} posts under {len(result.fault_log.injected)} faults (seed {result.seed})",
        seconds=length,
        rates=[counts.get(bucket, 0) / width for bucket in range(_BUCKETS)],
        lanes=lanes,
        faults_until_seconds=result.faults_duration.total_seconds(),
    )


def _facts(result: Result) -> Mapping[str, object]:
    return {
        "seed": result.seed,
        "beganAt": result.began_at.isoformat(),
        "posts": result.verdict.posts,
        "accounts": result.size.accounts,
        "leaseSeconds": result.schedule.lease.total_seconds(),
        "brokenForSeconds": round(result.faults_duration.total_seconds(), 1),
        "sections": [
            {"title": section.title, "head": list(section.head), "rows": [list(row) for row in section.rows]}
            for section in sections(result)
        ],
    }
