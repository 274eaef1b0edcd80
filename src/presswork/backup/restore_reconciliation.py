"""What may have happened after a backup was taken, and must not happen again because of its restore."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from presswork.backup.model import Facts, NotRestorable
from presswork.core.timestamps import write_instant
from presswork.db.queries import load
from presswork.posts.model import COMMENT_CALLED, EXTRAS_MAY_EXIST, RESTORED

_SQL: Final = load("presswork.backup", "restore_reconciliation.sql")
_STATEMENTS: Final = (
    ("reconcile_posts", "20261124000001"),
    ("reconcile_follow_ups", "20261124000001"),
    ("drop_overdue_intents", "20261124000002"),
    ("reconcile_texts", "20261124000004"),
    ("end_sessions", "20261128110000"),
    ("drop_sign_up_links", "20261128110000"),
    ("end_agents", "20261129000100"),
    ("revoke_posting_links", "20261130000100"),
    ("reconcile_live_changes", "20261202010100"),
    ("drop_pending_sign_ins", "20261205040100"),
)
"""Each statement, and the migration that created its table."""
_MEDIA_SWEEP_SINCE: Final = "20261202010200"
"""The migration that created the table of the sweep of objects."""
_KEYS_SINCE: Final = "20261125000004"
"""The migration that created the tables of secret keys."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciliation:
    """What only the operator knows: how long the service ran after the backup, and whether its secret keys still exist."""

    ran_until: datetime | None  # UTC; None: nothing ran after the backup
    are_keys_lost: bool = False

    def check(self, facts: Facts, *, now: datetime) -> None:
        """Raise NotRestorable if the backup contradicts this."""
        if self.ran_until is None:
            if facts.workers:
                raise NotRestorable(
                    "A worker ran while this backup was taken, so posts may have gone live after it, and --resume could "
                    "publish them a second time. Omit --resume, or pass --ran-until with the time the service ended."
                )
        elif self.ran_until < facts.taken_at:
            raise NotRestorable(
                f"The service ran at least until this backup was taken, at {write_instant(facts.taken_at)}; "
                "--ran-until can't be earlier."
            )
        elif self.ran_until > max(now, facts.taken_at):
            raise NotRestorable(f"--ran-until can't be later than now, {write_instant(now)}.")

    def statements(self, facts: Facts) -> Sequence[str]:
        """Return the statements to run, in order, on a database that was loaded from a backup."""
        schema = facts.schema.replace('"', '""')
        names = ["forget_workers"]
        if self.are_keys_lost:
            names.append("lose_keys")
        if _MEDIA_SWEEP_SINCE in facts.migrations:
            names.append("pause_media_sweep")
        if _KEYS_SINCE in facts.migrations and self.are_keys_lost:
            names.append("forget_keys")
        if self.ran_until is not None:
            names += [name for name, since in _STATEMENTS if since in facts.migrations]
        return [f'SET LOCAL search_path = "{schema}"', *(_SQL[name] for name in names)]

    def variables(self, facts: Facts, *, now: datetime) -> Mapping[str, str]:
        """Return the variables of the statements."""
        taken_at = write_instant(facts.taken_at)
        restored = f"Presswork was restored from a backup of {taken_at}."
        return {
            "mark": RESTORED,
            "comment_mark": COMMENT_CALLED,
            "extras_mark": EXTRAS_MAY_EXIST,
            "taken_at": taken_at,
            "ran_until": write_instant(self.ran_until or facts.taken_at),
            "now": write_instant(max(now, facts.taken_at)),
            "post_message": f"{restored} The post may have gone live after that, so it is not posted again.",
            "edit_message": f"{restored} The live post may have been changed after that, so it is not changed now. Look at it, and "
            "send the change again.",
            "text_message": f"{restored} The text may have been sent after that, so it is not sent again.",
        }
