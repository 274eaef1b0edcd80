"""Create the data that the load needs: an organization, projects, hundreds of connected accounts, and content with known hashes."""

import asyncio
import contextlib
import hashlib
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

import aiohttp
from PIL import Image
from pydantic import JsonValue

from chaos.client import Client
from chaos.cluster import Cluster
from chaos.platforms import PLATFORMS, SETTINGS
from presswork.accounts.model import MANAGED_TEMPLATE
from presswork.media.samples import sample_picture, sample_video

PHONE: Final = "+15005550100"
_RETURN_URL: Final = "http://localhost/back"
_AT_ONCE: Final = 8
_PAUSE_SECONDS: Final = 0.3
_CUSTOMER_PLATFORMS: Final = ("bluesky", "threads", "instagram")
_CUSTOMER_ACCOUNTS: Final = 4
MANAGED_SHARE: Final = 20
_MANAGED: Final = (0, 3)
"""Of this many accounts these are in a layer with a managed provider."""


@dataclass(slots=True, kw_only=True)
class Account:
    """A connected sandbox account. `today` counts the posts since the platform's clock last advanced by a day."""

    id: str
    project: str
    platform: str
    handle: str
    login: str | None = None
    """The login, where its platform has several."""
    is_managed: bool = False
    options: Mapping[str, JsonValue] = field(default_factory=dict)
    """What its posts need."""
    today: int = 0
    drafts_today: int = 0
    is_reconnecting: bool = False
    """Whether its owner is connecting it again at the moment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """A container, and the SHA-256 hashes of its files in order."""

    id: str
    kind: str
    hashes: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file to upload."""

    name: str
    content_type: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """An organization with limits."""

    id: str
    client: Client
    """With its key."""
    project: str
    accounts: Sequence[Account]
    content: Content


@dataclass(slots=True, kw_only=True)
class World:
    """The projects, accounts and content that the load uses."""

    project: str
    gated_project: str
    """A project in which every container waits for approval."""
    accounts: Sequence[Account]
    gated_accounts: Sequence[Account]
    covered_project: str
    """The same, and an approval covers the texts."""
    covered_accounts: Sequence[Account]
    contents: Sequence[Content]
    queue: str
    """A queue of the project."""
    customer: Customer

    @property
    def projects(self) -> Sequence[str]:
        """Return the projects of the organization without limits."""
        return [self.project, self.gated_project, self.covered_project]

    @property
    def all_accounts(self) -> Sequence[Account]:
        """Return the accounts of all projects."""
        return [*self.accounts, *self.gated_accounts, *self.covered_accounts, *self.customer.accounts]


def files_of(kind: str, number: int) -> Sequence[File]:
    """Generate the files of a container, of a text none; each number gives different bytes."""
    if kind == "text":
        return []
    if kind == "video":
        data = sample_video(timedelta(seconds=4), 360, 640, title=f"clip {number}")
        return [File(name=f"clip-{number}.mp4", content_type="video/mp4", data=data)]
    if kind == "document":
        return [File(name=f"paper-{number}.pdf", content_type="application/pdf", data=_paper_of(number))]
    pictures = [
        File(
            name=f"picture-{number}-{n}.jpg",
            content_type="image/jpeg",
            data=sample_picture(540, 540, seed=number * 10 + n, title=f"{number} {n}"),
        )
        for n in range(3 if kind == "multi" else 1)
    ]
    return [*pictures, *files_of("video", number)] if kind == "mixed" else pictures


def _paper_of(number: int) -> bytes:
    """Draw a PDF of two pages."""
    pages = [
        Image.open(io.BytesIO(sample_picture(540, 700, seed=number * 10 + n, title=f"{number} {n}"))) for n in (0, 1)
    ]
    file = io.BytesIO()
    pages[0].save(file, "PDF", save_all=True, append_images=pages[1:])
    return file.getvalue()


