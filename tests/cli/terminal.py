"""Run the command line in a pseudo-terminal of 80 columns, as a person does."""

import codecs
import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tests.cli.program import PATIENCE_SECONDS, PROGRAM

COLUMNS: Final = 80
_STYLE: Final = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


class Terminal:
    """A command that runs in a pseudo-terminal."""

    def __init__(self, pid: int, descriptor: int) -> None:
        """Read from the descriptor of the terminal."""
        self.pid: Final = pid
        self._descriptor: Final = descriptor
        self._decoder: Final = codecs.getincrementaldecoder("utf-8")()  # a read may end within a character
        self.raw = ""
        self.status: int | None = None

    @property
    def text(self) -> str:
        """What was printed so far, without colors."""
        return _STYLE.sub("", self.raw).replace("\r", "")

    @property
    def lines(self) -> list[str]:
        """The lines that were printed so far."""
        return self.text.splitlines()

    def wait_for(self, pattern: str) -> re.Match[str]:
        """Return the first match of a pattern in the text, as soon as it is there."""
        end = time.monotonic() + PATIENCE_SECONDS
        while (found := re.search(pattern, self.text)) is None:
            is_over = not self._read() or time.monotonic() > end
            assert not is_over, f"{pattern!r} is not in:\n{self.text}"
        return found

    def interrupt(self) -> None:
        """Press Ctrl-C."""
        os.write(self._descriptor, b"\x03")

    def type(self, text: str) -> None:
        """Type a line."""
        os.write(self._descriptor, f"{text}\n".encode())

    def wait(self) -> int:
        """Wait for the end and return the exit status."""
        while self.status is None and self._read():
            pass
        if self.status is None:
            _, status = os.waitpid(self.pid, 0)
            self.status = os.waitstatus_to_exitcode(status)
        return self.status

    def _read(self) -> bool:
        """Read what there is; False at the end."""
        ready, _, _ = select.select([self._descriptor], [], [], PATIENCE_SECONDS)
        assert ready, f"nothing was printed in {PATIENCE_SECONDS} s after:\n{self.text}"
        try:
            part = os.read(self._descriptor, 65536)
        except OSError:  # Linux: the other side is closed
            return False
        self.raw += self._decoder.decode(part)
        return bool(part)


@contextmanager
def in_terminal(*arguments: str, environment: Mapping[str, str], cwd: Path) -> Iterator[Terminal]:
    """Run a command in a terminal; it is killed when the block ends."""
    pid, descriptor = pty.fork()
    if pid == 0:  # the child
        fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", 24, COLUMNS, 0, 0))
        os.chdir(cwd)
        os.execve(PROGRAM[0], [*PROGRAM, *arguments], {**environment, "TERM": "xterm-256color"})  # noqa: S606 - no shell is needed
    terminal = Terminal(pid, descriptor)
    try:
        yield terminal
    finally:
        if terminal.status is None:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        os.close(descriptor)


def output_of(*arguments: str, environment: Mapping[str, str], cwd: Path) -> Terminal:
    """Run a command in a terminal until it ends."""
    with in_terminal(*arguments, environment=environment, cwd=cwd) as terminal:
        terminal.wait()
    return terminal
