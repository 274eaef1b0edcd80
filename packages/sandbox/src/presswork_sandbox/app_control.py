"""Apps on the control surface: register and block them, and let people write to them."""

from functools import partial
from typing import Final

from starlette.requests import Request

from presswork_sandbox.app_requests import KINDS, AppRequests
from presswork_sandbox.control_input import BadControl, handle_of, known_keys, one_of
from presswork_sandbox.control_router import ControlRouter, Listing, read_control, read_filters
from presswork_sandbox.core import Sandbox
from presswork_sandbox.webhooks import META
from presswork_sandbox.wire import JSONValue


class AppControl:
    """The routes below /sandbox/control/apps."""

    def __init__(self, sandbox: Sandbox, router: ControlRouter) -> None:
        self._sandbox = sandbox
        self._requests = AppRequests(sandbox)
        self.routes: Final = [
            router.route("GET", "/apps", self._list),
            router.route("POST", "/apps", self._put),
            *(router.route("POST", f"/apps/{{client_id}}/{kind}", partial(self._send, kind)) for kind in KINDS),
        ]

    async def _list(self, request: Request) -> Listing:
        read_filters(request)
        return Listing(self._sandbox.app_rules.list_apps())

    async def _put(self, request: Request) -> JSONValue:
        body = await read_control(request)
        with self._sandbox.store.transaction():
            return self._sandbox.app_rules.put_app(body)

    async def _send(self, kind: str, request: Request) -> JSONValue:
        """POST /apps/{client_id}/deauthorize or data-deletion: the person of an account removes the app, or wants a deletion."""
        body = await read_control(request)
        known_keys(body, ["platform", "handle"])
        account = self._sandbox.accounts.by_handle(one_of(body, "platform", META), handle_of(body.get("handle")))
        if account is None:
            raise BadControl("No account of that platform and handle; GET /sandbox/control/accounts lists them.")
        return await self._requests.send(request.path_params["client_id"], kind, account)
