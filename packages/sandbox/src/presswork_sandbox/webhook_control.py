"""Webhooks on the control surface: where they go, held ones, and handshakes."""

from collections.abc import Mapping
from typing import Final

from starlette.requests import Request

from presswork_sandbox.accounts import Account
from presswork_sandbox.callbacks import Callbacks
from presswork_sandbox.control_input import BadControl, handle_of, known_keys, one_of, url_of, whole_number, yes_or_no
from presswork_sandbox.control_router import ControlRouter, read_control, read_filters
from presswork_sandbox.core import Sandbox
from presswork_sandbox.webhooks import LINKEDIN, META, CommentWebhooks, merge_bodies, settings_name
from presswork_sandbox.wire import JSONValue, text_of

TIKTOK: Final = "tiktok"
PLATFORMS: Final = (TIKTOK, *META, LINKEDIN)
KEYS: Final = ("platform", "url", "clientSecret", "clientKey", "copies", "hold", "delaySeconds")
META_KEYS: Final = ("verifyToken", "allAccounts")
ORDERS: Final = ("oldest_first", "newest_first")
MAX_COPIES: Final = 10
MAX_DELAY_SECONDS: Final = 72 * 3600


class WebhookControl:
    """The routes below /sandbox/control/webhooks that all platforms share."""

    def __init__(
        self, sandbox: Sandbox, router: ControlRouter, callbacks: Callbacks, webhooks: CommentWebhooks
    ) -> None:
        self._sandbox = sandbox
        self._callbacks = callbacks
        self._webhooks = webhooks
        self.routes: Final = [
            router.route("GET", "/webhooks", self._settings),
            router.route("POST", "/webhooks", self._save),
            router.route("POST", "/webhooks/release", self._release),
            router.route("POST", "/webhooks/challenge", self._challenge),
        ]

    async def _settings(self, request: Request) -> JSONValue:
        platform, _ = read_filters(request)
        found = [self._read(one) for one in PLATFORMS if platform in {None, one}]
        return {"items": [_without_secrets(settings) for settings in found if settings]}

    def _read(self, platform: str) -> Mapping[str, JSONValue]:
        return self._sandbox.platform_settings.get(settings_name(platform))

    async def _save(self, request: Request) -> JSONValue:
        body = await read_control(request)
        platform = one_of(body, "platform", PLATFORMS)
        known_keys(body, [*KEYS, *(META_KEYS if platform in META else ())])
        # LinkedIn's subscriptions carry their own URLs.
        if body.get("url") is None and (platform != LINKEDIN or set(body) <= {"platform", "url"}):
            self._sandbox.platform_settings.drop(settings_name(platform))
            return {"platform": platform, "url": None}
        for name in ("clientSecret", "clientKey", "verifyToken"):
            value = body.get(name)
            if value is not None and not (isinstance(value, str) and value):
                raise BadControl(f"{name} must be a string, or null.")
        copies, delay = whole_number(body, "copies", 1), whole_number(body, "delaySeconds", 0)
        if not 1 <= copies <= MAX_COPIES:
            raise BadControl(f"copies must be between 1 and {MAX_COPIES}.")
        if not 0 <= delay <= MAX_DELAY_SECONDS:
            raise BadControl(f"delaySeconds must be between 0 and {MAX_DELAY_SECONDS}.")
        settings: dict[str, JSONValue] = {
            "platform": platform,
            "url": None if body.get("url") is None else url_of(body, "url"),
            "clientKey": body.get("clientKey"),
            "copies": copies,
            "hold": yes_or_no(body, "hold", default=False),
            "delaySeconds": delay,
        }
        if platform in META:
            settings["allAccounts"] = yes_or_no(body, "allAccounts", default=False)
        secrets = {name: body.get(name) for name in ("clientSecret", "verifyToken")}
        self._sandbox.platform_settings.put(settings_name(platform), {**settings, **secrets})
        return settings

    async def _release(self, request: Request) -> JSONValue:
        """POST /webhooks/release: send what is held, one after the other, or merged as the platform batches."""
        body = await read_control(request)
        known_keys(body, ["platform", "order", "copies", "batch"])
        platform = one_of(body, "platform", PLATFORMS, TIKTOK)
        order, copies = one_of(body, "order", ORDERS, ORDERS[0]), whole_number(body, "copies", 1)
        if not 1 <= copies <= MAX_COPIES:
            raise BadControl(f"copies must be between 1 and {MAX_COPIES}.")
        self._sandbox.run_due()
        is_newest_first = order == ORDERS[1]
        if yes_or_no(body, "batch", default=False):
            self._callbacks.merge_held(
                platform, lambda bodies: merge_bodies(platform, bodies), newest_first=is_newest_first
            )
        released = await self._callbacks.release(platform, newest_first=is_newest_first, copies=copies)
        return {"released": released}

    async def _challenge(self, request: Request) -> JSONValue:
        """POST /webhooks/challenge: the handshake with the URL that is set, or another one."""
        body = await read_control(request)
        known_keys(body, ["platform", "url", "handle", "verifyToken", "clientSecret"])
        platform = one_of(body, "platform", [*META, LINKEDIN])
        account: Account | None = None
        if body.get("handle") is not None:
            account = self._sandbox.accounts.by_handle(platform, handle_of(body["handle"]))
            if account is None:
                raise BadControl("No account of that platform and handle; GET /sandbox/control/accounts lists them.")
        settings = dict(self._read(platform))
        settings |= {name: body[name] for name in ("url", "verifyToken", "clientSecret") if body.get(name) is not None}
        if not text_of(settings.get("url")):
            raise BadControl("No URL is set: name one, or POST /sandbox/control/webhooks first.")
        return await self._webhooks.challenge(platform, url_of(settings, "url"), settings, account)


def _without_secrets(settings: Mapping[str, JSONValue]) -> Mapping[str, JSONValue]:
    return {name: value for name, value in settings.items() if name not in {"clientSecret", "verifyToken"}}
