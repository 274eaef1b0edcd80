"""Connecting, refreshing and revoking at scripted servers, which check every proof and assertion."""

import json
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc.jwk import ECKey
from tests.contract.on_bluesky import fields_of, items_of
from tests.platforms.bluesky.conftest import CLIENT_ID, REDIRECT, World
from tests.platforms.bluesky.servers import CUT, DID, HANDLE, HTML, OTHER_DID, Reply, error

from presswork.platforms.bluesky.client import documents
from presswork.platforms.bluesky.login import BlueskyLogin
from presswork.platforms.bluesky.plugin import SANDBOX_KEY
from presswork.platforms.errors import CredentialInvalid, FailureCode, Rejected, TryLater
from presswork.platforms.port import PushedRequest, SupportsAppCheck, SupportsIssuerCheck, Tokens


def login_of(world: World) -> BlueskyLogin:
    """Return the login of the platform."""
    login = world.platform.login
    assert isinstance(login, BlueskyLogin)
    return login


async def begun(world: World) -> PushedRequest:
    """Begin a login."""
    return await login_of(world).push_request(redirect_uri=REDIRECT, state="st_1", now=world.clock.now())


async def connect(world: World, secret: str, code: str = "the-code") -> None:
    """Finish a login."""
    await login_of(world).connect(code=code, redirect_uri=REDIRECT, verifier=secret, now=world.clock.now())


async def test_a_login_is_pushed_before_its_page_opens(world: World) -> None:
    """The page's URL has nothing but the client and the pushed request, which has the redirect and the challenge."""
    url = urlsplit((await begun(world)).url)
    assert parse_qs(url.query) == {"client_id": [CLIENT_ID], "request_uri": ["urn:request:1"]}
    form = parse_qs(world.servers.of("par")[-1].body.decode())
    assert form["redirect_uri"] == [REDIRECT]
    assert form["state"] == ["st_1"]
    assert form["scope"] == ["atproto transition:generic"]


async def test_connect(world: World) -> None:
    """A login returns the account's DID, its verified handle, its profile, and tokens with their lifetimes."""
    grant = await world.connect()
    assert (grant.external_id, grant.handle, grant.display_name) == (DID, HANDLE, "Luna")
    assert grant.avatar_url == "https://cdn.test/luna"
    assert grant.scopes == {"atproto", "transition:generic"}
    assert grant.tokens.expires_at == grant.tokens.issued_at + timedelta(hours=1)
    assert login_of(world).refresh_due_at(grant.tokens) == grant.tokens.issued_at + timedelta(minutes=45)
    assert "access-" not in repr(grant)


async def test_each_login_has_a_key_and_a_verifier_of_its_own(world: World) -> None:
    """Two logins share no secret."""
    first, second = json.loads((await begun(world)).secret), json.loads((await begun(world)).secret)
    assert first["key"]["d"] != second["key"]["d"]
    assert first["verifier"] != second["verifier"]
    assert len(first["verifier"]) >= 43


async def test_a_redirect_of_another_server_is_refused(world: World) -> None:
    """The redirect has to name the authorization server that the request was pushed to."""
    secret, login = (await begun(world)).secret, login_of(world)
    assert isinstance(login, SupportsIssuerCheck)
    login.check_issuer(world.servers.issuer, verifier=secret)
    for wrong in (None, "", "https://evil.example.com"):
        with pytest.raises(Rejected, match="another server"):
            login.check_issuer(wrong, verifier=secret)


async def test_an_account_of_another_authorization_server_is_refused(world: World) -> None:
    """A server may only allow logins of accounts whose own server names it: otherwise it could speak for any account."""
    secret = (await begun(world)).secret
    world.servers.pds_issuer = "https://elsewhere.example.com"
    with pytest.raises(Rejected, match="belongs to another server") as refused:
        await connect(world, secret)
    assert refused.value.failure is FailureCode.ACCOUNT_NOT_ELIGIBLE


async def test_a_document_of_another_account_is_refused(world: World) -> None:
    """The directory answers with the document of another account."""
    secret = (await begun(world)).secret
    world.servers.identity["id"] = OTHER_DID
    with pytest.raises(Rejected, match="another account"):
        await connect(world, secret)


