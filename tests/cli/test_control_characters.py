"""Names of tenants can't control the operator's terminal."""

import json

import pytest
from tests.cli.program import Presswork

CLIPBOARD = "\x1b]52;c;ZXZpbA==\x07"
EVIL = f"Ac{CLIPBOARD}me\x9b2J\u202egnp.exe"
SHOWN = r"Ac\x1b]52;c;ZXZpbA==\x07me\x9b2J\u202egnp.exe"


def has_control_characters(text: str) -> bool:
    """Return whether a terminal would interpret a part of the text."""
    return any(not character.isprintable() and character not in "\n\u200d" for character in text)


def test_tables_show_control_characters(admin: Presswork, subtests: pytest.Subtests) -> None:
    """Every list shows escapes instead of control characters; as JSON, it has the exact name."""
    admin.json("operator", "create", "--org", EVIL, "--name", EVIL)
    admin.json("project", "create", EVIL, "--org", EVIL)
    admin.json("key", "create", "--org", EVIL, "--name", EVIL)
    for command in ("project", "operator", "key", "org", "audit"):
        with subtests.test(command=command):
            listed = admin.run(command, "list")
            assert listed.status == 0
            assert SHOWN in listed.stdout
            assert not has_control_characters(listed.stdout.replace("\t", ""))  # the tabs between the columns
            document = admin.run(command, "list", "--json").stdout
            assert not has_control_characters(document)
            assert EVIL in [value for item in json.loads(document)["items"] for value in item.values()]


def test_sentences_and_errors_show_control_characters(admin: Presswork) -> None:
    """So do the results of commands and error messages; a line feed in a name starts no line of output."""
    admin.json("org", "create", "Acme")
    project = admin.json("project", "create", f"Bakery\nprj_0 {EVIL}", "--org", "Acme")
    archived = admin.run("project", "archive", project["id"])
    assert archived.stdout == f"Bakery\\nprj_0 {SHOWN} is archived.\n"
    refused = admin.run("project", "create", "Shop", "--org", EVIL)
    assert (refused.status, has_control_characters(refused.stderr)) == (1, False)
    assert SHOWN in refused.stderr
