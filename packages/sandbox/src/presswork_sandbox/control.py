"""The control surface: how a test or a person sets the scene and sees what came of it. JSON, camelCase."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from starlette.requests import Request

from presswork_sandbox.callbacks import Callbacks
from presswork_sandbox.clock import iso
from presswork_sandbox.control_input import (
    BadControl,
    check_account,
    check_value,
    handle_of,
    known_keys,
    one_of,
    whole_number,
)
from presswork_sandbox.control_router import ControlRouter, Listing, read_control, read_filters, read_limit, read_page
from presswork_sandbox.core import Sandbox
from presswork_sandbox.faults import FAULTS, JOB_OPERATIONS, LATE_EFFECT, ON_JOBS, OPERATIONS, TOKENLESS_OPERATIONS
from presswork_sandbox.instagram.published import items_of
from presswork_sandbox.late_effects import LateEffects
from presswork_sandbox.platform import OpenPlatform
from presswork_sandbox.posts import Post
from presswork_sandbox.registry import PLATFORMS
from presswork_sandbox.wire import JSONValue, flag_of

MAX_ADVANCE_SECONDS: Final = 10 * 366 * 86_400
BY_PERSON: Final = 1
"""The reason of a revocation that names none, by TikTok's numbers."""
FAULT_KEYS: Final = ["platform", "operation", "handle", "fault", "times", "skip", "value"]


