"""Routes of the sandbox, for administrators of the installation: what `/sandbox/control` offers, with a key or a session.

The sandbox is one for the whole installation, so these routes have the rights of those about the installation.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Annotated, Any, Final, get_args

from fastapi import APIRouter, Depends, Path, Query
from pydantic import BaseModel
from starlette.responses import Response

from presswork.api.context import Ctx
from presswork.api.http.auth import SystemAdmin
from presswork.api.http.body import body_of
from presswork.api.http.idempotent import Idempotent, IdempotentRoute
from presswork.api.http.openapi import refusals
from presswork.api.http.responses import respond
from presswork.api.sandbox.schemas import (
    ClearedFaults,
    ClockAdvance,
    Handle,
    NewSandboxAccount,
    NewSandboxFault,
    SandboxAccount,
    SandboxAccounts,
    SandboxChanges,
    SandboxFault,
    SandboxPlatform,
    SandboxPosts,
    SandboxState,
)
from presswork.core.errors import Code, NotFound
from presswork.db.pool import Connection
from presswork.idempotency.stored_replies import IdempotentCall
from presswork.platforms.names import PlatformName
from presswork.platforms.sandbox_control import SandboxControl

router: Final = APIRouter(tags=["Sandbox"])
_MAX_ACCOUNTS: Final = 500
_MAX_POSTS: Final = 100
_PLATFORMS: Final = frozenset(get_args(SandboxPlatform))

Found = Mapping[str, Any]  # Any: the sandbox's JSON, which the models of the responses validate


async def _control(caller: SystemAdmin, context: Ctx) -> SandboxControl:
    """Return the control surface of the sandbox. Raises NoSandbox."""
    return context.platforms.sandbox_control(caller.environment)


Control = Annotated[SandboxControl, Depends(_control)]
_REFUSALS: Final = refusals(Code.NOT_FOUND, Code.UNAVAILABLE)


@router.get("/v1/sandbox", response_model=SandboxState, responses=_REFUSALS, summary="Read the state of the sandbox")
async def get_sandbox(control: Control) -> Response:
    """Return the sandbox's time, its settings, and the faults that are set.

    The sandbox is one for all organizations, so only keys with `org:admin` of the installation's first organization may
    call it; those of others get 403 `FORBIDDEN_SCOPE`. It exists in the test environment: with a live key, and where it is
    off, all calls return 404.
    """
    return respond(await _state(control))


@router.patch(
    "/v1/sandbox", response_model=SandboxState, responses=_REFUSALS, summary="Change the settings of the sandbox"
)
async def update_sandbox(
    control: Control,
    body: Annotated[SandboxChanges, body_of(SandboxChanges)],
    idempotent: Idempotent,
) -> Response:
    """Change what the fake platforms demand of apps."""

    async def change() -> SandboxState:
        await control.write("POST", "settings", {"requirePkce": body.require_pkce})
        return await _state(control)

    return await _change_once(idempotent, change)


@router.post(
    "/v1/sandbox/clock", response_model=SandboxState, responses=_REFUSALS, summary="Advance the sandbox's clock"
)
async def advance_sandbox_clock(
    control: Control, body: Annotated[ClockAdvance, body_of(ClockAdvance)], idempotent: Idempotent
) -> Response:
    """Advance the time of the fake platforms, which token lifetimes, quotas and processing follow. It can't be turned back."""

    async def advance() -> SandboxState:
        await control.write("POST", "clock", {"advanceSeconds": body.advance_seconds})
        return await _state(control)

    return await _change_once(idempotent, advance)


@router.get(
    "/v1/sandbox/accounts", response_model=SandboxAccounts, responses=_REFUSALS, summary="List the fake accounts"
)
async def list_sandbox_accounts(control: Control) -> Response:
    """Return the accounts that exist on the fake platforms, newest first: at most 500."""
    found: Found = await control.read("profiles", limit=str(_MAX_ACCOUNTS))
    url = control.access.url
    return respond(
        SandboxAccounts.model_validate(
            {
                "items": [
                    {**one, "feedUrl": f"{url}/feed/{one['platform']}/{one['handle']}"}
                    for one in _select_known(found["items"])
                ]
            }
        )
    )


