"""Whether a scraper has the token that the settings name."""

from hmac import compare_digest

from pydantic import SecretStr


def has_valid_token(authorization: str, token: SecretStr) -> bool:
    """Whether an Authorization header carries the token; compared in constant time."""
    scheme, _, told = authorization.partition(" ")
    return scheme.lower() == "bearer" and compare_digest(told.strip().encode(), token.get_secret_value().encode())
