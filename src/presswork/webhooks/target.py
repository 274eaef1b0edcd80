"""Which URLs may be endpoints."""

from presswork.core.enums import Environment
from presswork.core.errors import Invalid, Issue
from presswork.safe_http.failure import URLRefused
from presswork.safe_http.guard import AddressGuard


def require_target(url: str, environment: Environment, *, allow_private: bool) -> None:
    """Raise Invalid unless the URL may be an endpoint, as far as can be told before its name is looked up.

    What live projects do is not sent in the clear, unless this service is for trusted people only.
    """
    try:
        target = AddressGuard.for_setting(allow_private=allow_private).check_url(url)
    except URLRefused as error:
        raise Invalid([Issue("url", error.message, "url_refused")]) from error
    if target.scheme != "https" and environment is Environment.LIVE and not allow_private:
        sentence = "must be an https URL: what live projects do is not sent in the clear"
        raise Invalid([Issue("url", sentence, "https_required")])
