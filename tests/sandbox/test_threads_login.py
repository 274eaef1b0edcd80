"""Threads: the authorization window, codes and tokens."""

from urllib.parse import urlencode, urlsplit

import pytest
from tests.every_row import every_row
from tests.sandbox.running_sandbox import BACK, RunningSandbox
from tests.sandbox.threads_client import (
    GRAPH,
    SCOPES,
    Threads,
    authorize,
    exchange,
    lengthen,
    login,
    refresh,
    refusal,
)

ASK = {"client_id": "1", "redirect_uri": BACK, "response_type": "code", "scope": SCOPES, "state": "s"}
DAY = 86_400


async def test_the_authorization_window(sandbox: RunningSandbox) -> None:
    """The page is at all four addresses; approval ends in a code and a literal #_, denial in access_denied."""
    rows: list[str] = ["threads.com", "www.threads.com", "threads.net", "www.threads.net"]
    with every_row() as row:
        for site in rows:
            with row(site):
                url = f"/sandbox/{site}/oauth/authorize?{urlencode(ASK)}"
                page = await sandbox.http.get(url)
                assert page.status_code == 200
                assert "Threads" in page.text
                assert "Create posts" in page.text
                approved = await sandbox.http.get(f"{url}&account=brand&decision=approve")
                assert approved.headers["location"].startswith(f"{BACK}?code=AQ")
                assert approved.headers["location"].endswith("&state=s#_")
                denied = await sandbox.http.get(f"{url}&decision=deny")
                query = urlsplit(denied.headers["location"]).query
                assert query.startswith("error=access_denied&error_reason=user_denied&error_description=")


async def test_an_invalid_authorize_url(sandbox: RunningSandbox) -> None:
    """Scopes of Instagram and a missing parameter are refused on the page."""
    for change in ({"scope": "instagram_business_basic"}, {"scope": ""}, {"response_type": "token"}):
        assert (
            await sandbox.http.get(f"/sandbox/threads.net/oauth/authorize?{urlencode(ASK | change)}")
        ).status_code == 400


async def test_from_code_to_long_lived_token(sandbox: RunningSandbox) -> None:
    """The code gives a token of an hour and a user_id that is a JSON number; the exchange gives 60 days, with /v1.0 too."""
    short = (await exchange(sandbox, await authorize(sandbox, "brand"))).json()
    assert short["access_token"].startswith("TH")
    assert isinstance(short["user_id"], int)
    assert short["user_id"] > 2**53, "too big for a number in JavaScript"
    assert set(short) == {"access_token", "user_id"}
    query = {"grant_type": "th_exchange_token", "client_secret": "x", "access_token": short["access_token"]}
    long, other = [
        (await sandbox.http.get(f"{GRAPH}{prefix}/access_token", params=query)).json() for prefix in ("", "/v1.0")
    ]
    assert {(token["token_type"], token["expires_in"]) for token in (long, other)} == {("bearer", 60 * DAY)}
    me = await Threads(sandbox, long["access_token"]).read("me", "id,username,name,threads_profile_picture_url")
    assert (me["id"], me["username"], me["name"]) == (str(short["user_id"]), "brand", "Brand")
    assert (await sandbox.http.get(me["threads_profile_picture_url"])).status_code == 200
    await sandbox.advance(3600)
    assert refusal(await Threads(sandbox, short["access_token"]).call("GET", "me")) == (190, 463)
    assert refusal(await lengthen(sandbox, short["access_token"])) == (190, 463)
    assert (await Threads(sandbox, long["access_token"], "graph.threads.com").call("GET", "me")).status_code == 200


async def test_codes(sandbox: RunningSandbox) -> None:
    """A code works once, for an hour, with its redirect address and without the odd ending; errors are in Graph's envelope."""
    code = await authorize(sandbox, "brand")
    assert refusal(await exchange(sandbox, code + "#_")) == (100, 36009)
    assert refusal(await exchange(sandbox, code, redirect_uri=BACK + "/")) == (100, 36008)
    assert refusal(await exchange(sandbox, code, client_id="2")) == (100, 36009)
    assert refusal(await exchange(sandbox, code, client_secret="")) == (100, None)
    assert refusal(await exchange(sandbox, code, grant_type="refresh_token")) == (100, None)
    assert (await exchange(sandbox, code)).status_code == 200
    assert refusal(await exchange(sandbox, code)) == (100, 36009)
    late = await authorize(sandbox, "brand")
    await sandbox.advance(3600)
    assert refusal(await exchange(sandbox, late)) == (100, 36007)


