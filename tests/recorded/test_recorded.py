"""What platforms have answered holds the sandbox to account: `presswork verify-live --record` makes the files of this folder."""

import json
from pathlib import Path
from uuid import uuid4

import pytest
from tests.cli.program import CommandProcess, Up
from tests.recorded.comparison import list_differences
from tests.recorded.verifying import Owner

from presswork.core.response_shapes import RecordedResponse
from presswork.platforms.observed_calls import Recording

_FILES = sorted(Path(__file__).parent.glob("*.json"))


def _read(path: Path) -> list[RecordedResponse]:
    return [RecordedResponse.load(one) for one in json.loads(path.read_text(encoding="utf-8"))["answers"]]


@pytest.mark.exhaustive
@pytest.mark.slow
@pytest.mark.parametrize("path", _FILES, ids=lambda path: path.stem)
def test_the_sandbox_answers_as_the_platform_did(
    path: Path, command_process: CommandProcess, up: Up, tmp_path: Path
) -> None:
    """The same test posts on the sandbox get answers of the recorded shapes."""
    facts = json.loads(path.read_text(encoding="utf-8"))
    owner = Owner(command_process, up, tmp_path, "*,org:admin")
    account = owner.connect(facts["platform"], f"recorded.{uuid4().hex[:8]}", login=facts["login"])
    done = owner.run("--account", account, "--record", "--out", "now")
    assert done.status == 0, done.stdout
    recorded, sandbox = _read(path), _read(next((tmp_path / "now").glob("recorded-*.json")))
    assert {one.operation for one in recorded} & {one.operation for one in sandbox}, "no call is in both"
    assert list_differences(recorded, sandbox) == []


def _answer(body: object, *, status: int = 200, headers: tuple[str, ...] = ()) -> RecordedResponse:
    recording = Recording()
    recording.add("create", "POST", status, headers, json.dumps(body).encode())
    return recording.take()[0]


def test_what_only_the_sandbox_has_is_a_difference() -> None:
    """A member, a type, a header and a status that the platform did not have; not what it has in addition, or where it has null."""
    real = _answer(
        {"id": "1", "more": 1, "parts": [{"n": 1}, {"n": 2, "url": None}], "by": {"17841400000000000": {"a": 1}}}
    )
    assert (
        list_differences([real], [_answer({"id": "2", "parts": [{"url": "https://x"}], "by": {"x": {"a": 2}}})]) == []
    )
    assert list_differences(
        [real], [_answer({"id": 2, "link": "x", "parts": [{"m": 1}]}, headers=("Date", "X-Left"))]
    ) == [
        "create 200: the platform has no header x-left",
        "create 200 id: the platform has string, the sandbox number",
        "create 200: the platform has no member link",
        "create 200 parts []: the platform has no member m",
    ]
    assert list_differences([real], [_answer({}, status=201)]) == [
        "create: the platform answered 200, the sandbox [201]"
    ]


def test_shapes_have_no_values() -> None:
    """No text, number or id of an answer is in what is recorded, not even as a name."""
    recorded = _answer({"token": "secret-1", "1784140000": [{"name": "Ada", "n": 42}]}, headers=("X-Id",))
    assert recorded.body == {"token": "string", "*": [{"name": "string", "n": "number"}]}
    assert RecordedResponse.load(json.loads(json.dumps(recorded.as_json()))) == recorded
