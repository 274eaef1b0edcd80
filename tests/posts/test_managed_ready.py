"""Readiness for `managed`: publish.sql, lists, preflight and the model agree."""

from datetime import timedelta
from itertools import product
from typing import Final
from uuid import UUID

import pytest
from tests.api_server import Api
from tests.clocks import MovableClock
from tests.posts.conftest import INSTAGRAM_SCOPES, TIKTOK_SCOPES, ReadyProject, bare, insert_account
from tests.tiers import exhaustive

from presswork.accounts.model import MANAGED_TEMPLATE, AccountStatus, NotReady, managed_not_ready
from presswork.accounts.readiness import readiness
from presswork.core.enums import Environment, Mode
from presswork.core.ids import new_id
from presswork.core.timestamps import write_instant
from presswork.platforms.names import LoginName

OTHER_TEMPLATE: Final = UUID("0f5b7f1e-3c55-4a1b-9a3e-6f1d2c3b4a5e")
TEMPLATES: Final = (None, MANAGED_TEMPLATE, OTHER_TEMPLATE)
PROVIDERS: Final = (None, "sandbox", "here", "there", "nowhere")
"""None: config without one. `here` is configured for test projects, `there` for live ones."""


async def _configure(api: Api) -> None:
    await api.context.pool.executemany(
        "INSERT INTO providers (name, environment, base_url, sealed_secret, created_at, updated_at)"
        " VALUES ($1, $2, 'https://publish.example.com', 'sealed', now(), now())",
        [("here", "test"), ("there", "live")],
    )


def _reason(
    platform: str, template: object, provider: str | None, status: str, scopes: list[str], environment: str
) -> NotReady | None:
    """Return the expected verdict, derived independently."""
    if status == "reauth_required":
        return NotReady.REAUTH_REQUIRED
    if template != MANAGED_TEMPLATE:
        return NotReady.NO_MANAGED_LAYER
    known = {"test": {"sandbox", "here"}, "live": {"there"}}[environment]
    return None if provider in known else NotReady.NO_MANAGED_PROVIDER


@pytest.mark.parametrize("environment", ["live", *exhaustive(["test"])])
async def test_sql_and_python_agree_on_every_combination(
    api: Api, ready_project: ReadyProject, environment: str
) -> None:
    """Platform, layer, provider, account state and granted permissions, in both environments."""
    await _configure(api)
    pool, client = ready_project.pool, ready_project.client
    container, project = ready_project.image, ready_project.project
    if environment == "live":
        await pool.execute("UPDATE projects SET environment = 'live'")
        await pool.execute("UPDATE content_containers SET environment = 'live'")
        client = await api.client(environment="live")
    platforms = api.context.platforms.described()
    for platform, template, provider, status, has_scopes in product(
        ("instagram", "tiktok"), TEMPLATES, PROVIDERS, ("connected", "reauth_required"), (True, False)
    ):
        granted = {"instagram": INSTAGRAM_SCOPES, "tiktok": TIKTOK_SCOPES}[platform]
        scopes = granted if has_scopes else []
        account = await insert_account(pool, project, platform, scopes)
        layer = None
        if template is not None:
            layer = new_id()
            await pool.execute(
                "INSERT INTO layers (id, project_id, organization_id, environment, template_id, config, created_at, updated_at)"
                " SELECT $1, id, organization_id, environment, $3, $4, now(), now() FROM projects WHERE id = $2",
                layer,
                bare(project),
                template,
                "{}" if provider is None else f'{{"provider": "{provider}"}}',
            )
        await ready_project.change("social_accounts", account, status=status, layer_id=layer)
        case = (platform, template, provider, status, has_scopes)
        wanted = _reason(platform, template, provider, status, scopes, environment)
        known = {"test": {"sandbox", "here"}, "live": {"there"}}[environment]
        reason = managed_not_ready(template, is_provider_known=template is not None and provider in known)
        said = readiness(
            platforms[LoginName(platform)], status=AccountStatus(status), scopes=frozenset(scopes), managed=reason
        )
        assert said[Mode.MANAGED].reason is wanted, case
        targets = {"targets": [{"socialAccountId": account, "mode": "managed"}]}
        shown = (await client.get(f"/v1/social-accounts/{account}")).json()["readiness"]["managed"]
        reported = (await client.post(f"/v1/content/{container}/preflight", json=targets)).json()["targets"][0]
        response = await client.post(f"/v1/content/{container}/publish", json=targets)
        if wanted is not None:
            assert shown["reason"] == wanted, case
            error = response.json()["error"]
            assert (response.status_code, error["code"]) == (422, "SOCIAL_ACCOUNT_NOT_PUBLISH_READY"), case
            assert error["details"] == {"socialAccountId": account, "mode": "managed", "reason": wanted}, case
            assert (reported["errors"][0]["code"], reported["errors"][0]["details"]) == (
                error["code"],
                error["details"],
            ), case
        elif environment == "test":
            assert (shown["ready"], response.status_code, reported["ok"]) == (True, 200, True), (case, reported)
        else:  # the service has no app on the platforms
            assert (shown["reason"], response.status_code) == ("platform_unavailable", 503), case
            assert reported["errors"][0]["code"] == "UNAVAILABLE", case


@pytest.mark.parametrize(
    ("template", "provider", "reason"),
    [
        (None, None, "no_managed_layer"),
        (str(OTHER_TEMPLATE), "sandbox", "no_managed_layer"),
        (str(MANAGED_TEMPLATE), None, "no_managed_provider"),
        (str(MANAGED_TEMPLATE), "acme", "no_managed_provider"),
    ],
)
async def test_schedule_refuses_what_publish_refuses(
    ready_project: ReadyProject, clock: MovableClock, template: str | None, provider: str | None, reason: str
) -> None:
    """With the same reason; fixing the layer is sufficient."""
    layer = None
    if template is not None:
        config = {} if provider is None else {"provider": provider}
        body = {"templateId": template, "config": config, "socialAccountIds": [ready_project.tiktok]}
        layer = (await ready_project.client.post(f"/v1/projects/{ready_project.project}/layers", json=body)).json()
    targets = {"targets": [{"socialAccountId": ready_project.tiktok, "mode": "managed"}]}
    scheduled = {"scheduledFor": write_instant(clock.now() + timedelta(days=1)), "targets": targets["targets"]}
    for path, sent in (("schedule", scheduled), ("publish", targets)):
        response = await ready_project.client.post(f"/v1/content/{ready_project.image}/{path}", json=sent)
        error = response.json()["error"]
        assert (response.status_code, error["details"]["reason"]) == (422, reason), path
    assert await ready_project.posts() == 0
    right = {"templateId": str(MANAGED_TEMPLATE), "config": {"provider": "sandbox"}}
    path = f"/v1/projects/{ready_project.project}/layers"
    if layer is None:
        await ready_project.client.post(path, json={**right, "socialAccountIds": [ready_project.tiktok]})
    else:
        await ready_project.client.patch(f"{path}/{layer['id']}", json=right)
    assert (await ready_project.publish(ready_project.image, targets["targets"][0])).status_code == 200
    assert await ready_project.pool.fetchval("SELECT has_own_lane FROM scheduled_posts")


def test_the_tables_cover_every_environment() -> None:
    """The tables above name every environment."""
    assert {environment.value for environment in Environment} == {"test", "live"}
