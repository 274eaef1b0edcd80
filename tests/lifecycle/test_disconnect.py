"""Disconnecting accounts."""

from datetime import timedelta
from uuid import UUID

from tests.accounts.conftest import new_project
from tests.accounts.login_flow import RETURN_URL, LoginFlow, error_of, uuid_of

from presswork.core.ids import new_id
from presswork.core.timestamps import read_instant


async def queue_post(login_flow: LoginFlow, account_id: UUID, *, status: str = "queued") -> UUID:
    """Insert a post of the account; return its id."""
    post_id, now = new_id(), login_flow.clock.now()
    await login_flow.api.context.pool.execute(
        """INSERT INTO scheduled_posts (id, project_id, organization_id, environment, container_id, social_account_id,
                                        platform, mode, status, scheduled_for, run_at, platform_state, error_count, version,
                                        created_at, updated_at)
           SELECT $1, a.project_id, a.organization_id, a.environment, $2, a.id, a.platform, 'publish', $3, $4, $4, '{}', 0,
                  1, $4, $4 FROM social_accounts a WHERE a.id = $5""",
        post_id,
        new_id(),
        status,
        now,
        account_id,
    )
    return post_id


async def test_account_is_disconnected(login_flow: LoginFlow) -> None:
    """The grant is revoked, the tokens are deleted, and only this account's queued posts are canceled."""
    account = await login_flow.connect("tiktok", "bakery")
    other = await login_flow.connect("tiktok", "florist")
    posts = [await queue_post(login_flow, uuid_of(account)) for _ in range(3)]
    done = await queue_post(login_flow, uuid_of(account), status="failed")
    foreign = await queue_post(login_flow, uuid_of(other))
    login_flow.clock.advance(timedelta(minutes=1))

    answer = await login_flow.client.delete(f"/v1/social-accounts/{account['socialAccountId']}")

    assert answer.status_code == 200
    assert answer.json() == {
        "socialAccountId": account["socialAccountId"],
        "status": "disconnected",
        "disconnectedReason": "user_requested",
        "canceledScheduledPosts": 3,
        "disconnectedAt": answer.json()["disconnectedAt"],
    }
    assert read_instant(answer.json()["disconnectedAt"]) == login_flow.clock.now()
    pool = login_flow.api.context.pool
    rows = await pool.fetch("SELECT id, status FROM scheduled_posts ORDER BY id")
    assert {row["id"]: row["status"] for row in rows} == {
        **dict.fromkeys(posts, "canceled"),
        done: "failed",
        foreign: "queued",
    }
    row = await pool.fetchrow(
        "SELECT status, sealed_tokens, token_expires_at, refresh_due_at FROM social_accounts WHERE id = $1",
        uuid_of(account),
    )
    assert row is not None
    assert tuple(row) == ("disconnected", None, None, None)
    assert [call["status"] for call in await login_flow.calls("tiktok", "revoke")] == [200]


async def test_second_disconnect_returns_the_same(login_flow: LoginFlow) -> None:
    """A second call returns the same result, cancels nothing and does not call the platform."""
    account = await login_flow.connect("tiktok", "bakery")
    await queue_post(login_flow, uuid_of(account))
    path = f"/v1/social-accounts/{account['socialAccountId']}"
    first = (await login_flow.client.delete(path)).json()
    login_flow.clock.advance(timedelta(hours=1))
    second = (await login_flow.client.delete(path)).json()
    assert second == {**first, "canceledScheduledPosts": 0}
    assert len(await login_flow.calls("tiktok", "revoke")) == 1


async def test_platform_failure_does_not_prevent_the_disconnect(login_flow: LoginFlow) -> None:
    """The account is disconnected even if the platform returns an error."""
    for fault, value in (
        ("http_500", {}),
        ("drop_before_effect", {}),
        ("malformed_json", {}),
        ("platform_error", {"value": {"code": "invalid_client"}}),
    ):
        account = await login_flow.connect("tiktok", "bakery")
        await login_flow.fault("tiktok", "revoke", fault, **value)
        answer = await login_flow.client.delete(f"/v1/social-accounts/{account['socialAccountId']}")
        assert (answer.status_code, answer.json()["status"]) == (200, "disconnected")
        assert (await login_flow.account(account["socialAccountId"]))["status"] == "disconnected"


async def test_instagram_account_is_disconnected(login_flow: LoginFlow) -> None:
    """Instagram has no call to revoke a grant; the tokens are deleted."""
    account = await login_flow.connect("instagram", "bakery")
    answer = await login_flow.client.delete(f"/v1/social-accounts/{account['socialAccountId']}")
    assert answer.json()["status"] == "disconnected"
    assert await login_flow.api.context.pool.fetchval("SELECT count(sealed_tokens) FROM social_accounts") == 0


async def test_grant_is_kept_while_another_project_uses_the_account(login_flow: LoginFlow) -> None:
    """The grant is revoked only when the last project disconnects the account."""
    here = await login_flow.connect("tiktok", "bakery")
    project = await new_project(login_flow.client)
    begun = await login_flow.client.post(
        f"/v1/projects/{project}/social/oauth-url", json={"platform": "tiktok", "returnUrl": RETURN_URL}
    )
    assert error_of(await login_flow.finish(begun.json(), "bakery")) is None
    there = (await login_flow.status(begun.json()))["socialAccountId"]
    assert there != here["socialAccountId"]

    await login_flow.client.delete(f"/v1/social-accounts/{here['socialAccountId']}")
    assert await login_flow.calls("tiktok", "revoke") == []
    await login_flow.client.delete(f"/v1/social-accounts/{there}")
    assert len(await login_flow.calls("tiktok", "revoke")) == 1


async def test_bare_id_is_accepted(login_flow: LoginFlow) -> None:
    """A path accepts an id without prefix; the response has the prefix."""
    account = await login_flow.connect("tiktok", "bakery")
    bare = account["socialAccountId"].removeprefix("sa_")
    assert await login_flow.account(bare) == account
    assert (await login_flow.client.delete(f"/v1/social-accounts/{bare}")).json()["socialAccountId"] == account[
        "socialAccountId"
    ]
