"""The address guard of uploads by URL: private addresses are refused unless the operator allows them."""

from typing import Any

import pytest

from presswork.platforms.settings import Settings


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
    assert files.hits == []
