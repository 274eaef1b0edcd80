"""Run tests as the gate does: `python -m tests.gate [arguments of pytest]`.

A test that failed runs once more, alone. If it passes then, it is reported as `FLAKY`; more than three are not accepted.
"""

import sys
from collections.abc import Sequence
from typing import Final

import pytest
from tests.repeat import run_pytest

MAX_FLAKY: Final = 3


def main(arguments: Sequence[str]) -> int:
    """Return the exit status of the gate."""
    status, failed = run_pytest(*arguments)
    if status != pytest.ExitCode.TESTS_FAILED:
        return status
    if len(failed) > MAX_FLAKY:
        print(f"{len(failed)} tests failed. At most {MAX_FLAKY} are tried again.", flush=True)
        return status
    for test in failed:
        if run_pytest("--tier=all", test)[0] != pytest.ExitCode.OK:
            return status
    for test in failed:
        print(f"FLAKY {test}", flush=True)
    return pytest.ExitCode.OK


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
