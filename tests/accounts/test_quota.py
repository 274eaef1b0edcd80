"""`GET /v1/social-accounts/:id/quota`: what the platform counts, kept for a minute, and its errors as those of the API."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from tests.api_server import Api
from tests.clocks import MovableClock
from tests.sandbox_journal import read_journal
from tests.world import World

from presswork.accounts import platform_reads
from presswork.core.enums import Environment
from presswork.worker.main import open_worker


@dataclass(frozen=True, slots=True, kw_only=True)
class Quotas:
    """A project with an account of each platform, and the sandbox behind them."""

    world: World
    project: str
    instagram: str
    tiktok: str

    async def read(self, account: str) -> Any:
        """Call the route."""
        return await self.world.client.get(f"/v1/social-accounts/{account}/quota")

    async def used(self) -> int:
        """Return what the route says is used of Instagram's quota."""
        answer = await self.read(self.instagram)
        assert answer.status_code == 200, answer.text
        return int(answer.json()["used"])

    async def asked(self) -> int:
        """Return how often Instagram was asked for the quota."""
        browser = await self.world.api.anonymous()
        return len(await read_journal(browser.get, platform="instagram", operation="content_publishing_limit"))

    async def control(self, call: str, **body: object) -> None:
        """Change the sandbox."""
        answer = await (await self.world.api.anonymous()).post(f"/sandbox/control/{call}", json=body)
        assert answer.status_code < 300, answer.text


@pytest.fixture
async def quotas(world: World) -> Quotas:
    """Both accounts are called brand."""
    project = await world.project()
    return Quotas(
        world=world,
        project=project,
        instagram=await world.account(project, "instagram", "brand"),
        tiktok=await world.account(project, "tiktok", "brand"),
    )


@pytest.fixture
def kept_for_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep answers about test accounts as long as those about live ones."""
    monkeypatch.setattr(platform_reads, "KEPT_FOR", {Environment.TEST: platform_reads.KEPT_FOR[Environment.LIVE]})


def refusal(answer: Any) -> tuple[int, str, Mapping[str, Any]]:
    """Return status, code and details of a refusal."""
    error = answer.json()["error"]
    return answer.status_code, error["code"], error["details"]


async def test_instagram_reports_used_and_limit(
    quotas: Quotas, settings: Any, dsn: str, clock: MovableClock, picture: bytes
) -> None:
    """The numbers are the platform's and count a post as soon as it is live; TikTok reports nothing."""
    await quotas.control("accounts", platform="instagram", handle="brand", quotaTotal=25)
    assert (await quotas.read(quotas.instagram)).json() == {"used": 0, "limit": 25, "windowSeconds": 86400}
    content = await quotas.world.content(quotas.project, picture)
    await quotas.world.publish(content, quotas.instagram)
    async with open_worker(settings, dsn=dsn, base_url=quotas.world.api.base_url, clock=clock) as worker:
        await worker.work_until_idle()
    assert (await quotas.read(quotas.instagram)).json() == {"used": 1, "limit": 25, "windowSeconds": 86400}
    nothing = await quotas.read(quotas.tiktok)
    assert (nothing.status_code, nothing.json()) == (200, {"used": None, "limit": None, "windowSeconds": None})


@pytest.mark.usefixtures("kept_for_a_minute")
async def test_the_platform_is_asked_once_a_minute(quotas: Quotas, clock: MovableClock) -> None:
    """Many readers share one call, and its answer is used for a minute."""
    assert await asyncio.gather(*(quotas.used() for _ in range(5))) == [0] * 5
    assert (await quotas.used(), await quotas.asked()) == (0, 1)
    clock.advance(timedelta(seconds=59))
    assert (await quotas.used(), await quotas.asked()) == (0, 1)
    clock.advance(timedelta(seconds=1))
    assert (await quotas.used(), await quotas.asked()) == (0, 2)


@pytest.mark.usefixtures("kept_for_a_minute")
async def test_a_new_post_makes_the_answer_stale(
    quotas: Quotas, settings: Any, dsn: str, clock: MovableClock, picture: bytes
) -> None:
    """Within the minute, the quota counts a post that Presswork published."""
    assert await quotas.used() == 0
    content = await quotas.world.content(quotas.project, picture)
    await quotas.world.publish(content, quotas.instagram)
    async with open_worker(settings, dsn=dsn, base_url=quotas.world.api.base_url, clock=clock) as worker:
        await worker.work_until_idle()
    assert await quotas.used() == 1


