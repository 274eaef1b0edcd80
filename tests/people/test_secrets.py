"""Passwords, one-time links and tokens of sessions are in no table, no log line and no answer but their own."""

import pytest
from tests.api_server import Api
from tests.people.people import PASSWORD, People, token_of, user_id_of


async def test_no_secret_of_a_person_is_stored_or_logged(
    api: Api, people: People, capfd: pytest.CaptureFixture[str]
) -> None:
    """A person is invited, signs in, fails, and changes the password: all tables and all log lines are searched."""
    key = await people.key()
    wrong, changed = "a wrong canary password", "another canary password"
    invited = (
        await key.post(
            "/v1/users", json={"email": "ines@example.com", "role": "viewer"}, headers={"Idempotency-Key": "invite"}
        )
    ).json()
    link = token_of(invited["link"])
    browser = await people.browser()
    answers = [await browser.post("/v1/auth/accept", json={"token": link, "password": PASSWORD})]
    tokens = [browser.cookies["presswork_session"]]
    user = await user_id_of(browser)
    answers += [
        await browser.post("/v1/auth/accept", json={"token": link, "password": wrong}),
        await browser.post("/v1/auth/sign-in", json={"email": "ines@example.com", "password": wrong}),
        await browser.post("/v1/auth/sign-in", json={"email": "ines@example.com", "password": PASSWORD}),
        await browser.post("/v1/auth/sign-in", json={"email": 1, "password": [wrong]}),
        await browser.post("/v1/auth/sign-in", json={"email": "a", "password": PASSWORD + "x" * 300}),
    ]
    tokens.append(browser.cookies["presswork_session"])
    answers += [
        await browser.post("/v1/auth/password", json={"currentPassword": wrong, "newPassword": changed}),
        await browser.post("/v1/auth/password", json={"currentPassword": PASSWORD, "newPassword": "tiny"}),
        await browser.post("/v1/auth/password", json={"currentPassword": PASSWORD, "newPassword": changed}),
        await key.get("/v1/users"),
        await key.get(f"/v1/sessions?userId={user}"),
        await key.get("/v1/audit-log"),
    ]
    assert answers[-4].json() == {"user": None}
    secrets = [link, *tokens, PASSWORD, wrong, changed]
    pool = api.context.pool
    tables = await pool.fetch(
        "SELECT c.oid::regclass::text AS name FROM pg_class c WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
    )
    stored = ""
    for table in tables:
        rows = await pool.fetch(f"SELECT t::text AS row FROM {table['name']} t")  # noqa: S608  a name of the catalog
        stored += "\n".join(row["row"] for row in rows)
    assert "ines@example.com" in stored
    logged = "".join(capfd.readouterr())
    assert "/v1/auth/sign-in" in logged
    for secret in secrets:
        assert secret not in stored
        assert secret not in logged
        assert not [answer.url for answer in answers if secret in answer.text]
