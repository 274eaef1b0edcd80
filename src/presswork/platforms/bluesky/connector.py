"""Publishing on Bluesky: prepare, make live once, look up, locate, comment.

The key of the post's record is chosen before anything is sent, so the call that makes the post live can be repeated without
a second post, and whether it happened can be read without any access (see `repository`).
"""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Final

from pydantic import JsonValue, TypeAdapter

from presswork.platforms.access import AccountAccess, LivePost
from presswork.platforms.api_client import Action
from presswork.platforms.bluesky import insights
from presswork.platforms.bluesky.api import Api, Response, outcome_unknown, refusal
from presswork.platforms.bluesky.client import Session
from presswork.platforms.bluesky.comments import BlueskyComments
from presswork.platforms.bluesky.error_mapping import BLUESKY
from presswork.platforms.bluesky.options import GATES, record_fields, settings_of
from presswork.platforms.bluesky.prepare import PLACE, Preparation, forget_blobs, resolve_mentions
from presswork.platforms.bluesky.record import POST, Place, Record, parts_of, reply_record, uri_of
from presswork.platforms.bluesky.repository import (
    APPLY,
    DELETE,
    GET,
    POSTS,
    PUT,
    Stored,
    create_records,
    delete_record,
    get_record,
    put_record,
    read_identity,
)
from presswork.platforms.bluesky.rules import check, check_comment
from presswork.platforms.bluesky.video import read_quota
from presswork.platforms.errors import CredentialInvalid, PlatformError, Rejected, TryLater
from presswork.platforms.findings import Findings
from presswork.platforms.insights import AccountRead, PostsRead
from presswork.platforms.json_values import items_of
from presswork.platforms.port import (
    Absent,
    Credentials,
    Draft,
    Job,
    Located,
    Present,
    RetryPolicy,
    TargetAccount,
    Validator,
)
from presswork.platforms.rate_limits import reserve

COMMENT: Final = "comment"
_CID: Final = "cid"
_REPLY: Final = "reply"


