"""Signals of the programs that tests start."""

import signal
from types import FrameType
from typing import Final

_OF_A_TERMINAL_OR_SHELL: Final = (signal.SIGINT, signal.SIGQUIT, signal.SIGTERM, signal.SIGHUP)


def default_signals_for_children() -> None:
    """Let programs that this process starts have the default actions, also where it ignores signals itself.

    A shell starts a background job with SIGINT ignored, and nohup with SIGHUP. Programs inherit that, but not a handler.
    """
    for number in _OF_A_TERMINAL_OR_SHELL:
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, _ignore)


def _ignore(_number: int, _frame: FrameType | None) -> None:
    """Ignore a signal."""
