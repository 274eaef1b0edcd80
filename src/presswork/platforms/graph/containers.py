"""Containers: the form in which a post exists at Instagram or Threads before it is live.

Source: Meta, "IG User Media", "IG Container" and "Content Publishing", "Threads Publishing", read 2026-11.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar, Final

from pydantic import ConfigDict, JsonValue, TypeAdapter, ValidationError
from pydantic.alias_generators import to_camel

from presswork.platforms.graph.client import Graph
from presswork.platforms.graph.container_api import ContainerApi
from presswork.platforms.graph.responses import JsonObject, text_of, without_secrets
from presswork.platforms.port import Credentials, Job

STATUS: Final = "container_status"
"""The step of the call."""
TRIES: Final = 3
"""Containers created for one slot before its media are held to be the cause. One of six carousel pictures was seen to
fail at random (9004/2207052) and to succeed the next time."""
REUSABLE_FOR: Final = timedelta(hours=23)
"""A container expires 24 hours after its creation; one older than this is created again."""
POST: Final = "post"
"""The slot of the container that is published; a carousel's children have the slots 0, 1, 2, …"""

_KEY: Final = "containers"
FAILURES: Final = "keep_failures"
"""Key of the counters in the state; they are kept when a post starts over, so that this is bounded."""


class StatusCode(StrEnum):
    """The status of a container."""

    IN_PROGRESS = "IN_PROGRESS"
    FINISHED = "FINISHED"
    PUBLISHED = "PUBLISHED"
    ERROR = "ERROR"
    EXPIRED = "EXPIRED"


@dataclass(frozen=True, slots=True)
class Status:
    """The status of a container, and what explains it."""

    code: StatusCode
    message: str
    post_id: str | None = None
    """The live post's id, where the status itself names it."""
    doubt: str | None = None
    """Why FINISHED does not show here that nothing is live, as a sentence."""


ReadStatus = Callable[[str], Awaitable[Status]]
"""Fetches the status of a container. Raises TryLater, Rejected, CredentialInvalid."""


async def read_status(graph: Graph, api: ContainerApi, account: Credentials, container_id: str) -> Status:
    """Fetch the state of a container. A response without a known status counts as in progress.

    Raises TryLater, Rejected, CredentialInvalid.
    """
    fields = {"fields": f"{api.status_field},{api.message_field}"}
    body = await graph.read(account, container_id, fields, step=STATUS)
    try:
        code = StatusCode(text_of(body.get(api.status_field)) or "")
    except ValueError:
        code = StatusCode.IN_PROGRESS
    return Status(code, without_secrets(text_of(body.get(api.message_field)) or ""))


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """One container that the platform made for this post."""

    __pydantic_config__: ClassVar = ConfigDict(alias_generator=to_camel)

    id: str
    created_at: datetime  # UTC
    is_ready: bool = False
    is_uploaded: bool = True  # False: bytes of its video are still to be sent
    upload_bytes: int | None = None  # size of the file to upload; None: nothing was sent so far
    uploaded_at: datetime | None = None  # UTC, end of that upload; None: the platform downloads the media


_CONTAINERS: Final = TypeAdapter(dict[str, Container])


class ContainerStore:
    """The containers of one post and how often each slot failed, stored in the job's state on every change."""

    def __init__(self, job: Job) -> None:
        """Load what an earlier attempt stored."""
        self._job: Final = job
        # Children are created concurrently; writes to the job's state are serialized.
        self._lock: Final = asyncio.Lock()
        self._containers: dict[str, Container] = {}
        if (stored := job.state.get(_KEY)) is not None:
            with suppress(ValidationError):
                self._containers = _CONTAINERS.validate_python(stored)
        failures = job.state.get(FAILURES)
        counts = failures if isinstance(failures, dict) else {}
        self._failures: Final = {slot: count for slot, count in counts.items() if isinstance(count, int)}

    def get(self, slot: str) -> Container | None:
        """Return the container of a slot unless it is too old to use."""
        container = self._containers.get(slot)
        if container is None or self._job.now() - container.created_at >= REUSABLE_FOR:
            return None
        return container

    async def put(self, slot: str, container: Container) -> None:
        """Store a slot's container, new or updated."""
        async with self._lock:
            self._containers[slot] = container
            await self._save()

    def ready(self, slot: str) -> None:
        """Mark a slot's container as processed; its status can be read again, so the next write stores this."""
        self._containers[slot] = replace(self._containers[slot], is_ready=True)
        self._job.save_later(**self._state())

    async def fail(self, slot: str, *, drops_all: bool = False) -> int:
        """Drop a slot's container (or all of them) and return how often the slot has failed."""
        async with self._lock:
            if drops_all:
                self._containers.clear()
            else:
                self._containers.pop(slot, None)
            self._failures[slot] = self._failures.get(slot, 0) + 1
            await self._save()
            return self._failures[slot]

    async def _save(self) -> None:
        await self._job.save(**self._state())

    def _state(self) -> dict[str, JsonValue]:
        return {
            _KEY: _CONTAINERS.dump_python(self._containers, mode="json", by_alias=True),
            FAILURES: dict(self._failures),
        }


def id_of(body: JsonObject) -> str | None:
    """Return the id in the response of a creating call."""
    return text_of(body.get("id"))
