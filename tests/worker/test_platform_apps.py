"""What a worker does for accounts of customers' apps: each with its own, and one that can't be used harms no other."""

from uuid import UUID

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
