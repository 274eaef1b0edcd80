"""The ceremonies of WebAuthn: what an authenticator is asked for, and whether its answer is right.

The library needs 17 MiB in each process, so that this module is imported when a passkey is used first (`passkeys.py`).
"""

import json
from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

import webauthn
from webauthn.helpers import base64url_to_bytes, parse_client_data_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from presswork.people.second_factor_model import (
    CHALLENGE_LIFETIME,
    CeremonyFailed,
    KnownCredential,
    NewCredential,
    PasskeySite,
)

RP_NAME: Final = "Presswork"
_TIMEOUT_MILLISECONDS: Final = int(CHALLENGE_LIFETIME.total_seconds() * 1000)
_MAX_CREDENTIAL_BYTES: Final = 1023
"""Source: Web Authentication Level 3, section 5.8.3."""

Credential = dict[str, Any]  # Any: a document of a browser


def build_creation(
    site: PasskeySite, *, user_id: UUID, email: str, name: str, known: Sequence[KnownCredential], challenge: bytes
) -> Credential:
    """Return the options of `navigator.credentials.create()`."""
    options = webauthn.generate_registration_options(
        rp_id=site.host,
        rp_name=RP_NAME,
        user_id=user_id.bytes,
        user_name=email,
        user_display_name=name,
        challenge=challenge,
        timeout=_TIMEOUT_MILLISECONDS,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED, user_verification=UserVerificationRequirement.PREFERRED
        ),
        exclude_credentials=_descriptors(known),
    )
    return dict(json.loads(webauthn.options_to_json(options)))


def build_request(
    site: PasskeySite, *, known: Sequence[KnownCredential], challenge: bytes, must_verify: bool
) -> Credential:
    """Return the options of `navigator.credentials.get()`. `must_verify`: the person, by a fingerprint, a face or a PIN."""
    verification = UserVerificationRequirement.REQUIRED if must_verify else UserVerificationRequirement.PREFERRED
    options = webauthn.generate_authentication_options(
        rp_id=site.host,
        challenge=challenge,
        timeout=_TIMEOUT_MILLISECONDS,
        allow_credentials=_descriptors(known),
        user_verification=verification,
    )
    return dict(json.loads(webauthn.options_to_json(options)))


def read_challenge(credential: Credential) -> bytes:
    """Return the challenge that an answer says it signs. Raises CeremonyFailed."""
    try:
        return bytes(parse_client_data_json(base64url_to_bytes(credential["response"]["clientDataJSON"])).challenge)
    except (WebAuthnException, ValueError, KeyError, TypeError) as error:
        raise CeremonyFailed from error


def read_credential_id(credential: Credential) -> bytes:
    """Return which passkey an answer is of, as it says. Raises CeremonyFailed."""
    try:
        return base64url_to_bytes(credential["rawId"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise CeremonyFailed from error


def verify_creation(site: PasskeySite, credential: Credential, *, challenge: bytes) -> NewCredential:
    """Return the passkey of an answer that is valid. Raises CeremonyFailed."""
    try:
        found = webauthn.verify_registration_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=site.host,
            expected_origin=list(site.origins),
        )
        transports = credential["response"].get("transports") or ()
        names = {transport.value for transport in AuthenticatorTransport}
        known = tuple(text for text in transports if isinstance(text, str) and text in names)
    except (WebAuthnException, ValueError, KeyError, TypeError, AttributeError) as error:
        raise CeremonyFailed from error
    if not 0 < len(found.credential_id) <= _MAX_CREDENTIAL_BYTES:
        raise CeremonyFailed
    return NewCredential(found.credential_id, found.credential_public_key, found.sign_count, known)


def verify_use(
    site: PasskeySite,
    credential: Credential,
    *,
    challenge: bytes,
    public_key: bytes,
    sign_count: int,
    user_id: UUID,
    must_verify: bool,
) -> int:
    """Return the new count of signatures of an answer that is valid, and of this user. Raises CeremonyFailed."""
    try:
        handle = credential["response"].get("userHandle")
        if handle is not None and base64url_to_bytes(handle) != user_id.bytes:
            raise CeremonyFailed
        found = webauthn.verify_authentication_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=site.host,
            expected_origin=list(site.origins),
            credential_public_key=public_key,
            credential_current_sign_count=sign_count,
            require_user_verification=must_verify,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError, AttributeError) as error:
        raise CeremonyFailed from error
    return found.new_sign_count


def _descriptors(known: Sequence[KnownCredential]) -> list[PublicKeyCredentialDescriptor]:
    return [
        PublicKeyCredentialDescriptor(
            id=one.credential_id, transports=[AuthenticatorTransport(text) for text in one.transports]
        )
        for one in known
    ]
