"""What posts cost a project, and whether its budgets have room for them. Pure."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Final
from uuid import UUID

from presswork.core.ids import ACCOUNT, public_id
from presswork.platforms.names import LoginName, PlatformName
from presswork.platforms.port import Money, Platform
from presswork.platforms.registry import manual_instructions
from presswork.posts.known_problems import CallFacts, ContentFacts, with_parts
from presswork.posts.model import NotPublishReady
from presswork.posts.targets import Target

_MICRO: Final = Decimal(1_000_000)


def in_units(amount: int) -> float:
    """Return an amount of millionths in units of its currency."""
    return float(Decimal(amount) / _MICRO)


class BudgetUsedUp(NotPublishReady):
    """The posts of a call cost more than the budget of their project has left this month."""

    def __init__(self, target: Target, platform: str, *, cost: int, budget: int, spent: int) -> None:
        """Amounts in millionths of a dollar; `spent` contains what is held for posts that are not live yet."""
        super().__init__(
            f"This post costs {in_units(cost)} USD at most, and the project has spent {in_units(spent)} of the {in_units(budget)} USD "
            f"of its monthly budget for {manual_instructions(PlatformName(platform)).title}, posts that are queued included. Raise the budget (PATCH /v1/projects/:id), or "
            "publish next month.",
            socialAccountId=public_id(ACCOUNT, target.social_account_id),
            mode=target.mode.value,
            reason="budget",
            platform=platform,
            estimatedCost={"amount": in_units(cost), "currency": "USD"},
            monthlyUsd=in_units(budget),
            spentUsd=in_units(spent),
        )

    @classmethod
    def of(cls, detail: str | None, targets: Mapping[UUID, Target]) -> "BudgetUsedUp":
        """Return the error that the detail of the database's exception describes; `targets` by the ids of their posts."""
        facts = json.loads(detail or "{}")
        numbers = {name: facts[name] for name in ("cost", "budget", "spent")}
        return cls(targets[UUID(facts["post"])], facts["platform"], **numbers)


def cost_of(platform: Platform, target: Target, content: ContentFacts) -> Money | None:
    """Return what the post of a target costs at most, with the texts that go out; None where it is free."""
    if not platform.charges_for(target.mode):
        return None
    content, target, _ = content.filled(target, platform.name)
    draft, _ = with_parts(platform, content.draft(target), content)
    return platform.cost_of(draft, content.comment(target))


def find_overruns(
    content: ContentFacts, targets: Sequence[Target], costs: Sequence[tuple[PlatformName, int] | None]
) -> Iterator[BudgetUsedUp | None]:
    """Yield for each target why the budget has no room for its post, or None. Each counts those before it."""
    spent = Counter(content.spent or {})
    for target, cost in zip(targets, costs, strict=True):
        budget = None if cost is None else (content.budgets or {}).get(cost[0].value)
        if cost is None or budget is None:
            yield None
            continue
        name, amount = cost[0].value, cost[1]
        is_over = spent[name] + amount > budget
        yield BudgetUsedUp(target, name, cost=amount, budget=budget, spent=spent[name]) if is_over else None
        spent[name] += amount


def costs_of(
    facts: CallFacts, platforms: Mapping[LoginName, Platform], targets: Sequence[Target]
) -> Sequence[int | None]:
    """Return what the post of each target costs, in millionths; None where it is free. Raises BudgetUsedUp."""
    costs: list[tuple[PlatformName, int] | None] = []
    for target in targets:
        platform = platforms[facts.logins[target.social_account_id]]
        cost = cost_of(platform, target, facts)
        costs.append(None if cost is None else (platform.name, cost.amount))
    for overrun in find_overruns(facts, targets, costs):
        if overrun is not None:
            raise overrun
    return [None if cost is None else cost[1] for cost in costs]
