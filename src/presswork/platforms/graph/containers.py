"""Containers: the form in which a post exists at Meta's platforms before it is live. Creates them, and waits until they are processed.

What was created, and the calls that make one live, are kept in the job's state, so that another worker can resume.
Source: Meta, "IG User Media", "IG Container" and "Content Publishing", "Threads Publishing", read 2026-11.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from typing import ClassVar, Final, Self, Unpack

from pydantic import JsonValue

from presswork.platforms.api_client import Action, ErrorMeaning, JsonObject
from presswork.platforms.errors import (
    CredentialInvalid,
    FailureCode,
    PlatformError,
    Rejected,
    Reported,
    TryLater,
    unavailable,
)
from presswork.platforms.findings import in_words
from presswork.platforms.graph.client import Graph, GraphError, text_of, without_secrets
from presswork.platforms.graph.error_table import EXPIRED_CONTAINER
from presswork.platforms.job_state import IN_CAMEL_CASE, JobState, as_stored, parse_stored
from presswork.platforms.limits import megabytes
from presswork.platforms.port import (
    Credentials,
    Job,
    Media,
    MediaFile,
    RetryPolicy,
    TargetAccount,
)
from presswork.platforms.uploads.processing import SMALLER_FILE, poll

_KEY: Final = "publication"


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """The calls that publish one container so far."""

    __pydantic_config__: ClassVar = IN_CAMEL_CASE

    container_id: str
    media_id: str | None = None
    """The live post's id, once the platform has returned it."""
    known: tuple[str, ...] | None = None
    """The account's newest posts before the first call, to distinguish this one from them, or None if they were not read."""
    unsure: int = 0
    """Calls whose response did not show whether they succeeded."""
    unsure_at: datetime | None = None
    """The last of these calls, by its `live_call_at`."""
    not_found: int = 0
    """Calls that reported the container unknown while it could be read."""
    call_at: datetime | None = None
    """The call that what follows belongs to, by its `live_call_at`."""
    refusal: GraphError | None = None
    """An explicit response to it that may or may not mean that nothing went live."""

    def with_known_posts(self, known: tuple[str, ...] | None) -> Self:
        """Return a copy with these known posts, unless an earlier list is kept already."""
        return self if self.known is not None else replace(self, known=known)

    def of_call(self, call_at: datetime | None) -> Self:
        """Return a copy without what belongs to an earlier call."""
        if self.call_at == call_at:
            return self
        return replace(self, call_at=call_at, refusal=None)

    def of_unsure_call(self, call_at: datetime | None) -> Self:
        """Return a copy that counts a call whose response did not show its effect, or was not seen; each call once."""
        if call_at is not None and self.unsure_at == call_at:
            return self
        return replace(self.of_call(call_at), unsure=self.unsure + 1, unsure_at=call_at)

    async def save(self, job: Job) -> None:
        """Store it in the job's state."""
        await job.save(**{_KEY: as_stored(self)})

    def save_later(self, job: Job) -> None:
        """Store it with the next write of the post."""
        job.save_later(**{_KEY: as_stored(self)})

    @classmethod
    def load(cls, job: Job, container_id: str) -> "Publication":
        """Load what `save` stored for this container; empty for another one."""
        stored = cls.stored(job)
        return stored if stored is not None and stored.container_id == container_id else cls(container_id=container_id)

    @classmethod
    def stored(cls, job: Job) -> "Publication | None":
        """Load what `save` stored, for whichever container, or None if no call was made."""
        return parse_stored(Publication, job.state.get(_KEY))


def ids_in(stored: JsonValue) -> tuple[str, ...] | None:
    """Return a stored list of ids; None where there is none."""
    return tuple(item for item in stored if isinstance(item, str)) if isinstance(stored, list) else None


def container_in(prepared: Mapping[str, JsonValue]) -> str:
    """Return the id of the container that `prepare` returned. Raises KeyError on anything else."""
    container_id = prepared["containerId"]
    if not isinstance(container_id, str):
        raise KeyError("containerId")
    return container_id


