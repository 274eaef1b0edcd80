"""Find tests whose result depends on luck: `python -m tests.flaky --runs 20 PATH`.

Each run has another order. `--busy 4` starts four processes beside the tests that use a core each.
"""

import argparse
import secrets
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from tests.repeat import run_pytest


@contextmanager
def _busy(processes: int) -> Iterator[None]:
    running = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(processes)]
    try:
        yield
    finally:
        for process in running:
            process.kill()
            process.wait()


def main() -> int:
    """Run the tests several times, and print those that failed in some runs, or in all."""
    usage = "python -m tests.flaky [--runs N] [--busy N] [arguments of pytest]"
    parser = argparse.ArgumentParser(usage=usage, description=__doc__)
    parser.add_argument("--runs", type=int, default=20, help="how often the tests run")
    parser.add_argument("--busy", type=int, default=0, help="processes beside them that use a core each")
    chosen, arguments = parser.parse_known_args()
    failures: Counter[str] = Counter()
    with _busy(chosen.busy):
        for run in range(chosen.runs):
            seed = secrets.randbelow(2**32)
            print(f"run {run + 1} of {chosen.runs}: --random-order-seed={seed}", flush=True)
            order = ("--random-order", f"--random-order-seed={seed}")
            status, failed = run_pytest("-q", *order, *arguments)
            if status not in {pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED}:
                return status
            failures.update(failed)
    for test, times in failures.most_common():
        print(f"{'FAILED' if times == chosen.runs else 'FLAKY'} {test} ({times} of {chosen.runs} runs)")
    print(f"{len(failures)} tests failed at least once")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
