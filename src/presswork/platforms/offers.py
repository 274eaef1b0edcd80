"""What all platforms offer in one environment, as lists side by side: the form in which the publish statement takes it."""

from collections.abc import Iterable, Set
from dataclasses import dataclass
from typing import Self

from presswork.platforms.port import LoginName, Mode, Platform


@dataclass(frozen=True, slots=True, kw_only=True)
class Offers:
    """A place in each list for each login and mode."""

    logins: tuple[str, ...]
    modes: tuple[str, ...]
    scopes: tuple[str, ...]
    """Permissions that an account must have granted, with commas between."""
    have_reel_placement: tuple[bool, ...]
    have_music: tuple[bool, ...]
    are_available: tuple[bool, ...]
    have_own_lane: tuple[bool, ...]

    @classmethod
    def of(cls, platforms: Iterable[Platform], *, unavailable: Set[tuple[LoginName, Mode]]) -> Self:
        """Write down what platforms say of themselves, and what of it can't be used."""
        offers = [
            (platform, mode, scopes) for platform in platforms for mode, scopes in platform.required_scopes.items()
        ]
        return cls(
            logins=tuple(platform.login_name.value for platform, _, _ in offers),
            modes=tuple(mode.value for _, mode, _ in offers),
            scopes=tuple(",".join(sorted(scopes)) for _, _, scopes in offers),
            have_reel_placement=tuple(platform.offers_reel_placement for platform, _, _ in offers),
            have_music=tuple(platform.offers_music for platform, _, _ in offers),
            are_available=tuple((platform.login_name, mode) not in unavailable for platform, mode, _ in offers),
            have_own_lane=tuple(platform.way(mode).has_own_lane for platform, mode, _ in offers),
        )
