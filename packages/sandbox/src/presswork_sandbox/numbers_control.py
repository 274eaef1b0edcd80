"""Numbers on the control surface: those of a post, the followers of an account, and what a platform has of them."""

from collections.abc import Mapping
from typing import Final

from starlette.requests import Request

from presswork_sandbox.control_input import (
    MAX_COUNT,
    BadControl,
    check_strings,
    handle_of,
    known_keys,
    one_of,
    whole_number,
)
from presswork_sandbox.control_router import ControlRouter, Listing, read_control, read_filters
from presswork_sandbox.core import Sandbox
from presswork_sandbox.posts import Post
from presswork_sandbox.quantities import Quantity
from presswork_sandbox.registry import PLATFORMS
from presswork_sandbox.wire import JSONValue

KEYS: Final = ["platform", "handle", "externalId", "metrics", "add", "followers", "removed", "delaySeconds"]
QUANTITIES: Final = {quantity.value: quantity for quantity in Quantity}
MAX_NUMBER: Final = 1_000_000_000
MAX_DELAY_SECONDS: Final = 30 * 86_400
NO_POST: Final = "No live post of that platform and handle has that externalId; GET /sandbox/control/posts lists them."


class NumbersControl:
    """Routes of the control surface that are about numbers."""

    def __init__(self, sandbox: Sandbox, router: ControlRouter) -> None:
        self._sandbox = sandbox
        self.routes: Final = [
            router.route("POST", "/numbers", self._change),
            router.route("GET", "/numbers", self._list),
        ]

    async def _change(self, request: Request) -> JSONValue:
        body = await read_control(request)
        known_keys(body, KEYS)
        platform = one_of(body, "platform", list(PLATFORMS))
        if {"removed", "delaySeconds"} & set(body):
            return self._switch(platform, body)
        if "followers" in body:
            return self._set_followers(platform, body)
        return self._set_numbers(platform, body)

    def _set_numbers(self, platform: str, body: Mapping[str, JSONValue]) -> JSONValue:
        self._sandbox.run_due()
        handle, external_id = handle_of(body.get("handle")), body.get("externalId")
        post = self._sandbox.posts.by_external_id(platform, external_id) if isinstance(external_id, str) else None
        if post is None or not post.is_of(handle):
            raise BadControl(NO_POST)
        fixed, added = _read_numbers(platform, body, "metrics"), _read_numbers(platform, body, "add")
        if not fixed and not added:
            raise BadControl('metrics or add is required: objects like {"views": 120}.')
        if None in added.values():
            raise BadControl("The values of add must be whole numbers.")
        if any(value is not None and value < 0 for value in fixed.values()):
            raise BadControl("The values of metrics must be 0 or more, or null for numbers that grow.")
        with self._sandbox.store.transaction():
            for quantity, value in fixed.items():
                self._sandbox.numbers.set(post, quantity, value)
            for quantity, amount in added.items():
                self._sandbox.numbers.add(post, quantity, amount or 0)
        return self._describe(post)

    def _set_followers(self, platform: str, body: Mapping[str, JSONValue]) -> JSONValue:
        known_keys(body, ["platform", "handle", "followers"])
        value = None if body["followers"] is None else whole_number(body, "followers", 0)
        if value is not None and not 0 <= value <= MAX_COUNT:
            raise BadControl(f"followers must be between 0 and {MAX_COUNT}, or null for a number that grows.")
        now = self._sandbox.clock.now()
        account = self._sandbox.accounts.save(platform, handle_of(body.get("handle")), {"followers": value}, now)
        return {"platform": platform, "handle": account.handle, "followers": self._sandbox.numbers.followers(account)}

    def _switch(self, platform: str, body: Mapping[str, JSONValue]) -> JSONValue:
        known_keys(body, ["platform", "removed", "delaySeconds"])
        changes: dict[str, JSONValue] = {}
        if "removed" in body:
            check_strings(body, "removed")
            names = body["removed"]
            changes["removed"] = names if isinstance(names, list) else []
            known = PLATFORMS[platform].metrics
            unknown = sorted({str(name) for name in names} - set(known)) if isinstance(names, list) else []
            if unknown:
                raise BadControl(f"removed has {', '.join(unknown)}. Known are: {', '.join(known)}.")
        if "delaySeconds" in body:
            seconds = None if body["delaySeconds"] is None else whole_number(body, "delaySeconds", 0)
            if seconds is not None and not 0 <= seconds <= MAX_DELAY_SECONDS:
                raise BadControl(f"delaySeconds must be between 0 and {MAX_DELAY_SECONDS}, or null for the default.")
            changes["delaySeconds"] = seconds
        return {"platform": platform, **self._sandbox.numbers.switch(platform, changes)}

    async def _list(self, request: Request) -> Listing:
        platform, handle = read_filters(request)
        external_id = request.query_params.get("externalId") or None
        self._sandbox.run_due()
        found = self._sandbox.posts.listed(platform, handle)
        return Listing(self._describe(post) for post in found if external_id in {None, post.external_id})

    def _describe(self, post: Post) -> JSONValue:
        counts = self._sandbox.numbers.counts(post)
        return {
            "platform": post.platform,
            "handle": post.handle,
            "externalId": post.external_id,
            "metrics": {quantity.value: count for quantity, count in counts.items()},
        }


def _read_numbers(platform: str, body: Mapping[str, JSONValue], key: str) -> dict[Quantity, int | None]:
    """Return an object of numbers by quantity. Raises BadControl."""
    given, own_names = body.get(key, {}), PLATFORMS[platform].metrics
    if not isinstance(given, Mapping):
        raise BadControl(f'{key} must be an object like {{"views": 120}}.')
    numbers: dict[Quantity, int | None] = {}
    for name, value in given.items():
        quantity = own_names.get(name) or QUANTITIES.get(name)
        if quantity is None:
            raise BadControl(
                f"Unknown number {name}. Known are: {', '.join(dict.fromkeys([*QUANTITIES, *own_names]))}."
            )
        if quantity is Quantity.COMMENTS:
            raise BadControl(
                f"{name} can't be set: it is the number of comments. POST /sandbox/control/comments adds one."
            )
        if value is not None and (isinstance(value, bool) or not isinstance(value, int) or abs(value) > MAX_NUMBER):
            raise BadControl(f"{name} must be a whole number of at most {MAX_NUMBER}, or null.")
        numbers[quantity] = value
    return numbers
