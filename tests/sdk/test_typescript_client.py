"""The TypeScript client against a real server; the tests are in sdk/typescript/test/client.test.mjs."""

import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pytest

TESTS: Final = Path(__file__).parents[2] / "sdk" / "typescript" / "test" / "client.test.mjs"
pytestmark = pytest.mark.slow


def test_the_typescript_client(names: Mapping[str, str], built: Path) -> None:
    """Node's test runner passes each of its tests."""
    done = subprocess.run(
        ["node", "--test", "--test-reporter=tap", TESTS],
        env={**os.environ, "WORLD": json.dumps(dict(names)), "PACKAGE": str(built / "esm" / "index.js")},
        capture_output=True,
        text=True,
        check=False,
        timeout=110,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "# fail 0" in done.stdout
    assert "# skipped 0" in done.stdout
