"""What may be shown of a text that holds addresses: everything but what lets somebody in.

Rules for this file
- Too much is masked rather than too little. A password may hold ``@``, ``/``, ``#`` and ``?`` although none of them
  belongs there unescaped (RFC 3986, section 3.2.1), and then no two programs agree where it ends.
- Texts of any length come from outside: the time grows with the length alone.
- Expressions are compiled when an error is made: every run imports this.
"""

import re

MASK = "****"

SCHEME = r"(?i)(?:(?<!\bs3)(?<!\bfile):|%3a)(?://|%2f%2f)"
"""What user and password follow, as it is and percent-encoded; neither a bucket nor a path has any."""

SECRET = r"(?i)(?:x-amz-.+|awsaccesskeyid|sig|.*(?:signature|token|password|passwd|secret|secret_access_key))"  # noqa: S105 - names of secrets
"""Parameters of signed URLs, and variables: AWS's (S3 user guide, "Authenticating requests"), Azure's, indexes'."""

_QUOTES = "`'\")>].,;:"
"""What may stand behind an address in a sentence."""


def may_be_cut(url: str) -> bool:
    """Return whether an ``@`` stands behind what is read as the host: it may be what ends a password with / ? or #.

    So may it in ``https://host/@scope/x``, which is honest (RFC 3986, section 3.3).
    """
    return "@" in url.partition("://")[2].removeprefix(_authority(url))


def is_cut(url: str) -> bool:
    """Return whether a URL's password surely holds a / ? or # unescaped: what is read as its port is none."""
    authority = _authority(url)
    # In brackets it is an IPv6 address (RFC 3986, section 3.2.2).
    name, colon, port = authority.rpartition(":")
    is_read = not colon or not port or port.isdecimal() or (name.startswith("[") and authority.endswith("]"))
    return "@" not in authority and not is_read and may_be_cut(url)


def _authority(url: str) -> str:
    return re.split("[/?#]", url.partition("://")[2], maxsplit=1)[0]


def mask(text: str) -> str:
    """Return ``text`` with ``****`` in place of users, passwords, queries and signatures of the addresses in it."""
    if "=" not in text and "@" not in text and not re.search(SCHEME, text):
        return text
    return "".join(map(_mask_word, re.split(r"(\s+)", text)))


def _mask_word(word: str) -> str:
    """Return a text without blanks, masked."""
    begin = re.search(SCHEME, word)
    if begin is None:
        # An address without a scheme, as proxies are given; what holds a / before its first colon is an image's.
        name, _, rest = word.partition(":")
        # An ARN's session may be called like a mail address: its account and role are what the reader needs.
        if "@" in rest and "/" not in name and not rest.startswith("//") and name != "arn":
            return f"{MASK}@{rest.rpartition('@')[2]}"
        return "&".join(map(_mask_parameter, word.split("&"))) if "=" in word else word
    before, rest = word[: begin.end()], word[begin.end() :]
    # From :// to the last @ before a blank.
    user = max(rest.rfind("@"), rest.lower().rfind("%40"))
    if user >= 0:
        rest = MASK + rest[user:]
    address, mark, query = rest.partition("?")
    return before + address + mark + (MASK + _ending(query) if query else "")


def _mask_parameter(text: str) -> str:
    """Return ``name=value`` without the value where the name says that it is a secret."""
    name, _, value = text.partition("=")
    word = re.split(r"[^\w-]", name)[-1]
    if "/" in name and "?" not in name:
        return text  # a file
    if not value or not re.fullmatch(SECRET, word):
        return text
    return f"{name}={MASK}{_ending(value)}"


def _ending(text: str) -> str:
    """Return the quotes and stops that a text ends with."""
    return text[len(text.rstrip(_QUOTES)) :]