async def test_only_the_right_secret(sandbox: RunningSandbox) -> None:
    """With requireSecret, others fail at the code exchange and at the exchange for a long-lived token."""
    await sandbox.control("POST", "settings", {"requireSecret": "right"})
    code = await authorize(sandbox, "brand")
    wrong = await exchange(sandbox, code)
    assert wrong.json()["error"]["message"] == "Error validating client secret."
    short = (await exchange(sandbox, code, client_secret="right")).json()["access_token"]
    assert refusal(await lengthen(sandbox, short)) == (100, None)
    assert (await lengthen(sandbox, short, client_secret="right")).status_code == 200


async def test_tokens_are_exchanged_and_refreshed_for_their_kind_only(sandbox: RunningSandbox) -> None:
    """A long-lived token can't be exchanged, a short-lived one not refreshed; Instagram's grant types are unknown."""
    short = (await exchange(sandbox, await authorize(sandbox, "brand"))).json()["access_token"]
    assert refusal(await refresh(sandbox, short)) == (190, None)
    assert refusal(await lengthen(sandbox, short, grant_type="ig_exchange_token")) == (100, None)
    long = (await lengthen(sandbox, short)).json()["access_token"]
    assert "Session key invalid" in (await lengthen(sandbox, long)).json()["error"]["message"]


async def test_refresh(sandbox: RunningSandbox) -> None:
    """A token can be refreshed from 24 hours of age until it expires; the old one stays valid."""
    threads = await login(sandbox)
    early = await refresh(sandbox, threads.token)
    assert refusal(early) == (100, None)
    assert early.json()["error"]["type"] == "THApiException"
    await sandbox.advance(DAY)
    new = (await refresh(sandbox, threads.token)).json()
    assert (new["expires_in"], new["token_type"]) == (60 * DAY, "bearer")
    assert new["access_token"] != threads.token
    assert (await threads.call("GET", "me")).status_code == 200
    await sandbox.advance(59 * DAY)
    assert refusal(await refresh(sandbox, threads.token)) == (190, 463)
    assert (await Threads(sandbox, new["access_token"]).call("GET", "me")).status_code == 200


async def test_refresh_needs_threads_basic(sandbox: RunningSandbox) -> None:
    """A person who takes the basic permission back ends the refresh, too."""
    threads = await login(sandbox)
    await sandbox.advance(DAY)
    await sandbox.account("threads", "brand", grantedScopes=["threads_content_publish"])
    assert refusal(await threads.call("GET", "me")) == (10, None)
    assert refusal(await refresh(sandbox, threads.token)) == (10, None)


@pytest.mark.parametrize("is_private", [False, True])
async def test_a_grant_lasts_90_days(sandbox: RunningSandbox, *, is_private: bool) -> None:
    """A refresh extends what a person granted, unless the profile is private."""
    await sandbox.account("threads", "brand", privateProfile=is_private)
    threads = await login(sandbox)
    await sandbox.advance(50 * DAY)
    new = Threads(sandbox, (await refresh(sandbox, threads.token)).json()["access_token"])
    await sandbox.advance(41 * DAY)
    answer = await new.call("GET", "me")
    assert (answer.status_code == 200) is not is_private
    if is_private:
        assert refusal(answer) == (190, 458)
        assert refusal(await refresh(sandbox, new.token)) == (190, 458)


