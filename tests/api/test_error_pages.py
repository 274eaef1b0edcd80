"""The pages about error codes: each code has one, and the docUrl of every error leads to it."""

import pytest
from tests.api.raw_sockets import connected_to
from tests.api.wire import error
from tests.api_server import Api

from presswork.api.http.error_guide import ErrorLinks, error_guide
from presswork.core.errors import Code, IssueCode
from presswork.platforms.errors import FailureCode
from presswork.platforms.options import OptionCode
from presswork.platforms.settings import Settings


def test_every_code_is_explained() -> None:
    """The texts have each code of errors, failed posts and issues, and sentences."""
    guide = error_guide()
    assert (set(guide.calls), set(guide.posts), set(guide.issues)) == (
        set(Code),
        set(FailureCode),
        {*IssueCode, *OptionCode},
    )
    sentences = [text for call in guide.calls.values() for text in (call.means, call.fix)]
    sentences += [text for post in guide.posts.values() for text in (post.means, post.fix, post.message)]
    assert [text for text in sentences if not text.endswith(".")] == []


async def test_the_address_in_an_error_answers(api: Api) -> None:
    """The docUrl of an error opens without a key, and says what the code means."""
    anonymous, client = await api.anonymous(), await api.client()
    raised = [
        await anonymous.get("/v1/whoami"),
        await client.get("/v1/nothing"),
        await client.put("/v1/whoami"),
        await client.post("/v1/projects", json={"nam": "x"}),
        await client.post("/v1/projects", content=b"{}", headers={"Content-Type": "text/plain"}),
    ]
    codes = [error(answer)["code"] for answer in raised]
    assert codes == ["UNAUTHENTICATED", "NOT_FOUND", "METHOD_NOT_ALLOWED", "VALIDATION", "UNSUPPORTED_MEDIA_TYPE"]
    for answer, code in zip(raised, codes, strict=True):
        page = await anonymous.get(error(answer)["docUrl"])
        assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
        assert f"<h1><code>{code}</code></h1>" in page.text


async def test_a_request_that_no_route_sees_names_its_page(api: Api) -> None:
    """The server itself refuses what is not HTTP; that error leads to a page, too."""
    async with connected_to(api) as raw:
        await raw.send(b"NOT HTTP\r\n\r\n")
        refused = (await raw.response()).error
    assert refused["docUrl"] == f"{api.base_url}/errors/VALIDATION"


async def test_every_code_has_a_page(api: Api) -> None:
    """Each page names its code and has an example; the list links all of them; another code is a 404."""
    anonymous = await api.anonymous()
    index = (await anonymous.get("/errors")).text
    for name in error_guide().names():
        page = await anonymous.get(f"/errors/{name}")
        assert page.status_code == 200, name
        assert f"&#34;code&#34;: &#34;{name}&#34;" in page.text, name
        assert "](" not in page.text, "a link is left in Markdown"
        assert f'href="/errors/{name}"' in index
    issues = (await anonymous.get("/errors/VALIDATION")).text
    assert all(f'id="{issue}"' in issues for issue in (*IssueCode, *OptionCode))
    both = (await anonymous.get("/errors/INTERNAL")).text
    assert "HTTP status 500" in both
    assert "why a post failed" in both
    assert error(await anonymous.get("/errors/NO_SUCH_CODE"))["code"] == "NOT_FOUND"


async def test_a_browser_is_led_to_the_page(api: Api) -> None:
    """The page that a browser gets for an error links the one about its code."""
    answer = await (await api.anonymous()).get("/missing", headers={"Accept": "text/html"})
    assert f'<a href="{api.base_url}/errors/NOT_FOUND">' in answer.text


@pytest.mark.parametrize(
    ("docs_url", "expected"),
    [
        (None, "http://127.0.0.1:8000/errors/CONFLICT"),
        ("https://docs.example.com/guide/", "https://docs.example.com/guide/errors/CONFLICT.html"),
    ],
)
def test_a_copy_of_the_site_takes_precedence(docs_url: str | None, expected: str) -> None:
    """The address is that of this installation, or the file of the documentation site that a setting names."""
    settings = Settings.model_validate({"docs_url": docs_url})
    assert ErrorLinks.of(settings, "http://127.0.0.1:8000").to("CONFLICT") == expected
