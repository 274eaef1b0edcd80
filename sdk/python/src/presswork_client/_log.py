"""Logging: the logger `presswork_client`, and PRESSWORK_LOG, which shows it on stderr."""

import logging
import os
from typing import Final

from presswork_client._response import ApiResponse

LOGGER: Final = logging.getLogger("presswork_client")
"""INFO: a line for each finished call. DEBUG: also a line for each attempt. Never a key, a header or a body."""
_LEVELS: Final = {"debug": logging.DEBUG, "info": logging.INFO}
_FORMAT: Final = "%(asctime)s %(levelname)s %(name)s: %(message)s"


class _StderrHandler(logging.StreamHandler):  # type: ignore[type-arg]  # generic only in the stubs
    """The handler that PRESSWORK_LOG adds; its class marks it, so that it is added once."""


def set_up_logging() -> None:
    """Show the log on stderr if PRESSWORK_LOG is `info` or `debug`."""
    wanted = os.environ.get("PRESSWORK_LOG", "").strip().lower()
    if not wanted:
        return
    if wanted not in _LEVELS:
        LOGGER.warning("PRESSWORK_LOG is %r, which has no effect. Use info or debug.", wanted)
        return
    LOGGER.setLevel(_LEVELS[wanted])
    if not any(isinstance(handler, _StderrHandler) for handler in LOGGER.handlers):
        handler = _StderrHandler()
        handler.setFormatter(logging.Formatter(_FORMAT))
        LOGGER.addHandler(handler)


def log_answer(what: str, response: ApiResponse, milliseconds: float, *, is_last: bool) -> None:
    """Log an attempt that got a response; INFO if it is the call's last."""
    LOGGER.log(
        logging.INFO if is_last else logging.DEBUG,
        "%s %d %.0f ms %s%s%s",
        what,
        response.status_code,
        milliseconds,
        response.request_id or "no request id",
        _attempt(response.attempts),
        " (stored response)" if response.is_replayed else "",
    )


def log_failure(what: str, reason: str, milliseconds: float, attempt: int, *, is_last: bool) -> None:
    """Log an attempt without a response."""
    LOGGER.log(
        logging.INFO if is_last else logging.DEBUG,
        "%s no response %.0f ms %s%s",
        what,
        milliseconds,
        reason,
        _attempt(attempt),
    )


def log_retry(what: str, seconds: float, attempt: int, reason: str) -> None:
    """Log that a call is sent again after a pause."""
    LOGGER.info("%s retry %d in %.1f s (%s)", what, attempt, seconds, reason)


def _attempt(attempt: int) -> str:
    return "" if attempt == 1 else f" attempt {attempt}"
