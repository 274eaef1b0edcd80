"""Processes and signals: ending with one's parent, and turning signals into events."""

import asyncio
import ctypes
import gc
import os
import signal
import sys
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Final

try:
    import resource
except ImportError:  # Windows has no such limits
    resource = None  # type: ignore[assignment]  # a module or nothing

_PR_SET_PDEATHSIG: Final = 1
"""Source: prctl(2), read 2026-11."""
_LOOK: Final = timedelta(milliseconds=250)
ORPHANED: Final = 70
"""Exit status of a child whose parent is gone."""


def set_up_memory() -> None:
    """Tell the collector that what is there now stays, once a process is set up and before it begins to serve.

    Otherwise each full collection looks at some hundred thousand objects of the program itself, and calls that come
    meanwhile wait a tenth of a second.
    """
    gc.collect()
    gc.freeze()


def leave_no_core() -> None:
    """Have a crash of this process, or of those that it starts, write no core: that is the memory, keys and tokens included.

    Only the soft limit is lowered, so that whoever looks for a defect can raise it again (`prlimit --core`).
    """
    if resource is not None:
        _, hard = resource.getrlimit(resource.RLIMIT_CORE)
        resource.setrlimit(resource.RLIMIT_CORE, (0, hard))


def die_with(parent: int) -> None:
    """End this process at once when its parent does, however that happens; now, if the parent is gone already.

    Nothing is handed over: what a killed process leaves is taken up by the next one, and the embedded database of a
    dead parent is gone as well.
    """
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.prctl(_PR_SET_PDEATHSIG, ctypes.c_ulong(signal.SIGKILL), *[ctypes.c_ulong(0)] * 3) != 0:
            raise OSError(ctypes.get_errno(), "prctl")
    else:
        watch_parent(parent)
    if os.getppid() != parent:
        os._exit(ORPHANED)


def watch_parent(parent: int) -> None:
    """Have a thread look a few times a second whether the parent is still there, and end this process when not."""
    pause = threading.Event()

    def watch() -> None:
        while os.getppid() == parent:
            pause.wait(_LOOK.total_seconds())
        os._exit(ORPHANED)

    threading.Thread(target=watch, name="presswork-parent", daemon=True).start()


def on_stop_signals(first: Callable[[], None], again: Callable[[], None]) -> None:
    """In the running loop, call `first` on the first SIGINT, SIGTERM or SIGHUP and `again` on each later one.

    A SIGHUP that was ignored at the start stays so (nohup).
    """
    calls = [again, first]

    def heard() -> None:
        (calls.pop() if len(calls) > 1 else again)()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:
            loop.add_signal_handler(number, heard)


def stop_as_interrupt() -> None:
    """Until a loop handles it, make SIGTERM end the process the way Ctrl-C does: blocks are left in order."""

    def interrupt(_number: int, _frame: object) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, interrupt)
