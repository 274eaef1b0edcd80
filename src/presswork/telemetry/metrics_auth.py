"""Check the metrics token of a scraper."""

from hmac import compare_digest

from pydantic import SecretStr


def has_valid_token(authorization: str, token: SecretStr) -> bool:
    """Return whether an Authorization header carries the token. Compares in constant time."""
    scheme, _, sent = authorization.partition(" ")
    return scheme.lower() == "bearer" and compare_digest(sent.strip().encode(), token.get_secret_value().encode())
