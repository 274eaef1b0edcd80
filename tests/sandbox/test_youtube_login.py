"""Google's login: codes, PKCE, scopes that can be unticked, refresh tokens that stay, testing and production."""

import httpx2
import pytest
from tests.every_row import every_row
from tests.sandbox.running_sandbox import BACK, RunningSandbox
from tests.sandbox.youtube import AUTHORIZE, PREFIX, SCOPES, VERIFIER, YouTube, challenge_of, reason_of

DAY = 86_400


@pytest.fixture
def youtube(sandbox: RunningSandbox) -> YouTube:
    """A client of the fake YouTube."""
    return YouTube(sandbox)


def error_of(answer: httpx2.Response) -> tuple[int, str, str]:
    """Return the status, the error and the description of a refusal of a token endpoint."""
    body = answer.json()
    return answer.status_code, body["error"], body.get("error_description", "")


async def test_a_login_gets_both_tokens(youtube: YouTube) -> None:
    """The code needs decoding; the answer has 3599 seconds, the scopes with spaces, and a refresh token."""
    back = await youtube.ask()
    assert (back["state"], back["scope"]) == ("s", SCOPES)
    assert back["code"].startswith("4/0A")
    made = (await youtube.exchange(back["code"])).json()
    assert {name: made[name] for name in ("expires_in", "scope", "token_type")} == {
        "expires_in": 3599,
        "scope": SCOPES,
        "token_type": "Bearer",
    }
    assert made["access_token"].startswith("ya29.")
    assert made["refresh_token"].startswith("1//0")
    assert "refresh_token_expires_in" not in made


async def test_a_code_works_once_for_one_address_and_ten_minutes(youtube: YouTube) -> None:
    """A second exchange, another redirect_uri, another client and a late exchange are refused; a bad code is malformed."""
    code = (await youtube.ask())["code"]
    answer = await youtube.exchange(code, redirect_uri="http://localhost:9/other")
    assert error_of(answer) == (400, "redirect_uri_mismatch", "Bad Request")
    assert error_of(await youtube.exchange(code, client_id="other"))[1] == "invalid_grant"
    assert (await youtube.exchange(code)).status_code == 200
    assert error_of(await youtube.exchange(code)) == (400, "invalid_grant", "Bad Request")
    late = (await youtube.ask())["code"]
    await youtube.sandbox.advance(600)
    assert error_of(await youtube.exchange(late)) == (400, "invalid_grant", "Bad Request")
    assert error_of(await youtube.exchange("4/0Awrong")) == (400, "invalid_grant", "Malformed auth code.")


async def test_pkce(youtube: YouTube) -> None:
    """The verifier must be the challenge's; one without a challenge is refused too; plain challenges are accepted."""
    pkce = {"code_challenge": challenge_of(VERIFIER), "code_challenge_method": "S256"}
    code = (await youtube.ask(**pkce))["code"]
    assert error_of(await youtube.exchange(code))[2] == "Missing code verifier."
    assert error_of(await youtube.exchange(code, code_verifier=VERIFIER + "x"))[2] == "Invalid code verifier."
    assert (await youtube.exchange(code, code_verifier=VERIFIER)).status_code == 200
    code = (await youtube.ask())["code"]
    answer = await youtube.exchange(code, code_verifier=VERIFIER)
    assert error_of(answer)[1:] == ("invalid_grant", "code_verifier or verifier is not needed.")
    code = (await youtube.ask(code_challenge=VERIFIER))["code"]
    assert (await youtube.exchange(code, code_verifier=VERIFIER)).status_code == 200


async def test_pkce_can_be_required(youtube: YouTube) -> None:
    """With requirePkce, a login without a challenge does not begin."""
    await youtube.sandbox.control("POST", "settings", {"requirePkce": True})
    query = {"client_id": "1", "redirect_uri": BACK, "response_type": "code", "scope": SCOPES}
    answer = await youtube.sandbox.http.get(f"/sandbox/{AUTHORIZE}", params=query)
    assert (answer.status_code, "code_challenge" in answer.text) == (400, True)


