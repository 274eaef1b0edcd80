"""`presswork operator`: create operators, set the primary one, verify phones."""

import json
import re
import urllib.request
from collections.abc import Sequence
from typing import Final

import pytest
from tests.cli.program import Presswork, Up

PHONE = "+4915112345667"
MASKED = "+4915•••••••67"


def test_operators_are_created_listed_and_set_primary(admin: Presswork) -> None:
    """The first operator creates the organization and is primary; a key belongs to the primary one by default."""
    first = admin.json("operator", "create", "--org", "Acme", "--name", "Ines", "--phone", PHONE, "--verified")
    assert re.fullmatch(r"opr_[0-9a-f-]{36}", first["operatorId"])
    assert (first["phone"], first["isPrimary"]) == (MASKED, True)
    assert first["phoneVerifiedAt"] is not None
    assert first["phoneVerifiedIn"] == "live"
    second = admin.json("operator", "create", "--org", "Acme", "--name", "Rui")
    assert (second["isPrimary"], second["phoneVerifiedAt"], second["phoneVerifiedIn"]) == (False, None, None)
    key = admin.json("key", "create", "--org", "Acme", "--operator", second["operatorId"])
    assert key["organizationId"] == second["organizationId"]
    assert admin.json("operator", "set-primary", second["operatorId"])["isPrimary"] is True
    third = admin.json("operator", "create", "--org", "Acme", "--name", "Ana", "--primary")
    items = admin.json("operator", "list", "--org", "Acme")["items"]
    assert [(item["name"], item["isPrimary"]) for item in items] == [("Ines", False), ("Rui", False), ("Ana", True)]
    table = admin.run("operator", "list").stdout
    assert third["operatorId"] in table
    assert PHONE not in table


REFUSED: Final[Sequence[tuple[tuple[str, ...], str, str]]] = [
    (("create", "--org", "Acme", "--name", " "), "VALIDATION", "name"),
    (("create", "--org", "Acme", "--name", "Ines", "--phone", "0151"), "VALIDATION", "E.164"),
    (("create", "--org", "Acme", "--name", "Ines", "--verified"), "VALIDATION", "--phone"),
    (("set-primary", "opr_1"), "NOT_FOUND", "This operator does not exist"),
    (("verify", "opr_0191f3a2-6c11-7e02-9a33-4d5e6f708192"), "NOT_FOUND", "This operator does not exist"),
]
"""Arguments, the code of their error, and a part of its message."""


def test_invalid_arguments_create_nothing(admin: Presswork, subtests: pytest.Subtests) -> None:
    """The error is one sentence, and no operator is created."""
    for arguments, code, says in REFUSED:
        with subtests.test(arguments=arguments):
            done = admin.run("operator", *arguments, "--json")
            assert (done.status, done.stdout) == (1, "")
            error = json.loads(done.stderr)["error"]
            assert error["code"] == code
            assert says in error["message"]
    assert admin.json("operator", "list") == {"items": []}


def test_a_phone_is_verified_by_a_code(up: Up, presswork: Presswork) -> None:
    """With a running `up`, the sandbox receives the code, which verifies the phone for test projects; without SMS settings,
    the error for live names the missing setting."""
    folder = str(up.data_dir)
    made = presswork.json("operator", "create", "--org", "Cli", "--name", "Ines", "--phone", PHONE, data_dir=folder)
    operator = made["operatorId"]
    refused = presswork.run("operator", "verify", operator, "--env", "live", "--json", data_dir=folder)
    assert json.loads(refused.stderr)["error"]["details"] == {"setting": "PRESSWORK_SMS_ACCOUNT_SID"}
    assert presswork.json("operator", "verify", operator, data_dir=folder)["phone"] == MASKED
    with urllib.request.urlopen(f"{up.url}/sandbox/control/messages") as answer:  # noqa: S310  our own server
        body = json.load(answer)["items"][-1]["body"]
    (code,) = re.findall(r"\b\d{6}\b", body)
    wrong = presswork.run("operator", "confirm", operator, "12345", "--json", data_dir=folder)
    assert json.loads(wrong.stderr)["error"]["code"] == "VALIDATION"
    confirmed = presswork.json("operator", "confirm", operator, code, data_dir=folder)
    assert (confirmed["phoneVerifiedAt"] is None, confirmed["phoneVerifiedIn"]) == (False, "test")
