"""Replies: writes the first comment, made by a container and one call that publishes it, at most once; and finds the parts of threads.

The container is the witness of a lost response, as it is for posts; the list of replies is a second one.
Source: Meta, "Create Replies", "Retrieve Replies" (Threads API), read 2026-11.
"""

from dataclasses import KW_ONLY, dataclass, replace
from datetime import datetime, timedelta
from typing import ClassVar, Final

from presswork.platforms.api_client import JsonObject
from presswork.platforms.errors import FailureCode, PlatformError, Rejected, TryLater, comment_not_found
from presswork.platforms.graph.client import Graph, GraphError, UnreadableResponse, cursor_after, items_of, text_of
from presswork.platforms.graph.containers import REUSABLE_FOR, TRIES, StatusCode, read_status
from presswork.platforms.graph.quota import QuotaCall
from presswork.platforms.job_state import IN_CAMEL_CASE, as_stored, parse_stored
from presswork.platforms.json_values import part_of
from presswork.platforms.platform_text import is_same_text
from presswork.platforms.port import Job, RetryPolicy, Thread
from presswork.platforms.threads.error_mapping import NOT_FOUND, THREADS
from presswork.platforms.threads.prepare import API, text_of_post
from presswork.platforms.transport import CallFailed

STEP: Final = "replies"
_KEY: Final = "reply"
_PAGES: Final = 4
_REPLIES_A_PAGE: Final = 50
_PROCESSED_WITHIN: Final = timedelta(seconds=30)
"""How long to wait here for a reply's container; a later attempt resumes with it."""


def reply_quota(graph: Graph) -> QuotaCall:
    """Return the call that reports how many replies an account may still write."""
    return QuotaCall(graph, "threads_publishing_limit", used_field="reply_quota_usage", config_field="reply_config")


CONVERSATION: Final = "conversation"


async def find_part(graph: Graph, job: Job, thread: Thread) -> str | None:
    """Return the id of a part that a call has published and whose response was lost, where exactly one reply matches.

    It is the account's own reply to the part before it, with its text, and none of the parts that are known.
    Raises TryLater, Rejected, CredentialInvalid.
    """
    root, parent = thread.live_ids[0], thread.live_ids[-1]
    params = {
        "fields": "id,text,replied_to,timestamp,is_reply_owned_by_me",
        "reverse": "true",
        "limit": str(_REPLIES_A_PAGE),
    }
    found: list[str] = []
    for _ in range(_PAGES):
        body = await graph.read(job, f"{root}/{CONVERSATION}", params, step=CONVERSATION)
        found += [
            media_id
            for item in items_of(body)
            if (media_id := text_of(item.get("id"))) is not None
            and media_id not in thread.live_ids
            and item.get("is_reply_owned_by_me") is True
            and text_of(part_of(item, "replied_to").get("id")) == parent
            and is_same_text(text_of(item.get("text")) or "", text_of_post(job))
        ]
        after = cursor_after(body)
        if after is None or not items_of(body):
            break
        params = params | {"after": after}
    return found[0] if len(found) == 1 else None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reply:
    """The container of the first comment and the call that publishes it, stored in the job's state."""

    __pydantic_config__: ClassVar = IN_CAMEL_CASE

    container_id: str
    created_at: datetime  # UTC
    called_at: datetime | None = None
    """When the call that publishes it was about to be sent, UTC, or None if it was not yet, or had no effect."""
    failures: int = 0
    """Containers before this one that were lost."""

    @staticmethod
    def load(job: Job) -> "_Reply | None":
        return parse_stored(_Reply, job.state.get(_KEY))

    async def save(self, job: Job) -> None:
        await job.save(**{_KEY: as_stored(self)})