async def test_incomplete_token_calls(youtube: YouTube) -> None:
    """A missing parameter and an unknown grant are refused with 400, and the code stays good."""
    rows: list[tuple[dict[str, str], str]] = [
        ({"client_id": ""}, "invalid_request"),
        ({"client_secret": ""}, "invalid_request"),
        ({"code": ""}, "invalid_request"),
        ({"redirect_uri": ""}, "invalid_request"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": ""}, "unsupported_grant_type"),
    ]
    with every_row() as row:
        for changes, error in rows:
            with row(changes, error):
                code = (await youtube.ask())["code"]
                assert error_of(await youtube.exchange(code, **changes))[:2] == (400, error)
                assert (await youtube.exchange(code)).status_code == 200


async def test_a_wrong_secret(youtube: YouTube) -> None:
    """Where a secret is set, another one is refused with 401 on exchange and refresh."""
    await youtube.login()
    await youtube.sandbox.control("POST", "settings", {"requireSecret": "right"})
    assert error_of(await youtube.refresh())[:2] == (401, "invalid_client")
    assert (await youtube.refresh(client_secret="right")).status_code == 200


async def test_deny_and_unticked_scopes(youtube: YouTube) -> None:
    """A refusal leads back with access_denied, as do all boxes unticked; one box unticked is missing in scope."""
    assert await youtube.ask(decision="deny") == {"error": "access_denied", "state": "s"}
    assert (await youtube.ask(chosen="1"))["error"] == "access_denied"
    back = await youtube.ask(chosen="1", grant=f"{PREFIX}youtube.readonly")
    made = (await youtube.exchange(back["code"])).json()
    assert made["scope"] == f"{PREFIX}youtube.readonly"
    youtube.token = made["access_token"]
    assert reason_of(await youtube.start(10)) == (403, "insufficientPermissions")
    assert (await youtube.ok("GET", "youtube/v3/channels", part="id", mine="true"))["items"]


@pytest.mark.parametrize("scope", [f"{PREFIX}youtube.readonly", f"{PREFIX}youtube.upload", f"{PREFIX}youtube"])
async def test_each_call_needs_its_scope(youtube: YouTube, scope: str) -> None:
    """youtube.upload can't list or comment, youtube.readonly can't change, and only force-ssl opens comments."""
    await youtube.login(scope=scope)
    calls = {
        "channels": await youtube.call("GET", "youtube/v3/channels", part="id", mine="true"),
        "start": await youtube.start(10),
        "update": await youtube.set_status("none", privacyStatus="public"),
        "comment": await youtube.comment("none"),
    }
    refused = {name for name, answer in calls.items() if "insufficientPermissions" in answer.text}
    expected = {
        "youtube.readonly": {"start", "update", "comment"},
        "youtube.upload": {"channels", "update", "comment"},
        "youtube": {"comment"},
    }
    assert refused == expected[scope.removeprefix(PREFIX)]


async def test_a_refresh_keeps_its_token_and_older_access_tokens(youtube: YouTube) -> None:
    """A refresh answers no refresh token; the old access token works until its hour is over."""
    made = await youtube.login()
    fresh = (await youtube.refresh()).json()
    assert set(fresh) == {"access_token", "expires_in", "scope", "token_type"}
    assert fresh["access_token"] != made["access_token"]
    assert (await youtube.refresh()).status_code == 200
    assert (await youtube.call("GET", "youtube/v3/channels", part="id", mine="true")).status_code == 200
    await youtube.sandbox.advance(3600)
    answer = await youtube.call("GET", "youtube/v3/channels", part="id", mine="true")
    assert reason_of(answer) == (401, "authError")
    assert 'error="invalid_token"' in answer.headers["www-authenticate"]
    assert answer.json()["error"]["status"] == "UNAUTHENTICATED"
    assert (await youtube.refresh()).status_code == 200


async def test_refresh_tokens_of_an_app_in_testing_last_a_week(youtube: YouTube) -> None:
    """In testing the answer says so, use does not prolong it, and after seven days the grant is dead."""
    await youtube.settings(publishingStatus="testing")
    assert (await youtube.login())["refresh_token_expires_in"] == 7 * DAY - 1
    await youtube.sandbox.advance(6 * DAY)
    assert (await youtube.refresh()).status_code == 200
    await youtube.sandbox.advance(DAY)
    assert error_of(await youtube.refresh()) == (400, "invalid_grant", "Token has been expired or revoked.")


async def test_refresh_tokens_in_production_die_of_six_months_without_use(youtube: YouTube) -> None:
    """Each use prolongs a refresh token; half a year without one ends it."""
    await youtube.login()
    for _ in range(3):
        await youtube.sandbox.advance(180 * DAY)
        assert (await youtube.refresh()).status_code == 200
    await youtube.sandbox.advance(184 * DAY)
    assert error_of(await youtube.refresh())[1] == "invalid_grant"


async def test_a_refresh_token_comes_only_offline_and_at_the_first_login_or_with_consent(youtube: YouTube) -> None:
    """Without access_type=offline there is none; without prompt=consent only the first login has one."""
    assert "refresh_token" not in await youtube.login(access_type="online")
    assert "refresh_token" in await youtube.login(prompt="")
    assert "refresh_token" not in await youtube.login(prompt="")
    assert "refresh_token" in await youtube.login()


async def test_one_refresh_token_too_many_kills_the_oldest(youtube: YouTube) -> None:
    """The 101st refresh token of a person and client ends the first one without a word; other clients' stay."""
    other = YouTube(youtube.sandbox, client_id="other")
    await other.login()
    first = (await youtube.login())["refresh_token"]
    second = (await youtube.login())["refresh_token"]
    for _ in range(99):
        await youtube.login()
    assert error_of(await youtube.refresh(first))[1] == "invalid_grant"
    assert (await youtube.refresh(second)).status_code == 200
    assert (await other.refresh()).status_code == 200


async def test_revoke_ends_the_whole_grant(youtube: YouTube) -> None:
    """Either token revokes both; a second revocation is refused."""
    for name in ("access_token", "refresh_token"):
        made = await youtube.login()
        url = "/sandbox/oauth2.googleapis.com/revoke"
        assert (await youtube.sandbox.http.post(url, data={"token": made[name]})).status_code == 200
        assert error_of(await youtube.refresh())[1] == "invalid_grant"
        assert reason_of(await youtube.start(10)) == (401, "authError")
        again = await youtube.sandbox.http.post(url, data={"token": made[name]})
        assert error_of(again)[:2] == (400, "invalid_token")


async def test_a_person_revokes_in_the_settings(youtube: YouTube) -> None:
    """The control surface revokes what a person granted: both tokens are dead."""
    await youtube.login()
    await youtube.sandbox.control("POST", "revoke", {"platform": "youtube", "handle": "lens"})
    assert error_of(await youtube.refresh()) == (400, "invalid_grant", "Token has been expired or revoked.")
    assert reason_of(await youtube.start(10)) == (401, "authError")


async def test_tokeninfo_and_userinfo(youtube: YouTube) -> None:
    """tokeninfo says what a token is for; userinfo needs a scope for the profile."""
    made = await youtube.login(scope=f"{SCOPES} profile")
    url = "/sandbox/oauth2.googleapis.com/tokeninfo"
    info = (await youtube.sandbox.http.get(url, params={"access_token": made["access_token"]})).json()
    assert (info["aud"], info["scope"], info["access_type"]) == (youtube.client_id, f"{SCOPES} profile", "offline")
    person = await youtube.ok("GET", "oauth2/v2/userinfo")
    assert (person["id"], person["name"]) == (info["sub"], "Lens")
    assert error_of(await youtube.sandbox.http.get(url, params={"access_token": "ya29.x"}))[:2] == (
        400,
        "invalid_token",
    )
    await youtube.login()
    assert reason_of(await youtube.call("GET", "oauth2/v3/userinfo")) == (403, "insufficientPermissions")


async def test_bad_authorize_urls(youtube: YouTube) -> None:
    """An invalid authorize URL shows a page that leads back with the error."""
    rows: list[tuple[dict[str, str], str]] = [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": f"{PREFIX}drive"}, "invalid_scope"),
        ({"access_type": "always"}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"code_challenge": VERIFIER, "code_challenge_method": "S512"}, "invalid_request"),
    ]
    with every_row() as row:
        for changes, error in rows:
            with row(changes, error):
                ask = {"client_id": "1", "redirect_uri": BACK, "response_type": "code", "scope": SCOPES, "state": "s"}
                answer = await youtube.sandbox.http.get(f"/sandbox/{AUTHORIZE}", params=ask | changes)
                assert answer.status_code == 400
                assert f"error={error}" in answer.text