class BlueskyConnector(BlueskyComments):
    """The port's `Connector` for Bluesky."""

    can_comment: Final = True

    def __init__(self, api: Api, retry_policy: RetryPolicy) -> None:
        """Store the API client and the waits."""
        super().__init__(api)
        self._retry_policy: Final = retry_policy

    def check(self, draft: Draft) -> Findings:
        """Check a post against Bluesky's fixed limits."""
        return check(draft)

    async def fetch_constraints(self, account: TargetAccount, credentials: Credentials) -> Validator:  # noqa: ARG002  its server knows it by its token
        """Fetch whether the account may upload a video now. Raises Rejected, CredentialInvalid, TryLater."""
        return (await read_quota(self._api, credentials)).validate

    async def prepare(self, job: Job) -> Mapping[str, JsonValue]:
        """Upload the media and choose what is written where. Raises Rejected, TryLater, CredentialInvalid."""
        return await Preparation(self._api, self._retry_policy, job).run()

    async def make_live(self, job: Job, prepared: Mapping[str, JsonValue]) -> Present:
        """Write the post's record, or those of a thread at once, as prepared; repeating it never makes a second post. See the port
        for the errors.
        """
        did, rkey = _require_text(prepared, "did"), _require_text(prepared, "rkey")
        parts = _read_parts(prepared)
        step = APPLY if parts else PUT
        with BLUESKY.lost(step=step, unknown=partial(outcome_unknown, step=step)):
            if parts:
                records = [(part.rkey, part.record) for part in parts]
                response = await create_records(self._api, job, did=did, collection=POST, records=records)
            else:
                record = prepared["record"]
                response = await put_record(self._api, job, did=did, collection=POST, rkey=rkey, record=record)
        if response.is_ok:
            _note_other_cids(job, response, parts)
            return self._report_live(job, prepared, cid=parts[0].cid if parts else response.text("cid"))
        if not response.proves_nothing_written:
            raise outcome_unknown(f"HTTP {response.status}", step=step, response=response)
        if response.meaning.action is Action.RECREATE:
            await forget_blobs(job)
        raise refusal(response, step=step)

    def _report_live(self, job: Job, prepared: Mapping[str, JsonValue], *, cid: str | None) -> Present:
        did, rkey = _require_text(prepared, "did"), _require_text(prepared, "rkey")
        if cid is not None:
            job.save_later(**{_CID: cid})
        return Present(
            external_id=uri_of(did, rkey),
            external_url=self._build_url(job, did, rkey),
            parts=[
                Located(external_id=uri_of(did, part.rkey), external_url=self._build_url(job, did, part.rkey))
                for part in _read_parts(prepared)
            ],
        )

    async def look_up(self, job: Job, prepared: Mapping[str, JsonValue]) -> Present | Absent:
        """Read the post's record at the server that has the account; of a thread, that of the last part: one call wrote all or none.
        Raises TryLater, Rejected.
        """
        parts = _read_parts(prepared)
        stored = await self._read_stored(prepared, parts[-1].rkey if parts else _require_text(prepared, "rkey"))
        if stored is None:
            return Absent(message="The account's server has no such post.")
        if stored.is_same(parts[-1].record if parts else _require_record(prepared)):
            return self._report_live(job, prepared, cid=parts[0].cid if parts else stored.cid)
        # Nothing but a hostile or broken server explains that: choose another key.
        what = "The account's server has another record under the post's key."
        again = TryLater(what, step=GET, starts_over=True)
        return Absent(message=what, evidence="another record", instead=again, changes={PLACE: None})

    async def _read_stored(self, prepared: Mapping[str, JsonValue], rkey: str) -> Stored | None:
        return await get_record(
            self._api,
            did=_require_text(prepared, "did"),
            pds=_require_text(prepared, "pds"),
            rkey=rkey,
        )

    async def locate(self, job: Job, prepared: Mapping[str, JsonValue], external_id: str | None) -> Located:
        """Return the post's id and URL, which are known before it is live."""
        parts = (
            parts_of(external_id)
            if external_id is not None
            else (_require_text(prepared, "did"), _require_text(prepared, "rkey"))
        )
        if parts is None:
            return Located(external_id=external_id, external_url=None)
        return Located(external_id=uri_of(*parts), external_url=self._build_url(job, *parts))

    def _build_url(self, job: Job, did: str, rkey: str) -> str:
        return self._api.endpoints.post_of(job.account.handle, did, rkey)

    async def see_live(self, job: Job, external_id: str) -> Present | Absent:
        """Read the record of the post, or of the part of a thread, at the server that has the account. Raises TryLater, Rejected."""
        with BLUESKY.changing_live(None):
            did, rkey = _require_parts(external_id, step=GET)
            pds = (await read_identity(self._api, did)).pds
            stored = await get_record(self._api, did=did, pds=pds, rkey=rkey)
        if stored is None:
            return Absent(message="The account's server has no such post.")
        return Present(external_id=external_id, external_url=self._build_url(job, did, rkey))

    async def take_down(self, job: Job, external_id: str) -> None:
        """Delete the record of the post, or of the part of a thread, and what limits replies and quotes, which has the same key.

        Raises TryLater, Rejected, CredentialInvalid.
        """
        with BLUESKY.changing_live(None):
            did, rkey = _require_parts(external_id, step=DELETE)
            if self._retry_policy.limit_recheck is None:  # a sandbox's clock may be moved: only its own response counts
                await reserve(job, POSTS, step=DELETE)
            for collection in (POST, *GATES):
                await delete_record(self._api, job, did=did, collection=collection, rkey=rkey)

    async def comment(self, job: Job, external_id: str, text: str, *, may_be_there: bool) -> None:
        """Write the first comment: a reply by the account, with a key of its own, so repeating it never writes a second one.

        A refusal proves that it is not there only where no earlier call can have been accepted; otherwise its record is read.
        Raises TryLater, Rejected, CredentialInvalid, OutcomeUnknown.
        """
        if (problem := check_comment(text)) is not None:
            raise problem.rejection(step=COMMENT)
        parts = _require_parts(external_id, step=COMMENT)
        reply = job.state.get(_REPLY)
        if not isinstance(reply, dict):
            reply = await self._new_reply(job, *parts, text=text)
            await job.save(**{_REPLY: reply})
        try:
            await self._write_reply(job, parts[0], reply)
        except (CredentialInvalid, Rejected):
            if not (may_be_there and await self._has_reply(parts[0], _require_text(reply, "rkey"))):
                raise

    async def read_posts(
        self,
        access: AccountAccess,
        posts: Sequence[LivePost],
        *,
        removed: AbstractSet[str],  # noqa: ARG002  Bluesky removes none
    ) -> PostsRead:
        """Read the counts of posts. Raises TryLater, CredentialInvalid, Rejected."""
        return await insights.PostsReader(self._api, access).read(posts)

    async def read_account(self, access: AccountAccess, *, since: date, removed: AbstractSet[str]) -> AccountRead:  # noqa: ARG002  the port's
        """Read the account's followers: Bluesky has no numbers by day. Raises TryLater, CredentialInvalid, Rejected."""
        return await insights.read_account(self._api, access)

    async def _has_reply(self, did: str, rkey: str) -> bool:
        """Whether the account's server has the reply, which needs no access. Raises OutcomeUnknown where that can't be read."""
        try:
            pds = (await read_identity(self._api, did)).pds
            return await get_record(self._api, did=did, pds=pds, rkey=rkey) is not None
        except PlatformError as unreadable:
            raise outcome_unknown(unreadable.what.rstrip("."), step=COMMENT) from unreadable

    async def _new_reply(self, job: Job, did: str, post_rkey: str, *, text: str) -> Record:
        """Return the reply's key and record, to be stored before it is written."""
        cid = job.state.get(_CID)
        if not isinstance(cid, str):
            pds = Session.read(await job.access_token(), step=COMMENT).pds
            stored = await get_record(self._api, did=did, pds=pds, rkey=post_rkey)
            if stored is None or stored.cid is None:
                raise Rejected("The post is no longer there.", advice="Reply in the app if it is.", step=COMMENT)
            cid = stored.cid
        dids = await resolve_mentions(self._api, text)
        place = Place.choose(job.now(), entropy=job.post_id.int)
        languages = {name: value for name, value in record_fields(settings_of(job.options)).items() if name == "langs"}
        record = reply_record(
            text,
            created_at=place.created_at,
            dids=dids,
            uri=uri_of(did, post_rkey),
            cid=cid,
            fields=languages,
        )
        return {"rkey": place.rkey, "record": record}

    async def _write_reply(self, job: Job, did: str, reply: Mapping[str, JsonValue]) -> None:
        with BLUESKY.lost(step=COMMENT, unknown=partial(outcome_unknown, step=COMMENT)):
            response = await put_record(
                self._api,
                job,
                did=did,
                collection=POST,
                rkey=_require_text(reply, "rkey"),
                record=reply["record"],
                step=COMMENT,
            )
        if response.is_ok or response.meaning.action is Action.LOOK:  # an earlier try wrote it
            return
        if not response.proves_nothing_written:
            raise outcome_unknown(f"HTTP {response.status}", step=COMMENT, response=response)
        raise refusal(response, step=COMMENT)


