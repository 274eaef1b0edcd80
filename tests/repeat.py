"""Run pytest in a separate process, and read which tests failed."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]


def run_pytest(*arguments: str) -> tuple[int, Sequence[str]]:
    """Run pytest here with these arguments, and return its exit status and the ids of the tests that failed."""
    with tempfile.TemporaryDirectory(prefix="presswork-pytest-") as cache:
        command = [sys.executable, "-m", "pytest", "-o", f"cache_dir={cache}", *arguments]
        status = subprocess.run(command, check=False).returncode
        failed = Path(cache, "v", "cache", "lastfailed")
        return status, sorted(json.loads(failed.read_text())) if failed.exists() else []
