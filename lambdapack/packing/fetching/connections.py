"""Requests to the servers that a lock names: proxies, trust and redirects are ours, the rest of HTTP is urllib3's.

urllib3 is there already, for botocore needs it. It checks certificates, speaks to proxies, and neither resumes nor
retries by itself when it is told not to. requests would bring netrc and redirects too, but it trusts certifi's list
and not the system's, and its rules for redirects are not ours.

Rules for this file
- No other file knows urllib3. What it raises is not quoted, for its texts name URLs, and not chained, for tracebacks
  print what is. A server decides what urllib3 and the standard library have to read, so whatever they raise while they
  read it is the server's doing (``_guard``).
- How long a whole attempt may take is for ``download`` to say: the timeouts here are those of one byte.
- Certificates are always checked. There is no option against it.
- Plain http goes to this machine only, and through no proxy: what makes it safe is that it does not leave.
- Credentials go to the server that they were given for. A redirect to another one starts without.
"""

import os
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from ipaddress import ip_address, ip_network
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

from urllib3 import PoolManager, ProxyManager, Timeout, exceptions, make_headers
from urllib3.response import BaseHTTPResponse

from lambdapack import waiting
from lambdapack.addresses import is_loopback, is_safe
from lambdapack.errors import LocalError, UsageError
from lambdapack.masking import may_be_cut
from lambdapack.packing.fetching.credentials import Credentials, host, origin, public
from lambdapack.packing.fetching.failures import DroppedError, MisledError, UntrustedError, length_of
from lambdapack.shortage import is_memory_short, no_memory, shortage
from lambdapack.version import __version__

REDIRECTS = 10
"""As many as browsers follow, halved (Fetch standard, "HTTP-redirect fetch": 20): an index needs one or two."""

REDIRECTING = frozenset({301, 302, 303, 307, 308})
"""Statuses that name another place to GET (RFC 9110, section 15.4)."""

TRUST_VARIABLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
"""Where users of requests and of curl name their certificates, instead of the system's."""

OPENSSL_VARIABLES = ("SSL_CERT_FILE", "SSL_CERT_DIR")
"""Where OpenSSL itself looks for the system's; who names a place means that one and no other."""

PROXY_VARIABLES = ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY")
"""In the order of curl, which has the lower case win."""

CONNECT_TIMEOUT = 10.0
"""Seconds for a connection, TLS included."""

SHORT = 1 << 16
"""Bytes of an answer whose end is worth reading, for it costs less than a new connection."""


class Answer:
    """An answer whose body is still to be read; whatever its server does, ``DroppedError`` or ``UntrustedError``."""

    def __init__(self, answer: BaseHTTPResponse) -> None:
        self._answer = answer
        self.status = answer.status

    def header(self, name: str) -> str:
        """Return a header, or "" where it is not there."""
        return str(self._answer.headers.get(name, ""))

    def read(self, size: int) -> bytes:
        """Return what has come of the body, at most ``size`` bytes; nothing at its end."""
        with _guard():
            return self._answer.read1(size)

    def leave(self) -> None:
        """Let the connection be used again where that is cheap, else close it."""
        length = length_of(self)
        with _guard():
            self._answer.drain_conn() if length is not None and length <= SHORT else self._answer.close()

    def close(self) -> None:
        """Close the connection, unless all of the body was read."""
        with _guard():
            self._answer.close()


