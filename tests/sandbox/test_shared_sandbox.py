"""The sandbox that tests share: what one test leaves does not reach the next."""

from pathlib import Path

import httpx2
from tests.sandbox.running_sandbox import MediaServer, PeerServer, SharedSandbox, picture
from tests.servers import shut


async def test_tests_are_kept_apart(media: MediaServer, tmp_path: Path) -> None:
    """Accounts, posts, faults, settings, the journal, cookies and the clock are reset, and a dead sandbox is replaced."""
    shared = SharedSandbox(tmp_path)
    lists = ("accounts", "posts", "faults", "requests", "deliveries", "messages", "phones", "dispatches", "webhooks")
    async with shared.lend(media) as first:
        settings = (await first.control("GET", "settings")).json()
        token = await first.graph_login("brand")
        id_before = await first.post_picture(token)
        await first.fault("instagram", "media", "http_500", times=-1)
        await first.advance(86_400)
        first.http.cookies.set("left", "over")
        address = first.address
    async with shared.lend(media) as second:
        assert second.address == address
        assert [await second.items(path) for path in lists] == [[]] * len(lists)
        assert (await second.control("GET", "settings")).json() == settings
        assert (await second.control("GET", "clock")).json()["offsetSeconds"] == 0
        assert (await second.graph(token, "GET", "me")).json()["error"]["code"] == 190
        assert not second.http.cookies
        assert int(await second.post_picture(await second.graph_login("brand"))) > int(id_before)
        assert shared.server is not None
        await shut(shared.server)
    async with shared.lend(media) as third:
        assert third.address != address
        assert await third.items("accounts") == []
    await shared.close()


async def test_each_test_has_its_own_urls(peers: PeerServer) -> None:
    """A late call that an earlier test caused reaches neither the media nor the reports of another test."""
    first, second = peers.media(), peers.media()
    first.put("a.jpg", picture())
    early, late = peers.webhook_receiver(), peers.webhook_receiver()
    async with httpx2.AsyncClient(verify=False) as http:
        statuses = [(await http.get(f"{media.address}/a.jpg")).status_code for media in (first, second)]
        await http.post(f"{early.address}/hook?x=1", content=b"{}")
    assert (statuses, second.fetched) == ([200, 404], ["a.jpg"])
    assert ([report.path for report in early.reports], late.reports) == (["/hook?x=1"], [])
