"""Text messages: created, advanced by the clock and by status calls, and reported by callbacks.

Source: Twilio, "Message resource", "Outbound Message Status in Status Callbacks" and "Accepted Content Types for
Media", read 2026-11.
"""

import base64
import hashlib
import hmac
import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Final
from urllib.parse import parse_qsl, urlencode

from presswork_sandbox.callbacks import Callbacks, Delivery
from presswork_sandbox.calls import Call
from presswork_sandbox.clock import iso
from presswork_sandbox.core import Sandbox
from presswork_sandbox.faults import Fault
from presswork_sandbox.media import FetchFailed, MediaTooLarge
from presswork_sandbox.media_info import NotMedia
from presswork_sandbox.sms.errors import MEDIA_NOT_FETCHED, MEDIA_TOO_BIG, MEDIA_TYPE
from presswork_sandbox.sms.numbers import POOL_NUMBER, fate_of, segments
from presswork_sandbox.wire import FORM, JSONValue, text_of

API_VERSION: Final = "2010-04-01"
MEDIA_BYTES: Final = 5 * 1024 * 1024  # of one message, all its media together
PATHS: Final = {
    "delivered": ("queued", "sending", "sent", "delivered"),
    "sent": ("queued", "sending", "sent"),
    "undelivered": ("queued", "sending", "sent", "undelivered"),
    "failed": ("queued", "failed"),
}
# Seconds of sandbox time in a status before the next one, without a status call.
SECONDS: Final = {"accepted": 0.1, "queued": 0.3, "sending": 0.3, "sent": 0.5}
MOVING: Final = "status IN ('accepted', 'queued', 'sending', 'sent') AND NOT (status = 'sent' AND fate = 'sent')"
PHONES: Final = "phones"  # what the control surface set: number → {ends, errorCode}


@dataclass(frozen=True, slots=True, kw_only=True)
class TextMessage:
    """One text message as it is stored."""

    number: int
    sid: str
    account_sid: str
    auth_token: str
    to_number: str
    from_number: str | None
    service_sid: str | None
    body: str
    media_urls: tuple[str, ...]
    asset_ids: tuple[int, ...]
    callback: str | None
    status: str
    fate: str
    error_code: int | None
    fate_code: int | None
    is_fetching: bool
    created_at: float
    moved_at: float
    sent_at: float | None
    fault_id: int | None

    @property
    def next_status(self) -> str | None:
        """The status that comes next, or None at the end."""
        path = PATHS[self.fate]
        if self.status == "accepted":
            return "queued"
        if self.status in path:
            place = path.index(self.status) + 1
            return path[place] if place < len(path) else None
        return path[-1] if self.status in SECONDS else None  # its fate changed on the way

    @property
    def path(self) -> str:
        """Where the message is, from the root of Twilio's host."""
        return f"/{API_VERSION}/Accounts/{self.account_sid}/Messages/{self.sid}.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A validated message that is not stored yet."""

    to_number: str
    from_number: str | None
    service_sid: str | None
    body: str
    media_urls: tuple[str, ...]
    callback: str | None


def _message(row: sqlite3.Row) -> TextMessage:
    values = dict(row)
    for name in ("media_urls", "asset_ids"):
        values[name] = tuple(json.loads(values[name]))
    values["is_fetching"] = bool(values["is_fetching"])
    return TextMessage(**values)


def rfc_2822(instant: float | None) -> str | None:
    """Write an instant as Twilio does: Thu, 24 Aug 2023 05:01:45 +0000."""
    return None if instant is None else format_datetime(datetime.fromtimestamp(instant, UTC).replace(microsecond=0))


def signature(auth_token: str, url: str, fields: Mapping[str, str]) -> str:
    """Return X-Twilio-Signature: the URL and every field in order of name, as HMAC-SHA1, in base64."""
    text = url + "".join(name + fields[name] for name in sorted(fields))
    return base64.b64encode(hmac.digest(auth_token.encode(), text.encode(), hashlib.sha1)).decode()


