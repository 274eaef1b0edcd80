"""What each platform says about its numbers, as data."""

from presswork.platforms.insights import SupportsInsights
from presswork.platforms.live_support import AccountNumber, InsightsSupport
from presswork.platforms.port import LoginName, Platform
from presswork.platforms.registry import Platforms, consents_of
from presswork.platforms.settings import Settings


def supports(settings: Settings) -> dict[LoginName, tuple[Platform, InsightsSupport]]:
    """Return each login with its platform and its numbers: every platform has some."""
    found = Platforms(settings, base_url="http://localhost:8000").described()
    return {login: (platform, platform.insights) for login, platform in found.items() if platform.insights is not None}


def test_every_login_reads_numbers(settings: Settings) -> None:
    """Each platform has a connector that reads them, and a limit of calls."""
    found = supports(settings)
    assert set(found) == set(LoginName)
    for login, (platform, support) in found.items():
        assert isinstance(platform.connector, SupportsInsights), login
        assert platform.read_limit is not None, login
        assert platform.read_limit.calls * platform.read_limit.window.total_seconds() > 0, login
        assert 0 < support.calls_per_post <= platform.read_limit.calls / 5, login


def test_each_number_is_explained(settings: Settings) -> None:
    """A note for each metric that is offered and for no other, whose permissions are requested or can be."""
    for login, (platform, support) in supports(settings).items():
        assert set(support.notes) == set(support.offered), login
        assert AccountNumber.FOLLOWERS in support.account_notes, login
        notes = [*support.notes.values(), *support.account_notes.values()]
        assert all(note.source and note.meaning and note.delay for note in notes), login
        assert all(not note.meaning.endswith(".") for note in notes), login
        needed = {scope for note in notes for scope in note.scopes}
        assert needed <= support.scopes | set(platform.login.permissions), login
        assert support.scopes <= needed, login
        assert support.scopes <= set(consents_of(login)), login
