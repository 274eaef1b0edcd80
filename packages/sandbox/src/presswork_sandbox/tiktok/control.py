"""TikTok on the control surface: what the person does in the app, and where events go."""

from typing import Final

from starlette.requests import Request

from presswork_sandbox.accounts import Account
from presswork_sandbox.callbacks import Callbacks
from presswork_sandbox.control_input import (
    BadControl,
    handle_of,
    known_keys,
    one_of,
    url_of,
    whole_number,
    yes_or_no,
)
from presswork_sandbox.control_router import ControlRouter, Listing, read_control, read_filters
from presswork_sandbox.core import Sandbox
from presswork_sandbox.registry import PLATFORMS
from presswork_sandbox.tiktok.jobs import Jobs
from presswork_sandbox.tiktok.webhooks import BY_PERSON, SETTINGS, Webhooks
from presswork_sandbox.wire import JSONValue

WEBHOOK_KEYS: Final = ["platform", "url", "clientSecret", "clientKey", "copies", "hold", "delaySeconds"]
ORDERS: Final = ("oldest_first", "newest_first")
MAX_COPIES: Final = 10
MAX_DELAY_SECONDS: Final = 72 * 3600


class TikTokControl:
    """Routes of the control surface for drafts, authorizations and webhooks."""

    def __init__(
        self, sandbox: Sandbox, router: ControlRouter, jobs: Jobs, webhooks: Webhooks, callbacks: Callbacks
    ) -> None:
        self._sandbox = sandbox
        self._jobs = jobs
        self._webhooks = webhooks
        self._callbacks = callbacks
        self.routes: Final = [
            router.route("GET", "/drafts", self._drafts),
            router.route("POST", "/drafts/{publish_id}/publish", self._post_draft),
            router.route("POST", "/drafts/{publish_id}/post", self._post_draft),
            router.route("POST", "/drafts/{publish_id}/discard", self._discard_draft),
            router.route("POST", "/revoke", self._revoke),
            router.route("GET", "/webhooks", self._settings),
            router.route("POST", "/webhooks", self._save),
            router.route("POST", "/webhooks/release", self._release),
            router.route("POST", "/webhooks/events", self._send),
        ]

    async def _drafts(self, request: Request) -> Listing:
        platform, handle = read_filters(request)
        self._sandbox.run_due()
        return Listing(() if platform not in {None, "tiktok"} else self._jobs.drafts(handle))

    async def _post_draft(self, request: Request) -> JSONValue:
        self._sandbox.run_due()
        posted = self._jobs.post_draft(request.path_params["publish_id"])
        if posted is None:
            raise BadControl("No draft of that id is waiting in an inbox; GET /sandbox/control/drafts lists them.")
        return {"externalId": posted}

    async def _discard_draft(self, request: Request) -> JSONValue:
        self._sandbox.run_due()
        if not self._jobs.discard_draft(request.path_params["publish_id"]):
            raise BadControl("No draft of that id is waiting in an inbox; GET /sandbox/control/drafts lists them.")
        return {"isDiscarded": True}

    def _account(self, platform: str, handle: JSONValue) -> Account:
        account = self._sandbox.accounts.by_handle(platform, handle_of(handle))
        if account is None:
            raise BadControl("No account of that platform and handle; GET /sandbox/control/accounts lists them.")
        return account

    async def _revoke(self, request: Request) -> JSONValue:
        body = await read_control(request)
        known_keys(body, ["platform", "handle", "reason"])
        platform = one_of(body, "platform", list(PLATFORMS))
        account = self._account(platform, body.get("handle"))
        reason = whole_number(body, "reason", BY_PERSON)
        if not 0 <= reason <= 5:
            raise BadControl(
                "reason must be between 0 and 5: 1 the person, 2 deleted, 3 age, 4 banned, 5 the developer."
            )
        if platform == "tiktok":
            killed = self._jobs.revoke(account, reason)
        else:
            killed = self._sandbox.tokens.kill_account(account.id, "revoked")
        return {"killedTokens": killed}

    # Webhooks

    async def _settings(self, request: Request) -> JSONValue:
        platform, _ = read_filters(request)
        settings = self._sandbox.platform_settings.get(SETTINGS)
        if platform not in {None, "tiktok"} or not settings:
            return {"items": []}
        return {"items": [{name: value for name, value in settings.items() if name != "clientSecret"}]}

    async def _save(self, request: Request) -> JSONValue:
        body = await read_control(request)
        known_keys(body, WEBHOOK_KEYS)
        one_of(body, "platform", ["tiktok"])
        if body.get("url") is None:
            self._sandbox.platform_settings.drop(SETTINGS)
            return {"platform": "tiktok", "url": None}
        for name in ("clientSecret", "clientKey"):
            value = body.get(name)
            if value is not None and not (isinstance(value, str) and value):
                raise BadControl(f"{name} must be a string, or null.")
        copies, delay = whole_number(body, "copies", 1), whole_number(body, "delaySeconds", 0)
        if not 1 <= copies <= MAX_COPIES:
            raise BadControl(f"copies must be between 1 and {MAX_COPIES}.")
        if not 0 <= delay <= MAX_DELAY_SECONDS:
            raise BadControl(f"delaySeconds must be between 0 and {MAX_DELAY_SECONDS}.")
        settings: dict[str, JSONValue] = {
            "platform": "tiktok",
            "url": url_of(body, "url"),
            "clientKey": body.get("clientKey"),
            "copies": copies,
            "hold": yes_or_no(body, "hold", default=False),
            "delaySeconds": delay,
        }
        self._sandbox.platform_settings.put(SETTINGS, {**settings, "clientSecret": body.get("clientSecret")})
        return settings

    async def _release(self, request: Request) -> JSONValue:
        body = await read_control(request)
        known_keys(body, ["order", "copies"])
        order, copies = one_of(body, "order", ORDERS, ORDERS[0]), whole_number(body, "copies", 1)
        if not 1 <= copies <= MAX_COPIES:
            raise BadControl(f"copies must be between 1 and {MAX_COPIES}.")
        self._jobs.run_due()
        released = await self._callbacks.release("tiktok", newest_first=order == "newest_first", copies=copies)
        return {"released": released}

    async def _send(self, request: Request) -> JSONValue:
        body = await read_control(request)
        known_keys(body, ["handle", "event", "content"])
        account = self._account("tiktok", body.get("handle"))
        event, content = body.get("event"), body.get("content", {})
        if not isinstance(event, str) or not event or not isinstance(content, dict):
            raise BadControl("event must be a string, content an object.")
        if not self._webhooks.is_on:
            raise BadControl("No URL is set: POST /sandbox/control/webhooks first.")
        self._webhooks.send(account, event, content)
        return {"event": event}
