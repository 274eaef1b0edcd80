"""`python -m chaos`: run a cluster under random faults and check the ledger."""

import argparse
import sys
import tempfile
from datetime import timedelta
from pathlib import Path

import uvloop
from rich.console import Console

from chaos.ledger import violations_of
from chaos.plan import FaultSchedule
from chaos.report import print_report, write_report
from chaos.run import Size, run


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = argparse.ArgumentParser(prog="python -m chaos", description=__doc__)
    parser.add_argument("--posts", type=int, default=3_000, help="number of posts to publish (3,000)")
    parser.add_argument("--accounts", type=int, default=200, help="number of accounts (200)")
    parser.add_argument("--seed", type=int, default=1, help="seed of the faults and their order (1)")
    parser.add_argument("--lease", type=float, default=10.0, help="the workers' lease in seconds (10)")
    parser.add_argument(
        "--between", type=float, default=4.0, help="mean seconds between two faults in Presswork's processes (4)"
    )
    parser.add_argument(
        "--trouble-between",
        dest="platform_fault_interval",
        type=float,
        default=0.5,
        help="mean seconds between two platform faults (0.5)",
    )
    parser.add_argument(
        "--posts-between",
        dest="posts_between_faults",
        type=int,
        default=100,
        help="minimum of posts that end between two faults in Presswork's processes (100)",
    )
    parser.add_argument("--keep", type=Path, help="folder for logs and data; it is not deleted")
    parser.add_argument("--report", type=Path, help="folder for the tables and the chart of this run")
    return parser


def schedule_of(options: argparse.Namespace) -> FaultSchedule:
    """Return the schedule of the faults that the options ask for."""
    return FaultSchedule(
        lease=timedelta(seconds=options.lease),
        between=timedelta(seconds=options.between),
        platform_fault_interval=timedelta(seconds=options.platform_fault_interval),
        posts_between_faults=options.posts_between_faults,
        posts_between_platform_faults=options.posts_between_faults // 10,
    )


def main() -> int:
    """Run with the options of the command line. Return 0 only if the ledger has no violations."""
    options = parser().parse_args()
    size = Size(posts=options.posts, accounts=options.accounts)
    with tempfile.TemporaryDirectory(prefix="presswork-chaos-") as temporary:
        folder = options.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        result = uvloop.run(run(folder, seed=options.seed, schedule=schedule_of(options), size=size))
    console = Console()
    print_report(result, console)
    if options.report is not None:
        write_report(result, options.report)
    for line in violations_of(result.verdict):
        console.print(line, style="bold red", markup=False)
    return 0 if result.verdict.is_good else 1


if __name__ == "__main__":
    sys.exit(main())
