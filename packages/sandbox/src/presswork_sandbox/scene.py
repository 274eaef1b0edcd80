"""What a test or a person set for a whole platform, and what no account or fault carries. Forgotten by a reset."""

import json
from collections.abc import Mapping

from presswork_sandbox.store import Store
from presswork_sandbox.wire import JSONValue


class Scene:
    """Named JSON objects in the state."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def get(self, name: str) -> Mapping[str, JSONValue]:
        """Return what is set under a name; empty where nothing is."""
        row = self._store.first("SELECT value FROM scene WHERE name = ?", name)
        value: JSONValue = {} if row is None else json.loads(row["value"])
        return value if isinstance(value, Mapping) else {}

    def put(self, name: str, value: Mapping[str, JSONValue]) -> None:
        """Set what is under a name."""
        sql = "INSERT INTO scene VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value"
        self._store.run(sql, name, json.dumps(value))

    def drop(self, name: str) -> None:
        """Forget what is under a name."""
        self._store.run("DELETE FROM scene WHERE name = ?", name)