@pytest.mark.parametrize(
    "address",
    [
        "http://pds.example.com",
        "https://user:pw@pds.example.com",
        "https://pds.example.com/path",
        "https://pds.example.com?x=1",
        "ftp://pds.example.com",
        "https:///",
        7,
    ],
)
async def test_a_server_that_can_not_be_called_is_refused(world: World, address: str) -> None:
    """The address in a DID document is its owner's: without TLS, with a path or a user name it is not called."""
    secret = (await begun(world)).secret
    world.servers.identity["service"] = [
        {"id": "#atproto_pds", "type": "AtprotoPersonalDataServer", "serviceEndpoint": address}
    ]
    with pytest.raises(Rejected, match="no server that can be called"):
        await connect(world, secret)


@pytest.mark.parametrize(
    "address", ["https://127.0.0.1", "https://169.254.169.254", "https://10.0.0.1:8443", "https://localhost"]
)
async def test_a_server_in_the_own_network_is_not_called(world: World, address: str) -> None:
    """The address in a DID document leads into the operator's network: no connection is made."""
    secret = (await begun(world)).secret
    world.servers.identity["service"] = [
        {"id": "#atproto_pds", "type": "AtprotoPersonalDataServer", "serviceEndpoint": address}
    ]
    with pytest.raises(TryLater, match="address is not valid"):
        await connect(world, secret)


@pytest.mark.parametrize(("claimed", "shown"), [("taken.example.com", DID), ("", DID), ("no handle", DID)])
async def test_a_handle_has_to_lead_back(world: World, claimed: str, shown: str) -> None:
    """A document may claim any handle: one that leads to another account, or to none, is not shown."""
    world.servers.handles["taken.example.com"] = OTHER_DID
    world.servers.identity["alsoKnownAs"] = [f"at://{claimed}"]
    assert (await world.connect()).handle == shown


@pytest.mark.parametrize(
    "operation", [DID, "oauth-protected-resource", "com.atproto.identity.resolveHandle", "app.bsky.actor.getProfile"]
)
@pytest.mark.parametrize("fault", [CUT, HTML])
async def test_faults_after_the_exchange_lose_no_login(world: World, operation: str, fault: Reply) -> None:
    """The code is used up once it is exchanged, so what follows is tried again, or left out where a login needs it not."""
    secret = (await begun(world)).secret
    world.servers.script(operation, fault)
    await connect(world, secret)
    assert world.servers.count("token") == 1


@pytest.mark.parametrize("name", ["par", "token"])
@pytest.mark.parametrize("fault", [CUT, HTML, error(503, "temporarily_unavailable"), error(429, "slow_down")])
async def test_a_fault_of_the_authorization_server_is_temporary(world: World, name: str, fault: Reply) -> None:
    """An authorization server that does not respond is TryLater."""
    secret = (await begun(world)).secret
    world.servers.script(name, fault)
    with pytest.raises(TryLater):
        await (begun(world) if name == "par" else connect(world, secret))


async def test_a_refused_code_and_a_refused_client(world: World) -> None:
    """A code that does not exist, and a client that the server does not accept, have sentences of their own."""
    secret = (await begun(world)).secret
    with pytest.raises(Rejected, match="used before or has expired") as refused:
        await connect(world, secret, code="made-up")
    assert refused.value.platform_code == "invalid_grant"
    for name in ("invalid_client", "invalid_client_metadata"):
        world.servers.script("par", error(400, name))
        with pytest.raises(Rejected, match="PRESSWORK_PUBLIC_URL"):
            await begun(world)


async def test_a_used_refresh_token_is_never_sent_again(world: World) -> None:
    """Each refresh uses the token of the one before, with the same key, and the tokens stay bound to the account's server."""
    tokens = (await world.connect()).tokens
    for _ in range(3):
        tokens = await login_of(world).refresh(tokens, now=world.clock.now())
    sent = [parse_qs(call.body.decode()).get("refresh_token") for call in world.servers.of("token")]
    assert [token for token in sent if token] == [["refresh-1"], ["refresh-2"], ["refresh-3"]]
    document = json.loads(tokens.access_token)
    assert document["token"] == "access-4"
    assert document["pds"] == f"{world.servers.address}/pds"


