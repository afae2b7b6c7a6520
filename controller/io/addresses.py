"""Which addresses a connection may go to, whatever name it was asked for by.

Called by net.py for every connection, after the name was resolved and before a byte is sent, so that a name which
suddenly means another machine (DNS rebinding) gains nothing. Pure; opens nothing.
"""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address

Address = IPv4Address | IPv6Address

_METADATA = frozenset(
    ip_address(text) for text in ("169.254.169.254", "fd00:ec2::254", "100.100.100.200", "168.63.129.16")
)
"""Where clouds hand out credentials to whoever asks (AWS and others, AWS over IPv6, Alibaba, Azure)."""


def objection(addresses: Sequence[str], *, public_only: bool) -> str | None:
    """Why none of these addresses may be used, or None: one bad address among good ones is enough.

    >>> objection(["127.0.0.1"], public_only=False) is None
    True
    >>> objection(["127.0.0.1"], public_only=True)
    '127.0.0.1 is not a public address, and `network: public` was set'
    >>> objection(["93.184.216.34", "169.254.169.254"], public_only=False)
    '169.254.169.254 hands out credentials of the machine or its cloud and is never asked'
    """
    for text in addresses:
        address = _unmapped(ip_address(text.partition("%")[0]))
        if address in _METADATA or address.is_link_local:
            return f"{text} hands out credentials of the machine or its cloud and is never asked"
        if (
            address.is_multicast
            or address.is_unspecified
            or (address.is_reserved and not address.is_loopback)
        ):
            return f"{text} is no address of a single machine"
        if public_only and not address.is_global:
            return f"{text} is not a public address, and `network: public` was set"
    return None


def _unmapped(address: Address) -> Address:
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address
