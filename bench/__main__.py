"""`python -m bench`: measure, print a table, and optionally write JSON."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console

from bench import bigfile, claim, delivery, footprint, keys, life, lists, publish_call, reads
from bench.figures import Curve, Figure, Finding, print_table, write_json
from bench.site import Scale, Site, describe_machine, open_site
from presswork.core.logging import set_up_logs
from presswork.platforms.settings import Settings

MEASURES: Final[Mapping[str, Callable[[Site, Scale], Awaitable[Sequence[Finding]]]]] = {
    "publish": publish_call.measure,
    "audit": keys.measure_audit,
    "rate": keys.measure_rate,
    "claim": claim.measure,
    "list": lists.measure,
    "lag": delivery.measure_lag,
    "due": delivery.measure_due,
    "in-flight": delivery.measure_in_flight,
    "drain": delivery.measure_drain,
    "life": life.measure_life,
    "reads": reads.measure,
    "footprint": footprint.measure,
    "bigfile": bigfile.measure,
}


def main(
    only: Annotated[list[str] | None, typer.Option("--only", help=f"One of {', '.join(MEASURES)}; repeatable.")] = None,
    rows: Annotated[
        int, typer.Option(min=100, help="Posts in the database before the measurement, for claim, list, lag and due.")
    ] = 1_000_000,
    seconds: Annotated[float, typer.Option(min=0.05, help="Length of each timed slice.")] = 0.6,
    posts: Annotated[int, typer.Option(min=1, help="Posts in flight.")] = 2000,
    drained: Annotated[int, typer.Option(min=1, help="Posts that are due at one instant, for drain.")] = 10_000,
    targets: Annotated[
        list[int] | None, typer.Option(min=1, max=50, help="Targets of a publish call; repeatable.")
    ] = None,
    rounds: Annotated[
        int, typer.Option(min=1, help="Turns of each call, beside as many of its floor; the median counts.")
    ] = 8,
    settle: Annotated[
        float, typer.Option(min=0, help="Seconds between the last post and the measurement, for footprint.")
    ] = 60,
    file_mib: Annotated[
        int, typer.Option(min=96, help="Size of the video for bigfile, which needs five times as much disk.")
    ] = 2048,
    json_file: Annotated[Path | None, typer.Option("--json", help="Also write the figures to this file.")] = None,
) -> None:
    """Measure the hot paths on an embedded server in a temporary folder, and check them against their budgets."""
    set_up_logs(Settings(_env_file=None, log_level="warning"))
    chosen = only or list(MEASURES)
    if unknown := [name for name in chosen if name not in MEASURES]:
        raise typer.BadParameter(f"{unknown[0]} is not a measure. Choose from {', '.join(MEASURES)}")
    console = Console()
    scale = Scale(
        seconds=seconds,
        rows=rows,
        posts=posts,
        drained=drained,
        targets=targets or (1, 10, 50),
        rounds=rounds,
        file_bytes=file_mib * 1024**2,
        settle_seconds=settle,
    )
    found: list[Finding] = []
    with open_site() as site:
        machine = asyncio.run(describe_machine(site))
        console.print(" · ".join(f"{name} {value}" for name, value in machine.items()))
        for name in chosen:
            started = time.monotonic()
            found += asyncio.run(_measure(name, site, scale))
            console.print(f"{name}: measured in {time.monotonic() - started:.0f} s")
    figures = [finding for finding in found if isinstance(finding, Figure)]
    print_table(console, figures)
    if json_file is not None:
        write_json(json_file, machine, figures, [finding for finding in found if isinstance(finding, Curve)])


async def _measure(name: str, site: Site, scale: Scale) -> Sequence[Finding]:
    try:
        return await MEASURES[name](site, scale)
    finally:
        await site.drop_databases()


if __name__ == "__main__":
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command()(main)
    app()
