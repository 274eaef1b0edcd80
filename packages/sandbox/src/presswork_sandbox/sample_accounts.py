"""The accounts of a new sandbox, so that its authorize pages offer a choice from the start."""

from collections.abc import Mapping

from presswork_sandbox.accounts import Accounts
from presswork_sandbox.registry import PLATFORMS
from presswork_sandbox.store import Store
from presswork_sandbox.wire import JSONValue


def add_sample_accounts(store: Store, accounts: Accounts, now: float) -> None:
    """Create the sample accounts in a state that never had an account. A reset leaves it empty for good."""
    with store.transaction():
        if store.last_number("account"):
            return
        for platform, facts in PLATFORMS.items():
            for sample in facts.samples:
                changes: Mapping[str, JSONValue] = {
                    "tier": sample.tier,
                    "displayName": sample.display_name,
                    "creatorInfo": sample.creator_info,
                }
                accounts.save(platform, sample.handle, changes, now)
