"""A stand-in for Instagram in a separate process: it accepts everything, is cheap, and records when it was called.

The sandbox checks what the real platform checks; this stand-in keeps the platform's cost out of the figures.
"""

import itertools
import json
import sys
import time
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Final

import uvloop
from aiohttp import web

_number: Final = itertools.count(1)


@dataclass(slots=True, kw_only=True)
class Journal:
    """Unix times of each account's first call and of its post going live, and the number of containers."""

    first: dict[str, float] = field(default_factory=dict)
    live: dict[str, float] = field(default_factory=dict)
    containers: int = 0
    live_calls: int = 0
    """Calls that made a post live; must not exceed the number of posts."""


class Stub:
    """Responds to the calls that publish one picture per account, and says when it is live: a worker that is interrupted
    after its call looks the post up. With `is_stuck`, processing never ends.
    """

    def __init__(self, *, is_stuck: bool) -> None:
        """Start with an empty journal."""
        self._is_stuck: Final = is_stuck
        self._journal: Final = Journal()
        self._owners: Final[dict[str, str]] = {}  # by container
        self._feeds: Final[dict[str, list[dict[str, str]]]] = {}  # by owner

    async def answer(self, request: web.Request) -> web.Response:
        """Respond according to the last part of the path."""
        *_, owner, operation = request.path.split("/")
        if operation == "journal":
            return web.json_response(asdict(self._journal))
        if operation == "media_publish":
            self._journal.live[owner] = time.time()
            self._journal.live_calls += 1
            media_id = f"m{next(_number)}"
            at = datetime.now(UTC).isoformat()
            self._feeds.setdefault(owner, []).insert(0, {"id": media_id, "timestamp": at})
            return web.json_response({"id": media_id})
        if operation == "media" and request.method == "POST":
            self._journal.first.setdefault(owner, time.time())
            self._journal.containers += 1
            container = f"c{next(_number)}"
            self._owners[container] = owner
            return web.json_response({"id": container})
        if operation == "media":
            return web.json_response({"data": self._feeds.get(owner, [])})
        if operation == "content_publishing_limit":
            return web.json_response({"data": [{"quota_usage": 0, "config": {"quota_total": 100}}]})
        is_live = self._owners.get(operation) in self._feeds
        status = "PUBLISHED" if is_live else "IN_PROGRESS" if self._is_stuck else "FINISHED"
        return web.json_response(
            {"id": operation, "status_code": status, "permalink": f"https://www.instagram.com/p/{operation}/"}
        )


def main() -> None:
    """Serve on the port of the job on standard input until SIGTERM."""
    job = json.load(sys.stdin)
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", Stub(is_stuck=job["is_stuck"]).answer)
    web.run_app(
        app, host="127.0.0.1", port=job["port"], loop=uvloop.new_event_loop(), access_log=None, print=None, backlog=2048
    )


if __name__ == "__main__":
    main()