async def upload_content(client: Client, project: str, kind: str, files: Sequence[File], caption: str) -> Content:
    """Upload files to presigned URLs and return the finalized container; without files, create a text."""
    if not files:
        created = await client.post_ok(f"/v1/projects/{project}/content", {"text": caption})
        return Content(id=str(created["id"]), kind=kind, hashes=[])
    response = await client.post_ok(
        f"/v1/projects/{project}/content/uploads",
        {
            "grouping": "slideshow" if len(files) > 1 else "per-file",
            "files": [
                {"filename": one.name, "contentType": one.content_type, "sizeBytes": len(one.data)} for one in files
            ],
        },
    )
    container = maps(response["items"])[0]
    for one, target in zip(files, maps(container["files"]), strict=True):
        headers = {name: str(value) for name, value in _map(target["headers"]).items()}
        await client.put(str(target["uploadUrl"]), one.data, headers)
    content_id = str(container["containerId"])
    await client.post_ok(f"/v1/content/{content_id}/finalize-upload", {"caption": caption})
    return Content(id=content_id, kind=kind, hashes=[hashlib.sha256(one.data).hexdigest() for one in files])


async def create_world(
    cluster: Cluster, client: Client, session: aiohttp.ClientSession, *, accounts: int, limits: Mapping[str, JsonValue]
) -> World:
    """Connect the given number of accounts, as many on each platform, and upload content. `limits` are those of the customer."""
    for platform, settings in SETTINGS.items():
        async with session.post(f"{cluster.sandbox_url}/control/{platform}", json=dict(settings)) as reply:
            reply.raise_for_status()
    project = await make_project(client, "Chaos")
    gated = await _make_gated_project(client, "Chaos, with approval", covers="content")
    covered = await _make_gated_project(client, "Chaos, with approval of texts", covers="content_and_text")
    gate = asyncio.Semaphore(_AT_ONCE)

    async def connect(project_id: str, platform: str, handle: str, number: int) -> Account:
        logins = PLATFORMS[platform].logins
        login = logins[number % len(logins)]
        async with gate:
            return await _connect_new(cluster, client, session, project_id, platform, handle, login)

    def of(project_id: str, prefix: str, count: int) -> list[asyncio.Task[Account]]:
        return [
            asyncio.create_task(connect(project_id, name, f"{prefix}{name}{number}{platform.handle_end}", number))
            for number in range(max(1, count // len(PLATFORMS)))
            for name, platform in PLATFORMS.items()
        ]

    connected = await asyncio.gather(*of(project, "", accounts))
    gated_accounts = await asyncio.gather(*of(gated, "gated", max(4, accounts // 10)))
    covered_accounts = await asyncio.gather(*of(covered, "covered", max(4, accounts // 10)))
    managed = [account for number, account in enumerate(connected) if number % MANAGED_SHARE in _MANAGED]
    await client.post_ok(
        f"/v1/projects/{project}/layers",
        {
            "templateId": str(MANAGED_TEMPLATE),
            "config": {"provider": "sandbox"},
            "socialAccountIds": [account.id for account in managed],
        },
    )
    for account in managed:
        account.is_managed = True
    kinds = ["image"] * 12 + ["multi"] * 4 + ["video"] * 4 + ["text"] * 4 + ["mixed"] * 2 + ["document"] * 2
    drawn = await asyncio.gather(*(asyncio.to_thread(files_of, kind, n) for n, kind in enumerate(kinds)))
    contents = [
        await upload_content(client, project, kind, files, "Default caption")
        for kind, files in zip(kinds, drawn, strict=True)
    ]
    return World(
        project=project,
        gated_project=gated,
        accounts=connected,
        gated_accounts=gated_accounts,
        covered_project=covered,
        covered_accounts=covered_accounts,
        contents=contents,
        queue=str((await client.post_ok(f"/v1/projects/{project}/queues", {"name": "Minutes", "slots": []}))["id"]),
        customer=await _create_customer(cluster, client, session, limits),
    )


async def _create_customer(
    cluster: Cluster, client: Client, session: aiohttp.ClientSession, limits: Mapping[str, JsonValue]
) -> Customer:
    """Create another organization with limits, a project, accounts and content."""
    options = ("--env", "test", "--return-domain", "localhost", "--scopes")
    key = await asyncio.to_thread(cluster.admin, "key", "create", "--org", "Customer", *options, "*")
    own = client.with_key(str(key["key"]))
    admin = await asyncio.to_thread(cluster.admin, "key", "create", "--org", "Chaos", *options, "installation:admin")
    project = await make_project(own, "Customer")
    accounts = [
        await _connect_new(
            cluster,
            own,
            session,
            project,
            platform,
            f"customer{platform}{number}{PLATFORMS[platform].handle_end}",
            None,
        )
        for platform in _CUSTOMER_PLATFORMS
        for number in range(_CUSTOMER_ACCOUNTS)
    ]
    content = await upload_content(own, project, "image", await asyncio.to_thread(files_of, "image", 999), "Default")
    organization = str((await own.get_ok("/v1/whoami"))["organizationId"])
    answer = await client.with_key(str(admin["key"])).change(f"/v1/organizations/{organization}/limits", limits)
    if not answer.is_success:
        raise RuntimeError(f"setting limits failed: {answer.body.decode()}")
    return Customer(id=organization, client=own, project=project, accounts=accounts, content=content)


async def _connect_new(
    cluster: Cluster,
    client: Client,
    session: aiohttp.ClientSession,
    project: str,
    platform: str,
    handle: str,
    login: str | None,
) -> Account:
    """Create an account on a fake platform and connect it."""
    await make_account(cluster.sandbox_url, session, platform, handle)
    return await connect_account(client, project, platform, handle, login=login)


async def _make_gated_project(client: Client, name: str, *, covers: str) -> str:
    """Create a project in which all content waits for approval, and return its id."""
    project = await make_project(client, name)
    policy: dict[str, JsonValue] = {"policy": "review_all", "covers": covers}
    review = await client.call("PATCH", f"/v1/projects/{project}/content-review-policy", policy)
    if not review.is_success:
        raise RuntimeError(f"setting the review policy failed: {review.body.decode()}")
    return project


async def make_account(sandbox_url: str, session: aiohttp.ClientSession, platform: str, handle: str) -> None:
    """Create an account on a fake platform."""
    body: dict[str, JsonValue] = {"platform": platform, "handle": handle, "tier": "business"}
    body |= PLATFORMS[platform].account
    async with session.post(f"{sandbox_url}/control/accounts", json=body) as reply:
        reply.raise_for_status()


async def make_project(client: Client, name: str) -> str:
    """Create a project and return its id."""
    return str((await client.post_ok("/v1/projects", {"name": name, "timezone": "Europe/Lisbon"}))["id"])


async def connect_account(
    client: Client, project: str, platform: str, handle: str, *, login: str | None = None
) -> Account:
    """Connect an account with the OAuth login, the given one where its platform has several."""
    body = {"platform": platform, "returnUrl": _RETURN_URL}
    if login is not None:
        body["login"] = login
    began = await client.ask_ok(f"/v1/projects/{project}/social/oauth-url", body)
    callback = await client.redirect(f"{began['authorizeUrl']}&account={handle}&decision=approve")
    await client.redirect(callback)
    status = await client.get_ok(f"/v1/social/oauth-status/{began['state']}")
    account_id, options = str(status["socialAccountId"]), {}
    if (chosen := PLATFORMS[platform].chosen) is not None:
        name, option = chosen
        listed = await client.get_ok(f"/v1/social-accounts/{account_id}/{name}")
        options = {option: maps(listed["items"])[0]["id"]}
    return Account(id=account_id, project=project, platform=platform, handle=handle, login=login, options=options)


async def reconnect(client: Client, account: Account) -> None:
    """Connect an account again, and retry until it succeeds: each step may reach a server that is being killed."""
    body = {"socialAccountId": account.id, "returnUrl": _RETURN_URL}
    while True:
        began = await client.ask_ok(f"/v1/projects/{account.project}/social/reauth-url", body)
        with contextlib.suppress(aiohttp.ClientError, RuntimeError, TimeoutError, OSError):
            callback = await client.redirect(f"{began['authorizeUrl']}&account={account.handle}&decision=approve")
            await client.redirect(callback)
        status = await client.get_ok(f"/v1/social/oauth-status/{began['state']}")
        if status["status"] == "connected":
            return
        await asyncio.sleep(_PAUSE_SECONDS)


def _map(value: JsonValue) -> Mapping[str, JsonValue]:
    if not isinstance(value, dict):
        raise TypeError(f"not an object: {value!r}")
    return value


def maps(value: JsonValue) -> Sequence[Mapping[str, JsonValue]]:
    """Return a list of objects. Raises TypeError for anything else."""
    if not isinstance(value, list):
        raise TypeError(f"not a list: {value!r}")
    return [_map(one) for one in value]