@dataclass(frozen=True, slots=True)
class FirstComment:
    """The first comment of one post."""

    graph: Graph
    retry_policy: RetryPolicy
    job: Job
    _: KW_ONLY
    media_id: str
    """The post's id at Threads; a container's id would make an orphan."""
    text: str

    async def write(self, *, may_be_there: bool) -> None:
        """Write the comment unless it is there already. Raises TryLater, Rejected, CredentialInvalid, OutcomeUnknown."""
        reply = _Reply.load(self.job)
        if reply is not None and reply.called_at is not None:
            if await self._is_there(reply, reply.called_at):
                return
        elif may_be_there and await self._is_listed():
            return
        if reply is None or self.job.now() - reply.created_at >= REUSABLE_FOR:
            reply = await self._create_container(failures=0 if reply is None else reply.failures)
        if await self._await_processing(reply) is not StatusCode.PUBLISHED:
            await self._require_room()
            await self._publish_reply(reply)

    async def _is_there(self, reply: _Reply, called_at: datetime) -> bool:
        """Whether an earlier call wrote the comment: its container says so, or can't be read and the comment is listed.

        False: a young container is read once more by `_await_processing`, and what it says is certain; an older one had no effect. Raises
        TryLater while that is not so, OutcomeUnknown where the container can't be read.
        """
        rest = self.retry_policy.republish_after - (self.job.now() - called_at)
        if rest > timedelta():
            raise TryLater("It is not certain yet whether the comment was written.", step=STEP, retry_after=rest)
        try:
            status = await read_status(self.graph, API, self.job, reply.container_id)
        except Rejected as error:
            if await self._is_listed():
                return True
            raise THREADS.comment_unknown(f"its container can't be read: {error.what}", step=STEP) from error
        if status.code is StatusCode.IN_PROGRESS:
            raise TryLater("Threads is processing the comment.", step=STEP)
        if status.code is not StatusCode.FINISHED:
            return status.code is StatusCode.PUBLISHED
        if await self._is_listed():
            return True
        await self.job.sleep(self.retry_policy.poll_first)
        return False

    async def _is_listed(self) -> bool:
        """Whether the account itself has written this reply. Raises Rejected also where it may be below the newest 200."""
        params = {
            "fields": "id,text,username,timestamp,is_reply_owned_by_me",
            "reverse": "true",
            "limit": str(_REPLIES_A_PAGE),
        }
        for _ in range(_PAGES):
            body = await self.graph.read(self.job, f"{self.media_id}/replies", params, step=STEP)
            items = items_of(body)
            if any(self._is_own(item) for item in items):
                return True
            after = cursor_after(body)  # these lists have cursors, and no URL of the next page
            if after is None or not items:
                return False
            params = params | {"after": after}
        raise comment_not_found(_PAGES * _REPLIES_A_PAGE, step=STEP)

    def _is_own(self, item: JsonObject) -> bool:
        username, shown = item.get("username"), item.get("text")
        has_handle = isinstance(username, str) and username.casefold() == self.job.account.handle.casefold()
        is_own = item.get("is_reply_owned_by_me") is True or has_handle
        return is_own and isinstance(shown, str) and is_same_text(shown, self.text)

    async def _create_container(self, *, failures: int) -> _Reply:
        job = self.job
        parameters = {"media_type": "TEXT", "text": self.text, "reply_to_id": self.media_id}
        path = API.path(job.account, API.create)
        response = await self.graph.send(job, "POST", path, parameters, step=API.create)
        if isinstance(response, GraphError):
            raise THREADS.as_comment(THREADS.refusal(response, step=API.create))
        container_id = text_of(THREADS.object_of(response, step=API.create).get("id"))
        if container_id is None:
            raise TryLater("Threads accepted the comment but returned no id.", step=API.create)
        reply = _Reply(container_id=container_id, created_at=job.now(), failures=failures)
        await reply.save(job)
        return reply

    async def _await_processing(self, reply: _Reply) -> StatusCode:
        """Wait until the container is processed: FINISHED or PUBLISHED. Raises TryLater, Rejected."""
        job, until = self.job, self.job.now() + _PROCESSED_WITHIN
        while True:
            status = await read_status(self.graph, API, job, reply.container_id)
            if status.code in {StatusCode.FINISHED, StatusCode.PUBLISHED}:
                return status.code
            if status.code is not StatusCode.IN_PROGRESS:
                what = f"Threads answered {status.code.value}, “{status.message or 'no message'}”, about the comment."
                raise await self._drop_container(reply, what)
            if job.now() >= until:
                raise TryLater("Threads is still processing the comment.", step=STEP)
            await job.sleep(self.retry_policy.poll_first)

    async def _drop_container(self, reply: _Reply, what: str) -> PlatformError:
        """Drop the container; return TryLater, so that another is created, or Rejected after a few of them."""
        failures = reply.failures + 1
        if failures >= TRIES:
            return THREADS.as_comment(
                Rejected(f"{what} That happened {failures} times.", step=STEP, failure=FailureCode.PLATFORM_UNAVAILABLE)
            )
        # one that is too old is created again
        await replace(reply, failures=failures, called_at=None, created_at=self.job.now() - REUSABLE_FOR).save(self.job)
        return TryLater(what, step=STEP)

    async def _require_room(self) -> None:
        """Raise TryLater (throttled) where the account has used up its replies; a quota that can't be read blocks nothing."""
        try:
            quota = await reply_quota(self.graph).read(self.job.account, self.job)
        except PlatformError:
            return
        if quota is not None and quota.is_full:
            raise TryLater(
                f"The account has written {quota.used} of the {quota.total} replies that Threads accepts within 24 hours.",
                step=STEP,
                is_throttled=True,
            )

    async def _publish_reply(self, reply: _Reply) -> None:
        """Make the call that publishes the reply, once, and again only with a renewed token."""
        job = self.job
        await replace(reply, called_at=job.now()).save(job)
        token = await job.access_token()
        response = await self._call_publish(reply, token)
        if isinstance(response, GraphError) and response.status < 500 and THREADS.is_token_invalid(response):
            # A refused token proves that nothing was written.
            token = await THREADS.renewed(job, token, response, step=API.publish)
            response = await self._call_publish(reply, token)
        if isinstance(response, GraphError):
            await self._handle_refusal(reply, response)
            return
        if isinstance(response, UnreadableResponse):
            raise THREADS.comment_unknown(f"its response was {response.reason}", step=API.publish)
        if text_of(response.get("id")) is None:
            raise THREADS.comment_unknown("its response names no reply", step=API.publish)

    async def _call_publish(self, reply: _Reply, token: str) -> JsonObject | GraphError | UnreadableResponse:
        try:
            return await self.graph.call(
                "POST",
                API.path(self.job.account, API.publish),
                {"creation_id": reply.container_id},
                step=API.publish,
                token=token,
                is_live_call=True,
            )
        except CallFailed as failed:
            if not failed.was_sent:
                await reply.save(self.job)
                raise THREADS.no_response(failed, step=API.publish) from failed
            raise THREADS.comment_unknown(failed.reason, step=API.publish) from failed

    async def _handle_refusal(self, reply: _Reply, error: GraphError) -> None:
        """Raise the error for a refused call: TryLater and Rejected only where it proves that nothing was written.

        Returns where the container is published all the same, by an earlier call.
        """
        unknown = THREADS.comment_unknown(
            f"it answered HTTP {error.status}, code {error.label}", step=API.publish, error=error
        )
        if error.status < 500 and error.subcode == NOT_FOUND:
            try:
                status = await read_status(self.graph, API, self.job, reply.container_id)
            except PlatformError as unreadable:
                raise unknown from unreadable
            if status.code is StatusCode.PUBLISHED:
                return
            raise await self._drop_container(reply, THREADS.explain(error))
        if error.status < 500 and THREADS.meaning(error).proves_nothing_live:
            await reply.save(self.job)
            raise THREADS.as_comment(THREADS.refusal(error, step=API.publish))
        raise unknown
