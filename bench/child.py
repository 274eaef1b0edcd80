"""Parts of this package that run in separate processes, and their protocol: one line of JSON in each direction."""

import asyncio
import contextlib
import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final, Self

from pydantic import JsonValue

_ROOT: Final = Path(__file__).parent.parent


@contextlib.contextmanager
def ended(process: "subprocess.Popen[bytes]") -> Iterator[None]:
    """Terminate a process at the end of the block."""
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def start(module: str, job: Mapping[str, JsonValue]) -> "subprocess.Popen[bytes]":
    """Start a part that does one job, and send it the job."""
    process = subprocess.Popen(  # noqa: S603  a module of this package
        [sys.executable, "-m", module], cwd=_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    if process.stdin is None:
        raise RuntimeError("the process has no stdin pipe")
    process.stdin.write(json.dumps(job).encode())
    process.stdin.close()
    process.stdin = None
    return process


class Child:
    """A part that does several jobs in turn: one line of JSON in, one out."""

    def __init__(self, module: str) -> None:
        """Start the module in a child process."""
        self._module: Final = module
        self._process: Final = subprocess.Popen(  # noqa: S603  a module of this package
            [sys.executable, "-m", module], cwd=_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )

    async def ask(self, job: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
        """Send a job and return its result. Raises RuntimeError if the child ended."""
        return await asyncio.to_thread(self._ask, json.dumps(job).encode())

    def _ask(self, job: bytes) -> dict[str, JsonValue]:
        to, back = self._process.stdin, self._process.stdout
        if to is None or back is None:
            raise RuntimeError("the process has no pipes")
        to.write(job + b"\n")
        to.flush()
        line = back.readline()
        if not line:
            raise RuntimeError(f"{self._module} ended with status {self._process.wait()}")
        found: JsonValue = json.loads(line)
        if not isinstance(found, dict):
            raise TypeError(f"{self._module} returned something other than an object")
        return found

    def __enter__(self) -> Self:
        """Return the child, which ends with the block."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the child's input, which ends it."""
        self._process.communicate()


def do_jobs(do: Callable[[str], Mapping[str, object]]) -> None:
    """Process the jobs on standard input, one per line, and print one line of results for each. Runs in a child."""
    # Not by `print`: where Python's output is unbuffered, a long line that the pipe accepts only in part is cut off.
    with open(sys.stdout.fileno(), "wb", closefd=False) as out:
        for line in sys.stdin:
            out.write(json.dumps(do(line)).encode() + b"\n")
            out.flush()
