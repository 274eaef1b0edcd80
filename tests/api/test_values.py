"""Ids and instants: accepted forms in requests, and the one form in responses."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from tests.api.wire import error, issues, refusal
from tests.api_server import Api
from tests.clocks import MovableClock
from tests.world import World

from presswork.core.errors import FieldError, IssueCode
from presswork.core.timestamps import read_header_date, read_instant, write_instant

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
        assert issues(answer) == {"socialAccountId": "invalid_format"}, form
        listed = await world.client.get(f"/v1/projects/{project}/scheduled-posts", params={"socialAccountId": form})
        assert issues(listed) == {"socialAccountId": "invalid_format"}, form
    upper = {"socialAccountId": f"sa_{bare.upper()}", "returnUrl": "http://localhost/x"}
    answer = await world.client.post(f"/v1/projects/{project}/social/reauth-url", json=upper)
    assert refusal(answer) == (404, "NOT_FOUND")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("2026-11-24T18:30:00", IssueCode.TIME_WITHOUT_OFFSET),
        ("2026-11-24T18:30:00.5", IssueCode.TIME_WITHOUT_OFFSET),
        ("2026-11-24 18:30:00Z", IssueCode.INVALID_FORMAT),
        ("2026-11-24T18:30Z", IssueCode.INVALID_FORMAT),
        ("2026-11-24", IssueCode.INVALID_FORMAT),
        ("2026-W48-2T18:30:00Z", IssueCode.INVALID_FORMAT),
        ("2026-02-30T18:30:00Z", IssueCode.INVALID_FORMAT),
        ("2026-11-24T24:00:00Z", IssueCode.INVALID_FORMAT),
        ("2026-11-24T18:30:61Z", IssueCode.INVALID_FORMAT),
        ("0000-01-01T00:00:00Z", IssueCode.INVALID_FORMAT),
        ("0001-01-01T00:00:00+00:01", IssueCode.INVALID_FORMAT),
        ("9999-12-31T23:59:59-00:01", IssueCode.INVALID_FORMAT),
        ("1795545000", IssueCode.INVALID_FORMAT),
        ("2026-11-24T18:30:00.Z", IssueCode.INVALID_FORMAT),
        ("2026-11-24T18:30:00.1234567Z", IssueCode.INVALID_FORMAT),
        ("2026-11-24T18:30:00+24:00", IssueCode.INVALID_FORMAT),
        ("2026-11-24T18:30:00+1:00", IssueCode.INVALID_FORMAT),
        ("2026-11-24T18:30:00+01:60", IssueCode.INVALID_FORMAT),
        ("2026-11-24T18:30:00Z+01:00", IssueCode.INVALID_FORMAT),
        ("2026-11-24T18:30:00\u221201:00", IssueCode.INVALID_FORMAT),
        ("2026-11-24T18:30:00 CET", IssueCode.INVALID_FORMAT),
        ("２026-11-24T18:30:00Z", IssueCode.INVALID_FORMAT),
        ("", IssueCode.INVALID_FORMAT),
        ("now", IssueCode.INVALID_FORMAT),
        (1795545000, IssueCode.INVALID_TYPE),
        (None, IssueCode.INVALID_TYPE),
    ],
)
def test_an_instant_has_an_offset_and_one_form(text: object, code: IssueCode) -> None:
    """No offset, another form, or an instant outside the years 1 to 9999 of UTC is refused; the message shows what to send."""
    with pytest.raises(FieldError, match=r"is not a|has no offset") as refused:
        read_instant(text)
    assert refused.value.code is code
    assert "Send" in str(refused.value) or "Add" in str(refused.value)


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-11-24T18:30:00Z", "2026-11-24T18:30:00+00:00"),
        ("2026-11-24t18:30:00z", "2026-11-24T18:30:00+00:00"),
        ("2026-11-24T18:30:00+00:00", "2026-11-24T18:30:00+00:00"),
        ("2026-11-24T18:30:00-00:00", "2026-11-24T18:30:00+00:00"),
        ("2026-11-24T18:30:00+01:00", "2026-11-24T17:30:00+00:00"),
        ("2026-11-24T18:30:00+0100", "2026-11-24T17:30:00+00:00"),
        ("2026-11-24T18:30:00+01", "2026-11-24T17:30:00+00:00"),
        ("2026-11-24T18:30:00+05:45", "2026-11-24T12:45:00+00:00"),
        ("2026-11-24T18:30:00-12:00", "2026-11-25T06:30:00+00:00"),
        ("2027-01-01T09:00:00.25+14:00", "2026-12-31T19:00:00.250000+00:00"),
        ("2026-11-24T18:30:00.999999-03:30", "2026-11-24T22:00:00.999999+00:00"),
        ("2024-02-29T23:59:59-00:01", "2024-03-01T00:00:59+00:00"),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00+00:00"),
        ("0001-01-01T14:00:00+14:00", "0001-01-01T00:00:00+00:00"),
        ("9999-12-31T11:59:59.999999-12:00", "9999-12-31T23:59:59.999999+00:00"),
    ],
)
def test_an_instant_with_any_offset_is_read_as_utc(text: str, utc: str) -> None:
    """Every offset, lower-case letters and fractions of a second are accepted; the value is in UTC."""
    assert read_instant(text).isoformat() == utc


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("Tue, 24 Nov 2026 18:30:00 GMT", "2026-11-24T18:30:00+00:00"),
        ("Tue, 24 Nov 2026 18:30:00 -0000", "2026-11-24T18:30:00+00:00"),
        ("Tue, 24 Nov 2026 18:30:00 +0100", "2026-11-24T17:30:00+00:00"),
        ("Fri, 31 Dec 9999 23:59:59 -0100", None),
        ("Mon, 01 Jan 99999999999999999999 00:00:00 GMT", None),
        ("2026-11-24T18:30:00Z", None),
        ("", None),
    ],
)
def test_a_date_of_a_header_is_read_or_ignored(text: str, utc: str | None) -> None:
    """A server's broken date is none, and raises nothing."""
    date = read_header_date(text)
    assert (None if date is None else date.isoformat()) == utc


async def test_instants_are_read_and_written_over_http(api: Api, world: World, clock: MovableClock) -> None:
    """`since` and `until` accept any offset and reject a time without one; responses are in UTC with milliseconds."""
    project = await world.project()
    path = f"/v1/projects/{project}/scheduled-posts"
    for text in (
        "2026-11-24T18:30:00Z",
        "2026-11-24T18:30:00.5Z",
        "0001-01-01T00:00:00.000001Z",
        "9999-12-31T23:59:59Z",
        "2026-11-24T18:30:00+05:45",
        "2026-11-24t18:30:00-12:00",
        "2027-01-01T09:00:00.123456+14:00",
    ):
        assert (await world.client.get(path, params={"since": text, "until": text})).status_code == 200, text
    answer = await world.client.get(path, params={"since": "2026-11-24T18:30:00", "until": "tomorrow"})
    assert issues(answer) == {"since": "time_without_offset", "until": "invalid_format"}
    unescaped = await world.client.get(f"{path}?since=2026-11-24T18:30:00+01:00")
    assert issues(unescaped) == {"since": "invalid_format"}
    assert "%2B" in error(unescaped)["message"]
    clock.advance(timedelta(microseconds=1))
    created = (await world.client.get(f"/v1/projects/{await world.project()}")).json()["createdAt"]
    assert INSTANT.fullmatch(created)
    assert created == write_instant(clock.now())
