"""Authentication: which tokens are accepted, and how fast a revoked key is rejected."""

import asyncpg
import httpx2
from tests.api.wire import new_key, refusal, send_raw
from tests.api_server import Api

from presswork.audit.model import Action
from presswork.core.enums import Environment
from presswork.orgs.key_model import KeyToken
from presswork.orgs.keys import change_key_status


async def _ask(api: Api, *headers: tuple[str, str]) -> httpx2.Response:
    client = await api.anonymous()
    return await client.get("/v1/whoami", headers=list(headers))


async def _until(client: httpx2.AsyncClient, status: int) -> httpx2.Response:
    """Repeat a request until the notification has arrived, long before the cache entry expires."""
    answer = await client.get("/v1/whoami")
    for _ in range(500):
        if answer.status_code == status:
            break
        answer = await client.get("/v1/whoami")
    assert answer.status_code == status
    return answer


async def test_valid_key_is_accepted(api: Api) -> None:
    """The scheme is case-insensitive; the response identifies the caller and never contains the secret."""
    token, key_id = await new_key(api)
    for scheme in ("Bearer", "bearer", "BEARER"):
        answer = await _ask(api, ("Authorization", f"{scheme} {token.text}"))
        assert (answer.status_code, answer.json()["keyId"]) == (200, key_id)
        assert token.secret not in answer.text
        assert token.lookup not in answer.text


async def test_invalid_keys_are_unauthenticated(api: Api) -> None:
    """Missing, malformed, wrong, unknown, of the other environment, under another scheme, given twice: 401 each time.

    All responses have the same message, so that they don't reveal which part is wrong.
    """
    token, _ = await new_key(api)
    good = token.text
    stranger = KeyToken.new(Environment.TEST)
    forms = [
        "",
        "Bearer",
        f"Bearer {good[:-1]}",
        f"Bearer {good}x",
        f"Bearer {good.lower()}",
        f"Bearer x{good}",
        f"Bearer lp_prod_{token.lookup}_{token.secret}",
        f"Bearer lp_test_{token.lookup}_{stranger.secret}",
        f"Bearer lp_test_{stranger.lookup}_{token.secret}",
        f"Bearer lp_live_{token.lookup}_{token.secret}",
        f"Bearer {good} {good}",
        f"Bearer {good},Bearer {good}",
        f"Basic {good}",
        f"Token {good}",
        good,
        f"Bearer\t{good}",
        f"Bearer {'A' * 8000}",
    ]
    answers = [await _ask(api, ("Authorization", form)) for form in forms]
    answers += [
        await _ask(api),
        await _ask(api, ("Authorization", f"Bearer {good}"), ("Authorization", f"Bearer {good}")),
        await _ask(api, ("Authorization", f"Bearer {stranger.text}"), ("Authorization", f"Bearer {good}")),
        await _ask(api, ("X-Api-Key", good)),
        await (await api.anonymous()).get("/v1/whoami", params={"authorization": f"Bearer {good}"}),
    ]
    assert [refusal(answer) for answer in answers] == [(401, "UNAUTHENTICATED")] * len(answers)
    assert {answer.headers["www-authenticate"] for answer in answers} == {"Bearer"}
    assert len({answer.json()["error"]["message"] for answer in answers}) == 1
    assert not any("ratelimit-limit" in answer.headers for answer in answers)


async def test_key_with_undecodable_bytes_is_unauthenticated(api: Api) -> None:
    """A header that is not valid text, or has nothing after the scheme, returns 401."""
    for value in (b"Bearer lp_\xff\xfe", b"Bearer \xc3\xa9", b"Bearer ", b"Bearer   "):
        answer = await send_raw(
            api, b"GET /v1/whoami HTTP/1.1\r\nHost: localhost\r\nAuthorization: " + value + b"\r\n\r\n"
        )
        assert b" 401 " in answer.splitlines()[0], value


async def test_revoked_key_is_rejected_at_once(api: Api, dsn: str) -> None:
    """A cached key that another process revokes is rejected at once."""
    token, key_id = await new_key(api)
    client = await api.anonymous(headers={"Authorization": f"Bearer {token.text}"})
    assert (await client.get("/v1/whoami")).status_code == 200
    elsewhere = await asyncpg.connect(dsn)
    try:
        await change_key_status(elsewhere, key_id, Action.KEY_REVOKE, now=api.context.clock.now())
    finally:
        await elsewhere.close()
    assert refusal(await _until(client, 401)) == (401, "UNAUTHENTICATED")


async def test_killed_key_returns_503_until_it_is_revived(api: Api, dsn: str) -> None:
    """The kill switch applies at once and can be undone; a key that is also revoked returns 401."""
    token, _ = await new_key(api)
    client = await api.anonymous(headers={"Authorization": f"Bearer {token.text}"})
    assert (await client.get("/v1/whoami")).status_code == 200
    elsewhere = await asyncpg.connect(dsn)
    try:
        await change_key_status(elsewhere, token.lookup, Action.KEY_KILL, now=api.context.clock.now())
        assert refusal(await _until(client, 503)) == (503, "KILL_SWITCH")
        wrong = await _ask(api, ("Authorization", f"Bearer {token.text[:-43]}{'A' * 43}"))
        assert wrong.status_code == 401, "only a client with the right secret may learn that the key was killed"
        await change_key_status(elsewhere, token.lookup, Action.KEY_REVIVE, now=api.context.clock.now())
        await _until(client, 200)
        await change_key_status(elsewhere, token.text, Action.KEY_KILL, now=api.context.clock.now())
        await change_key_status(elsewhere, token.text, Action.KEY_REVOKE, now=api.context.clock.now())
        assert refusal(await _until(client, 401)) == (401, "UNAUTHENTICATED")
    finally:
        await elsewhere.close()


async def test_only_a_hash_of_the_secret_is_stored(api: Api) -> None:
    """No column of the key's row contains the secret."""
    token, _ = await new_key(api)
    row = str(await api.context.pool.fetchrow("SELECT k::text FROM api_keys k WHERE lookup = $1", token.lookup))
    assert token.lookup in row
    assert token.secret not in row
    assert token.secret.encode().hex() not in row
