"""What a worker does for accounts of customers' apps: each with its own, and one that can't be used harms no other."""

from uuid import UUID

import pytest
from tests.accounts.test_platform_apps import SECRET, add
from tests.api.wire import ALL
from tests.worker.conftest import WorkerWorld
from tests.world import World

from presswork.accounts.tokens import renew_token
from presswork.core.enums import Environment
from presswork.core.ids import PLATFORM_APP, parse_id
from presswork.platforms.names import LoginName


async def test_each_account_is_refreshed_published_and_revoked_with_its_app(
    worker_world: WorkerWorld, picture: bytes
) -> None:
    """Two organizations with apps and an account of the installation's: the fake TikTok accepts only the app that issued a token."""
    api, platforms = worker_world.world.api, worker_world.world.api.context.platforms
    for organization, key in (("Acme", "key-of-acme"), ("Other", "key-of-other"), ("Third", None)):
        client = await api.client(scopes=ALL, organization=organization)
        world = World(api=api, client=client)
        app = None if key is None else await add(client, clientId=key)
        project = await world.project()
        account = await world.account(project, "tiktok", f"bakery{organization.lower()}")
        app_id = None if app is None else parse_id(PLATFORM_APP, app["id"])
        platform = await platforms.for_app(LoginName.TIKTOK, Environment.TEST, app_id)
        context, account_id = api.context, UUID(account.removeprefix("sa_"))
        fresh = await renew_token(
            context.pool, context.keyring, platform, account_id, refused="", clock=worker_world.clock
        )
        assert fresh
        container = await world.content(project, picture)
        (post,) = await world.publish(container, account, tiktokPostSettings={"privacyLevel": "SELF_ONLY"})
        await worker_world.worker.work_until_idle()
        assert (await world.post(post))["status"] == "published", await world.timeline(post)
        gone = await client.delete(f"/v1/social-accounts/{account}")
        assert gone.json()["status"] == "disconnected"


async def test_only_its_accounts_suffer_from_a_broken_app(worker_world: WorkerWorld, picture: bytes) -> None:
    """A post of an app that can't be decrypted waits and names the app; a post of another account goes out."""
    api = worker_world.world.api
    client = await api.client(scopes=ALL)
    world = World(api=api, client=client)
    first = await world.project()
    plain = await world.account(first, "instagram", "plain")
    app = await add(client, platform="instagram", name="Rye & Co")
    project = await world.project()
    account = await world.account(project, "instagram", "broken")
    await api.context.pool.execute(
        "UPDATE platform_apps SET sealed_credentials = 'broken', version = version + 1 WHERE id = $1",
        parse_id(PLATFORM_APP, app["id"]),
    )
    waiting = await world.publish(await world.content(project, picture), account)
    await worker_world.worker.work_until_idle()
    shown = await world.timeline(waiting[0])
    assert "Rye & Co" in str(shown)
    assert SECRET not in str(shown)
    assert (await world.post(waiting[0]))["status"] == "publishing"
    (fine,) = await worker_world.deliver(await world.content(first, picture), plain)
    assert fine["status"] == "published"


@pytest.mark.exhaustive
async def test_a_blocked_app_stops_its_own_accounts(worker_world: WorkerWorld, picture: bytes) -> None:
    """Of two organizations with apps and the installation's, the platform blocks one: its posts name it, and the others go out.

    Facebook requires proofs, so that each call is proved with the secret of its own app.
    """
    api, worker = worker_world.world.api, worker_world.worker
    browser = await api.anonymous()
    world_of: dict[str, World] = {}
    posts: dict[tuple[str, str], str] = {}
    platforms = ("instagram", "facebook", "tiktok", "threads", "linkedin")
    apps = {
        (organization, platform): f"{platform}-of-{organization.lower()}"
        for organization in ("Acme", "Other")
        for platform in platforms
    }
    for client_id in apps.values():
        body = {"clientId": client_id, "clientSecret": SECRET, "requireProof": True}
        assert (await browser.post("/sandbox/control/apps", json=body)).status_code == 200
    for organization in ("Acme", "Other", "Third"):
        client = await api.client(scopes=ALL, organization=organization)
        world_of[organization] = World(api=api, client=client)
    for (organization, platform), client_id in apps.items():
        client = world_of[organization].client
        await add(client, platform=platform, name=f"App of {organization}", clientId=client_id)
    for organization, world in world_of.items():
        project = await world.project()
        content = await world.content(project, picture)
        for platform in platforms:
            account = await world.account(project, platform, f"{platform}{organization.lower()}")
            settings = {"tiktokPostSettings": {"privacyLevel": "SELF_ONLY"}} if platform == "tiktok" else {}
            (posts[organization, platform],) = await world.publish(content, account, **settings)
    for (organization, _), client_id in apps.items():
        if organization == "Acme":
            await browser.post("/sandbox/control/apps", json={"clientId": client_id, "blocked": True})
    await worker.work_until_idle()
    for (organization, platform), post in posts.items():
        shown = await world_of[organization].post(post)
        timeline = str(await world_of[organization].timeline(post))
        if organization == "Acme":
            assert shown["status"] != "published", (platform, shown)
            assert "“App of Acme”" in timeline, (platform, timeline)
            assert SECRET not in timeline
        else:
            assert shown["status"] == "published", (organization, platform, timeline)
