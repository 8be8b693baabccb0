"""Which network addresses are public, and which hosts an operator allows beside them. Pure.

What is not plainly public is refused: private and shared networks, loopback, link-local, multicast, documentation,
whatever is tunnelled to any of those, and the addresses at which clouds tell machines their secrets.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Collection

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_WEB_PORTS = (80, 443)
# Public by their numbers, yet never an answer to a stranger: relays for 6to4, protocols, Azure's wire server.
_NOT_PUBLIC = [ipaddress.ip_network(net) for net in ("192.88.99.0/24", "192.0.0.0/24", "168.63.129.16/32")]
# Where clouds tell a machine who it is; nobody needs to fetch documents there, even from an allowed name.
_METADATA = [
    ipaddress.ip_network(net)
    for net in ("169.254.0.0/16", "100.100.100.200/32", "168.63.129.16/32", "192.0.0.192/32", "fd00:ec2::254/128")
]
_GLOBAL_UNICAST = ipaddress.ip_network("2000::/3")
_DOCUMENTATION = [ipaddress.ip_network(net) for net in ("3fff::/20", "2001:db8::/32")]
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


def unwrapped(address: Address) -> Address:
    """The IPv4 address inside an IPv6 one that only carries it: mapped, NAT64 (RFC 6052) and 6to4 (RFC 3056)."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour or address


def is_public(text: str) -> bool:
    """Whether an address, as numbers, is one that anybody on the internet may mean."""
    address = _address(text)
    if address is None:
        return False
    if isinstance(address, ipaddress.IPv6Address):
        return address in _GLOBAL_UNICAST and address.is_global and not any(address in net for net in _DOCUMENTATION)
    return address.is_global and not address.is_multicast and not any(address in net for net in _NOT_PUBLIC)


def is_reachable_by_name(text: str) -> bool:
    """Whether a host that the operator allowed by name may have this address: private ones too, but no metadata."""
    address = _address(text)
    if address is None or address.is_multicast or address.is_unspecified or address.is_link_local:
        return False
    return not any(address in net for net in _METADATA)


def is_allowed(host: str, port: int, allowed_hosts: Collection[str]) -> bool:
    """Whether the operator named this host: as `host` for the ports 80 and 443, as `host:port` for any."""
    bare = f"[{host}]" if ":" in host else host
    return f"{bare}:{port}" in allowed_hosts or (port in _WEB_PORTS and bare in allowed_hosts)


def is_web_port(port: int) -> bool:
    """Whether the web is served there by custom."""
    return port in _WEB_PORTS


def _address(text: str) -> Address | None:
    try:
        return unwrapped(ipaddress.ip_address(text.partition("%")[0]))
    except ValueError:
        return None
