"""`python -m chaos`: run a cluster under faults, and check the ledger."""

import argparse
import sys
import tempfile
from datetime import timedelta
from pathlib import Path

import uvloop
from rich.console import Console

from chaos.ledger import told
from chaos.plan import RetryPolicy
from chaos.report import print_report, write_report
from chaos.run import Size, run


def main() -> int:
    """Run as told on the command line; 0 only if nothing is wrong."""
    parser = argparse.ArgumentParser(prog="python -m chaos", description=__doc__)
    parser.add_argument("--posts", type=int, default=3_000, help="posts that are to be accepted (3,000)")
    parser.add_argument("--accounts", type=int, default=200, help="accounts to publish to (200)")
    parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same faults in the same order (1)")
    parser.add_argument("--lease", type=float, default=10.0, help="the workers' lease in seconds (10)")
    parser.add_argument(
        "--between", type=float, default=4.0, help="mean seconds between two faults in our processes (4)"
    )
    parser.add_argument(
        "--trouble-between", type=float, default=0.5, help="mean seconds between two faults of the platforms (0.5)"
    )
    parser.add_argument(
        "--posts-between",
        type=int,
        default=100,
        help="posts that end at least between two faults in our processes (100)",
    )
    parser.add_argument("--keep", type=Path, help="folder for the logs and the data, kept afterwards")
    parser.add_argument("--report", type=Path, help="folder for the table and the picture of this run")
    options = parser.parse_args()
    retry_policy = RetryPolicy(
        lease=timedelta(seconds=options.lease),
        between=timedelta(seconds=options.between),
        trouble_between=timedelta(seconds=options.trouble_between),
        posts_between=options.posts_between,
        posts_between_troubles=options.posts_between // 10,
    )
    size = Size(posts=options.posts, accounts=options.accounts)
    with tempfile.TemporaryDirectory(prefix="presswork-chaos-") as temporary:
        folder = options.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        result = uvloop.run(run(folder, seed=options.seed, retry_policy=retry_policy, size=size))
    console = Console()
    print_report(result, console)
    if options.report is not None:
        write_report(result, options.report)
    for line in told(result.verdict):
        console.print(line, style="bold red", markup=False)
    return 0 if result.verdict.is_good else 1


if __name__ == "__main__":
    sys.exit(main())
