"""Endpoints and proxies must be addresses: to what is none, botocore would try eight times to connect. Pure."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from lambdapack.errors import UsageError
from lambdapack.masking import may_be_cut


def check_way(endpoint: str, proxies: Mapping[str, str]) -> None:
    """Raise ``UsageError`` where the endpoint, or the proxy for its scheme, is no address of an HTTP server.

    Neither is shown: where it ends is not clear, so nor is where its password does.
    """
    if not _is_address(endpoint):
        raise UsageError(
            "the endpoint is no http:// or https:// address of a host",
            hint="check --endpoint-url and AWS_ENDPOINT_URL; percent-encode / ? and # in a password",
        )
    scheme = urlsplit(endpoint).scheme
    proxy = proxies.get(scheme)
    # As botocore completes it (ProxyConfiguration).
    if proxy and not _is_address(f"http:{proxy}" if proxy.startswith("//") else proxy, default="http://"):
        raise UsageError(
            "the proxy of the environment is no http:// or https:// address of a host",
            hint=f"check {scheme.upper()}_PROXY; percent-encode / ? and # in its password; NO_PROXY names other hosts",
        )


def _is_address(text: str, *, default: str = "") -> bool:
    url = text if "://" in text else default + text
    try:
        url.encode("utf-8")
        parts = urlsplit(url)
        is_server = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    return is_server and url.isprintable() and " " not in url and not may_be_cut(url)
