"""Which addresses a dataset may be downloaded from: public ones.

A dataset URL is written by whoever writes the Workspace, the download runs inside the cluster: without this
rule a URL could read the cloud's metadata service or an internal dashboard into a training run.
"""

import ipaddress
import socket

from .errors import TransferError

_AZURE_WIRESERVER = ipaddress.ip_address("168.63.129.16")
"""Azure's host agent: a public address by its number, but answered by the host of every Azure VM."""

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
"""Well-known prefix (RFC 6052) whose last 32 bits are an IPv4 address."""

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def refusal(address: str) -> str | None:
    """Why ``address`` (as getaddrinfo gives it) may not be connected to, or None when it may."""
    ip = _unwrap(ipaddress.ip_address(address.partition("%")[0]))
    if ip == _AZURE_WIRESERVER:
        return "an address of the cloud host (Azure wireserver)"
    for kind in ("loopback", "link_local", "multicast", "unspecified", "private", "reserved"):
        if getattr(ip, f"is_{kind}"):
            return f"a {kind.replace('_', '-')} address"
    return None if ip.is_global else "not a public address"


def _unwrap(ip: Address) -> Address:
    """The IPv4 address inside an IPv6 one, where the network would deliver to it."""
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is not None:
            return ip.ipv4_mapped
        if ip.sixtofour is not None:
            return ip.sixtofour
        if ip in _NAT64:
            return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip


def allowed_addresses(host: str, port: int, allow_private: bool) -> list[tuple[socket.AddressFamily, str]]:
    """Resolve ``host`` and return what may be connected to.

    One refused address refuses the host, even when others are public: which one is used would be chance.
    Raises TransferError for a refused address, OSError when the name does not resolve.
    """
    found: dict[tuple[socket.AddressFamily, str], None] = {}
    for family, _, _, _, sockaddr in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        found[(family, str(sockaddr[0]))] = None
    if not allow_private:
        for _, address in found:
            reason = refusal(address)
            if reason is not None:
                shown = host if host == address else f"{host} ({address})"
                raise TransferError(f"{shown} is {reason}; datasets are downloaded from public addresses only")
    return list(found)
