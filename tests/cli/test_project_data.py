"""`presswork project export` and `erase`, and `export-posts`, against a running server."""

import csv
from pathlib import Path
from zipfile import ZipFile

import httpx2
import pytest
from tests.cli.person import Person
from tests.cli.program import Presswork, Up
from tests.sdk.world import connect, made

pytestmark = pytest.mark.slow


@pytest.fixture
def server(up: Up, person: Person, tmp_path: Path) -> Presswork:
    """The commands on the server, with the settings of its data folder."""
    return Presswork(person.command_process, up.data_dir, tmp_path, {})


@pytest.mark.exhaustive
def test_a_project_is_exported_and_erased(server: Presswork, person: Person) -> None:
    """The archive is written to a new file; erasing asks for the name of an archived project, and shows the receipt."""
    headers = {"Authorization": f"Bearer {person.key}"}
    with httpx2.Client(base_url=person.url, headers=headers, trust_env=False) as client:
        project = made(client.post("/v1/projects", json={"name": "Bakery", "timezone": "UTC"}))
        connect(client, project, "instagram", "cli.bakery")
    made_file = server.json("project", "export", project, "--media", "--output", "bakery.zip")
    file = server.cwd / "bakery.zip"
    assert (made_file["file"], made_file["sizeBytes"]) == ("bakery.zip", file.stat().st_size)
    with ZipFile(file) as archive:
        assert b"cli.bakery" in archive.read("accounts.jsonl")
    again = server.run("project", "export", project, "--output", "bakery.zip")
    assert (again.status, "exists already" in again.stderr) == (1, True)

    active = server.run("project", "erase", project, "--confirm", "Bakery")
    assert (active.status, "Archive it first" in active.stderr.replace("\n", " ")) == (1, True)
    server.json("project", "archive", project)
    for arguments, reason in (((), "Pass --confirm"), (("--confirm", "Bakeries"), "not the name")):
        refused = server.run("project", "erase", project, *arguments)
        assert (refused.status, reason in refused.stderr.replace("\n", " ")) == (1, True)
    receipt = server.json("project", "erase", project, "--confirm", "Bakery")
    assert (receipt["status"], receipt["projectId"], receipt["counts"]["accounts"]) == ("done", project, 1)
    assert person.call("GET", f"/v1/projects/{project}").status_code == 404
    gone = server.run("project", "erase", project, "--confirm", "Bakery")
    assert (gone.status, "does not exist" in gone.stderr) == (1, True)


def test_posts_are_exported_to_a_file_or_standard_output(person: Person) -> None:
    """CSV by default; an existing file is kept, and a wrong format is refused with the valid ones."""
    scheduled = person.run("publish", "a.jpg", "--to", "tiktok:@cli.shop", "--at", "+2h")
    post = scheduled.stdout.splitlines()[1].split("\t")[0]
    rows = list(csv.DictReader(person.run("export-posts", "--status", "queued").stdout.splitlines()))
    assert post in [row["id"] for row in rows]
    done = person.json("export-posts", "--format", "jsonl", "--output", "posts.jsonl")
    file = person.folder / "posts.jsonl"
    assert done == {"file": "posts.jsonl", "sizeBytes": file.stat().st_size}
    assert post in file.read_text()
    assert person.run("export-posts", "--output", "posts.jsonl").status == 1
    wrong = person.run("export-posts", "--format", "xlsx")
    assert (wrong.status, "csv, jsonl" in wrong.stderr.replace("\n", " ")) == (1, True)
    person.run("cancel", post)