async def test_calls_without_a_token_and_with_a_bad_one(youtube: YouTube) -> None:
    """No token is `required`, an unknown one and a refresh token are `authError`; the query can carry it too."""
    made = await youtube.login()
    path = "/sandbox/youtube.googleapis.com/youtube/v3/channels?part=id&mine=true"
    assert reason_of(await youtube.sandbox.http.get(path)) == (401, "required")
    for token in ("ya29.x", made["refresh_token"]):
        answer = await youtube.sandbox.http.get(path, headers={"authorization": f"Bearer {token}"})
        assert reason_of(answer) == (401, "authError")
    query = {"access_token": made["access_token"]}
    assert (await youtube.sandbox.http.get(path, params=query | {"part": "id", "mine": "true"})).status_code == 200


async def test_channels_none_one_many(youtube: YouTube) -> None:
    """A Google account without a channel gets no items, and 401 elsewhere; one that manages others sees them after its own."""
    await youtube.login()
    query = {"part": "snippet,contentDetails,status", "mine": "true"}
    [channel] = (await youtube.ok("GET", "youtube/v3/channels", **query))["items"]
    assert channel["id"].startswith("UC")
    assert len(channel["id"]) == 24
    assert channel["snippet"]["customUrl"] == "@lens"
    assert channel["contentDetails"]["relatedPlaylists"]["uploads"] == "UU" + channel["id"][2:]
    assert channel["status"]["longUploadsStatus"] == "allowed"
    await youtube.sandbox.account("youtube", "lens", otherChannels=["lens.two"], longUploadsStatus="eligible")
    several = (await youtube.ok("GET", "youtube/v3/channels", **query))["items"]
    assert [item["snippet"]["customUrl"] for item in several] == ["@lens", "@lens.two"]
    assert several[0]["status"]["longUploadsStatus"] == "eligible"
    by_id = (await youtube.ok("GET", "youtube/v3/channels", part="id", id=several[1]["id"]))["items"]
    assert [item["id"] for item in by_id] == [several[1]["id"]]
    await youtube.sandbox.account("youtube", "lens", hasChannel=False, otherChannels=[])
    none = await youtube.ok("GET", "youtube/v3/channels", **query)
    assert (none["pageInfo"]["totalResults"], "items" in none) == (0, False)
    assert reason_of(await youtube.start(10)) == (401, "youtubeSignupRequired")


async def test_secrets_are_not_in_the_journal(youtube: YouTube) -> None:
    """Codes, tokens, verifiers and session URLs never reach the journal."""
    pkce = {"code_challenge": challenge_of(VERIFIER), "code_challenge_method": "S256"}
    code = (await youtube.ask(**pkce))["code"]
    made = (await youtube.exchange(code, code_verifier=VERIFIER, client_secret="s3cr3t-s3cr3t")).json()
    youtube.token, youtube.refresh_token = made["access_token"], made["refresh_token"]
    await youtube.refresh()
    url = await youtube.session(10)
    await youtube.put(url, b"0123456789", "0-9/10")
    await youtube.call("GET", "youtube/v3/channels", part="id", mine="true", access_token=youtube.token)
    journal = (await youtube.sandbox.http.get("/sandbox/control/requests?platform=youtube&limit=200")).text
    for secret in (code, VERIFIER, "s3cr3t", youtube.token, youtube.refresh_token, url.rpartition("=")[2]):
        assert secret not in journal
    operations = [row["operation"] for row in await youtube.sandbox.calls(platform="youtube")]
    assert operations == ["token", "refresh", "videos_insert", "upload", "channels"]
