"""Random input at the addresses that need no key: never a server error, always a page or an error in the envelope."""

from urllib.parse import quote

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.api_server import Api
from tests.legal.signed import DEAUTHORIZE, DELETION, secret_of, signed

_PAYLOADS = st.one_of(
    st.binary(max_size=400),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
        max_leaves=8,
    ),
    st.fixed_dictionaries(
        {},
        optional={
            "algorithm": st.sampled_from(["HMAC-SHA256", "hmac-sha256", "none", "", None, 1]),
            "user_id": st.one_of(st.text(max_size=70), st.integers(), st.none(), st.booleans()),
            "issued_at": st.one_of(st.integers(), st.floats(), st.text(max_size=12), st.none()),
        },
    ),
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    payload=_PAYLOADS,
    path=st.sampled_from([DEAUTHORIZE, DELETION]),
    is_signed=st.booleans(),
    noise=st.text(max_size=60),
)
async def test_signed_requests(api: Api, payload: object, path: str, *, is_signed: bool, noise: str) -> None:
    """Whatever is signed, and whatever is sent instead: 200, 401, 422 or 429."""
    browser = await api.anonymous()
    text = signed(secret_of(api), payload) if is_signed else noise
    answer = await browser.post(path, data={"signed_request": text})
    assert answer.status_code in {200, 401, 422, 429}, answer.text
    if answer.status_code != 200:
        assert answer.json()["error"]["requestId"]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    code=st.text(alphabet=st.characters(codec="utf-8"), max_size=60),
    query=st.dictionaries(st.sampled_from(["lang", "x"]), st.text(max_size=20), max_size=2),
    language=st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=126), max_size=60),
)
async def test_pages(api: Api, code: str, query: dict[str, str], language: str) -> None:
    """Any code, query and language: a page that says that there is no such deletion, or that there were too many tries."""
    browser = await api.anonymous(headers={"Accept": "text/html", "Accept-Language": language.strip()})
    url = browser.base_url.copy_with(path="/legal/data-deletion/")
    answer = await browser.get(f"{url}{_quoted(code)}", params=query)
    assert answer.status_code in {404, 429}, answer.text
    assert "<h1>" in answer.text


def _quoted(code: str) -> str:
    """Return a path segment. What needs no encoding is not encoded, since the server refuses that."""
    return quote(code.replace("/", "-").replace("\\", "-"), safe="") or "x"