@router.post(
    "/v1/sandbox/accounts",
    response_model=SandboxAccount,
    status_code=201,
    responses=_REFUSALS,
    summary="Create a fake account",
)
async def save_sandbox_account(
    control: Control, body: Annotated[NewSandboxAccount, body_of(NewSandboxAccount)], idempotent: Idempotent
) -> Response:
    """Create an account on a fake platform, or change the one with that handle. Connect it to a project as a real one."""

    async def save() -> SandboxAccount:
        asked = body.model_dump(by_alias=True, exclude_none=True, mode="json")
        return SandboxAccount.of(await control.write("POST", "accounts", asked), url=control.access.url)

    return await _change_once(idempotent, save, status=201)


@router.get("/v1/sandbox/posts", response_model=SandboxPosts, responses=_REFUSALS, summary="List what is live")
async def list_sandbox_posts(
    control: Control,
    platform: Annotated[PlatformName | None, Query(description="Only posts on this platform.")] = None,
    handle: Annotated[Handle | None, Query(description="Only posts of this account.")] = None,
) -> Response:
    """Return the posts that viewers of the fake accounts see, newest first: at most 100."""
    query = {"platform": platform, "handle": handle, "limit": str(_MAX_POSTS)}
    found: Found = await control.read("feed", **query)
    return respond(SandboxPosts.of(_select_known(found["items"]), url=control.access.url))


@router.get("/v1/sandbox/media/{number}", include_in_schema=False)
async def get_sandbox_medium(control: Control, number: Annotated[int, Path(ge=1, le=1_000_000_000_000)]) -> Response:
    """Return the picture of a medium in a feed, or a frame of a video."""
    picture = await control.thumbnail(number)
    if picture is None:
        raise NotFound("There is no such picture in the sandbox.")
    headers = {"Cache-Control": "private, max-age=3600", "X-Content-Type-Options": "nosniff"}
    return Response(picture, media_type="image/jpeg", headers=headers)


@router.post(
    "/v1/sandbox/faults",
    response_model=SandboxFault,
    status_code=201,
    responses=_REFUSALS,
    summary="Set a fault",
)
async def add_sandbox_fault(
    control: Control, body: Annotated[NewSandboxFault, body_of(NewSandboxFault)], idempotent: Idempotent
) -> Response:
    """Make calls to a fake platform fail, to see what becomes of posts. It affects the test projects of all organizations."""

    async def add() -> SandboxFault:
        asked = body.model_dump(by_alias=True, exclude_none=True, mode="json")
        return SandboxFault.model_validate(await control.write("POST", "faults", asked))

    return await _change_once(idempotent, add, status=201)


@router.delete("/v1/sandbox/faults", response_model=ClearedFaults, responses=_REFUSALS, summary="Clear faults")
async def clear_sandbox_faults(
    control: Control,
    idempotent: Idempotent,
    fault_id: Annotated[
        int | None, Query(alias="faultId", ge=1, le=1_000_000_000_000, description="Only this fault. Default: all.")
    ] = None,
    platform: Annotated[SandboxPlatform | None, Query(description="Only faults of this platform.")] = None,
) -> Response:
    """Clear all faults, or some. Posts that a fault held continue. A second call changes nothing."""

    async def clear() -> ClearedFaults:
        path = "faults" if fault_id is None else f"faults/{fault_id}"
        return ClearedFaults.model_validate(await control.write("DELETE", path, platform=platform))

    return await _change_once(idempotent, clear)


def _select_known(items: Sequence[Found]) -> Sequence[Found]:
    """Return what is of platforms that this server knows: the sandbox may be another process, and have more of them."""
    return [one for one in items if one["platform"] in _PLATFORMS]


async def _state(control: SandboxControl) -> SandboxState:
    settings: Found = await control.read("settings")
    clock: Found = await control.read("clock")
    faults: Found = await control.read("faults")
    return SandboxState.model_validate(
        {
            "url": f"{control.access.url}/",
            **clock,
            "requirePkce": settings["requirePkce"],
            "faults": _select_known(faults["items"]),
        }
    )


async def _change_once(
    idempotent: IdempotentRoute, change: Callable[[], Awaitable[BaseModel]], *, status: int = 200
) -> Response:
    """Change the sandbox once per idempotency key. No transaction is open while the sandbox is called."""

    async def run(call: IdempotentCall[BaseModel]) -> BaseModel:
        await call.raise_if_replied()
        changed = await change()

        async def done(_: Connection) -> BaseModel:
            return changed

        return await call.run(done)

    return await idempotent.call(run, lambda changed: changed, status=status)
