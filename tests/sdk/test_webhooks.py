"""Both SDKs verify webhooks: they accept what the reference library signs, and nothing else."""

import json
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pytest
from standardwebhooks import Webhook

import presswork_client
from presswork.api.webhooks.event_schemas import EXAMPLES
from presswork.webhooks.endpoints import new_secret
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
    "signed with two secrets during a rotation": (BODY, headers(BODY, FORMER, SECRET)),
    "an event of an unknown type": (NEW_KIND, headers(NEW_KIND)),
}
BAD: Final = {
    "another body": (BODY.replace("published", "drafted"), headers()),
    "another secret": (BODY, headers(BODY, FORMER)),
    "another id": (BODY, headers() | {"Webhook-Id": "evt_2"}),
    "another time": (BODY, headers() | {"webhook-timestamp": str(int(NOW))}),
    "a replay of an old request": (BODY, headers(at=datetime(2026, 11, 24, tzinfo=UTC))),
    "from the future": (BODY, headers(at=datetime(2026, 11, 26, tzinfo=UTC))),
    "no headers": (BODY, {}),
    "a malformed timestamp": (BODY, headers() | {"webhook-timestamp": "soon"}),
    "a malformed signature": (BODY, headers() | {"WEBHOOK-SIGNATURE": "v1,!! v2,abcd nothing"}),
    "no JSON": ("[]", headers("[]")),
}


@pytest.mark.parametrize("name", GOOD)
def test_python_accepts_valid_signatures(name: str) -> None:
    """As text and as bytes; the event is typed by its type, and an unknown type is an UnknownEvent."""
    body, signed = GOOD[name]
    event = webhooks.verify(body, signed, SECRET, now_seconds=NOW)
    assert webhooks.verify(body.encode(), signed, SECRET, now_seconds=NOW) == event
    if name == "an event of an unknown type":
        assert isinstance(event, webhooks.UnknownEvent)
    else:
        assert isinstance(event, models.PostEvent)
        assert event.data.status == "published"


@pytest.mark.parametrize("name", BAD)
def test_python_refuses_invalid_requests(name: str) -> None:
    """Every invalid request raises WebhookVerificationError."""
    body, signed = BAD[name]
    with pytest.raises(WebhookVerificationError):
        webhooks.verify(body, signed, SECRET, now_seconds=NOW)


def test_a_client_verifies_webhooks() -> None:
    """The resource of both clients verifies like the module."""
    fresh = headers(at=datetime.now(UTC))
    with Presswork(api_key="lp_test_x") as client:
        assert isinstance(client.webhooks.verify(BODY, fresh, SECRET), models.PostEvent)
    assert isinstance(AsyncPresswork(api_key="lp_test_x").webhooks.verify(BODY, fresh, SECRET), models.PostEvent)


def test_a_malformed_secret_is_reported() -> None:
    """A truncated secret is reported as such, not as a wrong signature."""
    with pytest.raises(WebhookVerificationError, match="not a signing secret"):
        webhooks.verify(BODY, headers(), "whsec_!", now_seconds=NOW)


def test_each_event_of_the_api_has_its_model() -> None:
    """Every event of the OpenAPI document is parsed to its own model."""
    for name, example in EXAMPLES.items():
        event = webhooks.read_event(json.dumps(example))
        assert not isinstance(event, webhooks.UnknownEvent), name
        assert event.type == name


def test_typescript_accepts_and_refuses_the_same(built: Path, tmp_path: Path) -> None:
    """The client in Node has the same result for each of these requests."""
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
  if (!(error instanceof WebhookVerificationError)) throw new Error(`${{name}} was accepted`);
}}
console.log("all as expected");
""")
    done = subprocess.run(["node", "verify.mjs"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "all as expected", done.stderr


def test_the_package_exports_the_names_of_the_guides() -> None:
    """`from presswork_client import …` has the error and the module."""
    assert issubclass(presswork_client.WebhookVerificationError, presswork_client.PressworkError)
