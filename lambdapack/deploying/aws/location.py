"""Where a package may be downloaded from (``Code.Location``), and what is answered there.

A location is a presigned URL: whoever reads it may download the code. It is never printed, logged or quoted.
"""

from collections.abc import Callable, Iterable

from lambdapack.addresses import is_safe
from lambdapack.deploying.aws.refusals import CHECK_ENDPOINT, SERVER_ERROR, UnansweredError
from lambdapack.errors import AwsError

_OK = 200

CHUNK_SIZE = 1 << 16
"""Bytes taken off the connection at a time."""


def check_location(location: str, *, about: str) -> None:
    """Raise ``AwsError`` where a location is neither https nor on this machine: anybody could answer there."""
    if not is_safe(location):
        raise AwsError(
            f"the address that was answered for the package of {about} is not one to trust: it is not https",
            hint=CHECK_ENDPOINT,
        )


def take_answer(status: int, chunks: Iterable[bytes], *, about: str, take: Callable[[bytes], object]) -> None:
    """Hand an answer's chunks to ``take`` if it is a package; its text is not quoted, for it may repeat the URL.

    Raises ``AwsError`` where it is none, ``UnansweredError`` where that may pass.
    """
    if status != _OK:
        family = UnansweredError if status >= SERVER_ERROR else AwsError
        raise family(
            f"the package of {about} was not handed out: HTTP status {status}",
            hint="run the command again; a proxy, or a policy of the network, may forbid the download",
            status=status,
        )
    for chunk in chunks:
        take(chunk)
