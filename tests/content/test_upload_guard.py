"""The address guard of uploads by URL: private addresses are refused unless the operator allows them."""

from typing import Any

import pytest
from tests.content.conftest import issues_of

from presswork.platforms.settings import Settings

CARD = {"title": "Menu", "description": "Six loaves"}
"""All of a card but its picture, so that its page is not read."""


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Production settings: no private media addresses."""
    return settings.model_copy(update={"allow_private_media": False})


async def test_private_addresses_are_refused(content_client: Any, files: Any, picture: bytes) -> None:
    """Loopback, private and metadata addresses are unreachable, in every notation, and never connected to."""
    files.put("x.jpg", picture)
    port = files.base_url.rpartition(":")[2]
    for host in (
        f"127.0.0.1:{port}",
        f"localhost:{port}",
        f"2130706433:{port}",
        f"[::1]:{port}",
        "169.254.169.254",
        "10.0.0.1",
    ):
        response = await content_client.upload(f"http://{host}/x.jpg")
        assert (response.status_code, response.json()["error"]["code"]) == (422, "MEDIA_UNREACHABLE"), host
        assert response.json()["error"]["details"]["path"] == "media[0].url"
        for link in (
            {"url": f"http://{host}/x.html"},
            {"url": "https://a.example/", **CARD, "imageUrl": f"http://{host}/x.jpg"},
        ):
            refused = await content_client.create(text="Menu", link=link)
            assert issues_of(refused) == ["link.imageUrl" if "imageUrl" in link else "link.url"], host
    assert files.hits == []
    assert await content_client.count("content_containers") == 0
