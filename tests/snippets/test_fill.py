"""Variables in texts, and parameters of links."""

import pytest

from presswork.projects.model import UTM, FillValues
from presswork.snippets.fill import UnknownVariables, domain_of, fill_text, names_in, used_values

UTM_VALUES = UTM(
    domains=["shop.example", "xn--bcher-kva.example"], source="{platform}", medium="so cial", campaign=None
)
ALL = "utm_source=tiktok&utm_medium=so%20cial"


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("{{name}}, {{ name }} and {{\tname\n}}", "Ana, Ana and Ana"),
        ("{name} {{na-me}} {{ }} {{1name}} { {name}}", "{name} {{na-me}} {{ }} {{1name}} { {name}}"),
        ("{{{name}}}", "{Ana}"),
        ("{{nested}}", "{{name}}"),
        ("Order at {{url}}.", f"Order at https://shop.example/a?{ALL}."),
    ],
)
def test_variables_get_their_values_once(text: str, filled: str) -> None:
    """Spaces within the braces are allowed, what is no name stays, and a value is not searched for variables, but for links."""
    variables = {"name": "Ana", "nested": "{{name}}", "url": "https://shop.example/a"}
    assert fill_text(text, FillValues(variables=variables, utm=UTM_VALUES), platform="tiktok") == filled


def test_a_name_without_a_value_is_an_error_only_where_variables_are_set() -> None:
    """All of them are named. Where variables were never set, braces are text."""
    text = "{{a}} {{b}} {{a}} {{c}}"
    with pytest.raises(UnknownVariables) as refused:
        fill_text(text, FillValues(variables={"b": ""}), platform="x")
    assert refused.value.names == ("a", "c")
    assert fill_text(text, FillValues(utm=UTM_VALUES), platform="x") == text
    assert list(names_in(text)) == ["a", "b", "c"]
    assert used_values(FillValues(variables={"b": "1", "d": "2"}), [text]).variables == {"b": "1"}


@pytest.mark.parametrize(
    ("link", "extended"),
    [
        ("https://shop.example", f"https://shop.example?{ALL}"),
        ("https://shop.example/p?b=2&a=1#top", f"https://shop.example/p?b=2&a=1&{ALL}#top"),
        ("http://www.shop.example:8080/p/", f"http://www.shop.example:8080/p/?{ALL}"),
        ("HTTPS://SHOP.EXAMPLE/P", f"HTTPS://SHOP.EXAMPLE/P?{ALL}"),
        ("https://shop.example/?utm_source=own&x", "https://shop.example/?utm_source=own&x&utm_medium=so%20cial"),
        ("https://bücher.example/ä", f"https://bücher.example/ä?{ALL}"),
        ("https://shop.example/a_(b)", f"https://shop.example/a_(b)?{ALL}"),
        ("https://notshop.example/", "https://notshop.example/"),
        ("https://shop.example.evil.example/", "https://shop.example.evil.example/"),
        ("https://shop.example@evil.example/", "https://shop.example@evil.example/"),
        ("ftp://shop.example/a", "ftp://shop.example/a"),
        ("shop.example", "shop.example"),
        ("me@shop.example", "me@shop.example"),
    ],
)
@pytest.mark.parametrize("around", ["{}", "See ({}), now!", "„{}“", "{}.", "1. {}\n2."])
def test_links_of_the_domains_get_parameters(around: str, link: str, extended: str) -> None:
    """Only links of the domains and their subdomains; own parameters, their order and the fragment stay, as does the sentence."""
    once = fill_text(around.format(link), FillValues(utm=UTM_VALUES), platform="tiktok")
    assert once == around.format(extended)
    assert fill_text(once, FillValues(utm=UTM_VALUES), platform="tiktok") == once


def test_domains_are_compared_as_the_dns_does() -> None:
    """Case, a dot at the end and non-ASCII letters do not matter; a URL is no domain."""
    assert [domain_of(text) for text in ("Shop.Example.", "Bücher.example", "https://a.example", "a b", "", "..")] == [
        "shop.example",
        "xn--bcher-kva.example",
        *[None] * 4,
    ]
