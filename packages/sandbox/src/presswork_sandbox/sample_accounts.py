"""The accounts of a new sandbox, so that its authorize pages offer a choice from the start."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from presswork_sandbox.accounts import Accounts
from presswork_sandbox.store import Store
from presswork_sandbox.wire import JSONValue


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleAccount:
    """One account of a new sandbox."""

    platform: str
    handle: str
    tier: str
    display_name: str
    creator_info: Mapping[str, JSONValue] = field(default_factory=dict)


# The order of the authorize pages, which preselect the first one: it can be published to.
SAMPLE_ACCOUNTS: Final[Sequence[SampleAccount]] = (
    SampleAccount(platform="instagram", handle="fernhill.coffee", tier="business", display_name="Fernhill Coffee"),
    SampleAccount(platform="instagram", handle="mira.paints", tier="creator", display_name="Mira Okafor"),
    SampleAccount(platform="instagram", handle="jonas.lindqvist", tier="personal", display_name="Jonas Lindqvist"),
    SampleAccount(platform="tiktok", handle="fernhillcoffee", tier="business", display_name="Fernhill Coffee"),
    SampleAccount(platform="tiktok", handle="mirapaints", tier="creator", display_name="Mira Okafor"),
    SampleAccount(
        platform="tiktok",
        handle="jonaslindqvist",
        tier="personal",
        display_name="Jonas Lindqvist",
        # What TikTok offers for a private account.
        creator_info={"privacy_level_options": ["FOLLOWER_OF_CREATOR", "MUTUAL_FOLLOW_FRIENDS", "SELF_ONLY"]},
    ),
)


def add_sample_accounts(store: Store, accounts: Accounts, now: float) -> None:
    """Create the sample accounts in a state that never had an account. A reset leaves it empty for good."""
    with store.transaction():
        if store.last_number("account"):
            return
        for sample in SAMPLE_ACCOUNTS:
            changes: Mapping[str, JSONValue] = {
                "tier": sample.tier,
                "displayName": sample.display_name,
                "creatorInfo": sample.creator_info,
            }
            accounts.save(sample.platform, sample.handle, changes, now)
