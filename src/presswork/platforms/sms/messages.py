"""A client of a service that implements Twilio's Messages API: send a message, fetch it, list the messages to a phone.

Source: Twilio, "Message resource" and "Validating signatures", read 2026-11.
"""

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Literal
from urllib.parse import urlencode

from presswork.platforms.api_client import Brand
from presswork.platforms.errors import OutcomeUnknown, TryLater
from presswork.platforms.json_values import items_of
from presswork.platforms.port import RetryPolicy
from presswork.platforms.sms.responses import message_of, read_message, refusal_of
from presswork.platforms.sms_port import TextMessage
from presswork.platforms.transport import Reply, Transport

SEND: Final = "messages"
FETCH: Final = "message_status"
LIST: Final = "messages_list"
_SERVICE: Final = Brand(name="The text message service")
_VERSION: Final = "2010-04-01"
_MESSAGING_SERVICE: Final = "MG"
"""Prefix of a messaging service's id; anything else is a sender's number or name."""
_PAGE_SIZE: Final = 200
_MAX_PAGES: Final = 10
CLOCKS_APART: Final = timedelta(minutes=15)
"""How much the service's clock may differ from ours, when messages are selected by their age."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SenderAccess:
    """An account with the service, and the number or messaging service that sends the texts."""

    api_url: str
    account_sid: str
    auth_token: str = field(repr=False)
    sender: str


class TwilioGateway:
    """The port `SmsGateway` over the Messages API. The caller closes the transport."""

    signature_header: Final = "x-twilio-signature"

    def __init__(self, access: SenderAccess, *, transport: Transport, retry_policy: RetryPolicy) -> None:
        """Store the account, the transport and the retry policy."""
        self._access: Final = access
        self._transport: Final = transport
        self.retry_policy: Final = retry_policy
        self._root: Final = f"/{_VERSION}/Accounts/{access.account_sid}/Messages"
        pair = base64.b64encode(f"{access.account_sid}:{access.auth_token}".encode()).decode()
        self._headers: Final = {"Authorization": f"Basic {pair}"}

    async def send(self, *, to: str, body: str, media_urls: Sequence[str], callback_url: str | None) -> TextMessage:
        """Send one message. Raises Rejected and TryLater where nothing was sent for certain, else OutcomeUnknown."""
        sender = self._access.sender
        fields = [("To", to), ("MessagingServiceSid" if sender.startswith(_MESSAGING_SERVICE) else "From", sender)]
        fields += [("Body", body), *(("MediaUrl", url) for url in media_urls)]
        if callback_url is not None:
            fields.append(("StatusCallback", callback_url))
        with _SERVICE.lost(step=SEND, unknown=_explain_unknown):
            reply = await self._send_request("POST", f"{self._root}.json", step=SEND, form=fields)
        message = read_message(reply)
        if message is None:
            raise refusal_of(reply, step=SEND, is_send=True)
        return message

    async def fetch(self, message_id: str) -> TextMessage:
        """Return the current state of a message. Raises Rejected, TryLater."""
        reply = await self._send_read(f"{self._root}/{message_id}.json", step=FETCH)
        message = read_message(reply)
        if message is None:
            raise refusal_of(reply, step=FETCH, is_send=False)
        return message

    async def find(self, *, to: str, since: datetime, is_it: Callable[[str], bool]) -> Sequence[TextMessage]:
        """Return the messages to a phone whose text matches, newest first, back to `since`. Raises Rejected, TryLater.

        The list is not filtered by DateSent: a queued message has none yet, and would be missed.
        """
        found: list[TextMessage] = []
        path: str | None = f"{self._root}.json?{urlencode({'To': to, 'PageSize': _PAGE_SIZE})}"
        for _ in range(_MAX_PAGES):
            if path is None:
                return found
            page, path = await self._read_page(path)
            found += [message for message in page if _is_since(message, since) and is_it(message.body)]
            if page and not any(_is_since(message, since) for message in page):
                return found
        if path is None:
            return found
        raise TryLater("There are more messages to this phone than can be looked through.", step=LIST)

    async def _read_page(self, path: str) -> tuple[Sequence[TextMessage], str | None]:
        reply = await self._send_read(path, step=LIST)
        body = reply.json_object()
        if body is None or reply.status >= 300 or not isinstance(body.get("messages"), list):
            raise refusal_of(reply, step=LIST, is_send=False)
        following = body.get("next_page_uri")
        is_ours = isinstance(following, str) and following.startswith(self._root)
        messages = [message for item in items_of(body, "messages") if (message := message_of(item))]
        return messages, str(following) if is_ours else None

    def is_signed(self, url: str, fields: Sequence[tuple[str, str]], signature: str) -> bool:
        """Whether a delivery report to this URL, with these fields, was sent by the service. Compares in constant time."""
        expected = signature_of(self._access.auth_token, url, fields)
        return hmac.compare_digest(expected.encode(), signature.encode("utf-8", "replace"))

    async def _send_read(self, path: str, *, step: str) -> Reply:
        with _SERVICE.lost(step=step):
            return await self._send_request("GET", path, step=step)

    async def _send_request(
        self, method: Literal["GET", "POST"], path: str, *, step: str, form: Sequence[tuple[str, str]] | None = None
    ) -> Reply:
        headers: Mapping[str, str] = self._headers
        if form is not None:
            headers = {**headers, "Content-Type": "application/x-www-form-urlencoded"}
        return await self._transport.call(
            method,
            f"{self._access.api_url}{path}",
            operation=step,
            timeout=self.retry_policy.timeouts.call,
            data=None if form is None else urlencode(form).encode(),
            headers=headers,
            is_fresh=form is not None,  # a caption alone has no reference to find it by
        )


def signature_of(auth_token: str, url: str, fields: Sequence[tuple[str, str]]) -> str:
    """Return the expected X-Twilio-Signature: the URL and each field in order of name, as HMAC-SHA1, in base64."""
    text = url + "".join(name + value for name, value in sorted(set(fields)))
    return base64.b64encode(hmac.digest(auth_token.encode(), text.encode(), hashlib.sha1)).decode()


def _explain_unknown(reason: str) -> OutcomeUnknown:
    return OutcomeUnknown(f"{_SERVICE.name} did not answer: {reason}.", step=SEND)


def _is_since(message: TextMessage, since: datetime) -> bool:
    return message.created_at is None or message.created_at >= since - CLOCKS_APART
