"""What may have happened after a backup was taken, and so must not happen again because of its restore."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from presswork.backup.model import Facts, NotRestorable
from presswork.core.timestamps import write_instant
from presswork.db.queries import load
from presswork.posts.model import COMMENT_CALLED, RESTORED

_SQL: Final = load("presswork.backup", "restore_reconciliation.sql")
_STATEMENTS: Final = (
    ("doubt_posts", "20261124000001"),
    ("doubt_comments", "20261124000001"),
    ("doubt_intents", "20261124000002"),
    ("doubt_texts", "20261124000004"),
)
"""Each statement, and the migration that made its table."""
_KEYS_SINCE: Final = "20261125000004"
"""The migration that made the tables of secret keys."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """How long the installation of a backup ran on: to `ran_until` (UTC), or None: not at all after the backup."""

    ran_until: datetime | None

    def check(self, facts: Facts, *, now: datetime) -> None:
        """Raise NotRestorable if this can't be so."""
        if self.ran_until is None:
            if facts.workers:
                raise NotRestorable(
                    "This backup was taken while a worker ran, so posts may have gone live after it, and --resume could "
                    "post them a second time. Leave --resume out, or say with --ran-until when the service ended."
                )
        elif self.ran_until < facts.taken_at:
            raise NotRestorable(
                f"The service ran at least until this backup was taken, at {write_instant(facts.taken_at)}; "
                "--ran-until can't be earlier."
            )
        elif self.ran_until > max(now, facts.taken_at):
            raise NotRestorable(f"--ran-until can't be later than now, {write_instant(now)}.")


def statements(facts: Facts, doubt: Doubt, *, are_keys_lost: bool) -> Sequence[str]:
    """Return the statements for a database that was filled from a backup, in order."""
    schema = facts.schema.replace('"', '""')
    names = ["forget_workers"]
    if are_keys_lost:
        names.append("lose_keys")
    if _KEYS_SINCE in facts.migrations:
        names += ["forget_keys"] if are_keys_lost else []
    if doubt.ran_until is not None:
        names += [name for name, since in _STATEMENTS if since in facts.migrations]
    return [f'SET LOCAL search_path = "{schema}"', *(_SQL[name] for name in names)]


def variables(facts: Facts, doubt: Doubt, *, now: datetime) -> Mapping[str, str]:
    """Return what the statements name."""
    taken_at = write_instant(facts.taken_at)
    return {
        "mark": RESTORED,
        "comment_mark": COMMENT_CALLED,
        "taken_at": taken_at,
        "ran_until": write_instant(doubt.ran_until or facts.taken_at),
        "now": write_instant(max(now, facts.taken_at)),
        "post_message": f"Presswork was restored from a backup of {taken_at}. The post may have gone live after that, so "
        "it is not posted again.",
        "text_message": f"Presswork was restored from a backup of {taken_at}. The text may have been sent after that, so "
        "it is not sent again.",
    }
