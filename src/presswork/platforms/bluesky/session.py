"""What Presswork keeps of a login: the tokens, the key that they are bound to, and the account's server.

The rest of Presswork stores these texts sealed and does not read them.
"""

from dataclasses import dataclass, field
from typing import Annotated, Final

from pydantic import (
    ConfigDict,
    JsonValue,
    PlainSerializer,
    PlainValidator,
    StringConstraints,
    TypeAdapter,
    ValidationError,
)

from presswork.platforms.bluesky.client import SigningKey
from presswork.platforms.errors import CredentialInvalid, Rejected

_SECRET: Final = ConfigDict(hide_input_in_errors=True)


def _read_key(value: JsonValue) -> SigningKey:
    if not isinstance(value, dict):
        raise ValueError("a key is an object")  # noqa: TRY004  Pydantic's own
    return SigningKey.of(value)


Key = Annotated[SigningKey, PlainValidator(_read_key), PlainSerializer(lambda key: key.private_jwk)]
Text = Annotated[str, StringConstraints(min_length=1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One of the two tokens of an account, with what is needed to use it. Secret."""

    __pydantic_config__ = _SECRET

    token: Text = field(repr=False)
    key: Key = field(repr=False)
    did: Text
    pds: Text
    """The account's own server, without a slash at the end."""
    issuer: Text
    """The authorization server that issued the token."""

    @classmethod
    def read(cls, text: str, *, step: str) -> "Session":
        """Parse a stored session. Raises CredentialInvalid where it is not one."""
        try:
            return _SESSION.validate_json(text)
        except ValidationError as error:
            raise CredentialInvalid(
                "The stored access to this Bluesky account can't be read.",
                advice="Connect the account again.",
                step=step,
            ) from error

    def write(self) -> str:
        """Return the form that is stored."""
        return _SESSION.dump_json(self).decode()


@dataclass(frozen=True, slots=True, kw_only=True)
class BegunLogin:
    """What a login remembers until its redirect comes back. Secret."""

    __pydantic_config__ = _SECRET

    key: Key = field(repr=False)
    verifier: Text = field(repr=False)
    issuer: Text
    redirect_uri: Text

    @classmethod
    def read(cls, text: str | None) -> "BegunLogin":
        """Parse a remembered login. Raises Rejected where it is not one."""
        try:
            return _BEGUN.validate_json(text or "")
        except ValidationError as error:
            raise Rejected("The login can't be continued. Connect the account again.", step="token") from error

    def write(self) -> str:
        """Return the form that is stored."""
        return _BEGUN.dump_json(self).decode()


_SESSION: Final = TypeAdapter(Session)
_BEGUN: Final = TypeAdapter(BegunLogin)
