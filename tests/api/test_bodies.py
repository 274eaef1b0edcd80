"""Request bodies: JSON syntax, content types, size limits and edge cases of values."""

import asyncio
import json
from collections.abc import AsyncIterator

import httpx2
import pytest
from tests.api.wire import error, issues, refusal, send_raw
from tests.api_server import Api

GOOD = {"name": "Corner Bakery", "timezone": "Europe/Lisbon"}
MEBIBYTE = 1024 * 1024


@pytest.fixture
async def client(api: Api) -> httpx2.AsyncClient:
    """A client with a key that has all scopes."""
    return await api.client()


async def _post(client: httpx2.AsyncClient, raw: bytes, content_type: str = "application/json") -> httpx2.Response:
    return await client.post("/v1/projects", content=raw, headers={"Content-Type": content_type})


async def test_invalid_json_is_an_issue_of_the_whole_body(client: httpx2.AsyncClient) -> None:
    """Malformed, truncated, doubled, wrongly encoded or deeply nested JSON returns 422."""
    for raw in (
        b"{",
        b"nonsense",
        b'{"name": "x"',
        b'{"name": "x",}',
        b"{'name': 'x'}",
        b'{"name": "x"} {"name": "y"}',
        b"\xef\xbb\xbf{}",
        b"\xff\xfe{\x00}\x00",
        '{"name": "Bäcker"}'.encode("latin-1"),
        b'{"name": "\xed\xa0\x80"}',
        b'{"name": "\\ud800"}',
        b'{"name": "a\x01b"}',
        b'{"metadata": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"metadata": ' + b'{"a":' * 100_000 + b"1" + b"}" * 100_000 + b"}",
        b"\x00",
        b"   ",
    ):
        assert issues(await _post(client, raw)) == {"": "invalid_json"}, raw[:40]


async def test_a_body_must_be_there_and_be_an_object(client: httpx2.AsyncClient) -> None:
    """An empty body, and JSON that is not an object, return an issue of the body."""
    missing = await client.post("/v1/projects")
    assert issues(missing) == {"": "json_missing"}
    assert issues(await _post(client, b"")) == {"": "json_missing"}
    for raw in (b"null", b"[]", b'"text"', b"1", b"true", b"NaN"):
        assert list(issues(await _post(client, raw))) == [""], raw


async def test_extreme_numbers_and_texts_cause_no_internal_error(client: httpx2.AsyncClient) -> None:
    """NUL characters, huge numbers and duplicate names are rejected or stored, and never cause an internal error."""
    refused = {
        '{"name": "a\\u0000b", "timezone": "UTC"}': {"name": "invalid_character"},
        '{"name": "a", "timezone": "UTC", "metadata": {"a": "\\u0000"}}': {"metadata": "invalid_character"},
        '{"name": "a", "timezone": "UTC", "metadata": {"a\\u0000": 1}}': {"metadata": "invalid_character"},
        '{"name": "a", "timezone": "UTC", "metadata": {"a": 1e999}}': {"metadata": "invalid_value"},
        '{"name": "a", "timezone": "UTC", "metadata": {"a": NaN}}': {"metadata": "invalid_value"},
        '{"name": 1, "timezone": "UTC"}': {"name": "invalid_type"},
        '{"name": "a", "timezone": "UTC", "x\\u0000": 1}': {"x\x00": "unknown_field"},
    }
    for text, expected in refused.items():
        assert issues(await _post(client, text.encode())) == expected, text
    for number in ("9" * 400, "-" + "9" * 400, "0." + "1" * 400, "1e308", "-0", "9007199254740993"):
        answer = await _post(client, f'{{"name": "a", "timezone": "UTC", "metadata": {{"a": {number}}}}}'.encode())
        assert answer.status_code in {201, 422}, number
    beyond = await _post(client, f'{{"name": "a", "timezone": "UTC", "metadata": {{"a": {"9" * 5000}}}}}'.encode())
    assert refusal(beyond) == (422, "VALIDATION")
    twice = await _post(client, b'{"name": "first", "name": "second", "timezone": "UTC"}')
    assert (twice.status_code, twice.json()["name"]) == (201, "second")


async def test_the_same_edges_hold_under_an_idempotency_key(client: httpx2.AsyncClient) -> None:
    """The fingerprint of an idempotency key accepts every body that the validation accepts."""
    for index, value in enumerate(("9" * 400, "1e308", '"\\ud83d\\ude00"', '"\\u2028"', "[" * 100 + "]" * 100)):
        raw = f'{{"name": "a", "timezone": "UTC", "metadata": {{"a": {value}}}}}'.encode()
        headers = {"Content-Type": "application/json", "Idempotency-Key": f"edge-{index}"}
        answers = [await client.post("/v1/projects", content=raw, headers=headers) for _ in range(2)]
        assert len({answer.status_code for answer in answers}) == 1, value
        assert answers[0].status_code in {201, 422}, value
        if answers[0].status_code == 201:
            assert answers[1].headers["idempotent-replayed"] == "true"


