"""The address rules as one table, and the URLs that are refused before a name is resolved."""

import socket
from ipaddress import ip_address

import pytest
from tests.every_row import every_row

from presswork.safe_http.failure import AddressRefused, URLRefused
from presswork.safe_http.guard import AddressGuard, any_address, is_public

PUBLIC = [
    "8.8.8.8",
    "1.1.1.1",
    "93.184.216.34",
    "100.63.255.255",
    "100.128.0.1",
    "172.15.255.255",
    "172.32.0.1",
    "192.0.1.1",
    "198.17.255.255",
    "198.20.0.1",
    "223.255.255.255",
    "9.255.255.255",
    "11.0.0.0",
    "126.255.255.255",
    "128.0.0.1",
    "169.253.1.1",
    "169.255.0.1",
    "192.167.1.1",
    "2606:4700:4700::1111",
    "2a00:1450:4001:82a::200e",
    "2001:200::1",
    "::ffff:8.8.8.8",
    "64:ff9b::8.8.8.8",
]
CLOSED = [
    "0.0.0.0",  # noqa: S104 - an address that must be refused, nothing is bound
    "0.1.2.3",
    "10.0.0.1",
    "10.255.255.255",
    "100.64.0.1",
    "100.100.100.200",
    "100.127.255.255",
    "127.0.0.1",
    "127.255.255.254",
    "168.63.129.16",
    "169.254.169.254",
    "169.254.0.1",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.1",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.0.1",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.7",
    "203.0.113.9",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::8.8.8.8",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "::ffff:0:127.0.0.1",
    "64:ff9b::127.0.0.1",
    "64:ff9b::10.0.0.1",
    "64:ff9b:1::8.8.8.8",
    "100::1",
    "2001::1",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "2001:db8::1",
    "2001:20::1",
    "2002:7f00:1::1",
    "2002:808:808::1",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd00:ec2::254",
    "fdff::1",
    "fe80::1",
    "fe80::1%eth0",
    "2606:4700:4700::1111%eth0",
    "febf::1",
    "fec0::1",
    "ff02::1",
]


def test_public_addresses_are_allowed() -> None:
    """Public internet addresses are allowed, in IPv4, in IPv6, and in IPv4 wrapped in IPv6."""
    with every_row() as row:
        for address in PUBLIC:
            with row(address):
                assert is_public(ip_address(address))


def test_all_other_addresses_are_refused() -> None:
    """Private, loopback, link-local, metadata, shared, reserved and wrapped addresses are refused."""
    with every_row() as row:
        for address in CLOSED:
            with row(address):
                assert not is_public(ip_address(address))


def test_a_hostile_url_is_refused_before_anything_is_resolved() -> None:
    """Other schemes, credentials, unusual ports, unusual spellings of an address and refused addresses cause no connection."""
    rows: list[str] = [
        "ftp://example.com/a.jpg",
        "file:///etc/passwd",
        "gopher://example.com/",
        "data:image/png;base64,AAAA",
        "//example.com/a.jpg",
        "example.com/a.jpg",
        "",
        "http://",
        "http:///a.jpg",
        "http://user@example.com/",
        "http://user:secret@example.com/",
        "http://:@example.com/",
        "http://example.com:0/",
        "http://example.com:22/",
        "http://example.com:25/",
        "http://example.com:99999/",
        "http://example.com:x/",
        "http://2130706433/",
        "http://0x7f000001/",
        "http://0x7f.0.0.1/",
        "http://0177.0.0.1/",
        "http://017700000001/",
        "http://127.1/",
        "http://127.0.1/",
        "http://0/",
        "http://127.0.0.1./",
        "http://127.0.0.1/",
        "http://127。0。0。1/",
        "http://①②⑦.⓪.⓪.①/",
        "http://10.1.2.3:8080/",
        "http://169.254.169.254/latest/meta-data/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[::ffff:7f00:1]/",
        "http://[::127.0.0.1]/",
        "http://[64:ff9b::7f00:1]/",
        "http://[2002:7f00:1::]/",
        "http://[fd00:ec2::254]/",
        "http://[fe80::1%25eth0]/",
        "http://[::1",
        "http://exa mple.com/",
        "http://example.com/a b.jpg",
        "http://example.com\r\nHost: localhost/",
        "http://example.com\\@127.0.0.1/",
        "http://-example.com/",
        "http://example..com/",
        "http://example.com/" + "a" * 5000,
    ]
    with every_row() as row:
        for url in rows:
            with row(url), pytest.raises(URLRefused):
                AddressGuard().check_url(url)


def test_an_ordinary_url_passes() -> None:
    """Names, ports from 1024 up, international hosts and public addresses pass the first check."""
    rows: list[str] = [
        "http://example.com/a.jpg",
        "https://example.com:8443/a.jpg?X-Signature=a%2Fb",
        "HTTPS://EXAMPLE.com/a.jpg",
        "https://bücher.example/ä.jpg",
        "https://a_b.example.com./x",
        "http://8.8.8.8/",
        "http://[2606:4700:4700::1111]:8080/",
    ]
    with every_row() as row:
        for url in rows:
            with row(url):
                assert AddressGuard().check_url(url).host


def test_the_socket_check_sees_the_connected_address() -> None:
    """Even an address that was never resolved is checked when its socket is created."""
    info = (socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", ("127.0.0.1", 9))
    with pytest.raises(AddressRefused):
        AddressGuard().socket(info)
    AddressGuard(any_address).socket(info).close()


def test_the_development_setting_allows_private_addresses() -> None:
    """allow_private_media allows the addresses, and nothing else."""
    guard = AddressGuard.for_setting(allow_private=True)
    assert guard.is_allowed is any_address
    assert guard.check_url("http://127.0.0.1:8080/a.jpg").port == 8080
    with pytest.raises(URLRefused):
        guard.check_url("http://user@127.0.0.1:8080/a.jpg")
