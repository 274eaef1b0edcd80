"""Text messages on the control surface: what was sent, and what becomes of messages to a number."""

from typing import Final

from starlette.requests import Request

from presswork_sandbox.control_input import BadControl, known_keys, one_of, whole_number
from presswork_sandbox.control_router import ControlRouter, Listing, read_control, read_filters
from presswork_sandbox.core import Sandbox
from presswork_sandbox.sms.messages import PHONES, Messages
from presswork_sandbox.sms.numbers import ENDS, is_phone, plain
from presswork_sandbox.wire import JSONValue


class MessagesControl:
    """Routes of the control surface that are about text messages."""

    def __init__(self, sandbox: Sandbox, router: ControlRouter, messages: Messages) -> None:
        self._sandbox = sandbox
        self._messages = messages
        self.routes: Final = [
            router.route("GET", "/messages", self._list_messages),
            router.route("GET", "/phones", self._phones),
            router.route("POST", "/phones", self._save_phone),
        ]

    async def _list_messages(self, request: Request) -> Listing:
        platform, number = read_filters(request)
        self._messages.run_due()
        found = () if platform not in {None, "sms"} else self._messages.listed(number)
        return Listing(self._messages.to_json(message) for message in found)

    async def _phones(self, request: Request) -> JSONValue:
        read_filters(request)
        phones = self._sandbox.platform_settings.get(PHONES)
        return {"items": [{"number": number, "ends": _read_ends(value)} for number, value in phones.items()]}

    async def _save_phone(self, request: Request) -> JSONValue:
        body = await read_control(request)
        known_keys(body, ["number", "ends", "errorCode"])
        number = body.get("number")
        if not isinstance(number, str) or not is_phone(plain(number)):
            raise BadControl("number must be a phone number in E.164, like +15551234567.")
        ends = one_of(body, "ends", ENDS)
        code = None if body.get("errorCode") is None else whole_number(body, "errorCode", 0)
        setting: JSONValue = {"ends": ends, "errorCode": code}
        self._sandbox.platform_settings.put(
            PHONES, {**self._sandbox.platform_settings.get(PHONES), plain(number): setting}
        )
        return {"number": plain(number), "ends": ends, "errorCode": code}


def _read_ends(value: JSONValue) -> JSONValue:
    return value["ends"] if isinstance(value, dict) else None
