"""The wait that a receiver requests with `Retry-After`."""

from datetime import datetime, timedelta
from http import HTTPStatus

from presswork.core.timestamps import read_header_date
from presswork.safe_http.client import GuardedResponse


def requested_wait(response: GuardedResponse, now: datetime) -> timedelta | None:
    """Return the wait that a response requests; None if it requests none."""
    if response.status not in {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}:
        return None
    text = response.headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit() and len(text) < 10:
        return timedelta(seconds=int(text))
    at = read_header_date(text)
    return None if at is None else max(timedelta(), at - now)
