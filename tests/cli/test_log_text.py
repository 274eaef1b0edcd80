"""Logs on a terminal: one line each."""

import re

import httpx2
import pytest
from tests.cli.program import Presswork, environment
from tests.cli.terminal import COLUMNS, in_terminal


@pytest.mark.exhaustive
def test_logs_on_a_terminal_fit_one_line_each(admin: Presswork) -> None:
    """Calls are lines like `GET /v1/projects 200 19 ms`; no line is wider than the terminal, and each starts with a time."""
    key = admin.json("key", "create", "--org", "Acme")["key"]
    given = environment(data_dir=str(admin.data_dir), port="0", **admin.settings)
    with in_terminal("api", environment=given, cwd=admin.cwd) as terminal:
        url = terminal.wait_for(r"api listening url=(http://[^ ]+)")[1]
        assert httpx2.get(f"{url}/v1/projects", headers={"Authorization": f"Bearer {key}"}, trust_env=False).is_success
        assert httpx2.get(f"{url}/v1/projects", trust_env=False).status_code == 401
        terminal.wait_for(r"\n\d\d:\d\d:\d\d GET /v1/projects 200 \d+ ms\n")
        terminal.wait_for(r"\n\d\d:\d\d:\d\d GET /v1/projects 401 \d+ ms UNAUTHENTICATED\n")
        terminal.interrupt()
        assert terminal.wait() == 0
    lines = terminal.text.replace("^C", "").splitlines()
    assert [line for line in lines if len(line) > COLUMNS] == []
    assert [line for line in lines if not re.match(r"\d\d:\d\d:\d\d [a-zG]", line)] == []
