"""The public documents about the app of an installation, which a platform's servers read."""

import json

from joserfc.jwk import ECKey
from pydantic import SecretStr
from tests.api_server import Api, serving
from tests.clocks import MovableClock
from tests.keys import private_key

from presswork.platforms.settings import Settings


async def test_the_client_of_live_projects(settings: Settings, dsn: str, clock: MovableClock) -> None:
    """Without a login, at the public address: the metadata names itself, its redirect URIs and the public key."""
    pem = private_key()
    live = settings.model_copy(
        update={"public_url": "https://presswork.example.com/", "bluesky_private_key": SecretStr(pem)}
    )
    async with serving(live, dsn=dsn, clock=clock) as api:
        browser = await api.anonymous()
        metadata = await browser.get("/oauth/bluesky/client-metadata.json")
        keys = await browser.get("/oauth/bluesky/jwks.json")
    assert metadata.status_code == keys.status_code == 200
    assert metadata.headers["content-type"] == "application/json"
    found = metadata.json()
    assert found["client_id"] == "https://presswork.example.com/oauth/bluesky/client-metadata.json"
    assert found["jwks_uri"] == "https://presswork.example.com/oauth/bluesky/jwks.json"
    assert found["redirect_uris"] == [
        "https://presswork.example.com/oauth/callback/h",
        "https://presswork.example.com/oauth/callback/bluesky",
    ]
    [key] = keys.json()["keys"]
    assert key["x"] == ECKey.import_key(pem).as_dict(private=False)["x"]
    assert "d" not in key


async def test_the_clients_share_no_key(api: Api) -> None:
    """The key of test projects is public, so it is in documents of its own; live ones exist only with a key."""
    browser = await api.anonymous()
    assert (await browser.get("/oauth/bluesky/test/client-metadata.json")).status_code == 200
    assert "keys" in (await browser.get("/oauth/bluesky/test/jwks.json")).json()
    for path in ("bluesky/client-metadata.json", "bluesky/jwks.json", "tiktok/jwks.json", "nothing/at/all"):
        missing = await browser.get(f"/oauth/{path}")
        assert missing.status_code == 404
        assert missing.json()["error"]["code"] == "NOT_FOUND"
    assert json.dumps("d") not in (await browser.get("/oauth/bluesky/test/jwks.json")).text
