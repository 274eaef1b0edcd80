"""Validation issues: every code is on one list, and every message is ours: the field, the problem, the fix."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Final
from uuid import uuid4

import httpx2
import pytest
from tests.api.wire import ALL, Json, Operation, error, issues, operations_of, read_document
from tests.api_server import Api
from tests.docs.pages import DOCS

from presswork.api.http.error_guide import error_guide
from presswork.core.errors import IssueCode
from presswork.platforms.options import OptionCode

BROKEN: Final[tuple[object, ...]] = (
    None,
    True,
    7,
    -1,
    10**30,
    7.5,
    "",
    " ",
    "zzz",
    "\0",
    "x" * 5_000,
    [],
    [None],
    ["zzz"],
    [{}] * 60,
    {},
    {"colour": "red"},
)
"""Values in the place of every field of every body."""
FOREIGN: Final = re.compile(
    r"Input should|Value error|Extra inputs|Field required|unable to|should be|should have|pydantic|ctx|\bloc\b|\bdict\b|"
    r"\bitems?\b|\btuple\b|\bNone\b|valid (?:string|integer|number|list|dictionary|boolean|enum)|"
    r"_error\b|_type\b|_parsing\b",
)
"""Words of Pydantic and FastAPI."""
SIMPLE: Final = {
    IssueCode.REQUIRED,
    IssueCode.UNKNOWN_FIELD,
    IssueCode.INVALID_TYPE,
    IssueCode.INVALID_CHOICE,
    IssueCode.INVALID_FORMAT,
    IssueCode.INVALID_CHARACTER,
    IssueCode.TOO_SHORT,
    IssueCode.TOO_LONG,
    IssueCode.TOO_SMALL,
    IssueCode.TOO_LARGE,
    IssueCode.TOO_FEW,
    IssueCode.TOO_MANY,
    IssueCode.BLANK,
}
"""Codes that the sweep meets."""


@pytest.fixture
async def client(api: Api) -> httpx2.AsyncClient:
    """A client with a key that has every scope."""
    return await api.client(scopes=ALL)


def _broken_bodies(example: Json) -> Iterator[object]:
    """Yield bodies in which each value, at the top and then one level below, is replaced by each broken one."""
    yield from (
        [],
        None,
        "zzz",
        {},
        {**example, "colour": "red"},
        {f"{name}x": value for name, value in example.items()},
    )
    for broken in BROKEN:
        yield dict.fromkeys(example, broken)
    for name, value in example.items():
        inner = value[0] if isinstance(value, list) and value else value
        for broken in BROKEN if isinstance(inner, dict) else ():
            changed = dict.fromkeys(inner, broken)
            yield {**example, name: [changed, {}] if isinstance(value, list) else changed}


def _check(answer: httpx2.Response, operation: Operation, seen: Counter[str]) -> None:
    if answer.status_code != 422 or answer.json()["error"]["code"] != "VALIDATION":
        assert answer.status_code < 500, f"{operation} {answer.text}"
        return
    found = error(answer)
    assert found["message"].startswith(
        (found["details"]["issues"][0]["message"], found["details"]["issues"][0]["path"])
    ), operation
    for issue in found["details"]["issues"]:
        where = f"{operation} {issue}"
        assert issue.keys() == {"path", "message", "code"}, where
        assert issue["code"] in {*IssueCode, *OptionCode}, where
        seen[issue["code"]] += 1
        assert issue["message"].startswith(f"`{issue['path'][:200]}" if issue["path"] else "The "), where
        assert issue["message"].endswith("."), where
        assert len(re.findall(r"[.?] ", f"{issue['message']} ")) >= 2, f"says no fix: {where}"
        own = re.sub(r'`[^`]*`|"[^"]*"', "", issue["message"])  # without what it quotes
        assert not FOREIGN.search(own), where
        assert "description of this route" not in own, f"no sentence for this error: {where}"


_LONGEST_QUERY = 60_000
"""Characters that the client sends, with the names."""


@pytest.mark.exhaustive
async def test_every_issue_has_a_listed_code_and_our_words(api: Api, client: httpx2.AsyncClient) -> None:
    """Every body and query of every route, with broken values in every field."""
    seen: Counter[str] = Counter()
    for operation in operations_of(await read_document(api)):
        path = operation.at({name: str(uuid4()) for name in operation.path_parameters})
        if operation.body_example is not None:
            for body in _broken_bodies(operation.body_example):
                _check(await client.request(operation.method, path, json=body), operation, seen)
        if operation.query_parameters and operation.path.startswith("/v1/"):
            for broken in BROKEN:
                longest = _LONGEST_QUERY // len(operation.query_parameters)
                query = dict.fromkeys(operation.query_parameters, str(broken)[:longest])
                _check(await client.request(operation.method, path, params=query), operation, seen)
    assert set(seen) >= SIMPLE


async def test_each_kind_of_error_says_what_to_do(client: httpx2.AsyncClient) -> None:
    """Typos, types, choices, lengths and missing fields, as a client reads them."""
    account = f"sa_{uuid4()}"
    answer = await client.post(
        f"/v1/content/{uuid4()}/publish",
        json={
            "targets": [
                {"socialAccountId": account, "mode": "publsh", "captoin_override": "x"},
                {"mode": "later", "captionOverride": "x" * 4_001, "colour": 1},
                {"socialAccountId": account, "mode": "publish", "shareReelToFeed": "yes", "tiktokMusic": {"mode": 7}},
                {"socialAccountId": None, "mode": "publish", "tiktokMusic": "none", "scheduledPostId": "sp_1"},
            ],
            "taregts": [],
        },
    )
    assert {issue["path"]: issue["message"] for issue in error(answer)["details"]["issues"]} == {
        "targets[0].mode": '`targets[0].mode` is "publsh": did you mean `publish`? Send `publish`, `draft` or `managed`.',
        "targets[0].captoin_override": "`targets[0].captoin_override` is unknown: did you mean `captionOverride`? "
        "Correct the name, or remove the field.",
        "targets[1].socialAccountId": "`targets[1].socialAccountId` is required. Add it.",
        "targets[1].mode": '`targets[1].mode` is "later", which is not a choice. Send `publish`, `draft` or `managed`.',
        "targets[1].captionOverride": "`targets[1].captionOverride` has 4,001 characters. Send at most 4,000.",
        "targets[1].colour": "`targets[1].colour` is unknown. Remove it, or use one of: `socialAccountId`, `mode`, "
        "`scheduledPostId`, `captionOverride`, `firstCommentOverride`, `instagramPostSettings`, `shareReelToFeed`, "
        "`tiktokPostSettings`, `tiktokMusic`, `threadsPostSettings`, `facebookPostSettings`, `youtubePostSettings`, ….",
        "targets[2].tiktokMusic.mode": "`targets[2].tiktokMusic.mode` is a number, which is not a choice. "
        "Send `none`, `auto` or `manual`.",
        "targets[2].shareReelToFeed": '`targets[2].shareReelToFeed` is "yes", but must be true or false. '
        "Send one of them, without quotes.",
        "targets[3].socialAccountId": "`targets[3].socialAccountId` is not a string. "
        "Send an id like sa_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e55.",
        "targets[3].tiktokMusic": '`targets[3].tiktokMusic` is "none", but must be an object. '
        'Send one in braces, like {"name": "value"}.',
        "targets[3].scheduledPostId": "`targets[3].scheduledPostId` is not an id of this kind. "
        "Send sp_ followed by a UUID, like sp_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e55.",
        "taregts": "`taregts` is unknown: did you mean `targets`? Correct the name, or remove the field.",
    }


async def test_json_that_can_not_be_read_says_where(client: httpx2.AsyncClient) -> None:
    """The place of the error, or too deep a nesting, in our words."""
    headers = {"Content-Type": "application/json"}
    broken = await client.post("/v1/projects", content=b'{\n  "name": "x",\n}', headers=headers)
    assert error(broken)["message"] == (
        "The body is not valid JSON at line 3, column 1. Check the quotes, commas and brackets there, and that it is UTF-8."
    )
    deep = await client.post("/v1/projects", content=b'{"a": ' + b"[" * 500, headers=headers)
    assert error(deep)["message"] == "The body is nested too deeply to be read as JSON. Send fewer levels."


async def test_a_name_is_suggested_only_when_it_is_close(client: httpx2.AsyncClient) -> None:
    """A similar name is suggested whatever its case; a long or different one is not, and a body without fields has none."""
    for sent, meant in (("Name", "name"), ("time_zone", "timezone"), ("customerExternalID", "customerExternalId")):
        answer = await client.post("/v1/projects", json={"name": "a", sent: "x"})
        assert f"did you mean `{meant}`?" in error(answer)["message"]
    for sent in ("x", "customer", "customerExternalId" * 100):
        answer = await client.post("/v1/projects", json={"name": "a", sent: "x"})
        assert issues(answer) == {sent[:1000] + "…" * (len(sent) > 1000): "unknown_field"}
        assert "did you mean" not in error(answer)["message"]
    empty = await client.post(f"/v1/webhook-endpoints/{uuid4()}/test", json={"url": "x"})
    assert error(empty)["message"] == "`url` is unknown: there is no field here. Remove it."


async def test_the_document_and_the_guide_list_the_codes(api: Api) -> None:
    """OpenAPI has the codes as an enumeration, and docs/api-guide.md has a row for each."""
    document = await read_document(api)
    assert document["components"]["schemas"]["IssueCode"]["enum"] == list(error_guide().issues)
    guide = (DOCS / "api-guide.md").read_text("utf-8")
    table = guide.partition("#### Issue codes")[2].partition("\n## ")[0]
    assert re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE) == list(error_guide().issues)


async def test_an_explanation_comes_before_what_it_explains(client: httpx2.AsyncClient) -> None:
    """A misspelt name is the first issue and in the message, before the required field that it was meant to be."""
    path = f"/v1/content/{uuid4()}/publish"
    answer = await client.post(path, json={"targets": [{"social_account_id": "sa_1", "mode": "publish"}]})
    names = [f"targets[0].{name}" for name in ("social_account_id", "socialAccountId")]
    assert [issue["path"] for issue in error(answer)["details"]["issues"]] == names
    assert "did you mean `socialAccountId`?" in error(answer)["message"]


async def test_names_of_other_services_are_explained(client: httpx2.AsyncClient) -> None:
    """A longer name, the id under its other name, a star for all, and a media type, which gets no suggestion."""
    project = (await client.post("/v1/projects", json={"name": "Issues", "timezone": "UTC"})).json()["id"]
    for path, body, says in (
        (f"/v1/projects/{project}/content/upload", {"mediaUrls": [], "caption": ""}, "did you mean `media`?"),
        ("/v1/content/review-links", {"contentIds": []}, "did you mean `containerIds`?"),
        ("/v1/webhook-endpoints", {"url": "https://a.example", "events": ["*"]}, "there is no short form for all"),
    ):
        answer = await client.post(path, json=body)
        assert says in error(answer)["message"], answer.text
    files = [{"filename": "a.gif", "contentType": "image/gif", "sizeBytes": 5}]
    answer = await client.post(f"/v1/projects/{project}/content/uploads", json={"files": files, "grouping": "per-file"})
    assert error(answer)["message"] == (
        '`files[0].contentType` is "image/gif", which is not supported. Convert the file to `video/mp4`. Supported are `image/jpeg`, '
        "`image/png`, `image/webp`, `video/mp4`, `video/quicktime` or `application/pdf`."
    )
