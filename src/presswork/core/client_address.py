"""Addresses of clients, as limits count them. Pure."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network


def parse_address(text: str | None) -> IPv4Address | IPv6Address | None:
    """Return an address without its zone, an IPv4 address for a mapped one; None for a Unix socket."""
    try:
        address = ip_address((text or "").partition("%")[0])
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address


def network_of(address: IPv4Address | IPv6Address) -> str:
    """Return what is counted: an IPv4 address, or the /64 network of an IPv6 address, which one customer has."""
    return str(address) if isinstance(address, IPv4Address) else str(ip_network((address, 64), strict=False))
