"""Signed URLs: which ones are valid, and all the ways in which a changed one is not."""

from datetime import UTC, datetime, timedelta, timezone
from urllib.parse import urlsplit

import pytest
from tests.every_row import every_row

from presswork.crypto.signed_urls import SignedURLExpired, SignedURLInvalid, sign_path, verify

KEY = b"k" * 32
OLD = b"o" * 32
NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
END = NOW + timedelta(hours=6)


def parts(url: str) -> tuple[str, str]:
    """Split a signed path into the path and the raw query, as a server receives them."""
    split = urlsplit(url)
    return split.path, split.query


def test_a_signed_path_is_verified_until_it_ends() -> None:
    """The URL is valid up to the second before its expiry, and reports that it has expired afterwards."""
    path, query = parts(sign_path("/media/ast_1.jpg", keys=[KEY], expires_at=END, claims={"try": "ä b&c=d"}))
    signed = verify(path, query, keys=[KEY], now=END - timedelta(seconds=1))
    assert (signed.expires_at, signed.claims) == (END, {"try": "ä b&c=d"})
    with pytest.raises(SignedURLExpired):
        verify(path, query, keys=[KEY], now=END)


def test_signing_is_deterministic_and_the_time_zone_does_not_matter() -> None:
    """The same instant in another zone gives the same URL, so that it can be cached and compared."""
    there = END.astimezone(timezone(timedelta(hours=-7)))
    assert sign_path("/m/a", keys=[KEY], expires_at=END) == sign_path("/m/a", keys=[KEY], expires_at=there)


def test_an_old_key_still_verifies_and_a_dropped_one_does_not() -> None:
    """Rotation: the first key signs, every key in the list verifies."""
    path, query = parts(sign_path("/m/a", keys=[OLD], expires_at=END))
    assert verify(path, query, keys=[KEY, OLD], now=NOW).expires_at == END
    assert sign_path("/m/a", keys=[KEY, OLD], expires_at=END) == sign_path("/m/a", keys=[KEY], expires_at=END)
    with pytest.raises(SignedURLInvalid):
        verify(path, query, keys=[KEY], now=NOW)


def test_the_method_is_covered() -> None:
    """A URL for GET can't be used to upload, nor the other way round; HEAD reads less than GET and is allowed."""
    path, query = parts(sign_path("/m/a", keys=[KEY], expires_at=END))
    assert verify(path, query, keys=[KEY], now=NOW, method="HEAD").expires_at == END
    for method in ("PUT", "POST", "DELETE"):
        with pytest.raises(SignedURLInvalid):
            verify(path, query, keys=[KEY], now=NOW, method=method)
    path, query = parts(sign_path("/m/a", keys=[KEY], expires_at=END, method="PUT"))
    assert verify(path, query, keys=[KEY], now=NOW, method="PUT").expires_at == END
    for method in ("GET", "HEAD"):
        with pytest.raises(SignedURLInvalid):
            verify(path, query, keys=[KEY], now=NOW, method=method)


SIGNED = sign_path("/m/a", keys=[KEY], expires_at=END, claims={"asset": "1"})


def test_any_change_breaks_the_signature() -> None:
    """Path, expiry, claims and signature can't be changed, dropped, doubled or encoded differently."""
    rows: list[tuple[str, str]] = [
        ("/m/a", "/m/b"),
        ("/m/a", "/m//a"),
        ("/m/a", "/m/%61"),
        ("/m/a", "/m/a/"),
        ("asset=1", "asset=2"),
        ("asset=1&", ""),
        ("asset=1", "asset=1&asset=1"),
        ("asset=1", "asset=1&more=2"),
        (str(int(END.timestamp())), str(int(END.timestamp()) + 1)),
        (str(int(END.timestamp())), f"0{int(END.timestamp())}"),
        (str(int(END.timestamp())), "9" * 30),
        (str(int(END.timestamp())), "-1"),
        (str(int(END.timestamp())), "١"),
        ("expires=", "Expires="),
        ("signature=", "sig="),
        (SIGNED.rsplit("=", 1)[1], ""),
        (SIGNED.rsplit("=", 1)[1], "AAAA"),
        (SIGNED.rsplit("=", 1)[1], SIGNED.rsplit("=", 1)[1] + "="),
        (SIGNED.rsplit("=", 1)[1], "ä"),
        (SIGNED.split("?", 1)[1], ""),
        (SIGNED.split("?", 1)[1], "%zz&&;="),
        (SIGNED.split("?", 1)[1], "a=" + "x" * 10_000),
    ]
    with every_row() as row:
        for old, new in rows:
            with row(old, new):
                path, query = parts(SIGNED)
                assert verify(path, query, keys=[KEY], now=NOW).expires_at == END
                changed = SIGNED.replace(old, new, 1)
                assert changed != SIGNED
                path, _, query = changed.partition("?")
                with pytest.raises(SignedURLInvalid) as caught:
                    verify(path, query, keys=[KEY], now=NOW)
                assert not isinstance(caught.value, SignedURLExpired)


def test_every_bit_of_the_signature_counts() -> None:
    """No character of the signature can be replaced, not even by one that decodes to the same bytes."""
    head, signature = SIGNED.rsplit("=", 1)
    path, query = parts(head + "=")
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    for place, right in enumerate(signature):
        for letter in letters.replace(right, ""):
            with pytest.raises(SignedURLInvalid):
                verify(path, query + signature[:place] + letter + signature[place + 1 :], keys=[KEY], now=NOW)


def test_a_path_that_a_proxy_could_rewrite_is_not_signed() -> None:
    """Only paths with one spelling are signed."""
    rows: list[str] = ["", "m/a", "/m/ä", "/m/a?b", "/m/a b", "/m/../a\n", "/m//a", "/m/%41", "/"]
    with every_row() as row:
        for path in rows:
            with row(path), pytest.raises(ValueError, match="signed path"):
                sign_path(path, keys=[KEY], expires_at=END)


def test_unsafe_paths_and_claims_are_not_signed() -> None:
    """No key, a short key, a naive time and a reserved claim are errors of the caller."""
    with pytest.raises(ValueError, match="key"):
        sign_path("/m/a", keys=[], expires_at=END)
    with pytest.raises(ValueError, match="key"):
        verify("/m/a", "", keys=[b"short"], now=NOW)
    with pytest.raises(ValueError, match="time zone"):
        sign_path("/m/a", keys=[KEY], expires_at=END.replace(tzinfo=None))
    with pytest.raises(ValueError, match="reserved for the signature"):
        sign_path("/m/a", keys=[KEY], expires_at=END, claims={"expires": "1"})
