"""What a post was published from: its containers, and the cover of a reel."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from presswork_sandbox.store import Store
from presswork_sandbox.wire import JSONValue


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One container of a carousel, as it was created."""

    id: str
    params: Mapping[str, JSONValue]

    def to_json(self) -> JSONValue:
        """Return it as the control surface shows it."""
        return {"id": self.id, "params": self.params}


def items_of(store: Store, media_id: str) -> list[Item]:
    """Return the items of a carousel in its order, also of one on Threads; none for any other post."""
    rows = store.all("SELECT id, params FROM carousel_items WHERE media_id = ? ORDER BY place", media_id)
    return [Item(id=str(row["id"]), params=json.loads(row["params"])) for row in rows]


def cover_of(store: Store, media_id: str) -> int | None:
    """Return the number of the file that a reel's cover_url named, or None."""
    row = store.first(
        "SELECT covers.asset_id FROM covers JOIN containers ON containers.id = covers.container_id WHERE media_id = ?",
        media_id,
    )
    return None if row is None else int(row["asset_id"])
