"""Arbitrary requests to the posting page: never a server error, always the page with its headers, and never a second post."""

import asyncio
from collections.abc import Mapping
from typing import Final
from urllib.parse import quote

import httpx2
import pytest
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from tests.tiers import fuzz_examples
from tests.tiktok_posting.conftest import Posting

from presswork.tiktok_posting.model import Part

_TEXT: Final = st.text(max_size=60)
_HEADER: Final = st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=40)
_FIELDS: Final = (*(part.value for part in Part), "shown", "step", "token", "x")
_STATUSES: Final = frozenset({200, 303, 400, 403, 404, 405, 413, 422, 429, 503})


@pytest.mark.timeout(300)
async def test_any_request_gets_a_page(posting: Posting, picture: bytes, pytestconfig: pytest.Config) -> None:
    """Tokens, queries, forms and headers of any kind, with what the page sealed and without."""
    container = await posting.world.content(posting.project, picture)
    path = await posting.page_of(container)
    form = await posting.open(path)
    examples = fuzz_examples(pytestconfig) * 5
    own = path.removeprefix("/tiktok/")
    base_url = posting.world.api.base_url

    def run() -> int:
        calls = 0
        with httpx2.Client(base_url=base_url, trust_env=False) as client:

            @hypothesis_settings(
                max_examples=examples,
                deadline=None,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            )
            @given(
                method=st.sampled_from(("GET", "HEAD", "POST", "POST")),
                token=st.one_of(st.just(own), st.just(own), st.just(own[:-1]), _TEXT.filter(bool)),
                query=st.dictionaries(st.sampled_from(("lang", "x")), _TEXT, max_size=2),
                fields=st.dictionaries(
                    st.sampled_from(_FIELDS),
                    st.one_of(_TEXT, st.just("PUBLIC_TO_EVERYONE"), st.just("post")),
                    max_size=8,
                ),
                is_own=st.booleans(),
                language=_HEADER,
                origin=st.one_of(st.none(), st.just("null"), _HEADER),
            )
            def call(
                method: str,
                token: str,
                query: Mapping[str, str],
                fields: Mapping[str, str],
                is_own: bool,
                language: str,
                origin: str | None,
            ) -> None:
                nonlocal calls
                calls += 1
                sent = {**fields, **({name: form.values[name] for name in ("token", "shown")} if is_own else {})}
                answer = client.request(
                    method,
                    f"/tiktok/{quote(token, safe='', errors='replace')}",
                    params=dict(query),
                    data=sent if method == "POST" else None,
                    headers={"Accept-Language": language, **({} if origin is None else {"Origin": origin})},
                )
                assert answer.status_code in _STATUSES, (answer.status_code, answer.text)
                if answer.headers.get("content-type", "").startswith("text/html") and answer.status_code != 405:
                    assert answer.headers["referrer-policy"] == "no-referrer"
                    assert "default-src 'none'" in answer.headers["content-security-policy"]
                    assert "<script" not in answer.text

            call()
        return calls

    assert await asyncio.to_thread(run) >= examples // 2
    assert len(await posting.consents()) <= 1
