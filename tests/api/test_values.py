"""Ids and instants: accepted forms in requests, and the one form in responses."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from tests.api.wire import issues, refusal
from tests.clocks import MovableClock
from tests.conftest import Api, World

from presswork.core.timestamps import read_instant, write_instant

INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z")


async def test_path_accepts_bare_and_prefixed_ids_in_any_case(world: World) -> None:
    """All forms identify the same project; the response has the prefixed, lower-case form."""
    project = await world.project()
    bare = project.removeprefix("prj_")
    for form in (project, bare, bare.upper(), f"prj_{bare.upper()}"):
        answer = await world.client.get(f"/v1/projects/{form}")
        assert (answer.status_code, answer.json()["id"]) == (200, project), form


async def test_malformed_id_in_a_path_is_not_found(world: World) -> None:
    """Another prefix, another form of a UUID and additional text return 404, never 422."""
    project = await world.project()
    bare = project.removeprefix("prj_")
    for form in (
        "x",
        "prj_",
        f"cnt_{bare}",
        f"PRJ_{bare}",
        f"prj_prj_{bare}",
        f"{{{bare}}}",
        f"urn:uuid:{bare}",
        bare.replace("-", ""),
        f"{bare}0",
        f"{bare}%20",
        f"%20{bare}",
        f"{bare}%00",
        f"{bare}%0A",
        "%F0%9F%8D%9E",
        "%ED%A0%80",
        "a" * 5000,
        "１" * 8 + bare[8:],
    ):
        answer = await world.client.get(f"/v1/projects/{form}")
        assert refusal(answer) == (404, "NOT_FOUND"), form


async def test_body_and_query_accept_prefixed_ids_only(world: World) -> None:
    """Other forms of an id in a body or query return an issue at its place."""
    project = await world.project()
    bare = str(uuid4())
    for form in (bare, f"prj_{bare}", "sa_", "", f"sa_{bare}0", f"SA_{bare}", f" sa_{bare}"):
        body = {"socialAccountId": form, "returnUrl": "http://localhost/x"}
        answer = await world.client.post(f"/v1/projects/{project}/social/reauth-url", json=body)
        assert issues(answer) == {"socialAccountId": "value_error"}, form
        listed = await world.client.get(f"/v1/projects/{project}/scheduled-posts", params={"socialAccountId": form})
        assert issues(listed) == {"socialAccountId": "value_error"}, form
    upper = {"socialAccountId": f"sa_{bare.upper()}", "returnUrl": "http://localhost/x"}
    answer = await world.client.post(f"/v1/projects/{project}/social/reauth-url", json=upper)
    assert refusal(answer) == (404, "NOT_FOUND")


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-24T18:30:00",
        "2026-11-24T18:30:00+00:00",
        "2026-11-24T18:30:00+01:00",
        "2026-11-24T18:30:00z",
        "2026-11-24 18:30:00Z",
        "2026-11-24T18:30Z",
        "2026-11-24",
        "2026-W48-2T18:30:00Z",
        "2026-02-30T18:30:00Z",
        "2026-11-24T24:00:00Z",
        "2026-11-24T18:30:61Z",
        "0000-01-01T00:00:00Z",
        "1795545000",
        "2026-11-24T18:30:00.1234567Z",
        "２026-11-24T18:30:00Z",
        "",
        "now",
    ],
)
def test_an_instant_is_utc_with_a_z(text: str) -> None:
    """Another offset, no offset or another form is rejected with a message that shows the right form."""
    with pytest.raises(ValueError, match="must be an instant in UTC, written like"):
        read_instant(text)


async def test_instants_are_read_and_written_over_http(api: Api, world: World, clock: MovableClock) -> None:
    """`since` and `until` accept the Z form with microseconds and reject others; responses have milliseconds."""
    project = await world.project()
    path = f"/v1/projects/{project}/scheduled-posts"
    for text in (
        "2026-11-24T18:30:00Z",
        "2026-11-24T18:30:00.5Z",
        "0001-01-01T00:00:00.000001Z",
        "9999-12-31T23:59:59Z",
    ):
        assert (await world.client.get(path, params={"since": text, "until": text})).status_code == 200, text
    answer = await world.client.get(path, params={"since": "2026-11-24T18:30:00+01:00", "until": "tomorrow"})
    assert issues(answer) == {"since": "value_error", "until": "value_error"}
    clock.advance(timedelta(microseconds=1))
    created = (await world.client.get(f"/v1/projects/{await world.project()}")).json()["createdAt"]
    assert INSTANT.fullmatch(created)
    assert created == write_instant(clock.now())
