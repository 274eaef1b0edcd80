"""`presswork`, with a look at where it is each time that it has used a few milliseconds of processor time, from SIGUSR2 on.

Counting the process's own time, not the clock's, keeps out what other processes do meanwhile. The stacks are written to
the file that PRESSWORK_BENCH_STACKS names when the command ends: a line each, frames from the outermost to the
innermost with `;` between, then how often it was seen.
"""

import os
import signal
from collections import Counter
from pathlib import Path
from types import CodeType, FrameType
from typing import Final

from presswork.cli.main import app

SETTING: Final = "BENCH_STACKS"
"""As `site.program` takes it: without the prefix PRESSWORK_."""
_EVERY_SECONDS: Final = 0.002
"""The kernel looks at its own ticks, so on most machines it is 4 ms."""


def main() -> None:
    """Run the command line with the sampler around it."""
    seen: Counter[tuple[CodeType, ...]] = Counter()

    def look(_number: int, frame: FrameType | None) -> None:
        stack = []
        while frame is not None:
            stack.append(frame.f_code)
            frame = frame.f_back
        seen[tuple(reversed(stack))] += 1

    signal.signal(signal.SIGPROF, look)
    signal.signal(signal.SIGUSR2, lambda *_: signal.setitimer(signal.ITIMER_PROF, _EVERY_SECONDS, _EVERY_SECONDS))
    try:
        app()
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        lines = (f"{';'.join(map(_name, stack))} {count}\n" for stack, count in seen.items())
        Path(os.environ[f"PRESSWORK_{SETTING}"]).write_text("".join(lines), "utf-8")


def _name(code: CodeType) -> str:
    """Name a function and where it is: `Connection.fetchrow asyncpg/connection.py`."""
    *_, folder, file = ("", *Path(code.co_filename).parts)
    title = getattr(code, "co_qualname", code.co_name).replace("<locals>.", "")
    place = code.co_filename.rpartition("site-packages/")[2] or f"{folder}/{file}"
    if "/src/presswork/" in place:
        place = f"presswork/{place.partition('/src/presswork/')[2]}"
    elif place.startswith("/"):
        place = f"python/{file}"
    return f"{title} {place}".replace(";", ",")


if __name__ == "__main__":
    main()
