"""Creates the containers of one post and waits until they are processed: the part that all platforms with containers share."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final, Unpack

from pydantic import JsonValue

from presswork.platforms.api_client import Action, ErrorMeaning
from presswork.platforms.errors import CredentialInvalid, FailureCode, PlatformError, Rejected, Reported, TryLater
from presswork.platforms.findings import in_words
from presswork.platforms.graph.client import Graph
from presswork.platforms.graph.container_api import ContainerApi
from presswork.platforms.graph.containers import (
    POST,
    STATUS,
    TRIES,
    Container,
    ContainerStore,
    ReadStatus,
    Status,
    StatusCode,
    read_status,
)
from presswork.platforms.graph.error_table import EXPIRED_CONTAINER
from presswork.platforms.graph.publication import Publication
from presswork.platforms.graph.responses import GraphError, JsonObject, text_of
from presswork.platforms.port import Job, RetryPolicy

CreateItem = Callable[[str, Mapping[str, str], str], Awaitable[Container]]
_AT_ONCE: Final = 4
"""Items created concurrently: the platform downloads a picture during the call."""
_GROWTH: Final = 1.5


class ContainerMaker:
    """Creates and finishes the containers of one post; resumes from the job's state."""

    def __init__(
        self,
        graph: Graph,
        api: ContainerApi,
        retry_policy: RetryPolicy,
        job: Job,
        *,
        read: ReadStatus | None = None,
    ) -> None:
        """Load the containers that an earlier attempt created. `read` fetches a status; None: as the API names it."""
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
            raise await self._refused(slot, response)
        created = self.brand.object_of(response, step=step)
        container_id = text_of(created.get(self._api.id_field))
        if container_id is None:
            raise TryLater(f"{self.brand.name} accepted the media but returned no id.", step=step)
        container = Container(id=container_id, created_at=job.now(), is_uploaded=is_uploaded)
        sentence = (
            f"{self.brand.name} has taken {what} and processes it."
            if is_uploaded
            else f"{self.brand.name} has made a place for {what}; the video is sent there."
        )
        if also is not None:
            job.save_later(**also(created))
        job.note_later("preparing", f"{sentence} Nothing is public yet.", containerId=container.id)
        await self.containers.put(slot, container)
        return container

    async def create_items(self, parameters: Mapping[int, Mapping[str, str]], create: CreateItem) -> None:
        """Create the missing containers of a carousel's items, a few concurrently, by `create(slot, parameters, what)`."""
        slots, count = asyncio.Semaphore(_AT_ONCE), len(self._job.media)

        async def make(position: int) -> Container:
            async with slots:
                return await create(str(position), parameters[position], f"item {position + 1} of {count}")

        # Only the calls overlap; every id is stored as it arrives, so that a failing sibling loses none.
        for made in await asyncio.gather(*map(make, parameters), return_exceptions=True):
            if isinstance(made, BaseException):
                raise made

    def missing_items(self) -> Sequence[int]:
        """Return the positions of the items that have no container."""
        return [slot for slot in range(len(self._job.media)) if self.containers.get(str(slot)) is None]

    def get_fresh(self, slot: str) -> Container:
        """Return a slot's container. Raises TryLater where it became too old while the post waited."""
        container = self.containers.get(slot)
        if container is None:
            raise TryLater(
                f"What was uploaded to {self.brand.name} got too old while the post waited.", step=self._api.create
            )
        return container

    async def _refused(self, slot: str, error: GraphError) -> PlatformError:
        brand, step = self.brand, self._api.create
        meaning = brand.meaning(error)
        if (error.code, error.subcode) == (100, 33):
            # On the account itself, unlike on a new object, this means that the token has no access to it.
            return CredentialInvalid(
                f"{brand.quote(error)} {brand.name} does not let Presswork act for this account any more.",
                advice="Connect the account again, then publish again.",
                step=step,
                **error.reported,
            )
        if self._api.too_many is not None and error.subcode == self._api.too_many[0]:
            return TryLater(
                f"{brand.quote(error)} {self._api.too_many[1]}",
                advice="Publish again when some of them are older than 24 hours.",
                step=step,
                is_throttled=True,
                **error.reported,
            )
        # A carousel whose items were created before a wait may be refused for one that has expired since.
        is_stale = slot == POST and self._is_resumed and (error.code, error.subcode) == (100, None)
        if meaning.action not in {Action.RECREATE, Action.RECREATE_LIMITED} and not is_stale:
            return brand.refusal(error, step=step)
        reported = error.reported | {"platform_message": error.message or None}
        return await self.once_more(slot, brand.explain(error), step, meaning, **reported)

    async def once_more(
        self, slot: str, what: str, step: str, meaning: ErrorMeaning, **reported: Unpack[Reported]
    ) -> PlatformError:
        """Drop the slot's container; return TryLater, so that another is created, or Rejected after a few of them."""
        failures = await self.containers.fail(slot, drops_all=slot == POST)
        if failures >= TRIES:
            return Rejected(
                f"{_item(slot)}{what} It was uploaded {failures} times, each time with this end. Nothing was posted.",
                advice=meaning.advice,
                step=step,
                failure=meaning.failure,
                **reported,
            )
        return TryLater(
            f"{_item(slot)}{what} That was upload {failures} of {TRIES} at most.",
            advice=meaning.advice,
            step=step,
            failure=meaning.failure,
            **reported,
        )

    async def finish(self, slot: str, container: Container) -> StatusCode:
        """Wait until a container is processed.

        Raises Rejected when the platform failed or takes too long, OutcomeUnknown when it was asked before to publish the container
        and takes too long.
        """
        job, retry_policy = self._job, self._retry_policy
        is_fresh = job.now() - container.created_at < retry_policy.poll_first
        pause = retry_policy.poll_first
        while True:
            if is_fresh:
                await job.sleep(pause)
                pause = min(pause * _GROWTH, retry_policy.poll_max)
            is_fresh = True
            status = await self.read(container.id)
            if status.code in {StatusCode.FINISHED, StatusCode.PUBLISHED}:
                if not container.is_ready:
                    self.containers.ready(slot)
                return status.code
            if status.code is not StatusCode.IN_PROGRESS:
                raise await self.failed(slot, status)
            if job.now() - (container.uploaded_at or container.created_at) >= retry_policy.processing_limit:
                after = in_words(retry_policy.processing_limit)
                if Publication.load(job, container.id).call_at is not None:  # by an attempt before this one
                    reason = f"it was still processing the media (container {container.id}) after {after}"
                    raise self.brand.outcome_unknown(reason, step=STATUS)
                raise Rejected(
                    f"{self.brand.name} was still processing the media (container {container.id}) after {after}, and Presswork "
                    "waits no longer. Nothing was posted.",
                    advice="Publish again later; if it happens again, use a smaller file.",
                    step=STATUS,
                    failure=FailureCode.PLATFORM_UNAVAILABLE,
                )

    async def finish_post(self, container: Container) -> bool:
        """Wait until the container of the post is processed. True: it is published already."""
        status = await self.finish(POST, container)
        is_published = status is StatusCode.PUBLISHED
        if not is_published and not container.is_ready:
            self._job.note_later(
                "prepared",
                f"{self.brand.name} has finished processing; the post is ready to go live.",
                containerId=container.id,
            )
        return is_published

    async def failed(self, slot: str, status: Status) -> PlatformError:
        """Return the error for a container that ended in ERROR or EXPIRED."""
        name, unknown = self.brand.name, self.brand.errors.unknown
        if status.code is StatusCode.EXPIRED:
            meaning, code = EXPIRED_CONTAINER, None
        else:
            meaning, code = self._api.meaning_of_status(status.message)
        reported = Reported(platform_code=code, platform_message=status.message or None)
        sentence = meaning.sentence
        if meaning is unknown:
            sentence = f"{name} could not process the media, for a reason that Presswork does not know."
        what = f"{name} answered: {status.code.value}, “{status.message or 'no message'}”. {sentence}"
        if meaning.action in {Action.RETRY, Action.RECREATE, Action.RECREATE_LIMITED}:
            return await self.once_more(slot, what, STATUS, meaning, **reported)
        return Rejected(
            f"{_item(slot)}{what}",
            advice="Publish another file." if meaning is unknown else meaning.advice,
            step=STATUS,
            failure=FailureCode.MEDIA_REJECTED if meaning is unknown else meaning.failure,
            **reported,
        )


def _item(slot: str) -> str:
    """Return the prefix that names a carousel item in a sentence; empty for the post itself."""
    return "" if slot == POST else f"Item {int(slot) + 1}: "
