"""`presswork app` against a running server."""

from pathlib import Path

import httpx2
import pytest
from tests.cli.person import Person
from tests.cli.program import CommandProcess, Up
from tests.sdk.world import connect, made, make_key

pytestmark = pytest.mark.slow


@pytest.fixture
def admin(up: Up, command_process: CommandProcess, tmp_path: Path) -> Person:
    """An administrator of an organization with one account of Instagram."""
    key = make_key(command_process, up, tmp_path, "Bakeries", "*,org:admin")
    with httpx2.Client(base_url=up.url, headers={"Authorization": f"Bearer {key}"}, trust_env=False) as client:
        project = made(client.post("/v1/projects", json={"name": "Shop", "timezone": "UTC"}))
        connect(client, project, "instagram", "cli.apps")
    admin = Person(command_process, up.url, key, project, tmp_path)
    assert admin.run("login", "--url", up.url, api_key=key).status == 0
    return admin


def test_accounts_move_to_an_app(admin: Person) -> None:
    """An app is added, and a link is made for the project whose accounts move to it; an app without accounts is removed."""
    (admin.folder / "secret").write_text("0123456789abcdef\n")
    added = admin.json("app", "add", "instagram", "Rye", "--client-id", "1234567890123456", "--secret-file", "secret")
    app = str(added["id"])
    shown = admin.run("app", "reconnect", app, "--hours", "2")
    assert (admin.project in shown.stdout, "/connect/" in shown.stdout) == (True, True), shown.stderr
    listed = admin.json("app", "reconnect", app)["items"]
    assert isinstance(listed, list)
    assert [(one["projectId"], "/connect/" in one["url"]) for one in listed] == [(admin.project, True)]
    admin.run("app", "change", app, "--nowhere")
    assert admin.json("app", "reconnect", app)["items"] == []
    assert admin.json("app", "remove", app)["id"] == app
