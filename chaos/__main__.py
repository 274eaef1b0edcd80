"""`python -m chaos`: run a cluster under random faults and check the ledger."""

import argparse
import shutil
import sys
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Final

import uvloop
from rich.console import Console

from chaos.campaign import run_round, write_docs
from chaos.ledger import violations_of
from chaos.older import REPOSITORY, NoOlderVersion
from chaos.plan import FaultedCalls, FaultSchedule
from chaos.report import print_report, write_report
from chaos.rounds import DamagedCampaign
from chaos.run import Size, run
from chaos.volume import enter_namespace

_PAGE: Final = REPOSITORY / "docs" / "reliability.md"


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = argparse.ArgumentParser(prog="python -m chaos", description=__doc__)
    parser.add_argument("--posts", type=int, default=3_000, help="number of posts to publish (3,000)")
    parser.add_argument("--accounts", type=int, default=200, help="number of accounts (200)")
    parser.add_argument(
        "--changes",
        type=float,
        default=1.0,
        help="how many more calls than usual edit or take down posts or delete content (1); a small run needs more for all of them",
    )
    parser.add_argument(
        "--comments",
        type=float,
        default=1.0,
        help="how many more calls than usual write, answer, hide, like or delete comments (1)",
    )
    parser.add_argument(
        "--seed", type=int, help="seed of the faults and their order (1; in a campaign, a new one for each round)"
    )
    parser.add_argument("--lease", type=float, default=10.0, help="the workers' lease in seconds (10)")
    parser.add_argument(
        "--between", type=float, default=4.0, help="mean seconds between two faults in Presswork's processes (4)"
    )
    parser.add_argument(
        "--platform-faults-between",
        dest="platform_fault_interval",
        type=float,
        default=0.5,
        help="mean seconds between two platform faults (0.5)",
    )
    parser.add_argument(
        "--platform-fault",
        dest="platform_fault_kinds",
        metavar="FAULT",
        action="append",
        default=[],
        help="inject only this platform fault (repeatable; default: all)",
    )
    parser.add_argument(
        "--platform-faults-at",
        type=FaultedCalls,
        choices=list(FaultedCalls),
        help="inject platform faults at these calls only: those that make posts live, or those that change live posts (all; with"
        " --platform-fault: live)",
    )
    parser.add_argument(
        "--posts-between",
        dest="posts_between_faults",
        type=int,
        default=100,
        help="minimum of posts that end between two faults in Presswork's processes (100)",
    )
    parser.add_argument(
        "--older",
        metavar="COMMIT",
        help="version that runs beside this one during a rolling upgrade; its database schema must be the same (the oldest such"
        " commit without known faults)",
    )
    parser.add_argument("--keep", type=Path, help="folder for logs and data; it is not deleted")
    parser.add_argument("--report", type=Path, help="folder for the tables and the chart of this run")
    parser.add_argument(
        "--campaign", metavar="DIR", type=Path, help="append the run to the rounds in DIR, and sum them up"
    )
    parser.add_argument("--rounds", type=int, default=1, help="with --campaign: how many rounds to append (1)")
    parser.add_argument(
        "--docs", action="store_true", help="with --campaign: run nothing; write the sum into docs/reliability.md"
    )
    return parser


def schedule_of(options: argparse.Namespace) -> FaultSchedule:
    """Return the schedule of the faults that the options ask for."""
    return FaultSchedule(
        lease=timedelta(seconds=options.lease),
        between=timedelta(seconds=options.between),
        platform_fault_interval=timedelta(seconds=options.platform_fault_interval),
        posts_between_faults=options.posts_between_faults,
        posts_between_platform_faults=options.posts_between_faults // 10,
        platform_fault_kinds=frozenset(options.platform_fault_kinds),
        platform_faults_at=options.platform_faults_at
        or (FaultedCalls.LIVE if options.platform_fault_kinds else FaultedCalls.ALL),
    )


def _run_once(options: argparse.Namespace, size: Size, console: Console) -> bool:
    folder = options.keep or Path(tempfile.mkdtemp(prefix="presswork-chaos-"))
    folder.mkdir(parents=True, exist_ok=True)
    seed = 1 if options.seed is None else options.seed
    result = uvloop.run(run(folder, seed=seed, schedule=schedule_of(options), size=size, older=options.older))
    print_report(result, console)
    if options.report is not None:
        write_report(result, options.report)
    for line in violations_of(result.verdict):
        console.print(line, style="bold red", markup=False)
    if not result.verdict.is_good:
        console.print(f"Logs and the platforms' data: {folder}", markup=False)
    elif options.keep is None:
        shutil.rmtree(folder)
    return result.verdict.is_good


def _run_campaign(options: argparse.Namespace, size: Size, console: Console) -> bool:
    is_good = True
    for number in range(options.rounds):
        is_good &= run_round(
            options.campaign,
            schedule=schedule_of(options),
            size=size,
            seed=options.seed if number == 0 else None,
            older=options.older,
            console=console,
        )
    return is_good


def main() -> int:
    """Run with the options of the command line. Return 0 only if the ledger has no violations."""
    command = parser()
    options, console = command.parse_args(), Console()
    if options.campaign is None and (options.docs or options.rounds != 1):
        command.error("--docs and --rounds are for a campaign: name its folder with --campaign DIR")
    size = Size(posts=options.posts, accounts=options.accounts, changes=options.changes, comments=options.comments)
    try:
        if options.docs:
            write_docs(options.campaign, _PAGE)
            return 0
        enter_namespace(sys.argv[1:])
        is_good = (_run_once if options.campaign is None else _run_campaign)(options, size, console)
    except (DamagedCampaign, NoOlderVersion) as error:
        console.print(str(error), style="bold red", markup=False)
        return 2
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
