"""Every named statement, checked by PostgreSQL against the migrated schema."""

import re
from typing import Final

import asyncpg
from tests.db.statements import PARTS, STATEMENTS, declared, sql_files, text_of

from presswork.db.queries import load

_MAX_PARAMETERS: Final = 12
_LONGEST_LINE: Final = 120
_PSQL: Final = frozenset({"backup/restore_reconciliation.sql"})
"""Statements that psql runs, with psql variables as parameters."""
_NAMES: Final = {
    "{table}": "social_accounts",
    "{column}": "sealed_tokens",
    "{is_mixed}": "true",
    "{offers}": "'{}'::jsonb",
}
"""Values for names and constants that are formatted into the text (secretkeys/queries.sql, posts/parts.sql)."""
_VARIABLE: Final = re.compile(r":'(\w+)'")


async def test_every_statement_is_prepared_with_the_parameters_that_it_declares(owner_dsn: str) -> None:
    """PostgreSQL prepares each statement, with the declared number of parameters, twelve at most."""
    connection = await asyncpg.connect(owner_dsn)
    wrong = {}
    try:
        make_incoming = STATEMENTS["music/queries.sql", "make_incoming"]
        await connection.execute(make_incoming.replace("ON COMMIT DROP", ""))  # the table that take_incoming reads
        for (file, name), text in STATEMENTS.items():
            parameters = [parameter for parameter in declared(file)[name] if "{" not in parameter]
            if file in _PSQL:
                assert set(_VARIABLE.findall(text)) == {parameter.strip() for parameter in parameters}, name
                parameters = []
            try:
                plain = _VARIABLE.sub("'2026-11-26T00:00:00Z'", text)
                for placeholder, name_or_constant in _NAMES.items():
                    plain = plain.replace(placeholder, name_or_constant)
                statement = await connection.prepare(plain)
            except asyncpg.PostgresError as error:
                wrong[file, name] = f"{type(error).__name__}: {error}"
                continue
            count = len(statement.get_parameters())
            if count != len(parameters) or count > _MAX_PARAMETERS:
                wrong[file, name] = f"{count} parameters, {len(parameters)} declared"
    finally:
        await connection.close()
    assert not wrong, wrong
    assert len(STATEMENTS) > 200


def test_no_line_is_longer_than_a_screen() -> None:
    """No SQL line is longer than 120 characters, as in Python."""
    long = {
        f"{file}:{number}"
        for file in sql_files()
        for number, line in enumerate(text_of(file).splitlines(), start=1)
        if len(line) > _LONGEST_LINE
    }
    assert not long


def test_parts_are_included_somewhere() -> None:
    """Every part is included by a statement."""
    included = "".join(STATEMENTS.values())
    for file in PARTS:
        assert "-- include:" not in included
        assert load("presswork." + file.partition("/")[0], file.rpartition("/")[2])
