"""Checking webhooks with both SDKs: what the reference library signs is taken, and nothing else."""

import json
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pytest
from standardwebhooks import Webhook

import presswork_client
from presswork.webhooks.event_schemas import EXAMPLES
from presswork.webhooks.signing import new_secret
from presswork_client import AsyncPresswork, Presswork, WebhookVerificationError, models, webhooks

SENT_AT: Final = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)
NOW: Final = SENT_AT.timestamp() + 10
SECRET: Final = new_secret()
FORMER: Final = new_secret()
BODY: Final = json.dumps(EXAMPLES["post.published"])  # type: ignore[index]  # by its value
NEW_KIND: Final = json.dumps(
    {"id": "evt_1", "type": "post.admired", "timestamp": "2026-11-25T08:00:00.000Z", "data": {}}
)


def headers(body: str = BODY, *secrets: str, at: datetime = SENT_AT) -> dict[str, str]:
    """Sign a body as Presswork does, with one secret or two."""
    signatures = " ".join(Webhook(secret).sign("evt_1", at, body) for secret in secrets or (SECRET,))
    return {
        "Webhook-Id": "evt_1",
        "webhook-timestamp": str(int(at.timestamp())),
        "WEBHOOK-SIGNATURE": signatures,
    }


GOOD: Final = {
    "signed with the secret": (BODY, headers()),
    "signed with two while one is changed": (BODY, headers(BODY, FORMER, SECRET)),
    "an event of a kind that is new": (NEW_KIND, headers(NEW_KIND)),
}
BAD: Final = {
    "another body": (BODY.replace("published", "drafted"), headers()),
    "another secret": (BODY, headers(BODY, FORMER)),
    "another id": (BODY, headers() | {"Webhook-Id": "evt_2"}),
    "another time": (BODY, headers() | {"webhook-timestamp": str(int(NOW))}),
    "an old one, sent again": (BODY, headers(at=datetime(2026, 11, 24, tzinfo=UTC))),
    "from the future": (BODY, headers(at=datetime(2026, 11, 26, tzinfo=UTC))),
    "no headers": (BODY, {}),
    "no number for a time": (BODY, headers() | {"webhook-timestamp": "soon"}),
    "a signature that is none": (BODY, headers() | {"WEBHOOK-SIGNATURE": "v1,!! v2,abcd nothing"}),
    "no JSON": ("[]", headers("[]")),
}


@pytest.mark.parametrize("name", GOOD)
def test_python_takes_what_is_signed_well(name: str) -> None:
    """As text and as bytes; the event is typed by its kind, and one that is new is told as such."""
    body, signed = GOOD[name]
    event = webhooks.verify(body, signed, SECRET, now_seconds=NOW)
    assert webhooks.verify(body.encode(), signed, SECRET, now_seconds=NOW) == event
    if name == "an event of a kind that is new":
        assert isinstance(event, webhooks.UnknownEvent)
    else:
        assert isinstance(event, models.PostEvent)
        assert event.data.status == "published"


@pytest.mark.parametrize("name", BAD)
def test_python_refuses_everything_else(name: str) -> None:
    """With one kind of error, whatever is wrong."""
    body, signed = BAD[name]
    with pytest.raises(WebhookVerificationError):
        webhooks.verify(body, signed, SECRET, now_seconds=NOW)


def test_a_client_verifies_too() -> None:
    """The resource has the same check as the module, for both clients."""
    fresh = headers(at=datetime.now(UTC))
    with Presswork(api_key="lp_test_x") as client:
        assert isinstance(client.webhooks.verify(BODY, fresh, SECRET), models.PostEvent)
    assert isinstance(AsyncPresswork(api_key="lp_test_x").webhooks.verify(BODY, fresh, SECRET), models.PostEvent)


def test_what_is_no_secret_is_told() -> None:
    """A secret that was cut off when it was copied is not a signature that is wrong."""
    with pytest.raises(WebhookVerificationError, match="no signing secret"):
        webhooks.verify(BODY, headers(), "whsec_!", now_seconds=NOW)


def test_each_event_of_the_api_has_its_model() -> None:
    """Every message that the document describes is read as its own model, to the last field."""
    for name, example in EXAMPLES.items():
        event = webhooks.read_event(json.dumps(example))
        assert not isinstance(event, webhooks.UnknownEvent), name
        assert event.type == name


def test_typescript_takes_and_refuses_the_same(built: Path, tmp_path: Path) -> None:
    """The client in Node says the same of each of these requests."""
    (tmp_path / "requests.json").write_text(json.dumps({"good": GOOD, "bad": BAD, "secret": SECRET, "now": NOW}))
    (tmp_path / "verify.mjs").write_text(f"""
import {{ readFileSync }} from "node:fs";
import {{ Presswork, WebhookVerificationError, webhooks }} from "{built / "esm" / "index.js"}";
const {{ good, bad, secret, now }} = JSON.parse(readFileSync("requests.json", "utf8"));
const options = {{ nowSeconds: now }};
for (const [name, [body, headers]] of Object.entries(good)) {{
  const event = await webhooks.verify(body, headers, secret, options);
  const again = await webhooks.verify(new TextEncoder().encode(body), new Headers(headers), secret, options);
  if (event.type !== JSON.parse(body).type || again.id !== event.id) throw new Error(name);
}}
for (const [name, [body, headers]] of Object.entries(bad)) {{
  const error = await new Presswork({{ apiKey: "x" }}).webhooks.verify(body, headers, secret, options).catch((error) => error);
  if (!(error instanceof WebhookVerificationError)) throw new Error(`${{name}} was taken`);
}}
console.log("all as they should be");
""")
    done = subprocess.run(["node", "verify.mjs"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "all as they should be", done.stderr


def test_the_package_exports_what_the_guides_name() -> None:
    """`from presswork_client import …` has the error and the module."""
    assert issubclass(presswork_client.WebhookVerificationError, presswork_client.PressworkError)
