"""`presswork webhooks`: endpoints, deliveries, and events that are forwarded to this machine."""

import json
import re
import signal
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import asyncpg
import pytest
from tests.cli.person import Person
from tests.cli.program import PATIENCE_SECONDS, PROGRAM, Up, killed_if_silent, until

from presswork.cli.client.listen import ABANDONED_AFTER, LISTENER_URL
from presswork.db.embedded import embedded_server
from presswork_client import webhooks
from presswork_client.errors import WebhookVerificationError

pytestmark = pytest.mark.slow


class Receiver:
    """A developer's server, which Presswork can't reach by its rules: it is on this machine."""

    def __init__(self, port: int = 0) -> None:
        """Listen on a port; 0 selects a free one."""
        self.received: list[tuple[Mapping[str, str], bytes]] = []
        self.status = 204
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                receiver.received.append((dict(self.headers), body))
                self.send_response(receiver.status)
                self.end_headers()

            def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - the name in the base class
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.port: int = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}/hooks"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def types(self) -> list[str]:
        """Return the types of the events that arrived, in order."""
        return [json.loads(body)["type"] for _, body in self.received]

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.close()


@contextmanager
def listening(person: Person, *arguments: str) -> Iterator[tuple["subprocess.Popen[str]", dict[str, Any]]]:
    """Run `presswork webhooks listen --json`; yield its process and its first line."""
    with subprocess.Popen(
        [*PROGRAM, "webhooks", "listen", "--json", *arguments],
        env=person.environment(),
        cwd=person.folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        try:
            with killed_if_silent(process):
                yield process, json.loads(process.stdout.readline())
        finally:
            process.kill()


def endpoints(person: Person) -> list[dict[str, Any]]:
    """Return the webhook endpoints."""
    found: list[dict[str, Any]] = person.call("GET", "/v1/webhook-endpoints").json()["items"]
    return found


def publish(person: Person) -> str:
    """Publish a picture and return the post."""
    (post,) = items(person, "publish", "a.jpg", "--to", "tiktok:@cli.shop")
    return str(post["id"])


def items(person: Person, *command: str) -> list[dict[str, Any]]:
    """Return the items that a command prints as JSON."""
    found = person.json(*command)["items"]
    assert isinstance(found, list)
    return found


def test_events_are_forwarded_in_order_each_once(person: Person, receiver: Receiver) -> None:
    """The receiver verifies them with the printed secret; the endpoint is paused meanwhile, and gone after Ctrl-C."""
    with listening(person, "--forward-to", receiver.url) as (process, ready):
        (endpoint,) = endpoints(person)
        assert (endpoint["url"], endpoint["status"]) == (LISTENER_URL, "paused")
        posts = [publish(person), publish(person)]
        assert until(lambda: receiver.types().count("post.published") == 2)
        assert process.stdout is not None
        assert process.stderr is not None
        lines = [
            json.loads(process.stdout.readline()) for _ in receiver.received
        ]  # the last one is printed after its reply
        process.send_signal(signal.SIGINT)
        assert (process.stdout.read(), process.stderr.read()) == ("", "Stopped listening.\n")
        assert process.wait(PATIENCE_SECONDS) == 0
    events = [webhooks.verify(body, headers, ready["signingSecret"]) for headers, body in receiver.received]
    assert len({event.id for event in events}) == len(events) == 6
    for post in posts:
        steps = [event.type for event in events if event.raw["data"]["id"] == post]  # type: ignore[index]  # of JSON
        assert steps == ["post.scheduled", "post.publishing", "post.published"]
    with pytest.raises(WebhookVerificationError):
        webhooks.verify(receiver.received[0][1] + b" ", receiver.received[0][0], ready["signingSecret"])
    assert [(line["event"]["id"], line["statusCode"], line["error"]) for line in lines] == [
        (event.id, 204, None) for event in events
    ]
    assert endpoints(person) == []


@pytest.mark.exhaustive
def test_events_wait_for_a_receiver_that_does_not_run_yet(person: Person, receiver: Receiver) -> None:
    """While connections are refused nothing is lost; a failing response is shown and the event is not repeated."""
    receiver.close()
    with listening(person, "--forward-to", receiver.url, "--events", "post.published,post.scheduled") as (process, _):
        publish(person)
        assert process.stderr is not None
        assert "accepts no connections" in process.stderr.readline()
        again = Receiver(receiver.port)
        again.status = 500
        assert until(lambda: len(again.received) == 2)
        assert process.stdout is not None
        assert [json.loads(process.stdout.readline())["statusCode"] for _ in again.received] == [500, 500]
        assert again.types() == ["post.scheduled", "post.published"]
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_SECONDS) == 0
        again.close()
    assert endpoints(person) == []


