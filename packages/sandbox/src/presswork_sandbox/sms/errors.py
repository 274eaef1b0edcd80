"""Twilio's refusals, by code, in Twilio's own envelope.

Source: Twilio, "Message resource" and "Error and Warning Dictionary", read 2026-11.
"""

from typing import Final

from presswork_sandbox.calls import Call
from presswork_sandbox.faults import Fault
from presswork_sandbox.wire import JSONValue, Reply, json_reply

STATUSES: Final = {20003: 401, 20404: 404, 20004: 405, 20429: 429, 20500: 500, 20503: 503, 21408: 403}
NOT_AUTHENTICATED: Final = 20003
NOT_FOUND: Final = 20404
SERVER_ERROR: Final = 20500
MEDIA_NOT_FETCHED: Final = 11200  # of a message whose media could not be read from its URL
MEDIA_TYPE: Final = 12300  # … has a type that Twilio does not accept
MEDIA_TOO_BIG: Final = 11751  # … is more than 5 MB
SENTENCES: Final = {
    NOT_AUTHENTICATED: "Authenticate",
    20004: "Method not allowed",
    SERVER_ERROR: "An internal server error has occurred",
    21211: "The 'To' number {value} is not a valid phone number.",
    21212: "The 'From' number {value} is not a valid phone number, shortcode, or alphanumeric sender ID.",
    21408: "Permission to send an SMS has not been enabled for the region indicated by the 'To' number: {value}",
    21602: "Message body is required.",
    21603: "A 'From' phone number is required.",
    21604: "A 'To' phone number is required.",
    21606: "The 'From' phone number {value} is not a valid, message-capable Twilio phone number for this destination.",
    21609: "The 'StatusCallback' URL {value} is not a valid URL.",
    21610: "Attempt to send to unsubscribed recipient",
    21611: "This 'From' number {value} has exceeded the maximum number of queued messages.",
    21612: "The 'To' phone number {value} can't be reached with the given 'From' number.",
    21614: "'To' number {value} is not a valid mobile number",
    21617: "The concatenated message body exceeds the 1600 character limit.",
    21620: "Invalid media URL(s)",
    21623: "Number of media files exceeds allowed limit of 10",
    21705: "The Messaging Service Sid {value} is invalid.",
}


class TwilioRefusal(Exception):
    """Ends a call with a code of Twilio's."""

    def __init__(self, code: int, value: str = "", message: str = "") -> None:
        super().__init__(message or SENTENCES.get(code, str(code)).format(value=value[:60]))
        self.code = code


def refused(code: int, message: str, status: int | None = None) -> Reply:
    """Return Twilio's error JSON; the HTTP status is in it, too."""
    http_status = status or STATUSES.get(code, 400)
    body: JSONValue = {
        "code": code,
        "message": message,
        "more_info": f"https://www.twilio.com/docs/errors/{code}",
        "status": http_status,
    }
    headers = {"WWW-Authenticate": 'Basic realm="Twilio API"'} if http_status == 401 else {}
    return json_reply(body, http_status, headers)


class TwilioErrorFormat:
    """Twilio's error responses for injected faults."""

    def server_error(self, call: Call) -> Reply:
        """Return Twilio's HTTP 500."""
        _ = call
        return refused(SERVER_ERROR, SENTENCES[SERVER_ERROR])

    def named_error(self, call: Call, fault: Fault) -> Reply:
        """Return the error of a platform_error fault; `value.status` overrides the HTTP status of the code."""
        _ = call
        code = int(str(fault.value["code"]))
        sentence = SENTENCES.get(code, "The sandbox is set to return this error.").format(value="")
        status = fault.value.get("status")
        return refused(code, str(fault.value.get("message") or sentence), status if isinstance(status, int) else None)
