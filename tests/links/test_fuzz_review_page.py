"""Arbitrary requests to the page of a review link: never a server error, always the page with its headers."""

import asyncio
from collections.abc import Mapping
from typing import Final
from urllib.parse import quote

import httpx2
import pytest
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from tests.links.review_flow import ReviewFlow, page_of
from tests.posts.conftest import bare
from tests.tiers import fuzz_examples

_TEXT: Final = st.text(max_size=60)
_ASCII: Final = st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=40)
_STATUSES: Final = frozenset({200, 303, 403, 404, 409, 413, 422, 429})


@pytest.mark.timeout(300)
async def test_any_request_gets_a_page(flow: ReviewFlow, pytestconfig: pytest.Config) -> None:
    """Tokens, queries, decisions, notes, names, cookies and headers of any kind, at links that exist and at others."""
    containers = (flow.project.image, flow.project.video, flow.project.slideshow)
    link = await flow.make(*containers)
    marta = await flow.person(link)
    form_token = marta.shown.text.partition('name="token" value="')[2].partition('"')[0]
    keys = [*(str(bare(one)) for one in containers), "all", "x"]
    names = ["name", "token", "decide", "x", *(f"{kind}-{key}" for kind in ("note", "revision") for key in keys)]
    decisions = [f"{what}:{key}" for what in ("approve", "request_changes", "reject", "x") for key in keys]
    values = st.one_of(st.sampled_from((*decisions, "1", "2", "9" * 30, "-1", "²", "Marta")), _TEXT)
    examples = fuzz_examples(pytestconfig) * 5
    own = page_of(link).removeprefix("/review/")
    base_url = flow.project.world.api.base_url

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
                method=st.sampled_from(("GET", "HEAD", "POST")),
                token=st.one_of(st.just(own), st.just(own[:-1]), _TEXT.filter(bool)),
                query=st.dictionaries(st.sampled_from(("lang", "x")), _TEXT, max_size=2),
                form=st.dictionaries(st.sampled_from(names), values, max_size=8),
                has_token=st.booleans(),
                language=_ASCII,
                cookie=st.one_of(st.none(), _ASCII),
                origin=st.one_of(st.none(), st.just("null"), _ASCII),
            )
            def call(
                method: str,
                token: str,
                query: Mapping[str, str],
                form: Mapping[str, str],
                has_token: bool,
                language: str,
                cookie: str | None,
                origin: str | None,
            ) -> None:
                nonlocal calls
                calls += 1
                headers = {"Accept-Language": language}
                if cookie is not None:
                    headers["Cookie"] = f"presswork_reviewer={cookie}"
                if origin is not None:
                    headers["Origin"] = origin
                answer = client.request(
                    method,
                    f"/review/{quote(token, safe='', errors='replace')}",
                    params=dict(query),
                    data={**form, **({"token": form_token} if has_token else {})} if method == "POST" else None,
                    headers=headers,
                )
                assert answer.status_code in _STATUSES, (answer.status_code, answer.text)
                if answer.headers.get("content-type", "").startswith("text/html"):
                    assert answer.headers["referrer-policy"] == "no-referrer"
                    assert "default-src 'none'" in answer.headers["content-security-policy"]
                    assert "<script" not in answer.text

            call()
        return calls

    assert await asyncio.to_thread(run) >= examples // 2
