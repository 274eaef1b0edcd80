"""Phone numbers: which ones Twilio refuses, and what becomes of messages to the others.

Source of the refused ones: Twilio, "Test Credentials" (magic numbers), read 2026-11. Those that steer a message's end
are the sandbox's own; they lie beside Twilio's, in a range that is not assigned.
"""

import re
from collections.abc import Mapping
from typing import Final

from presswork_sandbox.sms.errors import TwilioRefusal
from presswork_sandbox.wire import JSONValue

E164: Final = re.compile(r"\+[1-9]\d{6,14}", re.ASCII)
NORTH_AMERICAN: Final = re.compile(r"\+1[2-9]\d{9}", re.ASCII)
SHORT_CODE: Final = re.compile(r"\d{3,8}", re.ASCII)
SENDER_NAME: Final = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9 _&+-]{1,11}", re.ASCII)
REFUSED_TO: Final = {
    "+15005550001": 21211,
    "+15005550002": 21612,
    "+15005550003": 21408,
    "+15005550004": 21610,
    "+15005550009": 21614,
}
REFUSED_FROM: Final = {"+15005550001": 21212, "+15005550007": 21606, "+15005550008": 21611}
FATES: Final[Mapping[str, tuple[str, int | None]]] = {
    "+15005550010": ("sent", None),  # a carrier that sends no receipts
    "+15005550011": ("undelivered", 30003),  # the handset can't be reached
    "+15005550012": ("undelivered", 30005),  # the number does not exist
    "+15005550013": ("failed", 30008),  # unknown error
}
ENDS: Final = ("delivered", "sent", "undelivered", "failed")
DEFAULT_CODES: Final = {"undelivered": 30003, "failed": 30008}
POOL_NUMBER: Final = "+15005550006"  # the sender that a messaging service picks
GSM: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_TWICE: Final = frozenset("^{}\\[~]|€\f")  # these take two places each


def plain(number: str) -> str:
    """Return a number without the marks that people write between its digits."""
    return re.sub(r"[\s().-]", "", number)


def is_phone(number: str) -> bool:
    """Tell whether this is a number in E.164; one of North America has exactly ten digits behind +1."""
    if number.startswith("+1"):
        return NORTH_AMERICAN.fullmatch(number) is not None
    return E164.fullmatch(number) is not None


def check_to(given: str) -> str:
    """Return the receiver's number. Raises TwilioRefusal."""
    number = plain(given)
    if number in REFUSED_TO or not is_phone(number):
        raise TwilioRefusal(REFUSED_TO.get(number, 21211), given)
    return number


def check_from(given: str) -> str:
    """Return the sender: a number, a short code or a name. Raises TwilioRefusal."""
    number = plain(given)
    if number in REFUSED_FROM:
        raise TwilioRefusal(REFUSED_FROM[number], given)
    if is_phone(number) or SHORT_CODE.fullmatch(number):
        return number
    if SENDER_NAME.fullmatch(given):
        return given
    raise TwilioRefusal(21212, given)


def fate_of(number: str, phones: Mapping[str, JSONValue]) -> tuple[str, int | None]:
    """Return what a message to this number ends as, and its error code: as the control surface set it, or by number."""
    setting = phones.get(number)
    if isinstance(setting, Mapping):
        ends, code = str(setting["ends"]), setting.get("errorCode")
        return ends, code if isinstance(code, int) else DEFAULT_CODES.get(ends)
    return FATES.get(number, ("delivered", None))


def segments(body: str) -> int:
    """Return how many parts a text goes out in: 160 characters, 153 of several; 70 and 67 beyond the GSM alphabet."""
    if all(letter in GSM or letter in GSM_TWICE for letter in body):
        size, single, several = sum(2 if letter in GSM_TWICE else 1 for letter in body), 160, 153
    else:
        size, single, several = len(body.encode("utf-16-le")) // 2, 70, 67
    return 1 if size <= single else -(-size // several)