def _require_parts(external_id: str, *, step: str) -> tuple[str, str]:
    """Return the account and the key of a post by its id. Raises Rejected."""
    parts = parts_of(external_id)
    if parts is None:
        raise Rejected("The id of the post is not one of Bluesky's.", advice="Do it in the Bluesky app.", step=step)
    return parts


@dataclass(frozen=True, slots=True, kw_only=True)
class _PreparedPart:
    """One part of a thread, as it is written."""

    rkey: str
    cid: str
    record: dict[str, JsonValue]


_PARTS: Final = TypeAdapter(list[_PreparedPart])


def _read_parts(prepared: Mapping[str, JsonValue]) -> Sequence[_PreparedPart]:
    """Return the parts of a prepared thread; none of a single post."""
    return _PARTS.validate_python(prepared.get("records", []))


def _note_other_cids(job: Job, response: Response, parts: Sequence[_PreparedPart]) -> None:
    """Note where the server computed other CIDs than those by which the parts refer to each other: then apps may not connect them."""
    cids = [item.get("cid") for item in items_of(response.body or {}, "results")]
    if parts and cids != [part.cid for part in parts]:
        sentence = "Bluesky reports other identifiers of the parts than they refer to each other by. Check how the thread is shown."
        job.note_later("reconciled", sentence)


def _require_record(prepared: Mapping[str, JsonValue]) -> Mapping[str, JsonValue]:
    record = prepared["record"]
    if not isinstance(record, dict):
        raise TypeError("a prepared post has a record")
    return record


def _require_text(stored: Mapping[str, JsonValue], name: str) -> str:
    value = stored[name]
    if not isinstance(value, str):
        raise TypeError(f"{name} of a prepared post is a text")
    return value
