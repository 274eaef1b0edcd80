"""Log lines for people: one line of a terminal each, with what matters first. The JSON format has every field."""

import os
import sys
from collections.abc import MutableMapping
from datetime import datetime
from typing import Any, Final

from presswork.core.visible import visible_line

_DEFAULT_COLUMNS: Final = 80
_LOUD: Final = frozenset({"warning", "error", "critical"})
"""Levels whose lines are never cut."""
_SERVER_ERROR: Final = 500
_CLIENT_ERROR: Final = 400
_RED: Final = "31"
_GREEN: Final = "32"
_YELLOW: Final = "33"
_DIM: Final = "2"


class TextRenderer:
    """The last structlog processor: returns the line of an event, and the traceback below it."""

    def __init__(self, *, is_terminal: bool) -> None:
        """On a terminal, lines of level info are cut at its width, and colored unless NO_COLOR is set."""
        self._is_terminal: Final = is_terminal
        self._is_colored: Final = is_terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"

    def __call__(
        self,
        _logger: Any,  # structlog's signature
        _method: str,
        event: MutableMapping[str, Any],  # structlog's signature: a log field has any type
    ) -> str:
        """Render an event."""
        level = str(event.pop("level", "info"))
        at = _clock_time(str(event.pop("timestamp", "")))
        traces = [str(event.pop(name)) for name in ("stack", "exception") if event.get(name)]
        name = str(event.pop("event", ""))
        text, color = _line(name, level, event)
        text = visible_line(text)
        if self._is_terminal and level not in _LOUD:
            text = _cut(text, _columns() - len(at) - 1)
        return "\n".join([f"{self._color_text(at, _DIM)} {self._color_text(text, color)}", *traces])

    def _color_text(self, text: str, color: str | None) -> str:
        return f"\x1b[{color}m{text}\x1b[0m" if self._is_colored and color else text


def _line(name: str, level: str, event: MutableMapping[str, Any]) -> tuple[str, str | None]:  # Any: as above
    """Return the line of an event without its time, and its color."""
    if name == "request":
        return _request(event)
    if name == "attempt":
        color = _YELLOW if level in _LOUD else _GREEN if event.get("result") in {"published", "draft"} else None
        return _attempt(event), color
    fields = [f"{key}={_value(value)}" for key, value in event.items() if value is not None]
    prefix = f"{level}: " if level != "info" else ""
    color = _YELLOW if level == "warning" else _RED if level in _LOUD else None
    return " ".join([f"{prefix}{name}", *fields]), color


def _request(event: MutableMapping[str, Any]) -> tuple[str, str | None]:  # Any: as above
    """`GET /v1/projects 200 19 ms`; a failed call has its error code, and an internal error its request id."""
    status = int(event.get("status") or 0)
    parts = [event.get("method"), event.get("route"), status, _duration(event.get("took_ms")), event.get("error")]
    if status >= _SERVER_ERROR:
        parts.append(event.get("request_id"))
    color = _RED if status >= _SERVER_ERROR else _YELLOW if status >= _CLIENT_ERROR else None
    return " ".join(str(part) for part in parts if part is not None), color


def _attempt(event: MutableMapping[str, Any]) -> str:  # Any: as above
    """`sp_… published on <platform>, 1.2 s`, `sp_… failed: MEDIA_REJECTED`, `sp_… retrying: PLATFORM_UNAVAILABLE`."""
    post, result, error = event.get("post"), event.get("result"), event.get("error")
    if result == "failed":
        return f"{post} failed: {error}"
    if result == "snoozed":
        return f"{post} waits for {event.get('platform')}" if error is None else f"{post} retrying: {error}"
    return f"{post} {result} on {event.get('platform')}, {_duration(event.get('took_ms'))}"


def _duration(milliseconds: object) -> str | None:
    if not isinstance(milliseconds, int | float):
        return None
    return f"{milliseconds:.0f} ms" if milliseconds < 1000 else f"{milliseconds / 1000:.1f} s"


def _value(value: object) -> str:
    text = str(value)
    return repr(text) if " " in text else text


def _clock_time(timestamp: str) -> str:
    """Return the local time of an ISO timestamp."""
    return f"{datetime.fromisoformat(timestamp).astimezone():%H:%M:%S}" if timestamp else "--:--:--"


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else f"{text[: max(0, width - 1)]}…"


def _columns() -> int:
    try:
        return os.get_terminal_size(sys.stderr.fileno()).columns or _DEFAULT_COLUMNS
    except (OSError, ValueError):
        return _DEFAULT_COLUMNS