async def test_a_refresh_reads_where_the_account_is(world: World) -> None:
    """After the account moved, the new tokens name its new server."""
    tokens = (await world.connect()).tokens
    world.servers.identity["service"] = [
        {
            "id": "#atproto_pds",
            "type": "AtprotoPersonalDataServer",
            "serviceEndpoint": f"{world.servers.address}/moved/",
        }
    ]
    fresh = await login_of(world).refresh(tokens, now=world.clock.now())
    assert json.loads(fresh.access_token)["pds"] == f"{world.servers.address}/moved"


@pytest.mark.parametrize("operation", [DID, "oauth-protected-resource"])
async def test_a_refresh_does_not_need_the_directory(world: World, operation: str) -> None:
    """The directory is away: the refresh succeeds with the known server."""
    tokens = (await world.connect()).tokens
    world.servers.script(operation, HTML)
    fresh = await login_of(world).refresh(tokens, now=world.clock.now())
    assert json.loads(fresh.access_token)["pds"] == f"{world.servers.address}/pds"


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (error(400, "invalid_grant"), CredentialInvalid),
        (error(401, "invalid_client"), TryLater),
        (error(503, "server_error"), TryLater),
        (CUT, TryLater),
        (HTML, TryLater),
        (Reply(status=200, body={"access_token": "a", "token_type": "Bearer", "sub": DID}), TryLater),
        (Reply(status=200, body={"access_token": "a", "token_type": "DPoP", "sub": OTHER_DID}), CredentialInvalid),
    ],
)
async def test_a_refused_refresh(world: World, reply: Reply, kind: type[Exception]) -> None:
    """Only a grant that is over, or access to another account, ends the access; a fault of the server or the client does not."""
    tokens = (await world.connect()).tokens
    world.servers.script("token", reply)
    with pytest.raises(kind):
        await login_of(world).refresh(tokens, now=world.clock.now())


async def test_unreadable_tokens_ask_for_a_new_login(world: World) -> None:
    """Tokens that are no document of this folder end the access, without their text in the message."""
    broken = Tokens(access_token="x", issued_at=world.clock.now(), expires_at=None, refresh_token="secret-text")
    with pytest.raises(CredentialInvalid, match="Connect the account again") as refused:
        await login_of(world).refresh(broken, now=world.clock.now())
    assert "secret-text" not in refused.value.message


async def test_revoke(world: World) -> None:
    """Revoking sends the refresh token; a grant that is over counts as revoked, and a fault is reported."""
    tokens = (await world.connect()).tokens
    await login_of(world).revoke(tokens)
    assert parse_qs(world.servers.of("revoke")[0].body.decode())["token"] == ["refresh-1"]
    world.servers.script("revoke", error(400, "invalid_grant"), HTML)
    await login_of(world).revoke(tokens)
    with pytest.raises(TryLater):
        await login_of(world).revoke(tokens)


async def test_the_client_can_be_checked_without_an_account(world: World) -> None:
    """The check pushes a request, for which the server reads the client's documents."""
    login = login_of(world)
    assert isinstance(login, SupportsAppCheck)
    await login.check_app()
    assert world.servers.count("token") == 0
    world.servers.script("par", error(400, "invalid_client_metadata"))
    with pytest.raises(Rejected):
        await login.check_app()


async def test_documents_of_the_client() -> None:
    """The metadata names the keys, and those are public."""
    found = documents("https://p.example", SANDBOX_KEY, folder="test/", redirect_uris=["/oauth/callback/h"])
    metadata, keys = fields_of(found["test/client-metadata.json"]), fields_of(found["test/jwks.json"])
    assert metadata["client_id"] == "https://p.example/oauth/bluesky/test/client-metadata.json"
    assert metadata["jwks_uri"] == "https://p.example/oauth/bluesky/test/jwks.json"
    assert metadata["redirect_uris"] == ["https://p.example/oauth/callback/h"]
    [key] = items_of(keys["keys"])
    assert "d" not in key
    assert not ECKey.import_key({name: str(value) for name, value in key.items()}).is_private
