"""api.twilio.com, as an ASGI app."""

import base64
import binascii
import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlencode, urlsplit

from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from presswork_sandbox.calls import Call, perform
from presswork_sandbox.core import Sandbox
from presswork_sandbox.sms.errors import NOT_AUTHENTICATED, NOT_FOUND, TwilioErrorFormat, TwilioRefusal, refused
from presswork_sandbox.sms.messages import API_VERSION, Draft, Messages, TextMessage
from presswork_sandbox.sms.numbers import check_from, check_to, plain
from presswork_sandbox.wire import (
    BadBody,
    JSONValue,
    Reply,
    json_reply,
    local_path,
    read_form_lists,
    without_query,
)

HOST: Final = "api.twilio.com"
LIST: Final = re.compile(rf"/{API_VERSION}/Accounts/([^/]+)/Messages(?:\.json)?/*")
ONE: Final = re.compile(rf"/{API_VERSION}/Accounts/([^/]+)/Messages/([^/.]+)(?:\.json)?/*")
FILTERS: Final = ("To", "From", "DateSent", "DateSent>", "DateSent<")
PAGE_SIZE: Final = 50
MAX_PAGE: Final = 1000
BODY_CHARACTERS: Final = 1600
MEDIA_FILES: Final = 10


def credentials(request: Request) -> tuple[str, str] | None:
    """Return user name and password of Basic authentication, or None where there are none that can be read."""
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        name, mark, password = base64.b64decode(given.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return (name, password) if mark and name and password else None


class TwilioHost:
    """api.twilio.com. Any account sid and any token will do, but there must be some."""

    def __init__(self, sandbox: Sandbox, messages: Messages) -> None:
        self._sandbox = sandbox
        self._messages = messages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        self._sandbox.resume_work()
        request = Request(scope, receive)
        path = local_path(scope)
        try:
            form = await read_form_lists(request)
        except BadBody:
            form = {}
        operation, account_sid, sid = _operation(request.method, path)
        message = self._messages.find(account_sid, sid) if operation == "message_status" else None
        receiver = (form.get("To") or [""])[0] if message is None else message.to_number
        call = Call(
            platform="sms",
            host=HOST,
            path=path,
            operation=operation,
            request=request,
            shown=_journal_form(form) if form else dict(request.query_params),
            handle=plain(receiver).removeprefix("+") or None,
            held_by=None if message is None else message.fault_id,
        )

        async def effect() -> Reply:
            try:
                return self._serve_call(call, account_sid, message, form)
            except TwilioRefusal as refusal:
                return refused(refusal.code, str(refusal))

        response = await perform(self._sandbox, call, effect, TwilioErrorFormat())
        await response(scope, receive, send)

    def _serve_call(
        self, call: Call, account_sid: str, message: TextMessage | None, form: Mapping[str, list[str]]
    ) -> Reply:
        who = credentials(call.request)
        if who is None:
            raise TwilioRefusal(NOT_AUTHENTICATED)
        messages = self._messages
        if call.operation == "messages":
            made = messages.create(call, account_sid, who[1], read_draft(form))
            return json_reply(messages.resource(made), 201)
        if call.operation == "messages_list":
            return self._list(call, account_sid)
        if message is None:
            raise TwilioRefusal(NOT_FOUND, message=f"The requested resource {call.path} was not found")
        return json_reply(messages.resource(messages.poll(call, message)))

    def _list(self, call: Call, account_sid: str) -> Reply:
        query = call.request.query_params
        filters = {name: query[name] for name in FILTERS if query.get(name)}
        wanted = {name: plain(value) if name in {"To", "From"} else value for name, value in filters.items()}
        if "DateSent<" in wanted and "T" not in wanted["DateSent<"]:
            wanted["DateSent<"] += "T23:59:59Z"  # a day, and all of it
        size = min(MAX_PAGE, _count(query.get("PageSize"), PAGE_SIZE) or PAGE_SIZE)
        page = _count(query.get("Page"), 0)
        last = self._messages.find(account_sid, query.get("PageToken", "").removeprefix("PA"))
        self._messages.run_due()
        rows = self._messages.page(
            account_sid,
            wanted,
            before=None if last is None else last.number,
            skip=0 if last is not None else page * size,
            max_count=size + 1,
        )
        shown = rows[:size]
        base = f"/{API_VERSION}/Accounts/{account_sid}/Messages.json"

        def place(number: int, **more: str) -> str:
            return f"{base}?{urlencode({**filters, 'PageSize': size, 'Page': number, **more})}"

        following = place(page + 1, PageToken="PA" + shown[-1].sid) if len(rows) > size else None
        return json_reply(
            {
                "messages": [self._messages.resource(row) for row in shown],
                "page": page,
                "page_size": size,
                "start": page * size,
                "end": page * size + max(0, len(shown) - 1),
                "first_page_uri": place(0),
                "next_page_uri": following,
                "previous_page_uri": place(page - 1) if page else None,
                "uri": place(page),
            }
        )


def _operation(method: str, path: str) -> tuple[str, str, str]:
    """Return the operation, the account's sid and the message's."""
    one, several = ONE.fullmatch(path), LIST.fullmatch(path)
    if several is not None and method in {"GET", "POST"}:
        return ("messages" if method == "POST" else "messages_list"), several.group(1), ""
    if one is not None and method == "GET":
        return "message_status", one.group(1), one.group(2)
    return "unknown", "", ""


def _journal_form(form: Mapping[str, list[str]]) -> Mapping[str, JSONValue]:
    urls = {"MediaUrl", "StatusCallback"}
    clean = {
        name: [without_query(value) for value in values] if name in urls else values for name, values in form.items()
    }
    return {name: values if name == "MediaUrl" else values[-1] for name, values in clean.items()}


def _count(text: str | None, default: int) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 7 else default


def _is_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.netloc)


def read_draft(form: Mapping[str, list[str]]) -> Draft:
    """Read a create call's fields, in the order in which Twilio finds fault with them. Raises TwilioRefusal."""
    given = {name: values[-1] for name, values in form.items()}
    if not given.get("To"):
        raise TwilioRefusal(21604)
    to_number = check_to(given["To"])
    service = given.get("MessagingServiceSid") or None
    if not given.get("From") and service is None:
        raise TwilioRefusal(21603)
    if service is not None and not service.startswith("MG"):
        raise TwilioRefusal(21705, service)
    from_number = check_from(given["From"]) if given.get("From") else None
    body = given.get("Body", "")
    media = tuple(url for url in form.get("MediaUrl", []) if url)
    if not body and not media:
        raise TwilioRefusal(21602)
    if len(body) > BODY_CHARACTERS:
        raise TwilioRefusal(21617)
    if len(media) > MEDIA_FILES:
        raise TwilioRefusal(21623)
    if not all(map(_is_url, media)):
        raise TwilioRefusal(21620)
    callback = given.get("StatusCallback") or None
    if callback is not None and not _is_url(callback):
        raise TwilioRefusal(21609, callback)
    return Draft(
        to_number=to_number,
        from_number=from_number,
        service_sid=service,
        body=body,
        media_urls=media,
        callback=callback,
    )
