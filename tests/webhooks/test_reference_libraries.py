"""The Standard Webhooks reference libraries in Python and JavaScript verify the messages."""

import asyncio
import fcntl
import json
import subprocess
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from standardwebhooks import Webhook, WebhookVerificationError
from tests.webhooks.conftest import Hooks, Message

_FOLDER: Final = Path(__file__).parent / "javascript"


@pytest.fixture(scope="session")
def javascript() -> Path:
    """The folder with the JavaScript library, installed from the lock file."""
    with (_FOLDER / ".install.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        wanted, done = (_FOLDER / "package-lock.json").read_bytes(), _FOLDER / "node_modules" / ".installed"
        if not done.exists() or done.read_bytes() != wanted:
            subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"], cwd=_FOLDER, check=True)
            done.write_bytes(wanted)
    return _FOLDER


async def in_javascript(folder: Path, cases: Sequence[tuple[str, Message]]) -> list[dict[str, Any] | None]:
    """Verify messages with the JavaScript library; None: not verified."""
    lines = [
        json.dumps({"secret": secret, "headers": dict(message.headers), "body": message.body.decode()})
        for secret, message in cases
    ]
    node = await asyncio.create_subprocess_exec(
        "node", "verify.js", cwd=folder, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    out, _ = await node.communicate("\n".join(lines).encode())
    assert node.returncode == 0
    return [json.loads(line) for line in out.decode().splitlines()]


def in_python(secret: str, message: Message) -> dict[str, Any] | None:
    """Verify a message with the Python library; None: not verified."""
    try:
        return dict(Webhook(secret).verify(message.body, dict(message.headers)))
    except WebhookVerificationError:
        return None


async def test_both_libraries_verify_with_either_secret_during_a_rotation(hooks: Hooks, javascript: Path) -> None:
    """One signature, then two for a day, then one by the new secret; a changed body or another secret fails."""
    endpoint, first = await hooks.subscribe()
    await hooks.publish()
    await hooks.deliver()
    response = await hooks.client.post(f"/v1/webhook-endpoints/{endpoint}/rotate-secret")
    second = response.json()["signingSecret"]
    assert second != first
    await hooks.ping(endpoint)
    await hooks.deliver()
    before, during = hooks.receiver.got
    assert [len(message.headers["webhook-signature"].split(" ")) for message in (before, during)] == [1, 2]
    changed = Message(path=during.path, headers=during.headers, body=during.body.replace(b"test.ping", b"test.pong"))
    _, another = await hooks.subscribe("post.failed")
    cases = [
        (first, before),
        (first, during),
        (second, during),
        (second, before),
        (another, during),
        (second, changed),
    ]
    wanted = [before.json, during.json, during.json, None, None, None]
    assert [in_python(secret, message) for secret, message in cases] == wanted
    assert await in_javascript(javascript, cases) == wanted


async def test_the_former_secret_expires_after_a_day(hooks: Hooks) -> None:
    """The endpoint shows until when the former secret signs; after that there is only the new signature."""
    endpoint, _ = await hooks.subscribe()
    response = await hooks.client.post(f"/v1/webhook-endpoints/{endpoint}/rotate-secret")
    until = response.json()["previousSecretExpiresAt"]
    assert (await hooks.endpoint(endpoint))["previousSecretExpiresAt"] == until
    counts = []
    for wait in (timedelta(hours=24) - timedelta(seconds=1), timedelta(seconds=1)):
        hooks.clock.advance(wait)
        await hooks.ping(endpoint)
        await hooks.deliver()
        counts.append(len(hooks.receiver.got[-1].headers["webhook-signature"].split(" ")))
    assert counts == [2, 1]
    assert (await hooks.endpoint(endpoint))["previousSecretExpiresAt"] is None
