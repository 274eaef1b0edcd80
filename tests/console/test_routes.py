"""The console is served as one page with a strict policy, and files that browsers keep."""

import os
import re
from pathlib import Path

import pytest
from tests.api_server import Api

from presswork.console import static_files

SCRIPT = b"console.log(1);" * 100


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small build in the place of the real one."""
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text('<meta property="csp-nonce" nonce="__NONCE__"><div id="root"></div>')
    (tmp_path / "assets" / "index-1a.js").write_bytes(SCRIPT)
    (tmp_path / "assets" / "index-1a.js.br").write_bytes(b"brotli")
    (tmp_path / "preloads.json").write_text('{"queue": ["assets/Queue-2b.js", "assets/Queue-2b.css"]}')
    _use(tmp_path, monkeypatch)
    return tmp_path


def _use(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(static_files, "_static", lambda: folder)


async def test_every_address_of_the_console_is_its_page(api: Api, built: Path) -> None:
    stranger = await api.anonymous()
    for path in ("/console", "/console/", "/console/live/queue", "/console/test/posts/sp_1?view=all"):
        answer = await stranger.get(path)
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "no-store"
        assert '<div id="root">' in answer.text


async def test_the_policy_allows_this_server_and_one_nonce(api: Api, built: Path) -> None:
    stranger = await api.anonymous()
    first, second = [await stranger.get("/console") for _ in range(2)]
    nonces = [re.findall(r'nonce="([^"]+)"', answer.text)[0] for answer in (first, second)]
    assert nonces[0] != nonces[1]
    policy = first.headers["content-security-policy"]
    assert f"style-src 'self' 'nonce-{nonces[0]}';" in policy
    assert "script-src 'self';" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert first.headers["x-frame-options"] == "DENY"


async def test_assets_are_kept_for_ever_and_compressed(api: Api, built: Path) -> None:
    stranger = await api.anonymous()
    plain = await stranger.get("/console/assets/index-1a.js", headers={"Accept-Encoding": "identity"})
    assert (plain.status_code, plain.content) == (200, SCRIPT)
    assert plain.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert plain.headers["content-type"].startswith("text/javascript")
    assert plain.headers["vary"] == "Accept-Encoding"
    request = stranger.build_request(
        "GET", "/console/assets/index-1a.js", headers={"Accept-Encoding": "gzip, br;q=1.0"}
    )
    packed = await stranger.send(request, stream=True)
    assert packed.headers["content-encoding"] == "br"
    assert b"".join([part async for part in packed.aiter_raw()]) == b"brotli"


async def test_the_page_names_the_files_of_its_screen(api: Api, built: Path) -> None:
    """A slow network loads them beside the scripts of the page, and not after them."""
    stranger = await api.anonymous()
    session = "</v1/auth/session>; rel=preload; as=fetch; crossorigin=use-credentials"
    script, style = "</console/assets/Queue-2b.js>; rel=modulepreload", "</console/assets/Queue-2b.css>; rel=preload"
    for path, links in (
        ("/console/live/queue", f"{session}, {script}, {style}; as=style; crossorigin"),
        ("/console/live/people", session),
        ("/console/sign-in/queue", None),
    ):
        assert (await stranger.get(path)).headers.get("link") == links, path


@pytest.mark.parametrize("name", ["missing.js", "..%5Cindex.html", "index.html", ".built"])
async def test_only_assets_are_assets(api: Api, built: Path, name: str) -> None:
    assert (await (await api.anonymous()).get(f"/console/assets/{name}")).status_code == 404


async def test_the_start_page_leads_to_the_console(api: Api, built: Path) -> None:
    answer = await (await api.anonymous()).get("/")
    assert (answer.status_code, answer.headers["location"]) == (302, "/console")


async def test_without_a_build_the_page_says_which_command_makes_it(
    api: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _use(tmp_path, monkeypatch)
    missing = await (await api.anonymous()).get("/console/test/queue")
    assert missing.status_code == 503
    assert "make console" in missing.text
    assert (await (await api.anonymous()).get("/")).status_code == 200


async def test_a_new_build_is_served_at_once(api: Api, built: Path) -> None:
    """A server that runs while the console is built again serves the new files, and 404 for those of the former build."""
    stranger = await api.anonymous()
    assert (await stranger.get("/console/assets/index-1a.js")).content == SCRIPT
    (built / "assets" / "index-1a.js").unlink()
    (built / "assets" / "index-2b.js").write_bytes(b"new")
    (built / "index.html").write_text('<div id="app">')
    os.utime(built / "index.html", ns=(1, 1))
    assert '<div id="app">' in (await stranger.get("/console")).text
    assert (await stranger.get("/console/assets/index-1a.js")).status_code == 404
    assert (await stranger.get("/console/assets/index-2b.js")).content == b"new"