@pytest.mark.exhaustive
async def test_a_killed_command_harms_nothing(up: Up, person: Person, receiver: Receiver) -> None:
    """Its endpoint stays paused, so nothing is sent to it; a later command deletes it, but not one in use."""
    with listening(person) as (process, _):
        process.kill()
        process.wait(PATIENCE_SECONDS)
    (left,) = endpoints(person)
    publish(person)
    with listening(person, "--forward-to", receiver.url):
        kept = {one["id"] for one in endpoints(person)}
    assert left["id"] in kept  # it may be another developer's
    assert len(kept) == 2
    with embedded_server(up.data_dir) as server:
        connection = await asyncpg.connect(server.dsn)
        await connection.execute(
            "UPDATE webhook_endpoints SET updated_at = updated_at - $1::interval WHERE url = $2",
            ABANDONED_AFTER + timedelta(minutes=1),  # the Date header of a response has whole seconds
            LISTENER_URL,
        )
        await connection.close()
    with listening(person) as (process, _):
        (own,) = endpoints(person)
        assert own["id"] not in kept
        deliveries = person.call("GET", f"/v1/webhook-endpoints/{own['id']}/deliveries").json()["items"]
        assert [one for one in deliveries if one["attempts"]] == []
        process.send_signal(signal.SIGINT)
        process.wait(PATIENCE_SECONDS)
    assert endpoints(person) == []


@pytest.mark.exhaustive
def test_listen_in_a_terminal_prints_a_line_for_each_event(person: Person, receiver: Receiver) -> None:
    """The secret is printed first; each event is one line with its id and the response; Ctrl-C ends it."""
    with person.in_terminal("webhooks", "listen", "--forward-to", receiver.url) as terminal:
        terminal.wait_for(r"The signing secret is whsec_[A-Za-z0-9+/]{43}=\n")
        terminal.wait_for(f"Ready: events are forwarded to {receiver.url}.\n")
        publish(person)
        terminal.wait_for(r"\n\d\d:\d\d:\d\d  evt_[0-9A-Z]{26}  204  \d+ ms  post\.published\n")
        terminal.interrupt()
        assert terminal.wait() == 0
    assert "Traceback" not in terminal.text
    assert endpoints(person) == []


def test_endpoints_are_created_tested_replayed_and_deleted(person: Person) -> None:
    """`create` prints the secret alone, `test` and `replay` the delivery; an endpoint's id is not needed if it is the only one."""
    created = person.run("webhooks", "create", "https://presswork-test.invalid/x", "--events", "post.failed")
    assert re.fullmatch(r"whsec_[A-Za-z0-9+/]{43}=\n", created.stdout)
    (endpoint,) = endpoints(person)
    assert endpoint["id"] in created.stderr
    assert endpoint["events"] == ["post.failed"]
    tested = person.run("webhooks", "test")
    assert tested.status == 1
    assert "Not delivered: The host name presswork-test.invalid could not be resolved" in tested.stderr
    (delivery,) = items(person, "webhooks", "deliveries")
    assert tested.stdout == f"{delivery['id']}\n"
    assert person.run("webhooks", "replay", delivery["id"]).stdout == tested.stdout
    table = person.run("webhooks", "deliveries", endpoint["id"]).stdout.splitlines()
    assert table[1].split("\t")[:3] == [delivery["id"], "test.ping", "pending"]
    assert person.call("PATCH", f"/v1/webhook-endpoints/{endpoint['id']}", status="paused").is_success
    assert person.run("webhooks", "resume").stdout == f"{endpoint['id']} is active.\n"
    assert [one["status"] for one in endpoints(person)] == ["active"]
    assert person.run("webhooks", "delete", endpoint["id"]).stdout == f"{endpoint['id']} was deleted.\n"
    missing = person.run("webhooks", "test")
    assert (missing.status, "webhooks create" in missing.stderr) == (1, True)


def test_wrong_arguments_are_refused_before_anything_is_created(person: Person) -> None:
    """An unknown event type and a URL without a scheme are errors that name the valid ones."""
    unknown = person.run("webhooks", "listen", "--events", "post.exploded")
    assert (unknown.status, "post.published" in unknown.stderr) == (1, True)
    assert "http://localhost:3000" in person.run("webhooks", "listen", "--forward-to", "localhost:3000").stderr
    secret = person.run("webhooks", "listen", "--forward-to", "http://localhost:3000", "--secret", "word")
    assert (secret.status, "whsec_" in secret.stderr) == (1, True)
    assert endpoints(person) == []
