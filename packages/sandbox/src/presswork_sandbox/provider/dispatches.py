"""Dispatches: accepted once, advanced by the clock and by status calls, published into the account's feed.

Source: docs/provider-protocol.md. What the provider publishes appears beside what came over the platforms' own APIs.
"""

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from presswork_sandbox.callbacks import Callbacks, Delivery
from presswork_sandbox.calls import Call
from presswork_sandbox.clock import iso
from presswork_sandbox.core import Sandbox
from presswork_sandbox.faults import Fault
from presswork_sandbox.instagram.publish import new_comment_id
from presswork_sandbox.media import FetchFailed, MediaTooLarge
from presswork_sandbox.media_info import NotMedia
from presswork_sandbox.platform import OpenPlatform
from presswork_sandbox.provider.payload import MediaFile, Payload, read_payload
from presswork_sandbox.provider.signature import SANDBOX_SECRET, TOLERANCE_SECONDS, headers
from presswork_sandbox.registry import PLATFORMS
from presswork_sandbox.wire import JSONValue, text_of

BEHAVIOURS: Final = ("accept", "reject", "slow", "never_answers")
SETTINGS: Final = "provider"  # what the control surface set: behaviour, handles, secret, toleranceSeconds
# Seconds of sandbox time in a status before the next one.
SECONDS: Final[Mapping[str, Mapping[str, float]]] = {
    "accept": {"accepted": 0.3, "working": 0.4},
    "reject": {"accepted": 0.3},
    "slow": {"accepted": 10.0, "working": 50.0},
    "never_answers": {},
}
ASKING_HELPS: Final = frozenset({"accept", "reject"})  # a status call advances a dispatch of these
SENTENCES: Final = {
    "content_refused": "This provider is set to refuse posts.",
    "deadline_passed": "The deadline passed before publishing began.",
    "media_unreachable": "The media could not be fetched.",
    "media_mismatch": "The media is not what was announced: it has another sha256.",
    "media_type_unsupported": "The platform publishes no posts with media of this type.",
    "media_unsupported": "The media is no picture, video or PDF.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispatch:
    """One dispatch as it is stored."""

    number: int
    post_id: str
    dispatch_id: str
    platform: str
    handle: str
    payload: Mapping[str, JSONValue]
    fingerprint: str
    behaviour: str
    status: str
    sequence: int
    external_id: str | None
    external_url: str | None
    error: Mapping[str, JSONValue] | None
    is_fetching: bool
    media_error: str | None
    asset_ids: tuple[int, ...]
    callback: str | None
    deadline_at: float
    created_at: float
    moved_at: float
    fault_id: int | None

    @property
    def waits(self) -> float | None:
        """Seconds until it moves on by the clock, from its last move; None where it never does."""
        if self.media_error is not None and self.status in {"accepted", "working"}:
            return 0.0
        if self.is_fetching and self.status == "working":
            return None
        return SECONDS[self.behaviour].get(self.status)

    def wire(self) -> dict[str, JSONValue]:
        """Return it as the protocol writes it."""
        return {
            "postId": self.post_id,
            "dispatchId": self.dispatch_id,
            "sequence": self.sequence,
            "status": self.status,
            "externalId": self.external_id,
            "externalUrl": self.external_url,
            "error": self.error,
            "at": iso(self.moved_at),
        }

    def to_json(self) -> dict[str, JSONValue]:
        """Return it as the control surface shows it."""
        return {
            "platform": self.platform,
            "handle": self.handle,
            "payload": self.payload,
            "behaviour": self.behaviour,
            **self.wire(),
            "createdAt": iso(self.created_at),
        }


def _dispatch(row: sqlite3.Row) -> Dispatch:
    values = dict(row)
    values["payload"] = json.loads(values["payload"])
    values["error"] = None if values["error"] is None else json.loads(values["error"])
    values["asset_ids"] = tuple(json.loads(values["asset_ids"]))
    values["is_fetching"] = bool(values["is_fetching"])
    return Dispatch(**values)


class ProviderCallbackFormat:
    """The provider's callback format: JSON, signed at each attempt, retried for about a day."""

    waits: Sequence[float] = (5.0, 30.0, 120.0, 600.0, 1800.0, *[3600.0] * 23)

    def headers(self, delivery: Delivery, now: float) -> Mapping[str, str]:
        """Return the signature's headers; the id is the same on every attempt."""
        body = json.loads(delivery.body)
        return headers(delivery.secret, f"{body['dispatchId']}_{body['sequence']}", int(now), delivery.body.encode())

    def arrived(self, status: int) -> bool:
        """Noted, or not wanted: unknown there, or over."""
        return 200 <= status < 300 or status in {404, 410}


class DifferentContent(Exception):
    """The post was dispatched before, with different content."""


class Dispatches:
    """Accept and advance dispatches."""

    def __init__(self, sandbox: Sandbox, callbacks: Callbacks, platforms: Mapping[str, OpenPlatform]) -> None:
        self._sandbox = sandbox
        self._platforms = platforms
        self._callbacks = callbacks
        callbacks.add_format("provider", ProviderCallbackFormat())
        sandbox.on_first_request.append(self._resume)
        sandbox.before_reads.append(self.run_due)
        sandbox.due_work.append(self.run_due)
        sandbox.next_due.append(self._next_due)

    # Settings

    @property
    def secret(self) -> str:
        """The secret that requests are verified with, and reports signed with."""
        return text_of(self._sandbox.platform_settings.get(SETTINGS).get("secret")) or SANDBOX_SECRET

    @property
    def tolerance(self) -> float | None:
        """How old a signature may be, in seconds; None if its age does not matter."""
        value = self._sandbox.platform_settings.get(SETTINGS).get("toleranceSeconds", TOLERANCE_SECONDS)
        return float(value) if isinstance(value, int | float) else None

    def behaviour_for(self, handle: str) -> str:
        """Return how the provider behaves for a handle: as set for it, as its ending says, or as set for all."""
        settings = self._sandbox.platform_settings.get(SETTINGS)
        handles = settings.get("handles")
        if isinstance(handles, Mapping) and handle.lower() in handles:
            return text_of(handles[handle.lower()])
        ending = handle.rpartition(".")[2].lower()
        return ending if ending in BEHAVIOURS else text_of(settings.get("behaviour")) or "accept"

    # Taking over

    def find(self, post_id: str) -> Dispatch | None:
        """Find a dispatch by the post's id."""
        row = self._sandbox.store.first("SELECT * FROM dispatches WHERE post_id = ?", post_id)
        return None if row is None else _dispatch(row)

    def accept(self, call: Call, payload: Payload) -> tuple[Dispatch, bool]:
        """Take a post over; return its dispatch, and whether it is new. Raises DifferentContent and BadHandle."""
        store = self._sandbox.store
        with store.transaction():
            known = self.find(payload.post_id)
            if known is not None:
                if known.fingerprint != payload.fingerprint:
                    raise DifferentContent(payload.post_id)
                # URLs and times may be fresh; the newest ones count.
                store.run(
                    "UPDATE dispatches SET payload = ?, callback = ? WHERE number = ?",
                    json.dumps(payload.body),
                    payload.callback,
                    known.number,
                )
                return known, False
            self._make(call, payload)
        self._sandbox.notify()
        return self._reload(payload.post_id), True

    def _make(self, call: Call, payload: Payload) -> None:
        store, now = self._sandbox.store, self._sandbox.clock.now()
        account = self._sandbox.accounts.ensure(payload.platform, payload.handle, now)
        behaviour = self.behaviour_for(account.handle)
        fault = call.job_fault
        publishes = behaviour in {"accept", "slow"}
        number = store.next_number("dispatch")
        store.insert(
            "dispatches",
            number=number,
            post_id=payload.post_id,
            dispatch_id=f"d_{store.secret('dispatch', number, 16)}",
            platform=payload.platform,
            handle=account.handle,
            payload=json.dumps(payload.body),
            fingerprint=payload.fingerprint,
            behaviour=behaviour,
            status="accepted",
            is_fetching=publishes,
            media_error=reason_of(fault) if fault is not None and fault.kind == "media_error" else None,
            callback=payload.callback,
            deadline_at=now + payload.seconds_left,
            created_at=now,
            moved_at=now,
            fault_id=fault.id if fault is not None and fault.kind == "stuck_processing" else None,
        )
        if publishes:
            self._fetch(number)
        if payload.seconds_left <= 0:
            self._move(self._reload(payload.post_id), now)

    def _reload(self, post_id: str) -> Dispatch:
        return _dispatch(self._sandbox.store.one("SELECT * FROM dispatches WHERE post_id = ?", post_id))

    # Media

    def _list_moving(self) -> list[Dispatch]:
        sql = "SELECT * FROM dispatches WHERE status IN ('accepted', 'working') ORDER BY number"
        return [_dispatch(row) for row in self._sandbox.store.all(sql)]

    def _resume(self) -> None:
        moving = self._list_moving()
        for dispatch in moving:
            if dispatch.is_fetching:
                self._fetch(dispatch.number)
        if moving:
            self._sandbox.notify()

    def _fetch(self, number: int) -> None:
        self._sandbox.start_task(f"media of dispatch {number}", self._fetch_media(number))

    async def _fetch_media(self, number: int) -> None:
        store = self._sandbox.store
        dispatch = _dispatch(store.one("SELECT * FROM dispatches WHERE number = ?", number))
        assets, problem = list[int](), None
        try:
            for medium in read_payload(dispatch.payload).media:
                assets.append(await self._fetch_one(medium))
        except NotMedia:
            problem = "media_unsupported"
        except (WrongBytes, MediaTooLarge):
            problem = "media_mismatch"
        except FetchFailed:
            problem = "media_unreachable"
        store.run(
            "UPDATE dispatches SET is_fetching = 0, asset_ids = ?, media_error = coalesce(media_error, ?)"
            " WHERE number = ?",
            json.dumps(assets),
            problem,
            number,
        )
        self._sandbox.notify()

    async def _fetch_one(self, medium: MediaFile) -> int:
        asset = await self._sandbox.media_store.fetch(
            medium.url, limit_bytes=medium.size_bytes, is_document=medium.is_document
        )
        if asset.sha256 != medium.sha256:
            raise WrongBytes(medium.url)
        return asset.id

    # Moving on

    def run_due(self) -> None:
        """Move every dispatch as far as the clock says."""
        now = self._sandbox.clock.now()
        for dispatch in self._list_moving():
            moved = dispatch
            while (waits := moved.waits) is not None and not self._sandbox.faults.holds(moved.fault_id):
                due = moved.moved_at + waits
                if due > now:
                    break
                moved = self._move(moved, due)

    def _next_due(self) -> float | None:
        return min(
            (
                dispatch.moved_at + dispatch.waits
                for dispatch in self._list_moving()
                if dispatch.waits is not None and not self._sandbox.faults.holds(dispatch.fault_id)
            ),
            default=None,
        )

    def poll(self, call: Call, dispatch: Dispatch) -> Dispatch:
        """Count a status call: it advances the dispatch by one status, so that a test need not wait."""
        self.run_due()
        store, fault = self._sandbox.store, call.job_fault
        if fault is not None and fault.kind == "stuck_processing":
            store.run("UPDATE dispatches SET fault_id = ? WHERE number = ?", fault.id, dispatch.number)
        elif fault is not None:
            store.run("UPDATE dispatches SET media_error = ? WHERE number = ?", reason_of(fault), dispatch.number)
        dispatch = self._reload(dispatch.post_id)
        held = self._sandbox.faults.holds(dispatch.fault_id)
        if held or dispatch.waits is None or (dispatch.behaviour not in ASKING_HELPS and dispatch.waits):
            return dispatch
        return self._move(dispatch, self._sandbox.clock.now())

    def cancel(self, dispatch: Dispatch) -> Dispatch | None:
        """Take a dispatch back; None where that is too late."""
        self.run_due()
        dispatch = self._reload(dispatch.post_id)
        if dispatch.status == "canceled":
            return dispatch
        if dispatch.status != "accepted":
            return None
        with self._sandbox.store.transaction():
            return self._change_status(dispatch, "canceled", self._sandbox.clock.now())

    def _move(self, dispatch: Dispatch, at: float) -> Dispatch:
        with self._sandbox.store.transaction():
            if dispatch.media_error is not None:
                return self._change_status(dispatch, "failed", at, error=dispatch.media_error)
            if dispatch.status == "working":
                return self._publish(dispatch, at)
            if at >= dispatch.deadline_at:
                return self._change_status(dispatch, "failed", at, error="deadline_passed")
            if dispatch.behaviour == "reject":
                return self._change_status(dispatch, "rejected", at, error="content_refused")
            return self._change_status(dispatch, "working", at)

    def _change_status(
        self,
        dispatch: Dispatch,
        status: str,
        at: float,
        *,
        error: str | None = None,
        external: tuple[str, str] | None = None,
    ) -> Dispatch:
        failure = None if error is None else {"code": error, "message": SENTENCES.get(error, f"It failed: {error}.")}
        self._sandbox.store.run(
            "UPDATE dispatches SET status = ?, sequence = sequence + 1, moved_at = ?, error = ?, external_id = ?,"
            " external_url = ? WHERE number = ?",
            status,
            at,
            None if failure is None else json.dumps(failure),
            None if external is None else external[0],
            None if external is None else external[1],
            dispatch.number,
        )
        moved = self._reload(dispatch.post_id)
        if moved.callback is not None:
            self._callbacks.post(
                "provider",
                lane=f"provider {moved.post_id}",
                handle=moved.handle,
                event=moved.status,
                url=moved.callback,
                body=json.dumps(moved.wire()),
                secret=self.secret,
            )
        return moved

    def _publish(self, dispatch: Dispatch, at: float) -> Dispatch:
        """Make the post live, in the transaction that ends the dispatch."""
        account = self._sandbox.accounts.by_handle(dispatch.platform, dispatch.handle)
        if account is None:
            return self._change_status(dispatch, "failed", at, error="account_unknown")
        payload = read_payload(dispatch.payload)
        kind = PLATFORMS[account.platform].kind_of_media.get("story" if payload.is_story else payload.media_type)
        if kind is None:
            return self._change_status(dispatch, "failed", at, error="media_type_unsupported")
        location = self._platforms[account.platform].new_location(account, kind)
        self._sandbox.posts.add(
            account.platform,
            account.id,
            kind=kind,
            external_id=location.external_id,
            shortcode=location.shortcode,
            url=location.url,
            caption=payload.caption,
            params=payload.body,
            asset_ids=dispatch.asset_ids,
            now=at,
        )
        if payload.first_comment and not payload.is_story:
            number = new_comment_id(self._sandbox)
            self._sandbox.comments.add(location.external_id, account.id, payload.first_comment, number, at)
        return self._change_status(dispatch, "published", at, external=(location.external_id, location.url))

    def listed(self, platform: str | None, handle: str | None) -> Iterator[Dispatch]:
        """Return dispatches, oldest first."""
        sql = "SELECT * FROM dispatches WHERE (?1 IS NULL OR platform = ?1) AND (?2 IS NULL OR handle = ?2)"
        return (_dispatch(row) for row in self._sandbox.store.pages(sql, "number", platform, handle))


class WrongBytes(Exception):
    """The fetched bytes don't match the announced hash or size."""


def reason_of(fault: Fault) -> str:
    """Return the error code that a media_error fault ends a dispatch with."""
    return text_of(fault.value.get("code")) or "media_unreachable"