class Control:
    """Routes below /sandbox/control."""

    def __init__(
        self,
        sandbox: Sandbox,
        router: ControlRouter,
        callbacks: Callbacks,
        late_effects: LateEffects,
        platforms: Mapping[str, OpenPlatform],
    ) -> None:
        self._sandbox = sandbox
        self._platforms = platforms
        self._callbacks = callbacks
        self._late_effects = late_effects
        self.routes: Final = [
            router.route("POST", "/accounts", self._save_account),
            router.route("GET", "/accounts", self._accounts),
            router.route("GET", "/posts", self._posts),
            router.route("DELETE", "/posts", self._delete_post),
            router.route("POST", "/posts/{post_id:path}/remove", self._remove_post),
            router.route("POST", "/revoke", self._revoke),
            router.route("GET", "/profiles", self._profiles),
            router.route("GET", "/feed", self._feed),
            router.route("GET", "/deliveries", self._deliveries),
            router.route("GET", "/requests", self._requests),
            router.route("POST", "/faults", self._add_fault),
            router.route("GET", "/faults", self._faults),
            router.route("DELETE", "/faults", self._clear_faults),
            router.route("DELETE", "/faults/{number:row}", self._clear_faults),
            router.route("GET", "/settings", self._settings),
            router.route("POST", "/settings", self._change_settings),
            router.route("DELETE", "/settings", self._restore_settings),
            router.route("GET", "/clock", self._clock),
            router.route("POST", "/clock", self._advance),
            router.route("POST", "/reset", self._reset),
        ]

    async def _save_account(self, request: Request) -> JSONValue:
        body = await read_control(request)
        changes = check_account(body)
        platform, handle = str(body["platform"]), handle_of(body.get("handle"))
        return self._sandbox.accounts.save(platform, handle, changes, self._sandbox.clock.now()).to_json()

    async def _accounts(self, request: Request) -> Listing:
        platform, handle = read_filters(request)
        return Listing(account.to_json() for account in self._sandbox.accounts.listed(platform, handle))

    async def _posts(self, request: Request) -> Listing:
        platform, handle = read_filters(request)
        self._sandbox.run_due()
        with_replies, are_removed = (flag_of(request.query_params.get(name)) for name in ("replies", "deleted"))
        found = self._list_posts(platform, handle, with_replies=with_replies, are_removed=are_removed)
        assets = self._sandbox.media_store.assets
        return Listing(
            self._describe_post(post, [asset.to_json() for asset in assets(post.asset_ids)]) for post in found
        )

    def _list_posts(
        self, platform: str | None, handle: str | None, *, with_replies: bool, are_removed: bool
    ) -> Iterator[Post]:
        posts = self._sandbox.posts
        for root in (posts.removed if are_removed else posts.listed)(platform, handle):
            yield root
            if with_replies and not are_removed:
                yield from self._platforms[root.platform].replies_of(root)
        for name, open_platform in self._platforms.items():
            if with_replies and platform in {None, name}:
                yield from open_platform.other_replies(handle, are_removed=are_removed)

    async def _delete_post(self, request: Request) -> JSONValue:
        """DELETE /posts: the person deletes a post in the app."""
        platform, handle = read_filters(request)
        external_id = request.query_params.get("externalId") or ""
        if platform is None or not external_id:
            raise BadControl("platform and externalId are required: they name the post that the person deletes.")
        return self._remove([platform], handle, external_id)

    async def _remove_post(self, request: Request) -> JSONValue:
        # The ids of some platforms are URLs, whose slashes a client may have collapsed.
        return self._remove(PLATFORMS, None, re.sub("^at:/+", "at://", request.path_params["post_id"]))

    def _remove(self, platforms: Iterable[str], handle: str | None, external_id: str) -> JSONValue:
        self._sandbox.run_due()
        with self._sandbox.store.transaction():
            if not any(self._take_down(platform, handle, external_id) for platform in platforms):
                raise BadControl("No live post has that id; GET /sandbox/control/posts lists them.")
        return {"externalId": external_id}

    def _take_down(self, platform: str, handle: str | None, external_id: str) -> bool:
        open_platform = self._platforms.get(platform)
        if open_platform is not None and open_platform.remove is not None:
            return open_platform.remove(external_id, handle)
        return self._sandbox.posts.take_down(platform, external_id, handle, self._sandbox.clock.now()) is not None

    async def _revoke(self, request: Request) -> JSONValue:
        """POST /revoke: the person takes back what an account granted."""
        body = await read_control(request)
        known_keys(body, ["platform", "handle", "reason"])
        platform = one_of(body, "platform", list(PLATFORMS))
        account = self._sandbox.accounts.by_handle(platform, handle_of(body.get("handle")))
        if account is None:
            raise BadControl("No account of that platform and handle; GET /sandbox/control/accounts lists them.")
        reason = whole_number(body, "reason", BY_PERSON)
        if not 0 <= reason <= 5:
            raise BadControl(
                "reason must be between 0 and 5: 1 the person, 2 deleted, 3 age, 4 banned, 5 the developer."
            )
        revoke = self._platforms[platform].revoke
        if revoke is not None:
            return {"killedTokens": revoke(account, reason)}
        return {"killedTokens": self._sandbox.tokens.kill_account(account.id, "revoked")}

    def _describe_post(self, post: Post, media: Sequence[JSONValue]) -> JSONValue:
        children = [item.to_json() for item in items_of(self._sandbox.store, post.external_id)]
        return {
            **self._sandbox.posts.to_json(post, media, children),
            **self._platforms[post.platform].fields_of(post),
        }

    async def _profiles(self, request: Request) -> Listing:
        counts = self._sandbox.posts.counts()
        return Listing(
            {**account.to_json(), "posts": counts.get(account.id, 0)}
            for account in self._sandbox.accounts.newest(read_limit(request))
        )

    async def _feed(self, request: Request) -> Listing:
        platform, handle = read_filters(request)
        self._sandbox.run_due()
        assets = self._sandbox.media_store.assets
        return Listing(
            self._describe_post(post, [{**asset.to_json(), "poster": asset.id} for asset in assets(post.asset_ids)])
            for post in self._sandbox.posts.newest(platform, handle, read_limit(request))
        )

    async def _deliveries(self, request: Request) -> Listing:
        platform, handle = read_filters(request)
        return Listing(delivery.to_json() for delivery in self._callbacks.listed(platform, handle))

    async def _requests(self, request: Request) -> Listing:
        platform, handle = read_filters(request)
        operation = request.query_params.get("operation") or None
        limit, before = read_page(request)
        calls, following = self._sandbox.journal.page(platform, handle, operation, before=before, limit=limit)
        return Listing(calls, {"nextCursor": None if following is None else str(following)})

    async def _add_fault(self, request: Request) -> JSONValue:
        body = await read_control(request)
        known_keys(body, FAULT_KEYS)
        platform = one_of(body, "platform", list(OPERATIONS))
        operation = one_of(body, "operation", OPERATIONS[platform])
        kind = one_of(body, "fault", FAULTS)
        if kind in ON_JOBS and operation not in JOB_OPERATIONS[platform]:
            allowed = (
                ", ".join(name for name in OPERATIONS[platform] if name in JOB_OPERATIONS[platform]) or "none here"
            )
            raise BadControl(f"{kind} belongs to a container or publish job. Operations: {allowed}.")
        if kind == "token_expired" and operation in TOKENLESS_OPERATIONS[platform]:
            raise BadControl(f"token_expired needs a call that carries a token; {operation} carries none.")
        times, skip = whole_number(body, "times", 1), whole_number(body, "skip", 0)
        if times < 1 and times != -1:
            raise BadControl("times must be 1 or more, or -1 for until it is cleared.")
        if skip < 0:
            raise BadControl("skip must be 0 or more.")
        value = check_value(kind, platform, body.get("value"))
        if kind == LATE_EFFECT:
            self._late_effects.check_value(value)
        fault = self._sandbox.faults.add(
            platform=platform,
            operation=operation,
            handle=None if body.get("handle") is None else handle_of(body["handle"]),
            kind=kind,
            times=times,
            skip=skip,
            value=value,
            now=self._sandbox.clock.now(),
        )
        return fault.to_json()

    async def _faults(self, request: Request) -> JSONValue:
        platform, handle = read_filters(request)
        return {"items": [fault.to_json() for fault in self._sandbox.faults.listed(platform, handle)]}

    async def _clear_faults(self, request: Request) -> JSONValue:
        platform, handle = read_filters(request)
        operation = request.query_params.get("operation") or None
        number = request.path_params.get("number")
        return {"cleared": self._sandbox.faults.clear(platform, operation, handle, number)}

    async def _settings(self, request: Request) -> JSONValue:
        read_filters(request)
        return self._sandbox.app_rules.to_json()

    async def _change_settings(self, request: Request) -> JSONValue:
        self._sandbox.app_rules.change(await read_control(request))
        return self._sandbox.app_rules.to_json()

    async def _restore_settings(self, request: Request) -> JSONValue:
        read_filters(request)
        self._sandbox.app_rules.restore()
        return self._sandbox.app_rules.to_json()

    def _time(self) -> JSONValue:
        clock = self._sandbox.clock
        return {"now": iso(clock.now()), "offsetSeconds": clock.offset_seconds}

    async def _clock(self, request: Request) -> JSONValue:
        read_filters(request)
        return self._time()

    async def _advance(self, request: Request) -> JSONValue:
        body = await read_control(request)
        known_keys(body, ["advanceSeconds"])
        seconds = body.get("advanceSeconds")
        if isinstance(seconds, bool) or not isinstance(seconds, int | float):
            raise BadControl('The body must be like {"advanceSeconds": 3600}.')
        if not 0 <= seconds <= MAX_ADVANCE_SECONDS - self._sandbox.clock.offset_seconds:
            raise BadControl("advanceSeconds must be 0 or more (time goes forward only), and ten years at most in all.")
        # Checking media needs real time. If the clock ran ahead of it, processing would seem to hang.
        await self._sandbox.wait_for_media_checks()
        await self._late_effects.advance(float(seconds))
        return self._time()

    async def _reset(self, request: Request) -> JSONValue:
        read_filters(request)
        await self._sandbox.reset()
        return self._time()