async def test_unticked_scopes(sandbox: RunningSandbox) -> None:
    """Each call needs its scope, also where the person unticked it: code 10, with HTTP 403."""
    threads = await login(sandbox)
    media_id = await threads.post(media_type="TEXT", text="Hello")
    few = Threads(sandbox, (await login(sandbox, scope="threads_basic")).token)
    reply = {"media_type": "TEXT", "text": "x", "reply_to_id": media_id}
    calls = [
        await few.create(media_type="TEXT", text="x"),
        await few.publish("1"),
        await few.call("GET", f"{media_id}/replies"),
        await few.call("GET", "me/replies"),
        await few.call("GET", f"{media_id}/conversation"),
        await few.call("GET", f"{media_id}/pending_replies"),
        await few.call("POST", f"{media_id}/manage_reply", {"hide": "true"}),
        await few.call("POST", f"{media_id}/manage_pending_reply", {"approve": "true"}),
        await few.call("DELETE", media_id),
        await few.call("GET", "me/threads_publishing_limit", {"fields": "quota_usage"}),
    ]
    assert [(refusal(call), call.status_code) for call in calls] == [((10, None), 403)] * len(calls)
    assert (await few.call("GET", media_id, {"fields": "permalink"})).status_code == 200
    publisher = await login(sandbox, scope="threads_basic,threads_content_publish")
    assert refusal(await publisher.create(**reply)) == (10, None)
    assert refusal(await publisher.create(media_type="TEXT", text="x", location_id="1")) == (10, None)
    assert refusal(await publisher.create(media_type="TEXT", text="x", crossreshare_to_ig="true")) == (10, None)
    assert refusal(await publisher.read_limit("quota_usage,reply_quota_usage")) == (10, None)
    assert (await publisher.read_limit("quota_usage,config")).status_code == 200
    query = urlencode(ASK | {"chosen": "1", "grant": "threads_basic", "account": "brand", "decision": "approve"})
    back = await sandbox.http.get(f"/sandbox/threads.com/oauth/authorize?{query}")
    code = urlsplit(back.headers["location"]).query.partition("code=")[2].partition("&")[0]
    unticked = Threads(sandbox, (await exchange(sandbox, code)).json()["access_token"])
    assert refusal(await unticked.create(media_type="TEXT", text="x")) == (10, None)


async def test_debug_token(sandbox: RunningSandbox) -> None:
    """It says whose token it is and how long it and the grant last; only to a token of the same app."""
    threads = await login(sandbox)
    tester = await login(sandbox, "tester")
    data = (await tester.read("debug_token", "", input_token=threads.token))["data"]
    me = await threads.read("me", "id")
    assert (data["type"], data["is_valid"], data["user_id"]) == ("USER", True, me["id"])
    assert data["scopes"] == SCOPES.split(",")
    assert data["expires_at"] - data["issued_at"] == 60 * DAY
    assert data["data_access_expires_at"] - data["issued_at"] == 90 * DAY
    await sandbox.control("POST", "revoke", {"platform": "threads", "handle": "brand"})
    dead = (await tester.read("debug_token", "", input_token=threads.token))["data"]
    assert (dead["is_valid"], dead["error"]["code"], dead["error"]["subcode"]) == (False, 190, 458)
    assert refusal(await threads.call("GET", "me")) == (190, 458)
    assert refusal(await tester.call("GET", "debug_token")) == (100, None)
    form = {"client_id": "2"}
    other = (await exchange(sandbox, await authorize(sandbox, "other", client_id="2"), **form)).json()["access_token"]
    assert refusal(await tester.call("GET", "debug_token", {"input_token": other})) == (100, None)


async def test_no_token_a_wrong_one_and_one_of_instagram(sandbox: RunningSandbox) -> None:
    """104 without a token, 190 for one that is none or of another login."""
    assert refusal(await sandbox.http.get(f"{GRAPH}/v1.0/me")) == (104, None)
    assert refusal(await Threads(sandbox, "x").call("GET", "me")) == (190, None)
    assert refusal(await Threads(sandbox, await sandbox.graph_login("brand")).call("GET", "me")) == (190, None)


async def test_versions_and_paths(sandbox: RunningSandbox) -> None:
    """v1.0 is the only version, and may be left out; other paths are unknown."""
    headers = {"authorization": f"Bearer {(await login(sandbox)).token}"}
    for path, status in (("v1.0/me", 200), ("me", 200), ("v25.0/me", 400), ("v1.0/me/media", 400), ("v1.0", 400)):
        assert (await sandbox.http.get(f"{GRAPH}/{path}", headers=headers)).status_code == status, path


async def test_the_journal_has_no_secrets(sandbox: RunningSandbox) -> None:
    """Codes, tokens and app secrets are redacted in it."""
    code = await authorize(sandbox, "brand")
    short = (await exchange(sandbox, code)).json()["access_token"]
    long = (await lengthen(sandbox, short)).json()["access_token"]
    await sandbox.http.get(f"{GRAPH}/debug_token", params={"access_token": long, "input_token": short})
    shown = str(await sandbox.calls(platform="threads"))
    assert "debug_token" in shown
    assert not any(secret in shown for secret in (code, short, long))
