"""The sum of a campaign's rounds: a page in Markdown, and a picture."""

import math
import statistics
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

from bench.charts import new_figure, svg_of

from chaos.plan import Kind
from chaos.rounds import Outcome, Round

_GOOD: Final = "#31a354"
_BAD: Final = "#de2d26"
_BAR: Final = "#9ecae1"
_DOT: Final = "#3182bd"


def sum_page(folder: Path, rounds: Sequence[Round], *, picture: str) -> str:
    """Return the page. A file `round-NNNN.md` beside a round gives the cause of its violations and the fix."""
    ended = [one for one in rounds if one.outcome is not None]
    outcomes = [one.outcome for one in rounds if one.outcome is not None]
    if not outcomes:
        return "No round has ended yet.\n"
    parts = [
        _headline(ended),
        f"![Posts of each round, and how long the service was not ready after each kind of fault]({picture})\n",
        _table("Rounds", _ROUNDS_HEAD, [_round_row(one) for one in rounds], left=1),
        *_causes(folder, rounds),
        _table("Faults in Presswork's processes", _FAULTS_HEAD, _fault_rows(outcomes)),
        *_left_out(outcomes),
        _table("Faults of the platforms", ("fault", "calls"), _platform_rows(outcomes)),
        _table("Recovery, in seconds", ("what", "times", "median", "90 %", "longest"), _recovery_rows(outcomes)),
        _table("Posts", ("what", "count"), _post_rows(outcomes)),
        _table("Outcome unknown", ("platform, mode, reason", "count"), _counted(outcomes, lambda one: one.unknown)),
    ]
    return "\n".join(parts)


def _headline(rounds: Sequence[Round]) -> str:
    """Return what the rounds of the newest version, and those of all versions, found: the older ones had defects that it does not have."""
    newest = [one for one in rounds if one.commit == rounds[-1].commit]
    columns = [_found_in(newest), _found_in(rounds)]
    names = list(columns[0])
    rows = [[name, *(column[name] for column in columns)] for name in names]
    return _table(
        "The newest version, and all versions", ("what", f"newest version ({rounds[-1].commit})", "all versions"), rows
    )


def _found_in(rounds: Sequence[Round]) -> Mapping[str, str]:
    outcomes = [one.outcome for one in rounds if one.outcome is not None]
    red = sum(bool(one.violations) for one in outcomes)
    found = {
        "rounds": len(rounds),
        "posts": sum(one.posts for one in outcomes),
        "posts doubled": sum(one.doubles for one in rounds),
        "posts lost": sum(one.losses for one in rounds),
        "posts still waiting when their round ended": sum(one.waiting for one in rounds),
        "posts that ended with an unknown outcome": sum(sum(one.unknown.values()) for one in outcomes),
        "rounds with violations of the ledger, of any kind": red,
        "faults in Presswork's processes": sum(sum(one.faults.values()) for one in outcomes),
        "faults in calls to the platforms": sum(sum(one.platform_faults.values()) for one in outcomes),
    }
    hours = sum(one.under_faults for one in outcomes) / 3600
    return {**{name: f"{count:,}" for name, count in found.items()}, "hours of faults": f"{hours:.1f}"}


def _number(count: int, what: str) -> str:
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}s"


_ROUNDS_HEAD: Final = (
    "round, seed",
    "version, beside",
    "posts",
    "faults",
    "doubled",
    "lost",
    "waiting",
    "unknown",
    "other violations",
    "last post after",
)


def _round_row(one: Round) -> Sequence[str]:
    versions = one.commit if one.older_commit is None else f"{one.commit}, {one.older_commit}"
    if one.outcome is None:
        return (f"{one.number}, {one.seed}", versions, "not finished", *[""] * 7)
    return (
        f"{one.number}, {one.seed}",
        versions,
        f"{one.outcome.posts:,}",
        f"{sum(one.outcome.faults.values()):,}",
        f"{one.doubles:,}",
        f"{one.losses:,}",
        f"{one.waiting:,}",
        f"{sum(one.outcome.unknown.values()):,}",
        f"{one.others:,}",
        f"{one.outcome.until_last_post:.0f} s",
    )


