"""The journal: every call that reached a fake platform, secrets redacted, so that a test can count them."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from presswork_sandbox.clock import iso
from presswork_sandbox.store import PAGE_ROWS, Store
from presswork_sandbox.wire import JSONValue

SECRET: Final = frozenset(
    [
        "access_token",
        "appsecret_proof",
        "client_secret",
        "code",
        "code_verifier",
        "refresh_token",
        "token",
        "upload_token",
        "uploadToken",
        "fb_exchange_token",
        "input_token",
        "password",
        "accessJwt",
        "refreshJwt",
        "client_assertion",
        "authFactorToken",
    ]
)
KEPT_ROWS: Final = 50_000
TEXT_LIMIT: Final = 4_000  # characters of one value; captions fit, a runaway page does not
IN_URL: Final = re.compile(r"((?:(?:upload|access)_token|signature|(?<=[?&])ut)=)[^&\"\s]+")


def redacted(value: JSONValue, inside: str = "") -> JSONValue:
    """Return the value with every secret replaced, at any depth. `inside` is the name of what holds it."""
    if isinstance(value, str):
        return IN_URL.sub(r"\1[redacted]", value[:TEXT_LIMIT])
    if isinstance(value, Mapping):
        # An error's "code" is no secret; an authorization code is never inside an error.
        open_code = inside in {"error", "inputErrors"} or bool({"error_type", "status", "message"} & set(value))
        return {
            key: "[redacted]" if key in SECRET and not (open_code and key == "code") else redacted(part, key)
            for key, part in value.items()
        }
    if isinstance(value, list | tuple):
        return [redacted(part, inside) for part in value]
    return value


class Journal:
    """Record and list calls; the last 50,000 are kept."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def write(
        self,
        *,
        at: float,
        platform: str,
        host: str,
        method: str,
        path: str,
        operation: str,
        handle: str | None,
        status: int | None,
        fault: str | None,
        request: JSONValue,
        response: JSONValue,
    ) -> None:
        """Keep one call. `status` is None where the connection was cut."""
        number = self._store.insert(
            "journal",
            at=at,
            platform=platform,
            host=host,
            method=method,
            path=path,
            operation=operation,
            handle=handle,
            status=status,
            fault=fault,
            request=json.dumps(redacted(request)),
            response=json.dumps(redacted(response)),
        )
        if number % 500 == 0:
            self._store.run("DELETE FROM journal WHERE id <= ?", number - KEPT_ROWS)

    def page(
        self, platform: str | None, handle: str | None, operation: str | None, *, before: int | None, limit: int
    ) -> tuple[Iterator[JSONValue], int | None]:
        """Return at most `limit` calls as the control surface shows them, newest first, and what is `before` of the next page.

        The calls are read a few at a time while they are iterated. `before` is None on the first page, and after the last one.
        """
        rows = self._store.all(
            "SELECT id FROM journal WHERE (?1 IS NULL OR platform = ?1) AND (?2 IS NULL OR handle = ?2)"
            " AND (?3 IS NULL OR operation = ?3) AND (?4 IS NULL OR id < ?4) ORDER BY id DESC LIMIT ?5",
            platform,
            handle,
            operation,
            before,
            limit + 1,
        )
        numbers = [row["id"] for row in rows[:limit]]
        return self._describe_calls(numbers), numbers[-1] if len(rows) > limit else None

    def _describe_calls(self, numbers: Sequence[int]) -> Iterator[JSONValue]:
        for start in range(0, len(numbers), PAGE_ROWS):
            part = numbers[start : start + PAGE_ROWS]
            rows = self._store.all(
                "SELECT * FROM journal WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id DESC", json.dumps(part)
            )
            for row in rows:
                yield {
                    "at": iso(row["at"]),
                    "platform": row["platform"],
                    "host": row["host"],
                    "method": row["method"],
                    "path": row["path"],
                    "operation": row["operation"],
                    "handle": row["handle"],
                    "status": row["status"],
                    "fault": row["fault"],
                    "request": json.loads(row["request"]),
                    "response": json.loads(row["response"]),
                }
