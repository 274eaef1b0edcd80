"""Second factors of the tests: an authenticator app, and an authenticator of passkeys in software (WebAuthn, ES256)."""

import hashlib
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import cbor2
import httpx2
import pyotp
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from tests.api_server import Api
from tests.clocks import MovableClock
from tests.people.people import PASSWORD, People, headers_of

Json = dict[str, Any]


def code_of(secret: str, at: datetime) -> str:
    """Return what an app with this secret shows."""
    return pyotp.TOTP(secret).at(at)


def b64(raw: bytes) -> str:
    """Return bytes as WebAuthn writes them."""
    return urlsafe_b64encode(raw).decode().rstrip("=")


def unb64(text: str) -> bytes:
    """Return the bytes of such a text."""
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass(slots=True)
class Passkey:
    """A passkey of one site, whose key never leaves it."""

    origin: str
    host: str = "localhost"
    verifies: bool = True
    """Whether it asks its person for a finger or a PIN."""
    count: int = 0
    id: bytes = b""
    user_handle: bytes = b""
    _key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def create(self, options: Json) -> Json:
        """Answer `navigator.credentials.create()`."""
        self.user_handle = unb64(options["user"]["id"])
        self.id = hashlib.sha256(self.user_handle + unb64(options["challenge"])).digest()
        numbers = self._key.public_key().public_numbers()
        key = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        attested = bytes(16) + len(self.id).to_bytes(2, "big") + self.id + cbor2.dumps(key)
        document = {"fmt": "none", "attStmt": {}, "authData": self._data(0x40) + attested}
        response = {
            "clientDataJSON": b64(self._client_data("webauthn.create", options["challenge"])),
            "attestationObject": b64(cbor2.dumps(document)),
            "transports": ["internal"],
        }
        return self._credential(response)

    def get(self, options: Json, **more: str) -> Json:
        """Answer `navigator.credentials.get()`."""
        self.count += 1
        client_data = self._client_data("webauthn.get", options["challenge"])
        data = self._data(0)
        signed = self._key.sign(data + hashlib.sha256(client_data).digest(), ec.ECDSA(hashes.SHA256()))
        response = {
            "clientDataJSON": b64(client_data),
            "authenticatorData": b64(data),
            "signature": b64(signed),
            "userHandle": b64(self.user_handle),
            **more,
        }
        return self._credential(response)

    def _client_data(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}).encode()

    def _data(self, flags: int) -> bytes:
        flags |= 0x05 if self.verifies else 0x01
        return hashlib.sha256(self.host.encode()).digest() + bytes([flags]) + self.count.to_bytes(4, "big")

    def _credential(self, response: Json) -> Json:
        return {"id": b64(self.id), "rawId": b64(self.id), "type": "public-key", "response": response}


@dataclass(slots=True)
class Factors:
    """Gives people of the tests second factors."""

    api: Api
    people: People
    clock: MovableClock

    @property
    def origin(self) -> str:
        """The origin at which passkeys work: the API by its name."""
        return f"http://localhost:{self.api.base_url.rpartition(':')[2]}"

    @property
    def named(self) -> dict[str, str]:
        """Headers of a page that was opened by the name of the host."""
        return {**headers_of(self.api), "Origin": self.origin, "Host": self.origin.removeprefix("http://")}

    async def totp(self, browser: httpx2.AsyncClient) -> tuple[str, list[str]]:
        """Set up an authenticator app; return its secret and the recovery codes. The next code is one step later."""
        secret = (await browser.post("/v1/auth/totp")).json()["secret"]
        answer = await browser.post("/v1/auth/totp/confirm", json={"code": code_of(secret, self.clock.now())})
        assert answer.status_code == 200, answer.text
        self.clock.advance(timedelta(seconds=30))
        return secret, answer.json()["recoveryCodes"]

    async def passkey(self, browser: httpx2.AsyncClient, name: str = "Laptop", *, verifies: bool = True) -> Passkey:
        """Add a passkey."""
        passkey = Passkey(self.origin, verifies=verifies)
        options = (await browser.post("/v1/auth/passkeys/options", headers=self.named)).json()["publicKey"]
        body = {"name": name, "passkey": passkey.create(options)}
        answer = await browser.post("/v1/auth/passkeys", json=body, headers=self.named)
        assert answer.status_code == 201, answer.text
        return passkey

    async def first_step(self, email: str, *, status: int = 200) -> httpx2.AsyncClient:
        """Return a browser whose sign-in waits for the second step."""
        browser = await self.people.browser()
        answer = await browser.post("/v1/auth/sign-in", json={"email": email, "password": PASSWORD})
        assert answer.status_code == status, answer.text
        return browser

    async def options(self, browser: httpx2.AsyncClient) -> Json:
        """Return a challenge for a passkey."""
        answer = await browser.post("/v1/auth/second-factor/options", headers=self.named)
        assert answer.status_code == 200, answer.text
        return dict(answer.json()["publicKey"])

    async def send_passkey(self, browser: httpx2.AsyncClient, credential: Json) -> httpx2.Response:
        """Send a passkey as the second factor, or as the whole sign-in."""
        return await browser.post("/v1/auth/second-factor", json={"passkey": credential}, headers=self.named)
