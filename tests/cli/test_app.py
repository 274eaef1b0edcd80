"""`presswork app` against a running server, and the commands on the server that take an app."""

import json
from pathlib import Path

import httpx2
import pytest
from tests.cli.person import Person
from tests.cli.program import CommandProcess, Presswork, Up
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


@pytest.mark.exhaustive
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


@pytest.mark.exhaustive
def test_commands_on_the_server_take_an_app(up: Up, command_process: CommandProcess, tmp_path: Path) -> None:
    """The dry run, the kit for the review and the checks are about this app, without any of the installation's."""
    sandbox = f"{up.url}/sandbox"
    settings = {
        "public_url": up.url,
        "tiktok_api_url": f"{sandbox}/open.tiktokapis.com",
        "tiktok_www_url": f"{sandbox}/www.tiktok.com",
        "operator_name": "Corner Bakery",
        "contact_email": "privacy@example.com",
    }
    server = Presswork(command_process, up.data_dir, tmp_path / "cwd", settings)
    key = server.json("key", "create", "--org", "Bakeries", "--env", "live", "--scopes", "*,org:admin")["key"]
    ids = []
    with httpx2.Client(base_url=up.url, headers={"Authorization": f"Bearer {key}"}, trust_env=False) as client:
        for platform in ("tiktok", "threads"):
            new = {"platform": platform, "name": "Rye", "clientId": f"key-of-{platform}", "clientSecret": "0123456789"}
            ids.append(made(client.post("/v1/platform-apps", json={**new, "projectIds": []})))
        token = client.get(f"/v1/platform-apps/{ids[1]}").json()["webhookVerifyToken"]
    tiktok, threads = ids
    dry_run = ("connect", "--env", "live", "--dry-run", "--app", tiktok)
    shown = json.loads(server.run(*dry_run, "--json").stdout)
    assert "client_key=key-of-tiktok" in shown["authorizeUrl"]
    checks = {one["name"]: one["message"] for one in shown["checks"]}
    assert checks[f"platform app {tiktok}"] == "“Rye” (tiktok, live): the platform accepts ID and secret"
    assert "app is one of tiktok" in server.run(*dry_run, "--platform", "threads").stderr
    assert "--app needs --dry-run" in server.run("connect", "--app", tiktok).stderr
    folder = tmp_path / "kit"
    assert server.run("review-kit", "--out", str(folder), "--app", threads).status == 0
    addresses = (folder / "threads" / "addresses.md").read_text()
    assert f"`{up.url}/webhooks/meta/data-deletion/{threads}`" in addresses
    assert f"| Callback URL | `{up.url}/webhooks/threads/live/{threads}` |" in addresses
    assert f"| Verify token | `{token}` |" in addresses
    checklist = (folder / "checklist.md").read_text()
    assert f"Verified by `presswork doctor --app {threads}`" in checklist
    found = {one["name"] for one in json.loads(server.run("doctor", "--app", threads, "--json").stdout)["checks"]}
    listed = [line.split("`")[1] for line in checklist.splitlines() if line.startswith("- [ ] `")]
    assert {name for name in listed if name not in found} <= {"media for crawlers"}
    assert not any("0123456789" in path.read_text() for path in folder.rglob("*.md"))
    for wrong in ("app_1", tiktok.replace(tiktok[-4:], "0000")):
        assert server.run("review-kit", "--out", str(tmp_path / "no"), "--app", wrong).status == 1