class Connections:
    """The open connections of a run; may be used from any thread."""

    def __init__(
        self, environ: Mapping[str, str], *, connections: int, read_timeout: float, tell: Callable[[str], None]
    ) -> None:
        """Read what the environment says; nothing is connected yet.

        Raises ``LocalError`` for certificates that cannot be read, ``UsageError`` for an unknown kind of proxy.
        """
        self._environ = environ
        self._credentials = Credentials(environ, tell=tell)
        self._settings: dict[str, Any] = {
            "maxsize": connections,
            "retries": False,
            "timeout": Timeout(connect=CONNECT_TIMEOUT, read=read_timeout),
            "ssl_context": trust(environ),
        }
        self._direct = PoolManager(**self._settings)
        address = _proxy_address(environ)
        self._proxy = None if address is None else self._behind(address)

    @contextmanager
    def ask(self, url: str, headers: Mapping[str, str]) -> Iterator[Answer]:
        """Yield the unread answer to a GET, redirects followed; raises the errors of ``failures``."""
        answer = self._answer(url, headers)
        try:
            yield answer
        finally:
            answer.close()

    def _answer(self, url: str, headers: Mapping[str, str]) -> Answer:
        authorization = self._credentials.authorization(url)
        for _ in range(REDIRECTS):
            sent = {"User-Agent": f"lambdapack/{__version__}", "Accept-Encoding": "identity", **headers}
            if authorization is not None:
                sent["Authorization"] = authorization
            with _guard():
                answer = Answer(
                    self._pool(url).request(
                        "GET", public(url), headers=sent, redirect=False, preload_content=False, decode_content=False
                    )
                )
            location = answer.header("Location")
            if answer.status not in REDIRECTING or not location:
                return answer
            answer.leave()
            following = join(url, location)
            if not is_safe(following):
                raise MisledError("it sends us on to an address that is not https")
            parts = urlsplit(following)
            if origin(parts) != origin(urlsplit(url)) or parts.username is not None:
                authorization = self._credentials.authorization(following)
            url = following
        raise MisledError(f"it sends us on more than {REDIRECTS} times")

    def close(self) -> None:
        """Close what is not in use."""
        for pool in (self._direct, self._proxy):
            if pool is not None:
                pool.clear()

    def _pool(self, url: str) -> PoolManager:
        return self._direct if self._proxy is None or is_direct(url, self._environ) else self._proxy

    def _behind(self, address: str) -> PoolManager:
        """Return the pool of connections through a proxy, whose address may hold credentials."""
        if may_be_cut(address):
            raise UsageError(
                "the proxy of the environment has a / ? or # before its host",
                hint="percent-encode them in the password of HTTPS_PROXY: %2F %3F %23",
            )
        try:
            parts = urlsplit(address)
            headers = None
            if parts.username is not None:
                user = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
                headers = make_headers(proxy_basic_auth=user)
            context = self._settings["ssl_context"]
            return ProxyManager(public(address), proxy_headers=headers, proxy_ssl_context=context, **self._settings)
        except (exceptions.HTTPError, ValueError):
            raise UsageError(
                f"the proxy {host(address) or 'of the environment'} is of a kind that is not known here",
                hint="HTTPS_PROXY takes http:// or https:// and a host; NO_PROXY names the hosts that need none",
            ) from None


@contextmanager
def _guard() -> Iterator[None]:
    """Have whatever goes wrong while an answer is read fail in our words: everything in it is the server's."""
    try:
        yield
    except (MemoryError, LocalError):
        raise
    except Exception as error:  # noqa: BLE001 - what a server sends may break http.client and urllib3 in any way
        raise shortage(error) or _in_our_words(error) from None


def _in_our_words(error: Exception) -> DroppedError | UntrustedError | LocalError:
    """Return what an error of urllib3's means, without its text, which may hold the URL."""
    if isinstance(error, exceptions.ProxyError):
        return DroppedError("the proxy does not let us through")
    if isinstance(error, exceptions.SSLError):
        return _tls_failure(str(error))
    if isinstance(error, exceptions.NameResolutionError):
        return DroppedError("its name is not known here")
    if isinstance(error, exceptions.NewConnectionError):
        return DroppedError("it takes no connection")
    if isinstance(error, exceptions.TimeoutError):
        return DroppedError("it does not answer in time")
    return DroppedError("the connection broke")


def _tls_failure(words: str) -> DroppedError | UntrustedError | LocalError:
    """Return what OpenSSL's words mean; it has none for certificates that it had no memory to read."""
    if "CERTIFICATE_VERIFY_FAILED" not in words:
        return DroppedError("the encrypted connection broke")
    return no_memory() if is_memory_short() else UntrustedError()


def join(url: str, location: str) -> str:
    """Return the address that a redirect names (RFC 9110, section 10.2.2), or "" where it cannot be read."""
    try:
        return urljoin(public(url), location)
    except ValueError:
        return ""


