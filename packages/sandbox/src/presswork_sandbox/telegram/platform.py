"""Telegram in an open sandbox, and on the control surface: what people do in their channels."""

from collections.abc import Mapping
from typing import Final

from starlette.requests import Request
from starlette.routing import Mount, Route

from presswork_sandbox.accounts import Account
from presswork_sandbox.callbacks import Callbacks
from presswork_sandbox.consent import Consent
from presswork_sandbox.control_input import BadControl, check_strings, handle_of, known_keys, one_of
from presswork_sandbox.control_router import ControlRouter, read_control
from presswork_sandbox.core import Sandbox
from presswork_sandbox.details import Details
from presswork_sandbox.pages import Pages
from presswork_sandbox.platform import OpenPlatform, PostLocation
from presswork_sandbox.posts import Post
from presswork_sandbox.telegram.bots import ADMINISTRATOR, RIGHTS, STATUSES, Bots
from presswork_sandbox.telegram.facts import FACTS
from presswork_sandbox.telegram.hosts import HOST, BotHost
from presswork_sandbox.telegram.messages import Messages, url_of
from presswork_sandbox.telegram.oauth import TelegramFlow
from presswork_sandbox.wire import JSONValue, text_of

SITE: Final = "/t.me"


class TelegramControl:
    """Routes of the control surface for the place of bots in channels, and for what people post there."""

    def __init__(self, sandbox: Sandbox, router: ControlRouter, bots: Bots, messages: Messages) -> None:
        self._sandbox = sandbox
        self._bots = bots
        self._messages = messages
        self.routes: Final = [
            router.route("POST", "/telegram/members", self._set_member),
            router.route("POST", "/telegram/messages", self._post),
        ]

    def _channel(self, body: Mapping[str, JSONValue]) -> Account:
        return self._sandbox.accounts.ensure(FACTS.name, handle_of(body.get("handle")), self._sandbox.clock.now())

    async def _set_member(self, request: Request) -> JSONValue:
        """POST /telegram/members: the person gives a bot another place in a channel."""
        body = await read_control(request)
        known_keys(body, ["handle", "botId", "status", "rights"])
        status, bot_id = one_of(body, "status", STATUSES, ADMINISTRATOR), text_of(body.get("botId"))
        check_strings(body, "rights")
        rights = body.get("rights")
        given = [str(one) for one in rights] if isinstance(rights, list) else list(RIGHTS)
        if not (bot_id.isascii() and bot_id.isdigit() and len(bot_id) <= 15):
            raise BadControl("botId must be the digits before the colon of a bot's token.")
        if not set(given) <= set(RIGHTS):
            raise BadControl(f"rights must be a list of: {', '.join(RIGHTS)}.")
        with self._sandbox.store.transaction():
            account = self._channel(body)
            self._bots.set_member(bot_id, account, status, given if status == ADMINISTRATOR else ())
        return self._bots.describe_member(bot_id, account)

    async def _post(self, request: Request) -> JSONValue:
        """POST /telegram/messages: a person posts a text in a channel."""
        body = await read_control(request)
        known_keys(body, ["handle", "text"])
        text = body.get("text")
        if not isinstance(text, str) or not text.strip():
            raise BadControl("text must be a string that is not empty.")
        with self._sandbox.store.transaction():
            number = self._messages.post_by_person(self._channel(body), text)
        return {"messageId": number}


def _details_of(post: Post) -> Details:
    details, params = Details(), post.params
    poll = params.get("options")
    if post.kind == "poll" and isinstance(poll, list):
        details.title = text_of(params.get("question"))
        texts = [one.get("text") if isinstance(one, Mapping) else one for one in poll]
        details.facts.append(("Poll", " / ".join(text_of(one) for one in texts)))
    if params.get("disable_notification") in {True, "true"}:
        details.labels.append("Silent")
    return details


def open_telegram(sandbox: Sandbox, pages: Pages, router: ControlRouter, callbacks: Callbacks) -> OpenPlatform:
    """Return Telegram: the Bot API, the page that connects a channel, and the pages for people."""
    bots = Bots(sandbox, callbacks)
    messages = Messages(sandbox, bots)
    consent = Consent(sandbox, pages, TelegramFlow(sandbox, bots, messages))

    def by_id(path: Mapping[str, str]) -> Post | None:
        post = sandbox.posts.by_external_id(FACTS.name, path["message_id"])
        account = None if post is None else sandbox.accounts.by_id(post.account_id)
        if post is None or account is None:
            return None
        named = path.get("handle") or f"-100{path['chat']}"
        return post if named.lower() in {account.handle.lower(), account.user_id} else None

    def new_location(account: Account, kind: str) -> PostLocation:
        _ = kind
        number = messages.new_number()
        return PostLocation(external_id=str(number), url=url_of(account, number))

    def revoke(account: Account, reason: int) -> int:
        _ = reason
        with sandbox.store.transaction():
            return bots.kick(account)

    return OpenPlatform(
        name=FACTS.name,
        routes=[
            Mount(f"/{HOST}", BotHost(sandbox, bots, messages)),
            *(Route(f"/oauth.telegram.org/auth{end}", consent) for end in ("", "/")),
            *pages.posts(by_id, SITE + "/c/{chat:row}/{message_id}", SITE + "/{handle}/{message_id}"),
            *pages.profile(FACTS.name, *(f"{SITE}/{{handle}}{end}" for end in ("", "/"))),
        ],
        details_of=lambda post, _assets: _details_of(post),
        new_location=new_location,
        remove=messages.remove_post,
        revoke=revoke,
        control=TelegramControl(sandbox, router, bots, messages).routes,
    )