def _causes(folder: Path, rounds: Sequence[Round]) -> Sequence[str]:
    """Return a list entry for each round with violations, or without an outcome."""
    lines = []
    for one in rounds:
        note = folder / f"round-{one.number:04}.md"
        why = f" {note.read_text().strip()}" if note.exists() else ""
        if one.outcome is None:
            lines.append(f"- Round {one.number} is not finished: it is running, or was broken off.{why}")
        elif one.outcome.violations:
            found = "; ".join(f"{name}: {violation.count:,}" for name, violation in one.outcome.violations.items())
            lines.append(f"- Round {one.number}: {found}.{why or ' The cause is not known yet.'}")
    return ["\n".join(lines) + "\n"] if lines else []


_FAULTS_HEAD: Final = ("fault", "times", "service not ready: median / 90 % / longest, s", "posts in other hands, s")


def _fault_rows(outcomes: Sequence[Outcome]) -> Sequence[Sequence[str]]:
    rows: list[Sequence[str]] = []
    for kind in Kind:
        times = sum(one.faults.get(kind.value, 0) for one in outcomes)
        not_ready = _joined(one.not_ready.get(kind.value, ()) for one in outcomes)
        taken = _joined(one.taken_over.get(kind.value, ()) for one in outcomes)
        rows.append((kind.value, f"{times:,}", " / ".join(_spread(not_ready)), " / ".join(_spread(taken))))
    restarts = sum(one.restarts for one in outcomes)
    rows.append(("restarts of processes that ended by themselves", f"{restarts:,}", "", ""))
    return rows


def _left_out(outcomes: Sequence[Outcome]) -> Sequence[str]:
    reasons = Counter((fault, why) for one in outcomes for fault, why in one.left_out.items())
    lines = [f"- In {_number(count, 'round')} without “{fault}”: {why}" for (fault, why), count in reasons.items()]
    return ["\n".join(lines) + "\n"] if lines else []


def _platform_rows(outcomes: Sequence[Outcome]) -> Sequence[Sequence[str]]:
    live, hit = (
        sum(one.irreversible_calls for one in outcomes),
        sum(one.irreversible_calls_with_fault for one in outcomes),
    )
    return [
        ("all calls", f"{sum(one.platform_calls for one in outcomes):,}"),
        *_counted(outcomes, lambda one: one.platform_faults),
        ("calls that can't be undone, and those with a fault", f"{live:,}, {hit:,}"),
    ]


def _recovery_rows(outcomes: Sequence[Outcome]) -> Sequence[Sequence[str]]:
    taken = _joined(times for one in outcomes for times in one.taken_over.values())
    not_ready = _joined(times for one in outcomes for times in one.not_ready.values())
    waits = _joined(one.next_end for one in outcomes)
    return [
        ("posts of a killed or stopped worker in other hands, or ended", f"{len(taken):,}", *_spread(taken)),
        ("service not ready, for a caller that does not retry", f"{len(not_ready):,}", *_spread(not_ready)),
        ("next post that ended after a fault", f"{len(waits):,}", *_spread(waits)),
        ("slowest call of a caller that retries", "", "", "", f"{max(one.slowest_call for one in outcomes):.1f}"),
        ("slowest response of the platforms", "", "", "", f"{max(one.slowest_platform for one in outcomes):.1f}"),
    ]


