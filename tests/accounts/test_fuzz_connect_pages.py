"""Arbitrary requests to the pages of connect links: never a server error, always the page with its headers."""

import asyncio
from collections.abc import Mapping
from typing import Final
from urllib.parse import quote

import httpx2
import pytest
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from tests.accounts.connect_flow import ConnectFlow, page_of
from tests.accounts.login_flow import LoginFlow
from tests.tiers import fuzz_examples

_TEXT: Final = st.text(max_size=60)
_HEADER: Final = st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=40)
_STATUSES: Final = frozenset({200, 303, 400, 403, 404, 405, 413, 414, 415, 422, 429, 503})


@pytest.mark.timeout(300)
async def test_any_request_gets_a_page(login_flow: LoginFlow, pytestconfig: pytest.Config) -> None:
    """Tokens, states, queries, forms and headers of any kind, at links that exist and at others."""
    flow = ConnectFlow(login=login_flow)
    link = await flow.make(maxUses=3)
    login = await flow.begin(link, platform="tiktok")
    page = await flow.open(link)
    form_token = page.text.partition('name="token" value="')[2].partition('"')[0]
    examples = fuzz_examples(pytestconfig) * 5
    own = page_of(link).removeprefix("/connect/")
    base_url = login_flow.api.base_url

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
                state=st.one_of(st.none(), st.just(login["state"]), _TEXT.filter(bool)),
                query=st.dictionaries(st.sampled_from(("lang", "login", "x")), _TEXT, max_size=3),
                form=st.dictionaries(
                    st.sampled_from(("platform", "account", "state", "token", "x")), _TEXT, max_size=4
                ),
                has_token=st.booleans(),
                language=_HEADER,
                origin=st.one_of(st.none(), st.just("null"), _HEADER),
            )
            def call(
                method: str,
                token: str,
                state: str | None,
                query: Mapping[str, str],
                form: Mapping[str, str],
                has_token: bool,
                language: str,
                origin: str | None,
            ) -> None:
                nonlocal calls
                calls += 1
                path = f"/connect/{quote(token, safe='', errors='replace')}"
                if state is not None:
                    path += f"/logins/{quote(state, safe='', errors='replace')}"
                fields = {**form, **({"token": form_token} if has_token else {})}
                answer = client.request(
                    method,
                    path,
                    params=dict(query),
                    data=fields if method == "POST" else None,
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
