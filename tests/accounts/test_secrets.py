"""Tokens appear in no log line and no response, and in the database only encrypted."""

import asyncio
import json
import logging
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from tests.accounts.login_flow import LoginFlow, uuid_of

from presswork.accounts.tokens import access_token, renew_token
from presswork.accounts.vault import open_grants, open_tokens
from presswork.core.enums import Environment
from presswork.platforms.errors import PlatformError
from presswork.platforms.names import PlatformName
from presswork.platforms.registry import logins_of
from presswork_sandbox.faults import OPERATIONS


async def test_no_secret_leaves(
    login_flow: LoginFlow, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """No token or code of logins, refreshes, failures and revocations is in logs, responses or the database."""
    caplog.set_level(logging.WARNING)  # the level of other libraries' loggers in production
    context = login_flow.api.context
    secrets: set[str] = set()
    answers: list[str] = []

    async def note(account_id: str) -> None:
        sealed = await context.pool.fetchval(
            "SELECT sealed_tokens FROM social_accounts WHERE id = $1", uuid_of({"socialAccountId": account_id})
        )
        tokens = open_tokens(context.keyring, sealed)
        secrets.update(filter(None, (tokens.access_token, tokens.refresh_token)))
        if "client_secret" in tokens.access_token:  # a document, with the app at the account's server
            access = json.loads(tokens.access_token)
            secrets.update((access["token"], access["client_secret"]))

    for name in PlatformName:
        login = await login_flow.begin(name.value)
        callback = await login_flow.decide(login, "bakery")
        secrets.add(parse_qs(urlsplit(callback).query)["code"][0])
        answers += [(await login_flow.come_back(callback)).text, (await login_flow.come_back(callback)).text]
        answers.append(str(await login_flow.status(login)))
        account_id = (await login_flow.status(login))["socialAccountId"]
        await note(account_id)
        platform = context.platforms.get(logins_of(name)[0], Environment.TEST)
        key = (context.pool, context.keyring, platform, uuid_of({"socialAccountId": account_id}))
        await login_flow.pass_time(timedelta(days=51))
        has_refresh = "refresh" in OPERATIONS[name.value]  # Mastodon's tokens have no end
        for fault in ("http_500", "html_502", "drop_before_effect") if has_refresh else ():
            await login_flow.fault(name.value, "refresh", fault)
            answers += [
                str(error)
                for error in await asyncio.gather(access_token(*key, clock=login_flow.clock), return_exceptions=True)
                if isinstance(error, BaseException)
            ]
            login_flow.clock.advance(timedelta(minutes=2))
        await access_token(*key, clock=login_flow.clock)
        await note(account_id)
        if has_refresh:
            await login_flow.fault(name.value, "refresh", "token_expired")
        with pytest.raises(PlatformError) as dead:
            await renew_token(*key, refused=await access_token(*key, clock=login_flow.clock), clock=login_flow.clock)
        answers.append(f"{dead.value!r} {dead.value.message} {dead.value.platform_message}")
        if "revoke" in OPERATIONS[name.value]:  # Threads documents no call for it
            await login_flow.fault(name.value, "revoke", "http_500")
        answers.append((await login_flow.client.delete(f"/v1/social-accounts/{account_id}")).text)
        answers.append(str(await login_flow.accounts()))

    rows = await context.pool.fetch("SELECT to_jsonb(s)::text AS all FROM social_accounts s")
    rows += await context.pool.fetch("SELECT to_jsonb(s)::text AS all FROM oauth_states s")
    out = capsys.readouterr()
    everything = "\n".join([out.out, out.err, caplog.text, *answers, *(row["all"] for row in rows)])
    assert len(secrets) >= 8
    assert "account connected" in everything
    assert "token refreshed" in everything
    assert "account disconnected" in everything
    assert [secret for secret in secrets if secret in everything] == []


async def test_no_secret_of_a_choice_leaves(
    login_flow: LoginFlow, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """The tokens of the person and all Pages appear nowhere, during the choice and after it."""
    caplog.set_level(logging.WARNING)
    context = login_flow.api.context
    login = await login_flow.begin("instagram", login="facebook")
    callback = await login_flow.decide(login, "bakery,florist")
    answers = [(await login_flow.come_back(callback)).text, str(await login_flow.status(login))]
    row = await context.pool.fetchrow("SELECT to_jsonb(s)::text AS all, sealed_grants FROM oauth_states s")
    assert row is not None
    grants = open_grants(context.keyring, row["sealed_grants"])
    secrets = {parse_qs(urlsplit(callback).query)["code"][0]}
    for grant in grants:
        secrets |= {grant.tokens.access_token, str(grant.tokens.refresh_token)}
    chosen = {"state": login["state"], "account": grants[0].external_id}
    answers.append((await login_flow.browser.post("/oauth/callback/instagram", data=chosen)).text)
    [account] = await login_flow.accounts()
    await login_flow.fault("instagram", "revoke", "platform_error", value={"code": 100})
    answers.append((await login_flow.client.delete(f"/v1/social-accounts/{account['socialAccountId']}")).text)
    out = capsys.readouterr()
    everything = "\n".join([out.out, out.err, caplog.text, *answers, row["all"], str(grants)])
    assert len(secrets) == 4
    assert "grant not revoked" in everything
    assert [secret for secret in secrets if secret in everything] == []
