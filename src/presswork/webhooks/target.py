"""Validation of endpoint URLs."""

from presswork.core.enums import Environment
from presswork.core.errors import Invalid, Issue
from presswork.safe_http.failure import URLRefused
from presswork.safe_http.guard import AddressGuard


def require_target(url: str, environment: Environment, *, allow_private: bool) -> None:
    """Raise Invalid unless the URL is allowed as an endpoint, as far as can be checked before DNS resolution.

    Live endpoints require https, unless the service is configured to allow private addresses.
    """
    try:
        target = AddressGuard.for_setting(allow_private=allow_private).check_url(url)
    except URLRefused as error:
        raise Invalid([Issue("url", error.message, "url_refused")]) from error
    if target.scheme != "https" and environment is Environment.LIVE and not allow_private:
        sentence = "must be an https URL in the live environment. Send an https URL."
        raise Invalid([Issue("url", sentence, "https_required")])
