"""Reading that does not give up at the first answer that makes no sense, and lists that are read to their last page.

Whatever is uncertain is settled by reading, so reads are the last to give up. Lambda answers at most 50 items a page,
whatever one asks for (API reference, ListFunctions, MaxItems): a list that is not followed is one of the first fifty.
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import TypeVar

from lambdapack.deploying.aws.api import Answer, Client, LambdaApi, LambdaOperation
from lambdapack.deploying.aws.refusals import GarbledError

T = TypeVar("T")

_READ_ATTEMPTS = 5
"""How often a read is tried: the error page of a proxy passes, a wrong endpoint stays."""


def read_patiently(client: Client, read: Callable[[], T], *, about: str) -> T:
    """Return what ``read`` returns; where it raises ``GarbledError``, it is tried again a few times.

    ``client`` is what it asks, and knows the deadline.
    """
    pause = client.deadline.pauses()
    for _ in range(_READ_ATTEMPTS - 1):
        try:
            return read()
        except GarbledError:
            pause(f"a readable answer about {about}")
    return read()


def read_list(
    lambda_api: LambdaApi, operation: LambdaOperation, member: str, *, about: str, **parameters: object
) -> Iterator[Answer]:
    """Yield the items of a list, which each page of ``operation`` holds under the name ``member``.

    Raises ``GarbledError`` where an answer is no page, or leads back to one that was read already.
    """
    read: set[str] = set()
    marked = dict(parameters)
    while True:
        answer = read_patiently(lambda_api, partial(_read_page, lambda_api, operation, member, marked), about=about)
        yield from answer[member]
        marker = answer.get("NextMarker")
        if not marker:
            return
        if marker in read:
            raise GarbledError(f"AWS lists {member} in a circle", hint="run the command again")
        read.add(marker)
        marked["Marker"] = marker


def _read_page(lambda_api: LambdaApi, operation: LambdaOperation, member: str, parameters: Answer) -> Answer:
    answer = lambda_api(operation, **parameters)
    if not isinstance(answer.get(member), list):
        raise GarbledError(f"AWS answered without a list of {member.lower()}", hint="run the command again")
    return answer