async def test_only_json_is_read(client: httpx2.AsyncClient) -> None:
    """Another content type, or none, returns 415; parameters and `+json` types are accepted."""
    raw = json.dumps(GOOD).encode()
    for content_type in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "", "json", "*/*"):
        assert refusal(await _post(client, raw, content_type)) == (415, "UNSUPPORTED_MEDIA_TYPE"), content_type
    for content_type in ("application/json; charset=utf-8", "Application/JSON", "application/merge-patch+json"):
        assert (await _post(client, raw, content_type)).status_code == 201, content_type


async def test_at_most_a_hundred_issues_are_reported(client: httpx2.AsyncClient) -> None:
    """A body with more errors returns the first hundred and says so, and no text of it is repeated at length."""
    fields = {f"field{number}": 1 for number in range(101)}
    answer = await client.post("/v1/projects", json={**GOOD, **fields})
    assert (len(issues(answer)), error(answer)["details"]["truncated"]) == (100, True)
    assert "99 more in details.issues" in error(answer)["message"]
    del fields["field0"]
    answer = await client.post("/v1/projects", json={**GOOD, **fields})
    assert (len(issues(answer)), "truncated" in error(answer)["details"]) == (100, False)
    large = await client.post("/v1/projects", json={**GOOD, **{"x" * 9000 + str(number): 1 for number in range(100)}})
    assert refusal(large) == (422, "VALIDATION")
    assert len(large.content) < 150_000


async def test_a_body_with_too_many_values_is_refused_before_it_is_validated(client: httpx2.AsyncClient) -> None:
    """A mebibyte of unknown fields, list items or nested lists returns one issue; what texts contain is not counted."""
    many = ",".join(f'"{number}":1' for number in range(100_000))
    deep_list = "[" * 190 + "]" * 190 + ","
    deep_object = '{"":' * 190 + "1" + "}" * 190 + ","
    for raw in (
        "{" + many + "}",
        '{"name": "a", "timezone": "UTC", "metadata": [' + "1," * 500_000 + "1]}",
        '{"name": "a", "timezone": "UTC", "metadata": [' + "[]," * 300_000 + "1]}",
        '{"name": "a", "metadata": {"a": [' + deep_list * 2_700 + "1]}}",
        '{"name": "a", "metadata": {"a": [' + '{"":' * 100 + "1" + "}" * 100 + (',{"":1}') * 9990 + "]}}",
        '{"a":[' + deep_object * 25 + "{" + '"":"",' * 7_640 + '"":"' + "[" * 202 + '"},' + deep_list * 2_000 + "1]}",
        '{"name": "' + ',\\"' * 30_000 + '", "x": {' + many[:600_000],
    ):
        assert issues(await _post(client, raw.encode())) == {"": "too_many_values"}, raw[:60]
    texts = {**GOOD, "name": ',[{"' * 50_000 + "\\"}
    assert issues(await client.post("/v1/projects", json=texts)) == {"name": "too_long"}
    unclosed = b'{"name": "' + b',\\"' * 300_000
    assert issues(await _post(client, unclosed)) == {"": "invalid_json"}


async def test_a_body_over_a_mebibyte_is_too_large(client: httpx2.AsyncClient) -> None:
    """With Content-Length or chunked, 1 MiB is accepted and one byte more returns 413."""

    async def pieces(total: int) -> AsyncIterator[bytes]:
        for start in range(0, total, 64 * 1024):
            yield b" " * min(64 * 1024, total - start)

    headers = {"Content-Type": "application/json"}
    for size, expected in ((MEBIBYTE, (422, "VALIDATION")), (MEBIBYTE + 1, (413, "PAYLOAD_TOO_LARGE"))):
        whole = await client.post("/v1/projects", content=b" " * size, headers=headers)
        chunked = await client.post("/v1/projects", content=pieces(size), headers=headers)
        assert (refusal(whole), refusal(chunked)) == (expected, expected)
        if expected[0] == 413:
            assert error(whole)["details"] == error(chunked)["details"] == {"maxBytes": MEBIBYTE}
    assert (await client.get("/v1/whoami")).status_code == 200, "the connection, or a new one, still works"


async def test_a_large_body_is_refused_before_it_is_sent(api: Api, client: httpx2.AsyncClient) -> None:
    """A request with Expect: 100-continue, or a wrong length, gets its response from the headers alone."""
    head = (
        b"POST /v1/projects HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 99999999999\r\n"
        b"Authorization: " + client.headers["authorization"].encode() + b"\r\n"
    )
    for more in (b"Expect: 100-continue\r\n\r\n", b"\r\n"):
        async with asyncio.timeout(10):
            answer = await send_raw(api, head + more)
        assert b" 413 " in answer.splitlines()[0]


async def test_all_issues_are_reported_with_their_wire_names(client: httpx2.AsyncClient) -> None:
    """Paths are those of the sent JSON, unknown fields are issues, and the message counts the others."""
    answer = await client.post(
        "/v1/projects",
        json={
            "name": "",
            "timezone": "Mars/Olympus",
            "customerExternalId": 7,
            "colour": "red",
            "customer_external_id": 1,
        },
    )
    assert issues(answer) == {
        "name": "blank",
        "timezone": "invalid_choice",
        "customerExternalId": "invalid_type",
        "colour": "unknown_field",
        "customer_external_id": "unknown_field",
    }
    assert "4 more in details.issues" in error(answer)["message"]