def known_in(prepared: Mapping[str, JsonValue]) -> tuple[str, ...] | None:
    """Return the posts that existed before; None where they could not be read."""
    return ids_in(prepared.get("knownPosts"))


STATUS: Final = "container_status"
"""The step of the call."""
TRIES: Final = 3
"""Containers created for one slot before its media are held to be the cause. One of six carousel pictures was seen to
fail at random (9004/2207052) and to succeed the next time."""
REUSABLE_FOR: Final = timedelta(hours=23)
"""A container expires 24 hours after its creation; one older than this is created again."""
POST: Final = "post"
"""The slot of the container that is published; a carousel's children have the slots 0, 1, 2, …"""

ItemParameters = Callable[[Media], Awaitable[Mapping[str, str]]]
CreateItem = Callable[[str, Mapping[str, str], str], Awaitable["Container"]]
FillItem = Callable[[str, "Container", Media], Awaitable["Container"]]
_PARENT_HIDDEN_FOR: Final = timedelta(minutes=10)
"""How long a post that was just published may not be found as what a reply is to. Libraries wait 10 seconds (seen 2026-11)."""
_AT_ONCE: Final = 4
"""Items created concurrently: the platform downloads a picture during the call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerApi:
    """How one platform creates, reports and publishes containers."""

    create: str
    """The call that creates a container, such as `media`; also the name of the step."""
    publish: str
    """The call that makes one live."""
    meaning_of_status: Callable[[str], tuple[ErrorMeaning, str | None]]
    """Returns the meaning of a container's explanation of an error, and the platform's code for it."""
    node: str = ""
    """The path to which the names of calls are added; empty: the account's id."""
    id_field: str = "id"
    """The field with the container's id in the response to `create`."""
    status_field: str = ""
    """The field of a container with its `StatusCode`. Empty: it is read in another way, see `ReadStatus`."""
    message_field: str = ""
    """The field of a container that explains an error."""
    lost: frozenset[int] = frozenset()
    """Subcodes with which `publish` reports that it does not find a container."""
    lost_tries: int = 0
    """How often such a container is published again while it can be read as finished, before another one is created."""
    lost_pause: timedelta = timedelta()
    not_ready: int | None = None
    """The subcode with which `publish` reports that a container is not finished."""
    unsure_calls: int = 5
    """Calls of `publish` with an ambiguous response, each read as without effect, before the post ends."""
    is_witness: bool = True
    """Whether a container that is read as unpublished for long enough proves that no call had an effect. Otherwise a post
    that was called for more than once, or whose last call ended differently, ends as unknown."""
    published_before: ErrorMeaning | None = None
    """The error with which `publish` reports that an earlier call published this container."""
    too_many: tuple[int, str] | None = None
    """The subcode with which `create` reports that the account has created too many, and the sentence for it."""

    def path(self, account: TargetAccount, call: str) -> str:
        """Return the path of a call of the account."""
        return f"{self.node or account.external_id}/{call}"


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

    __pydantic_config__: ClassVar = IN_CAMEL_CASE

    id: str
    created_at: datetime  # UTC
    is_ready: bool = False
    is_uploaded: bool = True  # False: bytes of its video are still to be sent
    upload_bytes: int | None = None  # size of the file to upload, or None if nothing was sent so far
    uploaded_at: datetime | None = None  # UTC, end of that upload, or None where the platform downloads the media


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stored(JobState):
    """The containers of a post, by their slots."""

    containers: Mapping[str, Container] = field(default_factory=dict)
    keep_failures: Mapping[str, int] = field(default_factory=dict)
    """How often each slot failed; kept when a post starts over, so that this is bounded."""


