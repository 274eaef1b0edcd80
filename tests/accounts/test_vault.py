"""Tokens at rest."""

from datetime import UTC, datetime, timedelta

import pytest

from presswork.accounts.vault import open_tokens, seal_tokens
from presswork.crypto.keyring import Keyring, SealBroken
from presswork.platforms.port import Tokens

NOW = datetime(2026, 11, 24, 18, 30, tzinfo=UTC)
TOKENS = Tokens(
    access_token="act.very-secret-access",
    issued_at=NOW,
    expires_at=NOW + timedelta(hours=2),
    refresh_token="rft.very-secret-refresh",
    refresh_expires_at=NOW + timedelta(days=180),
)
OLD, NEW = b"o" * 32, b"n" * 32


def test_tokens_come_back_as_they_were() -> None:
    """What is sealed and opened is the same, and the seal shows none of it."""
    keyring = Keyring([NEW])
    sealed = seal_tokens(keyring, TOKENS)
    assert open_tokens(keyring, sealed) == TOKENS
    assert b"secret" not in sealed
    assert seal_tokens(keyring, TOKENS) != sealed


def test_keys_rotate() -> None:
    """What an old key sealed opens while that key is still listed, and no longer after."""
    sealed = seal_tokens(Keyring([OLD]), TOKENS)
    assert open_tokens(Keyring([NEW, OLD]), sealed) == TOKENS
    with pytest.raises(SealBroken):
        open_tokens(Keyring([NEW]), sealed)


def test_an_unknown_form_is_refused_without_quoting_it() -> None:
    """A form of a later version is refused, and the refusal holds nothing of what is inside, nor does its cause."""
    keyring = Keyring([NEW])
    with pytest.raises(SealBroken) as broken:
        open_tokens(keyring, keyring.seal(b'{"version": 2, "access_token": "act.very-secret"}'))
    assert "secret" not in f"{broken.value!r} {broken.value.message}"
    assert broken.value.__cause__ is None


def test_tokens_show_nothing() -> None:
    """A token that ends up in a log line or an error shows no secret."""
    assert "secret" not in f"{TOKENS!r} {TOKENS} {Keyring([NEW])!r}"
