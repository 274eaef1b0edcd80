"""Encryption of tokens at rest."""

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


def test_sealed_tokens_open_unchanged() -> None:
    """Decrypted tokens equal the encrypted ones, and the ciphertext contains none of them."""
    keyring = Keyring([NEW])
    sealed = seal_tokens(keyring, TOKENS)
    assert open_tokens(keyring, sealed) == TOKENS
    assert b"secret" not in sealed
    assert seal_tokens(keyring, TOKENS) != sealed


def test_former_keys_decrypt_while_listed() -> None:
    """Tokens of a former key can be decrypted while that key is listed, and not after."""
    sealed = seal_tokens(Keyring([OLD]), TOKENS)
    assert open_tokens(Keyring([NEW, OLD]), sealed) == TOKENS
    with pytest.raises(SealBroken):
        open_tokens(Keyring([NEW]), sealed)


def test_an_unknown_form_is_refused_without_quoting_it() -> None:
    """A format of a newer version is rejected; neither the error nor its cause contains the plaintext."""
    keyring = Keyring([NEW])
    with pytest.raises(SealBroken) as broken:
        open_tokens(keyring, keyring.seal(b'{"version": 2, "access_token": "act.very-secret"}'))
    assert "secret" not in f"{broken.value!r} {broken.value.message}"
    assert broken.value.__cause__ is None


def test_tokens_show_nothing() -> None:
    """The representations of tokens and keyring contain no secret."""
    assert "secret" not in f"{TOKENS!r} {TOKENS} {Keyring([NEW])!r}"
