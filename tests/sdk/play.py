"""Plays the cases with the Python SDK; `sdk/typescript/test/play.mjs` plays the same cases."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

import httpx2
import pytest
from tests.sdk.lossy_proxy import CONTROL

import presswork_client
from presswork_client import ApiResponse, Model, PressworkError, Publication

Step = Mapping[str, Any]  # Any: whatever JSON a case has there


class Caller(Protocol):
    """Calls a method of the SDK by name, with the blocking or the asyncio client."""

    async def call(self, key: str, name: str, arguments: Mapping[str, object]) -> Model:
        """Make a call."""

    async def upload(self, key: str, paths: Sequence[str], arguments: Mapping[str, object]) -> Model:
        """Upload files."""

    async def wait(self, key: str, post_id: str) -> Model:
        """Wait for a post."""

    async def wait_all(self, key: str, post_ids: Sequence[str]) -> Sequence[Model]:
        """Wait for posts."""

    async def publish_files(self, key: str, paths: Sequence[str], arguments: Mapping[str, object]) -> Publication:
        """Upload files and publish them. `max_retries` is an option of the client."""

    async def publish_text(self, key: str, text: str, arguments: Mapping[str, object]) -> Publication:
        """Publish a text. `max_retries` is an option of the client."""

    async def rows(self, key: str, name: str, arguments: Mapping[str, object], between: "Between") -> list[Model]:
        """Return all rows of a list; `between` is called after the first page."""


class Between(Protocol):
    """The step between two pages."""

    async def __call__(self) -> None:
        """Run the step."""


@dataclass(slots=True)
class Play:
    """One case."""

    caller: Caller
    names: dict[str, object]
    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    async def play(self, steps: Sequence[Step]) -> None:
        """Run each step. Raises AssertionError if a result is not as expected."""
        for step in steps:
            await self.take(step)

    async def take(self, step: Step) -> None:
        """Run one step."""
        step = self.filled(step)
        if "fault" in step:
            httpx2.post(f"{self.names['baseUrl']}{CONTROL}", json=step["fault"], trust_env=False).raise_for_status()
            return
        if "raises" in step:
            with pytest.raises(PressworkError) as raised:
                await self._made(step)
            _check_error(raised.value, step["raises"])
            return
        found = await self._made(step)
        if found is None:
            return
        raw = found.raw if isinstance(found, Model) else found
        _check(raw, step.get("expect", {}))
        if "response" in step:
            assert isinstance(found, Model)
            assert found.response is not None
            _check_response(found.response, step["response"])
        for name, path in step.get("keep", {}).items():
            self.names[name] = at(raw, path)

    async def _made(self, step: Step) -> Model | Mapping[str, object] | None:
        key = str(step.get("key", self.names["apiKey"]))
        given = {_snake(name): value for name, value in {**step.get("with", {}), **step.get("options", {})}.items()}
        if "upload" in step:
            return await self.caller.upload(key, step["upload"], given)
        if "wait" in step:
            return await self.caller.wait(key, step["wait"])
        if "waitAll" in step:
            return {"items": [post.raw for post in await self.caller.wait_all(key, step["waitAll"])]}
        if "publishFiles" in step or "publishText" in step:
            if "publishFiles" in step:
                done = await self.caller.publish_files(key, step["publishFiles"], given)
            else:
                done = await self.caller.publish_text(key, step["publishText"], given)
            return {
                "content": done.content.raw,
                "answer": done.answer.raw,
                "scheduledPostIds": done.scheduled_post_ids,
                "posts": [post.raw for post in done.posts],
                "idempotencyKey": done.idempotency_key,
            }
        if "call" in step:
            return await self.caller.call(key, step["call"], given)

        async def between() -> None:
            if "afterFirstPage" in step:
                await self.take(step["afterFirstPage"])

        rows = await self.caller.rows(key, step["list"], given, between)
        if "count" in step:
            assert len(rows) == step["count"], rows
        if "values" in step:
            assert [row.raw[step["field"]] for row in rows] == step["values"]
        return None

    def filled(self, value: Any) -> Any:
        """Replace names: "$post" by its id, "@2d" by the time in two days."""
        match value:
            case str() if value.startswith("$"):
                return self.names[value[1:]]
            case str() if found := re.fullmatch(r"@(\d+)d", value):
                return self.now + timedelta(days=int(found[1]))
            case dict():
                return {key: self.filled(item) for key, item in value.items()}
            case list():
                return [self.filled(item) for item in value]
            case _:
                return value


def at(value: Any, path: str) -> Any:
    """Return the value at a path such as "items.0.event"."""
    for part in path.split("."):
        value = value[int(part)] if isinstance(value, Sequence) else value[part]
    return value


def _check(found: object, expected: Mapping[str, object]) -> None:
    for path, value in expected.items():
        assert at(found, path) == value, f"{path} is {at(found, path)!r}, not {value!r}"


def _check_response(response: ApiResponse, expected: Mapping[str, object]) -> None:
    seen = {"status": response.status_code, "attempts": response.attempts, "isReplayed": response.is_replayed}
    assert {name: seen[name] for name in expected} == expected


def _check_error(error: PressworkError, expected: Mapping[str, Any]) -> None:
    assert type(error).__name__ == expected["class"], repr(error)
    assert isinstance(error, getattr(presswork_client, expected["class"]))
    if "idempotencyKey" in expected:
        assert getattr(error, "idempotency_key", None) == expected["idempotencyKey"]
    if isinstance(error, presswork_client.APIStatusError):
        assert error.code == expected.get("code", error.code)
        assert error.status_code == expected.get("status", error.status_code)
        assert error.response.attempts == expected.get("attempts", error.response.attempts)
        assert (error.request_id or "").startswith("req_")
        if "docUrl" in expected:
            assert (error.doc_url or "").endswith(expected["docUrl"])
        _check(error.details, expected.get("details", {}))


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
