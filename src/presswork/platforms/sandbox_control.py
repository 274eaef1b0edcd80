"""The sandbox's control surface, as the API calls it for administrators: see docs/sandbox.md.

A browser can't call it everywhere: it may need a token that no browser has, or run on another machine.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from pydantic import JsonValue

from presswork.core.errors import Invalid, Issue, IssueCode, NotFound, Unavailable
from presswork.platforms.sandbox_access import SandboxAccess
from presswork.platforms.transport import CallFailed, Reply, Transport

_TIMEOUT: Final = timedelta(seconds=20)


class NoSandbox(NotFound):
    """The caller's environment has no sandbox."""

    def __init__(self, *, is_off: bool) -> None:
        """Say why there is none."""
        super().__init__(
            "The sandbox is off. Start Presswork with --sandbox (PRESSWORK_SANDBOX=true), or set PRESSWORK_SANDBOX_URL."
            if is_off
            else "The live environment has no sandbox. Use a test key, or the test environment of the console."
        )


@dataclass(frozen=True, slots=True)
class SandboxControl:
    """Calls the control surface with the sandbox's token."""

    access: SandboxAccess
    transport: Transport

    async def read(self, path: str, **query: str | None) -> Mapping[str, JsonValue]:
        """Return what a control route answers. Raises Invalid with the sandbox's sentence, and Unavailable."""
        return _object_of(await self._call("GET", f"control/{path}", query=query))

    async def write(
        self, method: str, path: str, body: JsonValue = None, **query: str | None
    ) -> Mapping[str, JsonValue]:
        """Change the sandbox. Raises Invalid with the sandbox's sentence, and Unavailable."""
        reply = await self._call(method, f"control/{path}", body=body, query=query)
        return _object_of(reply, fields=body if isinstance(body, dict) else ())

    async def thumbnail(self, number: int) -> bytes | None:
        """Return the JPEG of a medium that was posted, or None if there is none. Raises Unavailable."""
        reply = await self._call("GET", f"media/poster/{number}.jpg")
        return reply.body if reply.status == 200 else None

    async def _call(
        self, method: str, path: str, *, body: JsonValue = None, query: Mapping[str, str | None] | None = None
    ) -> Reply:
        try:
            return await self.transport.call(
                method,
                f"{self.access.url}/{path}",
                operation="control",
                timeout=_TIMEOUT,
                params={name: value for name, value in (query or {}).items() if value is not None},
                json=body,
            )
        except CallFailed as error:
            raise Unavailable(f"The sandbox does not answer: {error.reason}. Check that it is running.") from error


def _object_of(reply: Reply, *, fields: Collection[str] = ()) -> Mapping[str, JsonValue]:
    found = reply.json_object()
    if reply.status == 200 and found is not None:
        return found
    problem = (found or {}).get("error")
    message = problem.get("message") if isinstance(problem, dict) else None
    if reply.status == 400 and isinstance(message, str):
        raise Invalid([_issue_of(message, fields)])
    raise Unavailable(f"The sandbox answered with HTTP status {reply.status}. See its log.")


def _issue_of(message: str, fields: Collection[str]) -> Issue:
    """Return a sentence of the sandbox as an issue of the field that it names."""
    words = message.replace(",", " ").split()
    path = next((word for word in words if word in fields), "value" if "value" in words else "")
    if path and words[0] == path:
        return Issue.at(path, message.removeprefix(path).lstrip(), IssueCode.INVALID_VALUE)
    return Issue(path, message, IssueCode.INVALID_VALUE)
