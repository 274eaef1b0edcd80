"""The status changes of the SQL statements are exactly those of `MOVES`."""

from collections import defaultdict

from tests.accounts.login_flow import LoginFlow, uuid_of

from presswork.accounts.model import MOVES, AccountStatus
from presswork.accounts.tokens import mark_reauth_required


async def test_statements_make_exactly_the_allowed_moves(login_flow: LoginFlow) -> None:
    """From every status every operation runs: the resulting changes are exactly those of `MOVES`."""
    account = await login_flow.connect("tiktok", "bakery")
    path = f"/v1/social-accounts/{account['socialAccountId']}"

    async def connect() -> bool:
        await login_flow.connect("tiktok", "bakery")
        return True

    async def find_dead() -> bool:
        return await mark_reauth_required(login_flow.api.context.pool, uuid_of(account), now=login_flow.clock.now())

    async def give_back() -> bool:
        was = (await login_flow.account(account["socialAccountId"]))["status"]
        await login_flow.client.delete(path)
        return bool(was != "disconnected")

    ways = {
        AccountStatus.CONNECTED: [connect],
        AccountStatus.REAUTH_REQUIRED: [connect, find_dead],
        AccountStatus.DISCONNECTED: [connect, give_back],
    }
    seen: defaultdict[AccountStatus, set[AccountStatus]] = defaultdict(set)
    for start, way in ways.items():
        for act in (connect, find_dead, give_back):
            for step in way:
                await step()
            assert (await login_flow.account(account["socialAccountId"]))["status"] == start
            if await act():
                seen[start].add(AccountStatus((await login_flow.account(account["socialAccountId"]))["status"]))
    assert seen == MOVES
