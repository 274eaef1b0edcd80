"""Validation of return URLs."""

import pytest

from presswork.accounts.return_url import ReturnUrl, ReturnUrlNotAllowed

DOMAINS = ("app.example.com", "*.shop.example", "localhost", "127.0.0.1", "::1")


@pytest.mark.parametrize(
    "url",
    [
        "https://app.example.com",
        "https://app.example.com/",
        "https://APP.example.com/Done?customer=4711&x=%20",
        "https://app.example.com:8443/done",
        "https://eu.shop.example/done",
        "https://a.b.shop.example/done",
        "http://localhost:3000/done",
        "http://127.0.0.1/done",
        "http://[::1]:3000/done",
        "https://app.example.com/@elsewhere?next=https://evil.example",
    ],
)
def test_a_listed_host_is_allowed(url: str) -> None:
    """A URL on a return domain is allowed and not changed."""
    assert ReturnUrl.parse(url).require_allowed(DOMAINS).text == url


@pytest.mark.parametrize("url", ["https://evil.example./", "https://evil.example/", "https://./"])
def test_a_wildcard_without_a_host_allows_nothing(url: str) -> None:
    """A stored return domain `*.` does not allow a host that ends with a dot."""
    with pytest.raises(ReturnUrlNotAllowed):
        ReturnUrl.parse(url).require_allowed(("*.",))


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://evil.example/", "evil.example"),
        ("https://app.example.com.evil.example/", "app.example.com.evil.example"),
        ("https://evilapp.example.com/", "evilapp.example.com"),
        ("https://sub.app.example.com/", "sub.app.example.com"),
        ("https://example.com/", "example.com"),
        ("https://app.example.com./", "app.example.com."),
        ("https://shop.example/", "shop.example"),
        ("https://evilshop.example/", "evilshop.example"),
        ("https://app.example.com@evil.example/", "evil.example"),
        ("https://app.example.com:443@evil.example/", "evil.example"),
        ("https://a@b@evil.example/", "evil.example"),
        ("https://evil.example@app.example.com/", "app.example.com"),
        ("https://@app.example.com/", "app.example.com"),
        ("https://evil.example?@app.example.com", "evil.example"),
        ("http://app.example.com/", "app.example.com"),
        ("http://2130706433/", "2130706433"),
        ("http://[::ffff:127.0.0.1]/", "::ffff:127.0.0.1"),
    ],
)
def test_another_host_is_refused(url: str, host: str) -> None:
    """Another host, a user name or plain http to other machines is rejected with the actual host."""
    with pytest.raises(ReturnUrlNotAllowed) as refused:
        ReturnUrl.parse(url).require_allowed(DOMAINS)
    assert refused.value.details["host"] == host


@pytest.mark.parametrize(
    "url",
    [
        "",
        "/done",
        "//app.example.com/done",
        "app.example.com/done",
        "https:app.example.com",
        "https:/app.example.com",
        "https:///app.example.com",
        "https://",
        "https://?x",
        "javascript:alert(1)//https://app.example.com",
        "data:text/html,x",
        "ftp://app.example.com/",
        "https://app.example.com/#evil",
        "https://evil.example#@app.example.com/",
        "https://evil.example\\@app.example.com/",
        "https:\\\\app.example.com/",
        "https://app.example.com/ done",
        " https://app.example.com/",
        "https://app.example.com/\r\nSet-Cookie: a=b",
        "https://app.example.com\t.evil.example/",
        "https://app.example.com/\x00",
        "https://app。example.com/",
        "https://аpp.example.com/",
        "https://app.example.com/grüße",
        "https://%61pp.example.com/",
        "https://app.example.com:99999/",
        "https://app.example.com:x/",
        "https://[::1/",
    ],
)
def test_ambiguous_urls_are_malformed(url: str) -> None:
    """A URL that parsers could read differently is rejected."""
    with pytest.raises(ValueError, match=r"is not an absolute URL|has a fragment"):
        ReturnUrl.parse(url)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://a.example", "https://a.example?layers_oauth_error=x"),
        ("https://a.example/b?c=d", "https://a.example/b?c=d&layers_oauth_error=x"),
        ("https://a.example/b?", "https://a.example/b?layers_oauth_error=x"),
        ("https://a.example/b?c=d&", "https://a.example/b?c=d&layers_oauth_error=x"),
    ],
)
def test_error_is_added_to_the_query(url: str, expected: str) -> None:
    """The query of the return URL is kept."""
    assert ReturnUrl.parse(url).with_error("x") == expected


def test_key_without_return_domains_allows_no_url() -> None:
    """Without return domains no URL is allowed."""
    with pytest.raises(ReturnUrlNotAllowed):
        ReturnUrl.parse("http://localhost/").require_allowed(())
