"""Parses the responses of the Messages API.

Source: Twilio, "Message resource" and "Error and Warning Dictionary", read 2026-11.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from pydantic import JsonValue

from presswork.core.phone_numbers import masked_in
from presswork.core.timestamps import read_header_date
from presswork.platforms.errors import FailureCode, OutcomeUnknown, PlatformError, Rejected, Reported, TryLater
from presswork.platforms.sms_port import TextMessage, TextState
from presswork.platforms.transport import Reply

NOT_DELIVERED: Final = "The text message was not delivered"
_STATES: Final[Mapping[str, TextState]] = {
    "sent": TextState.SENT,
    "delivered": TextState.DELIVERED,
    "read": TextState.DELIVERED,
    "undelivered": TextState.FAILED,
    "failed": TextState.FAILED,
    "canceled": TextState.FAILED,
}
"""Every other status (accepted, scheduled, queued, sending) means that it is not with the carrier yet."""
_THROTTLES: Final = frozenset({"20429", "21611", "63038"})
_NUMBER: Final = "Correct the phone number"
_SENDER: Final = "Correct PRESSWORK_SMS_FROM"
_REACHABLE: Final = "Check that PRESSWORK_PUBLIC_URL can be reached from the internet, then send it again"
_REMEDIES: Final[Mapping[str, str]] = {
    "11200": f"The service could not fetch the media. {_REACHABLE}.",
    "11751": "The media are too large for a text message. Send smaller ones.",
    "12300": "Text messages can't contain media of this type. Send JPEG, PNG or MP4.",
    "20003": "The service refused our credentials. Correct PRESSWORK_SMS_ACCOUNT_SID and PRESSWORK_SMS_AUTH_TOKEN.",
    "20404": "The service does not know the account. Correct PRESSWORK_SMS_ACCOUNT_SID and PRESSWORK_SMS_API_URL.",
    "21211": f"The number can't receive text messages. {_NUMBER}, and verify it again.",
    "21212": f"The sender is not a valid number. {_SENDER}.",
    "21408": "Texts to this country are not allowed. Allow the country in the service's geographic permissions.",
    "21603": f"There is no sender. {_SENDER}.",
    "21606": f"The sender can't text this number. {_SENDER}, or use another phone.",
    "21610": "The phone has unsubscribed. Text START to the sender from this phone, then send it again.",
    "21612": "This sender can't reach the phone. Use another sender or another phone.",
    "21614": f"It is not a mobile number. {_NUMBER}, and verify it again.",
    "21705": f"There is no such messaging service. {_SENDER}.",
    "30003": "The phone is off or out of reach. Switch it on, then send it again.",
    "30004": "The phone blocks these texts. Unblock the sender, then send it again.",
    "30005": f"This number does not exist. {_NUMBER}, and verify it again.",
    "30006": f"It is a landline, or its carrier can't be reached. {_NUMBER}, and verify it again.",
    "30007": "The carrier blocked it as spam. Register the sender with the carrier (the service's documentation says how).",
    "30034": "The sender is not registered for this country. Register it with the service.",
}
_OTHERWISE: Final = "Look the code up in the service's list, and check that the phone can receive texts."


def read_message(reply: Reply) -> TextMessage | None:
    """Return the message in a response; None where it contains none."""
    body = reply.json_object()
    return None if reply.status >= 300 or body is None else message_of(body)


def message_of(resource: Mapping[str, JsonValue]) -> TextMessage | None:
    """Parse a message of the API; None where a required field is missing."""
    message_id, status = resource.get("sid"), resource.get("status")
    if not isinstance(message_id, str) or not message_id or not isinstance(status, str):
        return None
    state, body = _STATES.get(status, TextState.UNDER_WAY), resource.get("body")
    return TextMessage(
        id=message_id,
        state=state,
        body=body if isinstance(body, str) else "",
        created_at=_read_instant(resource.get("date_created")),
        failure=_explain_failure(resource, status) if state is TextState.FAILED else None,
    )


def _explain_failure(resource: Mapping[str, JsonValue], status: str) -> Rejected:
    code, message = resource.get("error_code"), resource.get("error_message")
    return not_delivered(
        None if code is None else str(code),
        masked_in(message) if isinstance(message, str) else status,
        step="message_status",
    )


def not_delivered(code: str | None, message: str | None, *, step: str) -> Rejected:
    """Return the error for a text that will never arrive, with advice for the service's code."""
    suffix = "" if code is None else f" (code {code})"
    return Rejected(
        f"{NOT_DELIVERED}{suffix}. {_REMEDIES.get(code or '', _OTHERWISE)}",
        step=step,
        failure=FailureCode.DELIVERY_FAILED,
        platform_code=code,
        platform_message=message,
    )


def refusal_of(reply: Reply, *, step: str, is_send: bool) -> PlatformError:
    """Return the error for a response without a message.

    After a send, only the service's own client error proves that nothing was sent: a server error may occur after the
    effect.
    """
    body = reply.json_object() or {}
    code, message = body.get("code"), body.get("message")
    code_text = str(code) if isinstance(code, int | str) else None
    sentence = masked_in(message) if isinstance(message, str) else None
    reported = Reported(platform_code=code_text, platform_message=sentence)
    if reply.status == 429 or code_text in _THROTTLES:
        return TryLater(
            "The text message service accepts no more messages at the moment.",
            step=step,
            retry_after=reply.retry_after,
            is_throttled=True,
            **reported,
        )
    if 400 <= reply.status < 500 and reply.status != 408:
        if code_text is not None:
            return not_delivered(code_text, sentence, step=step)
        return Rejected(
            f"The server at PRESSWORK_SMS_API_URL is not a Messages API (HTTP {reply.status}). Correct the address.",
            step=step,
            failure=FailureCode.DELIVERY_FAILED,
            platform_code=f"HTTP {reply.status}",
        )
    if is_send:
        return OutcomeUnknown(
            f"The text message service returned an ambiguous response (HTTP {reply.status}).",
            step=step,
            **reported,
        )
    return TryLater(
        f"The text message service failed (HTTP {reply.status}).",
        step=step,
        retry_after=reply.retry_after,
        **reported,
    )


def _read_instant(value: JsonValue) -> datetime | None:
    """Parse a date in the API's format (RFC 2822)."""
    return read_header_date(value) if isinstance(value, str) else None
