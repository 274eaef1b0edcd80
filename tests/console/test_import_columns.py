"""The import screen knows the same names of columns as the command line."""

import re
from pathlib import Path

from presswork.cli.client.csv_file import _ALIASES, COLUMNS

SCREEN = Path(__file__).parents[2] / "console" / "src" / "screens" / "import" / "columns.ts"


def test_console_and_command_line_read_the_same_columns() -> None:
    """A table that one of them reads means the same for the other."""
    table = re.search(r"const NAMES[^=]*= \{(.*?)\n\};", SCREEN.read_text(), re.DOTALL)
    assert table is not None
    of_screen = {
        name: column
        for column, names in re.findall(r"(\w+): \[([^\]]*)\]", table[1])
        for name in re.findall(r'"(\w+)"', names)
    }
    assert of_screen == {**{column.lower(): column for column in COLUMNS}, **_ALIASES}
