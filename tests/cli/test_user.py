"""`presswork user`: invite people, make links, disable and enable users."""

import json
import re
from collections.abc import Sequence
from typing import Any, Final

import pytest
from tests.cli.program import Presswork

LINK = r"http://127\.0\.0\.1:\d+/console/accept#token=[A-Za-z0-9_-]{43}"


def refused(admin: Presswork, *arguments: str) -> dict[str, Any]:
    """Run a command that fails, and return its error."""
    done = admin.run("user", *arguments, "--json")
    assert done.status == 1, done.stdout
    return dict(json.loads(done.stderr)["error"])


def test_user_is_invited_listed_disabled_and_enabled(admin: Presswork) -> None:
    """The link is alone on standard output; the list shows who may do what; a disabled user gets no link."""
    done = admin.run("user", "invite", "Ines@Example.com", "--org", "Acme", "--role", "admin", "--name", "Ines")
    assert re.fullmatch(LINK, done.stdout.strip()), done.stdout
    assert "ines@example.com (admin) works once, for 72 hours. Pass it on." in done.stderr
    second = admin.json("user", "invite", "rui@example.com", "--org", "Acme")
    assert (second["user"]["role"], second["user"]["status"], second["emailed"]) == ("viewer", "invited", False)
    again = admin.json("user", "link", "RUI@example.com")
    assert re.fullmatch(LINK, again["link"])
    assert again["link"] != second["link"]
    assert admin.json("user", "disable", second["user"]["id"])["status"] == "disabled"
    assert refused(admin, "link", "rui@example.com")["code"] == "CONFLICT"
    assert admin.json("user", "enable", "rui@example.com")["status"] == "invited"
    items = admin.json("user", "list", "--org", "Acme")["items"]
    assert [(item["email"], item["role"], item["organization"]) for item in items] == [
        ("ines@example.com", "admin", "Acme"),
        ("rui@example.com", "viewer", "Acme"),
    ]
    logged = admin.json("audit", "list", "--action", "user.invite")["items"]
    assert [item["detail"]["email"] for item in logged] == ["rui@example.com", "ines@example.com"]
    assert {item["actor"]["kind"] for item in logged} == {"command_line"}


REFUSED: Final[Sequence[tuple[tuple[str, ...], str, str]]] = [
    (("invite", "ines", "--org", "Acme"), "VALIDATION", "email"),
    (("invite", "a@example.com", "--org", " "), "VALIDATION", "organization"),
    (("invite", "a@example.com", "--org", "Acme", "--project", "x"), "VALIDATION", "project"),
    (("link", "unknown@example.com"), "NOT_FOUND", "presswork user list"),
    (("disable", "ines"), "NOT_FOUND", "no e-mail address"),
]
"""Arguments, the code of their error, and a part of its message."""


def test_wrong_arguments_are_explained(admin: Presswork, subtests: pytest.Subtests) -> None:
    """Each wrong argument is an error with a sentence that says what to do."""
    for arguments, code, says in REFUSED:
        with subtests.test(arguments=arguments):
            error = refused(admin, *arguments)
            assert error["code"] == code
            assert says in error["message"]


def test_user_of_two_organizations_has_to_be_named(admin: Presswork) -> None:
    """An address that two organizations have needs --org."""
    for organization in ("Acme", "Rival"):
        admin.json("user", "invite", "ines@example.com", "--org", organization)
    assert "--org" in refused(admin, "disable", "ines@example.com")["message"]
    assert admin.json("user", "disable", "ines@example.com", "--org", "Rival")["status"] == "disabled"
    assert refused(admin, "invite", "ines@example.com", "--org", "Acme")["code"] == "CONFLICT"
