"""Request and response bodies of second factors."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final, Self

from pydantic import Field, JsonValue, SecretStr, model_validator
from pydantic.config import JsonDict

from presswork.api.http.body import FromDomain, In, Name, Out, with_examples
from presswork.api.http.ids import PasskeyRef
from presswork.api.users.schemas import Password
from presswork.core.errors import FieldError, IssueCode
from presswork.core.timestamps import Instant
from presswork.people.second_factor_model import Factors, Proof, ProofMethod

_CREDENTIAL: Final[JsonDict] = {
    "id": "dGhlLWlkLW9mLXRoZS1wYXNza2V5",
    "rawId": "dGhlLWlkLW9mLXRoZS1wYXNza2V5",
    "type": "public-key",
    "response": {
        "clientDataJSON": "eyJ0eXBlIjoid2ViYXV0aG4uZ2V0In0",
        "authenticatorData": "SZYN5YgOjGh0NBcPZHZgW4_krrmihjLHmVzzuoMdl2MFAAAAAQ",
        "signature": "MEUCIQDexample",
    },
}
_CODES: Final[list[JsonValue]] = ["kx3m-9wpq-t7ya-2fhc", "b4nd-e8rz-mq6v-w3jt"]
_PASSKEY: Final[JsonDict] = {
    "id": "pky_0191f3a2-9d10-7a31-b2c3-4d5e6f708192",
    "name": "Laptop",
    "createdAt": "2026-12-04T09:00:00.000Z",
    "lastUsedAt": None,
}
_STATE: Final[JsonDict] = {
    "isRequired": False,
    "totpSince": "2026-12-04T09:00:00.000Z",
    "passkeys": 1,
    "recoveryCodes": 10,
    "methods": ["totp", "passkey", "recovery_code"],
}

Credential = Annotated[
    dict[str, JsonValue],
    Field(description="What the browser returned, as `PublicKeyCredential.toJSON()` writes it."),
]
TotpCode = Annotated[
    SecretStr, Field(min_length=1, max_length=20, description="The six digits that the authenticator app shows.")
]
RecoveryCode = Annotated[SecretStr, Field(min_length=1, max_length=100, description="One of the recovery codes.")]


def _require_one(body: In) -> None:
    if len(body.model_fields_set) != 1:
        names = ", ".join(str(field.alias or name) for name, field in type(body).model_fields.items())
        raise FieldError(f"needs exactly one of these fields: {names}. Send one.", IssueCode.CONFLICTING_OPTIONS)


class SecondFactor(In):
    """The second factor of a sign-in: one of the fields."""

    model_config = with_examples({"code": "492039"}, {"recoveryCode": _CODES[0]}, {"passkey": _CREDENTIAL})

    code: TotpCode = Field(default_factory=lambda: SecretStr(""))
    recovery_code: RecoveryCode = Field(default_factory=lambda: SecretStr(""))
    passkey: Credential = Field(default_factory=dict)

    @model_validator(mode="after")
    def _check(self) -> Self:
        _require_one(self)
        return self

    def proof(self) -> Proof:
        """Return it as the domain has it."""
        return _proof_of(self.sent())


class Confirmation(In):
    """What shows that it is the person of the session: one of the fields. A person with a second factor sends no password."""

    model_config = with_examples({"code": "492039"}, {"password": "correct horse battery staple"})

    code: TotpCode = Field(default_factory=lambda: SecretStr(""))
    recovery_code: RecoveryCode = Field(default_factory=lambda: SecretStr(""))
    passkey: Credential = Field(default_factory=dict)
    password: Password = Field(default_factory=lambda: SecretStr(""))

    @model_validator(mode="after")
    def _check(self) -> Self:
        _require_one(self)
        return self

    def proof(self) -> Proof:
        """Return it as the domain has it."""
        return _proof_of(self.sent())


class TotpRemoval(In):
    """The password, or a code of the app: one of the fields."""

    model_config = with_examples({"code": "492039"}, {"password": "correct horse battery staple"})

    code: TotpCode = Field(default_factory=lambda: SecretStr(""))
    password: Password = Field(default_factory=lambda: SecretStr(""))

    @model_validator(mode="after")
    def _check(self) -> Self:
        _require_one(self)
        return self

    def proof(self) -> Proof:
        """Return it as the domain has it."""
        return _proof_of(self.sent())


def _proof_of(sent: Mapping[str, Any]) -> Proof:
    """Return the one field that was sent."""
    ((name, value),) = sent.items()
    fields: dict[str, Any] = {name: value.get_secret_value() if isinstance(value, SecretStr) else value}
    return Proof(**fields)


class NewTotp(In):
    """An empty object. The body may be left out."""

    model_config = with_examples({})


class NewTotpSecret(Out):
    """The secret of a new authenticator app, and the URL of its QR code. They are returned only now."""

    model_config = with_examples(
        {
            "secret": "EXAMPLEEXAMPLEEXAMPLEEXAMPLEEXAM",
            "otpauthUrl": "otpauth://totp/Presswork:ines%40example.com?secret=EXAMPLEEXAMPLEEXAMPLEEXAMPLEEXAM"
            "&issuer=Presswork",
        }
    )

    secret: str = Field(description="In base32, to be typed where no picture can be read.")
    otpauth_url: str = Field(description="What the QR code contains.")


class TotpConfirmation(In):
    """The first code of the new app."""

    model_config = with_examples({"code": "492039"})

    code: TotpCode


class NewPasskey(In):
    """A passkey that the browser has made, and a name for it."""

    model_config = with_examples({"name": "Laptop", "passkey": _CREDENTIAL})

    name: Name
    passkey: Credential


class PasskeyOptionsRequest(In):
    """An empty object. The body may be left out."""

    model_config = with_examples({})


class PasskeyOptions(Out):
    """What to give to `navigator.credentials`, with a challenge that serves once, within five minutes."""

    model_config = with_examples(
        {"publicKey": {"challenge": "EXAMPLEEXAMPLEEXAMPLEEXAMPLE", "rpId": "presswork.example.com"}}
    )

    public_key: dict[str, JsonValue] = Field(
        description="In the form that `PublicKeyCredential.parseCreationOptionsFromJSON()` and "
        "`parseRequestOptionsFromJSON()` read."
    )


class Passkey(FromDomain):
    """A passkey of the user."""

    model_config = with_examples(_PASSKEY)

    id: PasskeyRef
    name: str
    created_at: Instant
    last_used_at: Instant | None = Field(description="When it was last used; null: never.")


class AddedSecondFactor(Out):
    """A factor that was added. With the first one come ten recovery codes, which are returned only now."""

    model_config = with_examples({"passkey": None, "recoveryCodes": _CODES, "returnUrl": None})

    passkey: Passkey | None = Field(description="The passkey; null for an authenticator app.")
    recovery_codes: Sequence[str] | None = Field(
        description="Each serves once instead of a code; null: the person has some already."
    )
    return_url: str | None = Field(description="As of a sign-in, for one that waited for the factor; else null.")


class RecoveryCodes(Out):
    """Ten recovery codes, which are returned only now. The former ones do not work any more."""

    model_config = with_examples({"recoveryCodes": _CODES})

    recovery_codes: Sequence[str]


class RecoveryCodesRequest(In):
    """An empty object. The body may be left out."""

    model_config = with_examples({})


class SecondFactorState(Out):
    """The second factors of the user."""

    model_config = with_examples(_STATE)

    is_required: bool = Field(description="Whether the organization demands one of this user.")
    totp_since: Instant | None = Field(description="When the authenticator app was set up; null: there is none.")
    passkeys: int
    recovery_codes: int = Field(description="How many recovery codes were not used.")
    methods: Sequence[ProofMethod] = Field(
        description="What confirms a session of the user: a second factor; without one the `password`, or another sign-in at "
        "the identity provider (`oidc`)."
    )

    @classmethod
    def of(cls, factors: Factors) -> Self:
        """Convert the factors of the domain."""
        return cls(
            is_required=factors.is_demanded,
            totp_since=factors.totp_since,
            passkeys=factors.passkeys,
            recovery_codes=factors.recovery_codes,
            methods=factors.confirming_methods,
        )


class Confirmed(Out):
    """Until when the session may change keys, users and apps."""

    model_config = with_examples({"confirmedUntil": "2026-12-04T09:05:00.000Z"})

    confirmed_until: Instant
