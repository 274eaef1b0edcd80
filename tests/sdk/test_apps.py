"""The apps for Zapier and Make against a real server; that of Zapier has its tests in integrations/zapier/test."""

import http.server
import json
import os
import re
import subprocess
import threading
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import httpx2
import pytest

INTEGRATIONS: Final = Path(__file__).parents[2] / "integrations"
MAKE: Final = INTEGRATIONS / "make"
_WHOLE: Final = re.compile(r"\{\{([\w.]+)\}\}")
_OR_UUID: Final = re.compile(r"\{\{ifempty\(([\w.]+), uuid\)\}\}")
Json = Any  # a value of a description


@pytest.fixture(scope="module")
def media_url(names: Mapping[str, str]) -> Iterator[str]:
    """The URL of a picture."""
    picture = Path(names["picture"]).read_bytes()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(picture)

        def log_message(self, *_: object) -> None:
            """Print nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/picture.jpg"
        server.shutdown()


def filled(value: Json, given: Mapping[str, Json]) -> Json:
    """Fill a template of Make: an expression alone keeps its type, and what is not given leaves nothing."""
    if isinstance(value, dict):
        found = {name: filled(one, given) for name, one in value.items()}
        return {name: one for name, one in found.items() if one is not None}
    if not isinstance(value, str):
        return value
    if key := _OR_UUID.fullmatch(value):
        return given.get(key[1]) or str(uuid4())
    if whole := _WHOLE.fullmatch(value):
        return given.get(whole[1])
    return _WHOLE.sub(lambda match: str(given[match[1]]), value)


class Make:
    """Runs the files of the app as Make does, as far as they use it."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self._connection = {"connection.serverUrl": names["directUrl"], "connection.apiKey": names["apiKey"]}
        self._base = load("general/base.iml.json")
        self.index = load("makecomapp.json")["components"]

    def run(self, file: str, parameters: Mapping[str, Json], **more: str) -> Json:
        """Send the request of a file and return its output, of each row if it iterates."""
        given = {**self._connection, **{f"parameters.{name}": value for name, value in parameters.items()}, **more}
        request = load(file)
        url = filled(request["url"], given)
        if url.startswith("/"):
            url = filled(self._base["baseUrl"], given) + url
        response = httpx2.request(
            request.get("method", "GET"),
            url,
            headers=filled({**self._base["headers"], **request.get("headers", {})}, given),
            params=filled(request.get("qs", {}), given),
            json=filled(request["body"], given) if "body" in request else None,
            trust_env=False,
        )
        body = response.json()
        assert response.is_success, body
        directive = request.get("response", {})
        if "data" in directive:
            return dict.fromkeys(directive["data"], body["endpoint"]["id"])
        if "iterate" in directive:
            return [
                filled(directive["output"], {"item": item, **{f"item.{name}": one for name, one in item.items()}})
                for item in body["items"]
            ]
        return body

    def module(self, key: str, **parameters: Json) -> Json:
        """Run a module with the parameters that its form has, and only with those."""
        files = self.index["module"][key]["codeFiles"]
        assert set(parameters) <= {one["name"] for one in load(files["mappableParams"])}
        return self.run(files["communication"], parameters)


def load(file: str) -> Json:
    """Return a file of the app."""
    return json.loads((MAKE / file).read_text())


def test_every_file_of_the_make_app_is_named_once() -> None:
    """makecomapp.json names each file, and each one that it names exists."""
    index = json.dumps(load("makecomapp.json"))
    files = {str(path.relative_to(MAKE)) for path in MAKE.rglob("*.iml.json")}
    assert set(re.findall(r'"([\w/.-]+\.iml\.json)"', index)) == files


def test_the_make_app(names: Mapping[str, str], media_url: str) -> None:
    """Its connection, lists, modules and webhook do what they say against a real server."""
    make = Make(names)
    login = {"serverUrl": names["directUrl"], "apiKey": names["apiKey"]}
    assert make.run("connections/presswork.communication.iml.json", login)["environment"] == "test"
    assert names["project"] in {one["value"] for one in make.run("rpcs/listProjects.communication.iml.json", {})}
    project = {"projectId": names["project"]}
    accounts = make.run("rpcs/listAccounts.communication.iml.json", project)
    assert names["threads"] in {one["value"] for one in accounts}
    content = make.module("uploadContent", media=[{"url": media_url}], caption="Make", **project)
    assert content["status"] == "completed"
    targets = [{"socialAccountId": names["threads"], "mode": "publish"}]
    publish = {"containerId": content["id"], "targets": targets, "idempotencyKey": "row-1"}
    published = make.module("publishContent", **publish)
    assert make.module("publishContent", **publish) == published
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    scheduled = make.module("scheduleContent", containerId=content["id"], scheduledFor=tomorrow, targets=targets)
    assert scheduled["gateStatus"] == "queued"
    assert make.module("getPost", postId=published["scheduledPostIds"][0])["containerId"] == content["id"]
    assert names["threads"] in {
        one["socialAccountId"] for one in make.module("listAccounts", platform="threads", **project)
    }
    hook = make.run(
        "webhooks/events.attach.iml.json", {"events": ["post.failed"]}, **{"webhook.url": "http://127.0.0.1:40001/"}
    )
    make.run("webhooks/events.detach.iml.json", {}, **{f"webhook.{name}": value for name, value in hook.items()})


def test_the_zapier_app(names: Mapping[str, str]) -> None:
    """Node's test runner passes each of its tests against a real server."""
    done = subprocess.run(
        ["node", "--test", "--test-reporter=tap", "test/app.test.mjs"],
        cwd=INTEGRATIONS / "zapier",
        env={**os.environ, "WORLD": json.dumps(dict(names))},
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "# skipped 0" in done.stdout
