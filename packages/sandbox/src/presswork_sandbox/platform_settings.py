"""Settings of a whole platform, set through the control surface. A reset deletes them."""

import json
from collections.abc import Mapping

from presswork_sandbox.store import Store
from presswork_sandbox.wire import JSONValue


class PlatformSettings:
    """Named JSON objects in the state file."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def get(self, name: str) -> Mapping[str, JSONValue]:
        """Return the settings under a name, empty if there are none."""
        row = self._store.first("SELECT value FROM scene WHERE name = ?", name)
        value: JSONValue = {} if row is None else json.loads(row["value"])
        return value if isinstance(value, Mapping) else {}

    def put(self, name: str, value: Mapping[str, JSONValue]) -> None:
        """Replace the settings under a name."""
        sql = "INSERT INTO scene VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value"
        self._store.run(sql, name, json.dumps(value))

    def drop(self, name: str) -> None:
        """Delete the settings under a name."""
        self._store.run("DELETE FROM scene WHERE name = ?", name)
