"""The tokens of the sandbox: the ticket in the URL of a login."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from presswork.platforms.sandbox_access import TICKET, SandboxTokens

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("state", "later", "is_valid"),
    [("s", timedelta(), True), ("t", timedelta(), False), ("s", timedelta(minutes=10), False)],
    ids=["in time", "another login", "expired"],
)
def test_a_ticket_belongs_to_one_login_and_ends_with_it(state: str, later: timedelta, *, is_valid: bool) -> None:
    """A link that was seen once can't write to the sandbox for ever."""
    tokens = SandboxTokens.random()
    url = tokens.with_ticket("http://x/authorize?a=b", "s", expires_at=NOW + timedelta(minutes=10))
    name, _, ticket = url.rpartition("&")[2].partition("=")
    assert name == TICKET
    assert tokens.is_ticket(state, ticket, now=NOW + later) is is_valid
    assert not tokens.is_ticket("s", f"9{ticket}", now=NOW)
    assert not SandboxTokens.random().is_ticket("s", ticket, now=NOW)


@pytest.mark.parametrize(
    "address", ["http://x/authorize?state=s&a=b", "http://x/authorize?request_uri=urn:1", "http://x/a"]
)
def test_the_state_of_a_ticket_is_in_its_url_once(address: str) -> None:
    """The sandbox reads the state beside the ticket, also where the platform has it from a pushed request."""
    tokens = SandboxTokens.random()
    query = parse_qs(urlsplit(tokens.with_ticket(address, "s", expires_at=NOW + timedelta(minutes=1))).query)
    assert query["state"] == ["s"]
    assert tokens.is_ticket("s", query[TICKET][0], now=NOW)
