"""The managed provider on the control surface: what was handed over, and how the provider behaves."""

from collections.abc import Mapping
from typing import Final

from starlette.requests import Request

from presswork_sandbox.control_input import BadControl, handle_of, known_keys, one_of, whole_number
from presswork_sandbox.control_router import ControlRouter, Listing, read_control, read_filters
from presswork_sandbox.core import Sandbox
from presswork_sandbox.provider.dispatches import BEHAVIOURS, SETTINGS, Dispatches
from presswork_sandbox.provider.signature import key_of
from presswork_sandbox.wire import JSONValue


class ProviderControl:
    """Routes of the control surface that are about the provider."""

    def __init__(self, sandbox: Sandbox, router: ControlRouter, dispatches: Dispatches) -> None:
        self._sandbox = sandbox
        self._dispatches = dispatches
        self.routes: Final = [
            router.route("GET", "/dispatches", self._list_dispatches),
            router.route("GET", "/provider", self._settings),
            router.route("POST", "/provider", self._save),
        ]

    async def _list_dispatches(self, request: Request) -> Listing:
        platform, handle = read_filters(request)
        self._dispatches.run_due()
        of_platform = None if platform == "provider" else platform
        return Listing(dispatch.to_json() for dispatch in self._dispatches.listed(of_platform, handle))

    async def _settings(self, request: Request) -> JSONValue:
        read_filters(request)
        settings = self._sandbox.platform_settings.get(SETTINGS)
        general: JSONValue = {"handle": None, "behaviour": settings.get("behaviour", "accept")}
        handles = settings.get("handles")
        named = handles.items() if isinstance(handles, Mapping) else ()
        return {"items": [general, *({"handle": handle, "behaviour": how} for handle, how in named)]}

    async def _save(self, request: Request) -> JSONValue:
        body = await read_control(request)
        known_keys(body, ["behaviour", "handle", "secret", "toleranceSeconds"])
        settings = dict(self._sandbox.platform_settings.get(SETTINGS))
        if "behaviour" in body:
            behaviour = one_of(body, "behaviour", BEHAVIOURS)
            if body.get("handle") is None:
                settings["behaviour"] = behaviour
            else:
                handles = settings.get("handles")
                known = handles if isinstance(handles, Mapping) else {}
                settings["handles"] = {**known, handle_of(body["handle"]).lower(): behaviour}
        elif "handle" in body:
            raise BadControl(f"handle needs a behaviour: {', '.join(BEHAVIOURS)}.")
        if "secret" in body:
            settings["secret"] = _secret(body["secret"])
        if "toleranceSeconds" in body:
            any_age = body["toleranceSeconds"] is None
            settings["toleranceSeconds"] = None if any_age else whole_number(body, "toleranceSeconds", 0)
        self._sandbox.platform_settings.put(SETTINGS, settings)
        return {
            "behaviour": settings.get("behaviour", "accept"),
            "handles": settings.get("handles", {}),
            "secret": self._dispatches.secret,
            "toleranceSeconds": self._dispatches.tolerance,
        }


def _secret(value: JSONValue) -> JSONValue:
    if value is None:
        return None
    try:
        key_of(str(value))
    except ValueError as wrong:
        raise BadControl(f"{wrong} null takes the sandbox's own again.") from wrong
    return value
