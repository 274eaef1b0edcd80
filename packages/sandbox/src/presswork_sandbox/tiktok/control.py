"""TikTok on the control surface: what the person does in the app, and events of any kind."""

from typing import Final

from starlette.requests import Request

from presswork_sandbox.accounts import Account
from presswork_sandbox.control_input import (
    BadControl,
    handle_of,
    known_keys,
)
from presswork_sandbox.control_router import ControlRouter, Listing, read_control, read_filters
from presswork_sandbox.core import Sandbox
from presswork_sandbox.tiktok.jobs import Jobs
from presswork_sandbox.tiktok.webhooks import Webhooks
from presswork_sandbox.wire import JSONValue


class TikTokControl:
    """Routes of the control surface for drafts, authorizations and single events."""

    def __init__(self, sandbox: Sandbox, router: ControlRouter, jobs: Jobs, webhooks: Webhooks) -> None:
        self._sandbox = sandbox
        self._jobs = jobs
        self._webhooks = webhooks
        self.routes: Final = [
            router.route("GET", "/drafts", self._drafts),
            router.route("POST", "/drafts/{publish_id}/publish", self._post_draft),
            router.route("POST", "/drafts/{publish_id}/post", self._post_draft),
            router.route("POST", "/drafts/{publish_id}/discard", self._discard_draft),
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