@pytest.mark.usefixtures("kept_for_a_minute")
async def test_a_process_keeps_a_bounded_number_of_answers(quotas: Quotas, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the bound, the oldest answer is dropped and its account asked again."""
    monkeypatch.setattr(platform_reads, "_MAX_KEPT", 1)
    other = await quotas.world.account(quotas.project, "instagram", "other")
    for account in (quotas.instagram, other, other, quotas.instagram):
        assert (await quotas.read(account)).status_code == 200
    assert await quotas.asked() == 3


@pytest.mark.parametrize("fault", ["http_500", "html_502", "malformed_json", "drop_before_effect"])
async def test_a_platform_that_fails_is_unavailable(quotas: Quotas, fault: str) -> None:
    """The client learns when to ask again; nothing is kept."""
    await quotas.world.fault(platform="instagram", operation="content_publishing_limit", fault=fault)
    answer = await quotas.read(quotas.instagram)
    status, code, details = refusal(answer)
    assert (status, code, details["platform"]) == (503, "UNAVAILABLE", "instagram")
    assert answer.headers["retry-after"] == str(details["retryAfterSeconds"])
    assert await quotas.used() == 0


async def test_a_silent_platform_is_unavailable(quotas: Quotas, monkeypatch: pytest.MonkeyPatch) -> None:
    """The call ends after some seconds."""
    monkeypatch.setattr(platform_reads, "_FETCH_TIMEOUT", timedelta(milliseconds=50))
    await quotas.world.fault(
        platform="instagram", operation="content_publishing_limit", fault="latency", value={"ms": 2000}
    )
    assert refusal(await quotas.read(quotas.instagram))[:2] == (503, "UNAVAILABLE")


async def test_an_expired_token_is_refreshed(quotas: Quotas, clock: MovableClock) -> None:
    """Where the platform refuses the token once, the account gets another one and the quota is read."""
    clock.advance(timedelta(days=2))
    await quotas.control("clock", advanceSeconds=2 * 24 * 60 * 60)
    await quotas.world.fault(platform="instagram", operation="content_publishing_limit", fault="token_expired")
    assert await quotas.used() == 0


async def test_an_account_whose_access_ended_must_be_connected_again(quotas: Quotas) -> None:
    """The platform's refusal marks the account, so that its readiness says the same; a disconnected account has no quota."""
    await quotas.control("revoke", platform="instagram", handle="brand")
    reason = {"socialAccountId": quotas.instagram, "reason": "reauth_required"}
    for _ in range(2):
        answer = await quotas.read(quotas.instagram)
        assert refusal(answer) == (422, "SOCIAL_ACCOUNT_NOT_PUBLISH_READY", reason)
    read = await quotas.world.client.get(f"/v1/social-accounts/{quotas.instagram}")
    assert read.json()["status"] == "reauth_required"
    await quotas.world.client.delete(f"/v1/social-accounts/{quotas.instagram}")
    gone = refusal(await quotas.read(quotas.instagram))
    assert gone == (422, "SOCIAL_ACCOUNT_NOT_PUBLISH_READY", {**reason, "reason": "disconnected"})


async def test_an_account_without_the_permission_is_not_asked(quotas: Quotas) -> None:
    """The platform would refuse: the reason says what to do."""
    await quotas.world.api.context.pool.execute("UPDATE social_accounts SET scopes = '{}'")
    status, _, details = refusal(await quotas.read(quotas.instagram))
    assert (status, details["reason"], await quotas.asked()) == (422, "missing_permission", 0)


async def test_an_unconfigured_platform_and_an_unknown_account_are_refused(quotas: Quotas, api: Api) -> None:
    """Unavailable names the setting; an account of others is 404, and the route needs social:read."""
    client = quotas.world.client
    other = await quotas.world.account(quotas.project, "instagram", "other")
    await api.context.pool.execute("UPDATE social_accounts SET environment = 'live' WHERE handle = 'brand'")
    live = await api.client(environment="live")
    status, code, details = refusal(await live.get(f"/v1/social-accounts/{quotas.instagram}/quota"))
    assert (status, code) == (503, "UNAVAILABLE")
    assert details["setting"].startswith("PRESSWORK_")
    nothing = await live.get(f"/v1/social-accounts/{quotas.tiktok}/quota")  # what it says needs no call
    assert (nothing.status_code, set(nothing.json().values())) == (200, {None})
    assert (await live.get(f"/v1/social-accounts/{other}/quota")).status_code == 404
    assert (await client.get(f"/v1/social-accounts/{quotas.instagram}/quota")).status_code == 404
    denied = await (await api.client(scopes=("projects:read",))).get(f"/v1/social-accounts/{other}/quota")
    assert refusal(denied) == (403, "FORBIDDEN_SCOPE", {"requiredScope": "social:read"})