class ContainerStore:
    """The containers of one post and how often each slot failed, stored in the job's state on every change."""

    def __init__(self, job: Job) -> None:
        """Store the post. Children are created concurrently; writes to its state are serialized."""
        self._job: Final = job
        self._lock: Final = asyncio.Lock()

    def get(self, slot: str) -> Container | None:
        """Return the container of a slot unless it is too old to use."""
        container = _Stored.load(self._job.state).containers.get(slot)
        if container is None or self._job.now() - container.created_at >= REUSABLE_FOR:
            return None
        return container

    def find_id(self, slot: str) -> str | None:
        """Return the id of a slot's container, whatever its age: it may be part of a live post."""
        container = _Stored.load(self._job.state).containers.get(slot)
        return None if container is None else container.id

    async def put(self, slot: str, container: Container) -> None:
        """Store a slot's container, new or updated."""
        async with self._lock:
            await self._replace_container(slot, container).save(self._job)

    def mark_ready(self, slot: str, container: Container) -> None:
        """Mark a slot's container as processed; its status can be read again, so the next write stores this."""
        self._replace_container(slot, replace(container, is_ready=True)).save_later(self._job)

    def _replace_container(self, slot: str, container: Container) -> _Stored:
        stored = _Stored.load(self._job.state)
        return replace(stored, containers={**stored.containers, slot: container})

    async def fail(self, slot: str, *, drops_all: bool = False) -> int:
        """Drop a slot's container (or all of them) and return how often the slot has failed."""
        async with self._lock:
            stored = _Stored.load(self._job.state)
            left = {} if drops_all else {name: one for name, one in stored.containers.items() if name != slot}
            failures = stored.keep_failures.get(slot, 0) + 1
            counts = {**stored.keep_failures, slot: failures}
            await replace(stored, containers=left, keep_failures=counts).save(self._job)
            return failures