class StatusCallbackFormat:
    """Twilio's callback format: a form, signed with the account's token, retried once after a connection error."""

    waits: Sequence[float] = (1.0,)

    def headers(self, delivery: Delivery, now: float) -> Mapping[str, str]:
        """Return the signature and Twilio's own headers."""
        _ = now
        fields = dict(parse_qsl(delivery.body, keep_blank_values=True))
        return {
            "User-Agent": "TwilioProxy/1.1",
            "I-Twilio-Idempotency-Token": hashlib.sha256(f"{delivery.id}".encode()).hexdigest()[:32],
            "X-Twilio-Signature": signature(delivery.secret, delivery.url, fields),
        }

    def arrived(self, status: int) -> bool:
        """Any response will do: Twilio repeats only what could not be delivered at all."""
        _ = status
        return True


class Messages:
    """Create and advance messages."""

    def __init__(self, sandbox: Sandbox, callbacks: Callbacks) -> None:
        self._sandbox = sandbox
        self._callbacks = callbacks
        callbacks.add_format("sms", StatusCallbackFormat())
        sandbox.on_first_request.append(self._resume)
        sandbox.before_reads.append(self.run_due)
        sandbox.due_work.append(self.run_due)
        sandbox.next_due.append(self._next_due)

    def find(self, account_sid: str, sid: str) -> TextMessage | None:
        """Find a message of an account."""
        sql = "SELECT * FROM messages WHERE sid = ? AND account_sid = ?"
        row = self._sandbox.store.first(sql, sid, account_sid)
        return None if row is None else _message(row)

    def create(self, call: Call, account_sid: str, auth_token: str, draft: Draft) -> TextMessage:
        """Make a message; its media is fetched after the response."""
        store, now = self._sandbox.store, self._sandbox.clock.now()
        fate, code = fate_of(draft.to_number, self._sandbox.platform_settings.get(PHONES))
        fault = call.job_fault
        if fault is not None and fault.kind == "media_error":
            fate, code = "failed", code_of(fault)
        with store.transaction():
            number = store.next_number("message")
            prefix = "MM" if draft.media_urls else "SM"
            sid = prefix + hashlib.sha256(store.secret("message", number, 40).encode()).hexdigest()[:32]
            store.insert(
                "messages",
                number=number,
                sid=sid,
                account_sid=account_sid,
                auth_token=auth_token,
                to_number=draft.to_number,
                from_number=draft.from_number,
                service_sid=draft.service_sid,
                body=draft.body,
                media_urls=json.dumps(draft.media_urls),
                callback=draft.callback,
                status="queued" if draft.service_sid is None else "accepted",
                fate=fate,
                fate_code=code,
                is_fetching=bool(draft.media_urls) and fate != "failed",
                created_at=now,
                moved_at=now,
                fault_id=fault.id if fault is not None and fault.kind == "stuck_processing" else None,
            )
        message = self._reload(number)
        if message.is_fetching:
            self._fetch(number)
        self._sandbox.notify()
        return message

    def _reload(self, number: int) -> TextMessage:
        return _message(self._sandbox.store.one("SELECT * FROM messages WHERE number = ?", number))

    # Media

    def _resume(self) -> None:
        rows = self._sandbox.store.all(f"SELECT * FROM messages WHERE {MOVING} ORDER BY number")  # noqa: S608  our own literal
        for row in rows:
            if row["is_fetching"]:
                self._fetch(row["number"])
        if rows:
            self._sandbox.notify()

    def _fetch(self, number: int) -> None:
        self._sandbox.start_task(f"media of message {number}", self._fetch_media(number))

    async def _fetch_media(self, number: int) -> None:
        message = self._reload(number)
        room, assets, code = MEDIA_BYTES, list[int](), None
        try:
            for url in message.media_urls:
                asset = await self._sandbox.media_store.fetch(url, limit_bytes=room, redirects=True)
                if asset.content_type == "image/webp":  # for WhatsApp stickers only
                    code = MEDIA_TYPE
                    break
                room -= asset.size_bytes
                assets.append(asset.id)
        except MediaTooLarge:
            code = MEDIA_TOO_BIG
        except FetchFailed:
            code = MEDIA_NOT_FETCHED
        except NotMedia:
            code = MEDIA_TYPE
        store = self._sandbox.store
        with store.transaction():
            store.run("UPDATE messages SET is_fetching = 0, asset_ids = ? WHERE number = ?", json.dumps(assets), number)
            if code is not None:
                store.run("UPDATE messages SET fate = 'failed', fate_code = ? WHERE number = ?", code, number)
        self._sandbox.notify()

    # Moving on

    def run_due(self) -> None:
        """Move every message as far as the clock says."""
        now = self._sandbox.clock.now()
        sql = f"SELECT * FROM messages WHERE {MOVING} AND is_fetching = 0 ORDER BY number"  # noqa: S608  our own literal
        for row in self._sandbox.store.all(sql):
            message = _message(row)
            while message.next_status is not None and not self._sandbox.faults.holds(message.fault_id):
                due = message.moved_at + SECONDS[message.status]
                if due > now:
                    break
                message = self._move(message, due)

    def _next_due(self) -> float | None:
        sql = f"SELECT * FROM messages WHERE {MOVING} AND is_fetching = 0 ORDER BY number"  # noqa: S608  our own literal
        return min(
            (
                row["moved_at"] + SECONDS[row["status"]]
                for row in self._sandbox.store.all(sql)
                if not self._sandbox.faults.holds(row["fault_id"])
            ),
            default=None,
        )

    def poll(self, call: Call, message: TextMessage) -> TextMessage:
        """Count a status call: it advances the message by one status, so that a test need not wait."""
        self.run_due()
        store, fault = self._sandbox.store, call.job_fault
        if fault is not None and fault.kind == "stuck_processing":
            store.run("UPDATE messages SET fault_id = ? WHERE number = ?", fault.id, message.number)
        elif fault is not None and message.next_status is not None:
            sql = "UPDATE messages SET fate = 'failed', fate_code = ?, is_fetching = 0 WHERE number = ?"
            store.run(sql, code_of(fault), message.number)
        message = self._reload(message.number)
        if message.is_fetching or message.next_status is None or self._sandbox.faults.holds(message.fault_id):
            return message
        return self._move(message, self._sandbox.clock.now())

    def _move(self, message: TextMessage, at: float) -> TextMessage:
        status = message.next_status or message.status
        store = self._sandbox.store
        with store.transaction():
            store.run(
                "UPDATE messages SET status = ?, moved_at = ?, from_number = coalesce(from_number, ?),"
                " sent_at = coalesce(sent_at, ?), error_code = ? WHERE number = ?",
                status,
                at,
                POOL_NUMBER,
                at if status == "sent" else None,
                message.fate_code if status in {"failed", "undelivered"} else None,
                message.number,
            )
            moved = self._reload(message.number)
            if moved.callback is not None:
                self._report(moved, moved.callback)
        return moved

    def _report(self, message: TextMessage, callback: str) -> None:
        fields = {
            "AccountSid": message.account_sid,
            "ApiVersion": API_VERSION,
            "From": message.from_number or "",
            "MessageSid": message.sid,
            "MessageStatus": message.status,
            "SmsSid": message.sid,
            "SmsStatus": message.status,
            "To": message.to_number,
        }
        if message.service_sid is not None:
            fields["MessagingServiceSid"] = message.service_sid
        if message.error_code is not None:
            fields["ErrorCode"] = str(message.error_code)
        self._callbacks.post(
            "sms",
            lane=f"sms {message.sid}",
            handle=message.to_number.removeprefix("+"),
            event=message.status,
            url=callback,
            body=urlencode(fields),
            secret=message.auth_token,
            content_type=FORM,
        )

    # Reading

    def page(
        self, account_sid: str, filters: Mapping[str, str], *, before: int | None, skip: int, max_count: int
    ) -> list[TextMessage]:
        """Return an account's messages, newest first. Filters: To, From, DateSent, and DateSent with > or <, whole
        days or instants in ISO 8601, both ends inclusive."""
        rows = self._sandbox.store.all(
            "SELECT * FROM messages WHERE account_sid = ?1 AND (?2 IS NULL OR to_number = ?2)"
            " AND (?3 IS NULL OR from_number = ?3) AND (?4 IS NULL OR date(sent_at, 'unixepoch') = ?4)"
            " AND (?5 IS NULL OR strftime('%Y-%m-%dT%H:%M:%SZ', sent_at, 'unixepoch') >= ?5)"
            " AND (?6 IS NULL OR strftime('%Y-%m-%dT%H:%M:%SZ', sent_at, 'unixepoch') <= ?6)"
            " AND (?7 IS NULL OR number < ?7) ORDER BY number DESC LIMIT ?8 OFFSET ?9",
            account_sid,
            filters.get("To"),
            filters.get("From"),
            filters.get("DateSent"),
            filters.get("DateSent>"),
            filters.get("DateSent<"),
            before,
            max_count,
            skip,
        )
        return [_message(row) for row in rows]

    def resource(self, message: TextMessage) -> dict[str, JSONValue]:
        """Return a message as Twilio's API writes it."""
        return {
            "account_sid": message.account_sid,
            "api_version": API_VERSION,
            "body": message.body,
            "date_created": rfc_2822(message.created_at),
            "date_sent": rfc_2822(message.sent_at),
            "date_updated": rfc_2822(message.moved_at),
            "direction": "outbound-api",
            "error_code": message.error_code,
            "error_message": None,
            "from": message.from_number,
            "messaging_service_sid": message.service_sid,
            "num_media": str(len(message.media_urls)),
            "num_segments": str(segments(message.body)),
            "price": None,
            "price_unit": "USD",
            "sid": message.sid,
            "status": message.status,
            "subresource_uris": {"media": message.path.removesuffix(".json") + "/Media.json"},
            "to": message.to_number,
            "uri": message.path,
        }

    def listed(self, number: str | None) -> Iterator[TextMessage]:
        """Return messages, oldest first; to one phone where its digits are given."""
        receiver = None if number is None else "+" + number.removeprefix("+")
        sql = "SELECT * FROM messages WHERE (?1 IS NULL OR to_number = ?1)"
        return (_message(row) for row in self._sandbox.store.pages(sql, "number", receiver))

    def newest(self, max_count: int) -> Sequence[TextMessage]:
        """Return the newest messages, the oldest of them first."""
        rows = self._sandbox.store.all("SELECT * FROM messages ORDER BY number DESC LIMIT ?", max_count)
        return [_message(row) for row in reversed(rows)]

    def to_json(self, message: TextMessage) -> dict[str, JSONValue]:
        """Return a message as the control surface shows it."""
        return {
            "platform": "sms",
            "sid": message.sid,
            "to": message.to_number,
            "from": message.from_number,
            "messagingServiceSid": message.service_sid,
            "body": message.body,
            "mediaUrls": message.media_urls,
            "media": [asset.to_json() for asset in self._sandbox.media_store.assets(message.asset_ids)],
            "status": message.status,
            "errorCode": message.error_code,
            "statusCallback": message.callback,
            "createdAt": iso(message.created_at),
        }


def code_of(fault: Fault) -> int:
    """Return the error code that a media_error fault ends a message with."""
    text = text_of(fault.value.get("code"))
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else MEDIA_NOT_FETCHED
