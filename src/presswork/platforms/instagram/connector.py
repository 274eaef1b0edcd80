"""Publishing on Instagram: prepare, make live once, look up, locate, comment.

Source: Meta, "Content Publishing" (Instagram API with Instagram Login), read 2026-11.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Final

from pydantic import JsonValue

from presswork.platforms.errors import FailureCode, OutcomeUnknown, PlatformError, Rejected, TryLater
from presswork.platforms.instagram.answers import (
    Garbled,
    GraphError,
    effect_unknown,
    publish_refusal,
    refusal,
    sentence_for,
)
from presswork.platforms.instagram.containers import POST, Shelf, Status, StatusCode, id_of, read_status
from presswork.platforms.instagram.feed import find_new_post, has_comment, newest_ids, permalink
from presswork.platforms.instagram.graph import Graph, no_answer
from presswork.platforms.instagram.look_up import Inquiry
from presswork.platforms.instagram.meanings import Action
from presswork.platforms.instagram.prepare import Preparation, check_quota
from presswork.platforms.instagram.publication import Publication, Refusal
from presswork.platforms.instagram.scopes import COMMENT
from presswork.platforms.port import Job, Live, Located, Outcome, Pace, Processing
from presswork.platforms.transport import CallFailed

PUBLISH: Final = "media_publish"
COMMENTS: Final = "comments"
_CONTAINER_UNKNOWN: Final = frozenset({2207006, 2207008})
_NOT_READY: Final = 2207027
_NOT_FOUND_TRIES: Final = 2
_NOT_FOUND_PAUSE: Final = timedelta(seconds=30)
"""24/2207008 is documented as possibly temporary, for 30 seconds to 2 minutes."""
_AT_ONCE: Final = timedelta()


class InstagramConnector:
    """The port's `Connector` for Instagram."""

    can_comment: Final = True

    def __init__(self, graph: Graph, pace: Pace) -> None:
        """Take how to reach Instagram and how patient to be."""
        self._graph: Final = graph
        self._pace: Final = pace

    async def prepare(self, job: Job) -> Mapping[str, JsonValue]:
        """Make the containers and wait until they are processed; see that the quota has room.

        Returns `containerId`, `knownPosts` (the account's newest posts before this one, so that this one can be told
        from them) and `isPublished`. Raises Rejected, TryLater, CredentialInvalid.
        """
        container, is_published = await Preparation(self._graph, self._pace, job).run()
        if is_published:
            return {"containerId": container.id, "knownPosts": None, "isPublished": True}
        _, known = await asyncio.gather(check_quota(self._graph, self._pace, job), newest_ids(self._graph, job))
        return {"containerId": container.id, "knownPosts": list(known) if known is not None else None}

    async def make_live(self, job: Job, prepared: Mapping[str, JsonValue]) -> Live | Processing:
        """Call media_publish, once.

        Rejected, TryLater and CredentialInvalid mean that the answer proves that this call put nothing live (a limit, a
        permission, a dead token, a container that is not ready or lapsed); anything else without an id is
        OutcomeUnknown. A refused token is renewed here, and TryLater tells the worker to call again with the new one.
        """
        container_id = container_in(prepared)
        if prepared.get("isPublished") is True:
            return Live(external_id=Publication.load(job, container_id).media_id)
        token = await job.access_token()
        try:
            answer = await self._graph.call(
                "POST",
                f"{job.account.external_id}/media_publish",
                step=PUBLISH,
                token=token,
                form={"creation_id": container_id},
            )
        except CallFailed as failed:
            if not failed.was_sent:
                raise no_answer(failed, step=PUBLISH) from failed
            raise await self._unsure(job, container_id, effect_unknown(failed.reason, step=PUBLISH)) from failed
        if isinstance(answer, GraphError):
            return await self._refused(job, container_id, token, answer)
        media_id = None if isinstance(answer, Garbled) else id_of(answer)
        if media_id is None:
            reason = answer.reason if isinstance(answer, Garbled) else "it names no post"
            raise await self._unsure(job, container_id, effect_unknown(reason, step=PUBLISH))
        await replace(Publication.load(job, container_id), media_id=media_id).save(job)
        return Live(external_id=media_id)

    async def _refused(self, job: Job, container_id: str, token: str, error: GraphError) -> Live:
        """Deal with an explicit refusal of media_publish: raise what it means, or find that the post is live."""
        is_client_error = error.status < 500
        if is_client_error and error.is_dead_token:
            await job.renew_token(token)
            raise TryLater(
                "Instagram did not accept the access token; it was renewed, and the post goes on.",
                step=PUBLISH,
                retry_after=_AT_ONCE,
                platform_code=error.label,
                platform_message=error.words,
            )
        if is_client_error and error.subcode in _CONTAINER_UNKNOWN | {_NOT_READY}:
            return await self._see_container(job, container_id, error)
        told = publish_refusal(error, step=PUBLISH)
        if isinstance(told, OutcomeUnknown):
            told = await self._unsure(job, container_id, told, error)
        elif isinstance(told, TryLater) and told.starts_over:
            told = await self._start_over(job, told)
        raise told

    async def _see_container(self, job: Job, container_id: str, error: GraphError) -> Live:
        """Read the container after media_publish said that it is unknown or not ready: it may be published already."""
        try:
            status = await read_status(self._graph, job, container_id)
        except PlatformError as unreadable:
            if error.subcode == _NOT_READY:
                raise refusal(error, step=PUBLISH) from unreadable
            raise await self._unsure(
                job, container_id, effect_unknown(f"code {error.label}", step=PUBLISH, error=error)
            ) from unreadable
        if status.code is StatusCode.PUBLISHED:
            return Live(external_id=Publication.load(job, container_id).media_id)
        if status.code in {StatusCode.ERROR, StatusCode.EXPIRED}:
            raise await self._start_over(job, _lapsed(status, error))
        publication = Publication.load(job, container_id)
        if error.subcode != _NOT_READY and publication.not_found >= _NOT_FOUND_TRIES:
            raise await self._start_over(job, _lapsed(status, error))
        await replace(publication, not_found=publication.not_found + 1).save(job)
        raise TryLater(
            sentence_for(error),
            step=PUBLISH,
            retry_after=None if error.subcode == _NOT_READY else min(_NOT_FOUND_PAUSE, self._pace.backoff_max),
            platform_code=error.label,
            platform_message=error.words,
        )

    async def _start_over(self, job: Job, told: TryLater) -> PlatformError:
        """Drop every container; return `told`, or Rejected when that has happened too often."""
        return told if await Shelf(job).fail(POST, drops_all=True) < 3 else _gave_up(told)

    async def _unsure(
        self, job: Job, container_id: str, told: OutcomeUnknown, error: GraphError | None = None
    ) -> OutcomeUnknown:
        """Remember a call with an unclear answer, and the answer itself where it is an explicit, lasting refusal."""
        publication = Publication.load(job, container_id).of_call(job.live_call_at)
        lasting = error if error is not None and error.status < 500 and not error.is_passing else None
        await replace(
            publication,
            unsure=publication.unsure + 1,
            refusal=lasting and Refusal(lasting.code, lasting.subcode, lasting.words, lasting.status),
        ).save(job)
        return told

    async def look_up(self, job: Job, prepared: Mapping[str, JsonValue]) -> Outcome:
        """Read the container: see `Inquiry`. A dead token, here, never means that nothing went live."""
        return await Inquiry(self._graph, self._pace, job, prepared).outcome()