def trust(environ: Mapping[str, str]) -> ssl.SSLContext:
    """Return whom we trust: the certificates that the environment names, or the system's.

    Where the system has none (a slim image, python.org's macOS builds), those that botocore ships, by which AWS is
    trusted. Raises ``LocalError`` for certificates that cannot be read.
    """
    try:
        return waiting.call(lambda: _load_trust(environ), seconds=waiting.SETTINGS_TIME, name="certificates")
    except waiting.TimeUpError:
        names = ", ".join(name for name in (*TRUST_VARIABLES, *OPENSSL_VARIABLES) if environ.get(name))
        raise LocalError(
            f"the certificates could not be read within {waiting.SETTINGS_TIME:g} s",
            hint=f"see what they are: {names or 'those of the system'}",
        ) from None


def _load_trust(environ: Mapping[str, str]) -> ssl.SSLContext:
    for variable in TRUST_VARIABLES:
        if environ.get(variable):
            return _trusting(environ[variable], name=variable)
    context = ssl.create_default_context()
    # Where there is a file of the system's and nothing of it is in the context, it could not be read.
    file = ssl.get_default_verify_paths().cafile
    if file and not context.cert_store_stats()["x509_ca"]:
        return _trusting(file, name="the system")
    if any(environ.get(name) for name in OPENSSL_VARIABLES) or _is_any_trusted(context):
        return context
    shipped = find_spec("botocore")
    for place in shipped.submodule_search_locations or () if shipped else ():
        return _trusting(os.path.join(place, "cacert.pem"), name="botocore")  # noqa: PTH118 - a str already
    return context


def _is_any_trusted(context: ssl.SSLContext) -> bool:
    """Return whether the system has certificates: loaded already, or in a directory that is looked into when needed."""
    if context.cert_store_stats()["x509_ca"]:
        return True
    directory = ssl.get_default_verify_paths().capath or ""
    with suppress(OSError):
        return bool(os.listdir(directory))  # noqa: PTH208 - a str already
    return False


def _trusting(path: str, *, name: str) -> ssl.SSLContext:
    """Return a context that trusts a file of certificates, or a directory of them as OpenSSL hashes it."""
    try:
        if os.path.isdir(path):  # noqa: PTH112 - a str already
            return ssl.create_default_context(capath=path)
        return ssl.create_default_context(cafile=path)
    except (OSError, ValueError) as error:  # ssl.SSLError among them; a path may hold what none can
        if short := shortage(error) or (no_memory() if is_memory_short() else None):
            raise short from error
        raise LocalError(
            f"cannot read the certificates in {path}, which {name} names: "
            f"{getattr(error, 'strerror', None) or 'they are no PEM'}",
            hint=f"correct or unset {name}",
        ) from error


def _proxy_address(environ: Mapping[str, str]) -> str | None:
    """Return the proxy of the environment, which may hold credentials; for https, as http stays on this machine."""
    address = next((environ[name] for name in PROXY_VARIABLES if environ.get(name)), None)
    return address if address is None or "://" in address else f"http://{address}"


def is_direct(url: str, environ: Mapping[str, str]) -> bool:
    """Return whether ``url`` is asked through no proxy: on this machine, or named by NO_PROXY."""
    parts = urlsplit(url)
    name = parts.hostname or ""
    named = (environ.get("no_proxy") or environ.get("NO_PROXY") or "").split(",")
    return is_loopback(name) or any(covers(entry.strip().lower(), name, parts.port or 443) for entry in named)


def covers(entry: str, name: str, port: int) -> bool:
    """Return whether an entry of NO_PROXY means a host: ``*``, a name and all below it, a network; with a port or not.

    There is no standard; this is what curl ("NO_PROXY", everything.curl.dev) and requests have in common.
    """
    if entry == "*":
        return True
    try:
        return ip_address(name) in ip_network(entry, strict=False)
    except ValueError:
        domain, _, only = entry.removeprefix("*").removeprefix(".").partition(":")
        return bool(domain) and only in ("", str(port)) and f".{name}".endswith(f".{domain}")
