"""Which addresses may be trusted with what nobody else may read or change: https, or http to this machine."""

import ipaddress
from urllib.parse import SplitResult, urlsplit


def is_safe(url: str | SplitResult) -> bool:
    """Return whether nobody in between can read or answer: https, or http to this machine, with a host and a port."""
    try:
        parts = urlsplit(url) if isinstance(url, str) else url
        secure = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname))
        return secure and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def is_loopback(host: str | None) -> bool:
    """Return whether a host is this machine, whatever a resolver says.

    RFC 6761, section 6.3, for localhost; RFC 1122, 3.2.1.3, and RFC 4291, 2.5.3, for addresses.
    """
    try:
        return host == "localhost" or ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False