class ContainerMaker:
    """Creates and finishes the containers of one post; resumes from the job's state."""

    def __init__(
        self, graph: Graph, api: ContainerApi, retry_policy: RetryPolicy, job: Job, *, read: ReadStatus | None = None
    ) -> None:
        """Load the containers that an earlier attempt created. `read` fetches a status; without it, the API names the field."""
        self._graph: Final = graph
        self.brand: Final = graph.brand
        self._api: Final = api
        self._retry_policy: Final = retry_policy
        self._job: Final = job
        self.containers: Final = ContainerStore(job)
        self.read: Final = read or (lambda container_id: read_status(graph, api, job, container_id))
        self._is_resumed: Final = any(self.containers.get(str(slot)) is not None for slot in range(len(job.media)))

    async def create(
        self,
        slot: str,
        parameters: Mapping[str, str],
        what: str,
        *,
        is_uploaded: bool = True,
        also: Callable[[JsonObject], Mapping[str, JsonValue]] | None = None,
    ) -> Container:
        """Create a container for `what` and store its id; with `is_uploaded` False, bytes of its video are still to be sent.
        `also` returns what else to store of the response.

        A container whose response is lost is unused and expires: creating another is safe. Raises TryLater, Rejected,
        CredentialInvalid.
        """
        job, step = self._job, self._api.create
        response = await self._graph.send(job, "POST", self._api.path(job.account, step), parameters, step=step)
        if isinstance(response, GraphError):
            raise await self._explain_refusal(slot, response)
        created = self.brand.object_of(response, step=step)
        container_id = text_of(created.get(self._api.id_field))
        if container_id is None:
            raise TryLater(f"{self.brand.name} accepted the media but returned no id.", step=step)
        container = Container(id=container_id, created_at=job.now(), is_uploaded=is_uploaded)
        sentence = f"has taken {what} and processes it"
        if not is_uploaded:
            sentence = f"has made a place for {what}; the video is sent there"
        if also is not None:
            job.save_later(**also(created))
        sentence = f"{self.brand.name} {sentence}. Nothing is public yet."
        job.note_later("preparing", sentence, containerId=container.id)
        await self.containers.put(slot, container)
        return container

    async def store_uploaded(self, slot: str, container: Container, file: MediaFile) -> Container:
        """Store that all bytes of a container's video have arrived."""
        container = replace(container, is_uploaded=True, upload_bytes=file.size_bytes, uploaded_at=self._job.now())
        sentence = f"The video is uploaded ({megabytes(file.size_bytes)})."
        self._job.note_later("preparing", sentence, containerId=container.id)
        await self.containers.put(slot, container)
        return container

    async def create_items(self, parameters_of: ItemParameters, create: CreateItem | None = None) -> None:
        """Create the missing containers of a carousel's items, a few concurrently, by `create(slot, parameters, what)`."""
        media, slots = self._job.media, asyncio.Semaphore(_AT_ONCE)
        parameters = {slot: await parameters_of(media[slot]) for slot in self.missing_items()}

        async def make(position: int) -> Container:
            async with slots:
                what = f"item {position + 1} of {len(media)}"
                return await (create or self.create)(str(position), parameters[position], what)

        # Only the calls overlap; every id is stored as it arrives, so that a failing sibling loses none.
        for made in await asyncio.gather(*map(make, parameters), return_exceptions=True):
            if isinstance(made, BaseException):
                raise made

    async def finish_items(
        self, parameters_of: ItemParameters, create: CreateItem | None = None, fill: FillItem | None = None
    ) -> list[str]:
        """Create the missing items of a carousel and wait for each; return their ids. With an unfinished one, the carousel would
        be refused. `fill` uploads what is missing of one.
        """
        await self.create_items(parameters_of, create)
        items = []
        for slot, media in enumerate(self._job.media):
            container = self.get_fresh(str(slot))
            if not container.is_ready:
                filled = container if fill is None else await fill(str(slot), container, media)
                await self.finish(str(slot), filled)
            items.append(container.id)
        return items

    def missing_items(self) -> Sequence[int]:
        """Return the positions of the items that have no container."""
        return [slot for slot in range(len(self._job.media)) if self.containers.get(str(slot)) is None]

    def get_fresh(self, slot: str) -> Container:
        """Return a slot's container. Raises TryLater where it became too old while the post waited."""
        container = self.containers.get(slot)
        if container is None:
            what = f"What was uploaded to {self.brand.name} got too old while the post waited."
            raise TryLater(what, step=self._api.create)
        return container

    async def _explain_refusal(self, slot: str, error: GraphError) -> PlatformError:
        brand, step = self.brand, self._api.create
        meaning = brand.meaning(error)
        if (error.code, error.subcode) == (100, 33):
            # On the account itself, unlike on a new object, this means that the token has no access to it.
            what = f"{brand.quote(error)} {brand.name} does not let Presswork act for this account any more."
            advice = "Connect the account again, then publish again."
            return CredentialInvalid(what, advice=advice, step=step, **error.reported)
        if self._api.too_many is not None and error.subcode == self._api.too_many[0]:
            what, advice = self._api.too_many[1], "Publish again when some of them are older than 24 hours."
            what = f"{brand.quote(error)} {what}"
            return TryLater(what, advice=advice, step=step, is_throttled=True, **error.reported)
        if slot == POST and job_is_reply(self._job) and error.subcode in self._api.lost:
            # The part before was published a moment ago, and is not visible to this call yet.
            what = f"{brand.quote(error)} The part before is not visible yet."
            return TryLater(what, advice=meaning.advice, step=step, lasts_at_most=_PARENT_HIDDEN_FOR, **error.reported)
        # A carousel whose items were created before a wait may be refused for one that has expired since.
        is_stale = slot == POST and self._is_resumed and (error.code, error.subcode) == (100, None)
        if meaning.action not in {Action.RECREATE, Action.RECREATE_LIMITED} and not is_stale:
            return brand.refusal(error, step=step)
        reported = error.reported | {"platform_message": error.message or None}
        return await self.drop_container(slot, brand.explain(error), step, meaning, **reported)

    async def drop_container(
        self, slot: str, what: str, step: str, meaning: ErrorMeaning, **reported: Unpack[Reported]
    ) -> PlatformError:
        """Drop the slot's container; return TryLater, so that another is created, or Rejected after a few of them."""
        failures = await self.containers.fail(slot, drops_all=slot == POST)
        what, advice, failure = f"{_name_item(slot)}{what}", meaning.advice, meaning.failure
        if failures < TRIES:
            what = f"{what} That was upload {failures} of {TRIES} at most."
            return TryLater(what, advice=advice, step=step, failure=failure, **reported)
        what = f"{what} It was uploaded {failures} times, each time with this end. Nothing was posted."
        return Rejected(what, advice=advice, step=step, failure=failure, **reported)

    async def finish(self, slot: str, container: Container) -> StatusCode:
        """Wait until a container is processed.

        Raises Rejected when the platform failed or takes too long, OutcomeUnknown when it was asked before to publish the container
        and takes too long.
        """
        job, retry_policy = self._job, self._retry_policy
        status = await poll(
            job,
            retry_policy,
            partial(self.read, container.id),
            until=lambda status: status.code is not StatusCode.IN_PROGRESS,
            since=container.uploaded_at or container.created_at,
            waits_first=job.now() - container.created_at < retry_policy.poll_first,
        )
        if status.code in {StatusCode.FINISHED, StatusCode.PUBLISHED}:
            if not container.is_ready:
                self.containers.mark_ready(slot, container)
            return status.code
        if status.code is not StatusCode.IN_PROGRESS:
            raise await self.explain_failure(slot, status)
        after = in_words(retry_policy.processing_limit)
        still = f"was still processing the media (container {container.id}) after {after}"
        if Publication.load(job, container.id).call_at is not None:  # by an attempt before this one
            raise self.brand.outcome_unknown(f"it {still}", step=STATUS)
        what = f"{self.brand.name} {still}, and Presswork waits no longer. Nothing was posted."
        raise unavailable(what, advice=SMALLER_FILE, step=STATUS)

    async def finish_post(self, container: Container) -> bool:
        """Wait until the container of the post is processed. True: it is published already."""
        status = await self.finish(POST, container)
        is_published = status is StatusCode.PUBLISHED
        if not is_published and not container.is_ready:
            sentence = f"{self.brand.name} has finished processing; the post is ready to go live."
            self._job.note_later("prepared", sentence, containerId=container.id)
        return is_published

    async def explain_failure(self, slot: str, status: Status) -> PlatformError:
        """Return the error for a container that ended in ERROR or EXPIRED."""
        name, unknown = self.brand.name, self.brand.errors.unknown
        if status.code is StatusCode.EXPIRED:
            meaning, code = EXPIRED_CONTAINER, None
        else:
            meaning, code = self._api.meaning_of_status(status.message)
        reported = Reported(platform_code=code, platform_message=status.message or None)
        sentence, advice, failure = meaning.sentence, meaning.advice, meaning.failure
        if meaning is unknown:
            sentence = f"{name} could not process the media, for a reason that Presswork does not know."
            advice, failure = "Publish another file.", FailureCode.MEDIA_REJECTED
        what = f"{name} answered: {status.code.value}, “{status.message or 'no message'}”. {sentence}"
        if meaning.action in {Action.RETRY, Action.RECREATE, Action.RECREATE_LIMITED}:
            return await self.drop_container(slot, what, STATUS, meaning, **reported)
        return Rejected(f"{_name_item(slot)}{what}", advice=advice, step=STATUS, failure=failure, **reported)


def job_is_reply(job: Job) -> bool:
    """Whether the post to work on is a part of a thread that replies to the part before it."""
    return job.thread is not None and job.thread.is_begun


def _name_item(slot: str) -> str:
    """Return the prefix that names a carousel item in a sentence; empty for the post itself."""
    return "" if slot == POST else f"Item {int(slot) + 1}: "
