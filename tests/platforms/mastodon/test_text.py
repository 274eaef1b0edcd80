"""How Mastodon counts and shows texts, and the name of a server in what a person types."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from presswork.platforms.mastodon.api import read_host
from presswork.platforms.mastodon.rules import ServerLimits
from presswork.platforms.mastodon.text import count_characters, is_shown_as, plain_text, text_with
from presswork.platforms.port import LinkCard
from presswork_sandbox.mastodon.text import count_characters as counted_by_server
from presswork_sandbox.mastodon.text import html_of

LINK = LinkCard(url="https://bakery.example/menu", title="Menu", description=None)
PIECES = st.sampled_from(
    [
        "https://a.example/b?c=d",
        "http://é.example",
        "@luna",
        "@luna@chaos.example",
        "👨‍👩‍👧‍👦",
        "é",
        "a",
        ".",
        ",",
        ")",
        "@",
        "/",
        " ",
        "\n",
    ]
)


@given(st.lists(PIECES, max_size=20).map("".join), st.text(max_size=9))
def test_it_never_counts_less_than_a_server(text: str, warning: str) -> None:
    """What is within the limit here is within it there."""
    assert count_characters(text, warning) >= counted_by_server(text, warning, 23)


@given(st.lists(PIECES, max_size=20).map("".join))
def test_what_is_shown_is_recognized(text: str) -> None:
    """The HTML of a server is that of the text, and of no other."""
    assert is_shown_as(html_of(text), text)
    assert not is_shown_as(html_of(text), f"{text} x")
    assert "".join(plain_text(html_of(text)).split()) == "".join(text.split())


def test_a_link_stands_below_the_text() -> None:
    """It is added unless it is there."""
    assert text_with("Rye", LINK) == f"Rye\n\n{LINK.url}"
    assert text_with("", LINK) == LINK.url
    assert text_with(f"See {LINK.url}", LINK) == f"See {LINK.url}"


@pytest.mark.parametrize(
    ("typed", "host"),
    [
        ("Mastodon.Social", "mastodon.social"),
        (" https://chaos.example/@luna ", "chaos.example"),
        ("@luna@chaos.example", "chaos.example"),
        ("münchen.example", "xn--mnchen-3ya.example"),
    ],
)
def test_hosts_as_people_type_them(typed: str, host: str) -> None:
    """A URL and an account are accepted for the name of the server."""
    assert read_host(typed) == host


@pytest.mark.parametrize(
    "typed",
    ["", "localhost", "127.0.0.1", "0x7f.1", "[::1]", "a..b", "-a.example", "a.example:8080", "a b.example", "x" * 300],
)
def test_no_hosts(typed: str) -> None:
    """An address, a port, a name without a dot."""
    with pytest.raises(ValueError, match="server"):
        read_host(typed)


def test_a_server_states_its_limits() -> None:
    """What it leaves out, or states wrongly, has the default; both sides of a picture with too many pixels shrink."""
    statuses: JsonValue = {"max_characters": 5000, "max_media_attachments": "many"}
    limits = ServerLimits.read(
        {"configuration": {"statuses": statuses, "media_attachments": {"image_matrix_limit": 0}}}
    )
    assert (limits.characters, limits.items, limits.image_pixels) == (5000, 4, 33_177_600)