def _post_rows(outcomes: Sequence[Outcome]) -> Sequence[Sequence[str]]:
    def rows(prefix: str, of: Callable[[Outcome], Mapping[str, int]]) -> Sequence[Sequence[str]]:
        return [(f"{prefix}{name}", count) for name, count in _counted(outcomes, of)]

    return [
        *rows("ended as ", lambda one: one.by_status),
        *rows("taken down: ", lambda one: one.live_status),
        *rows("changed while live: ", lambda one: one.live_edits),
        ("content deleted", f"{sum(one.deleted_content for one in outcomes):,}"),
        *rows("failed: ", lambda one: one.failures),
        *rows("mode ", lambda one: one.by_mode),
        *rows("login ", lambda one: one.by_login),
        ("with options", f"{sum(one.with_options for one in outcomes):,}"),
        *rows("calls: ", lambda one: one.calls),
        ("idempotency keys", f"{sum(one.idempotency_keys for one in outcomes):,}"),
        ("attempts with a 503 response", f"{sum(one.server_errors for one in outcomes):,}"),
    ]


def _counted(outcomes: Sequence[Outcome], of: Callable[[Outcome], Mapping[str, int]]) -> Sequence[tuple[str, str]]:
    total: Counter[str] = Counter()
    for one in outcomes:
        total.update(of(one))
    return [(name, f"{count:,}") for name, count in sorted(total.items())]


def _joined(times: Iterable[Sequence[float]]) -> Sequence[float]:
    return sorted(second for part in times for second in part)


def _spread(seconds: Sequence[float]) -> tuple[str, ...]:
    if not seconds:
        return ("–",)
    nine_in_ten = seconds[math.ceil(0.9 * len(seconds)) - 1]
    return f"{statistics.median(seconds):.1f}", f"{nine_in_ten:.1f}", f"{seconds[-1]:.1f}"


def _table(title: str, head: Sequence[str], rows: Sequence[Sequence[str]], *, left: int = 1) -> str:
    lines = [head, ["---"] * left + ["--:"] * (len(head) - left), *rows]
    filled = [[*line, *[""] * (len(head) - len(line))] for line in lines]
    return f"### {title}\n\n" + "".join("| " + " | ".join(line) + " |\n" for line in filled)


def picture_of(rounds: Sequence[Round]) -> str:
    """Return the picture as SVG: the posts of each round, and how long the service was not ready after each fault."""
    ended = [(one, one.outcome) for one in rounds if one.outcome is not None]
    kinds = [kind for kind in Kind if any(outcome.not_ready.get(kind.value) for _, outcome in ended)]
    figure = new_figure(inches=(10.5, 3.2 + 0.24 * len(kinds)))
    posts, outages = figure.subplots(2, 1, height_ratios=[5, max(2, len(kinds))])
    numbers = [one.number for one, _ in ended]
    posts.bar(numbers, [outcome.posts for _, outcome in ended], color=_BAR)
    for one, outcome in ended:
        found = one.doubles + one.losses
        text = f"{one.doubles} doubled, {one.losses} lost" + (f", {one.waiting} waiting" if one.waiting else "")
        is_good = not outcome.violations
        posts.annotate(
            text if is_good or found else f"{text}, {one.others} other",
            (one.number, outcome.posts),
            ha="center",
            va="bottom",
            fontsize=7,
            color=_GOOD if is_good else _BAD,
            rotation=90 if len(ended) > 8 else 0,
        )
    posts.set_title("Posts of each round")
    posts.set_ylim(top=max([outcome.posts for _, outcome in ended], default=1) * (1.9 if len(ended) > 8 else 1.2))
    posts.yaxis.set_major_formatter("{x:,.0f}")
    posts.set_xticks(numbers)
    posts.set_xlabel("round")
    for place, kind in enumerate(kinds):
        times = _joined(outcome.not_ready.get(kind.value, ()) for _, outcome in ended)
        outages.scatter(times, [place] * len(times), s=9, alpha=0.4, color=_DOT, linewidths=0)
    outages.set_yticks(range(len(kinds)), labels=[kind.value for kind in kinds])
    outages.invert_yaxis()
    outages.set_xlabel("service not ready after a fault, seconds")
    outages.set_xlim(left=0)
    return svg_of(figure)
