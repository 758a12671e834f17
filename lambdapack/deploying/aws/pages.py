"""Lists, from their first page to their last: the one place that follows ``NextMarker``.

Lambda answers at most 50 items a page, whatever one asks for (API reference, ListFunctions, MaxItems), so
a list that is not followed is a list of the first fifty.
"""

from collections.abc import Iterator
from functools import partial

from lambdapack.deploying.aws.api import Answer, LambdaApi, LambdaOperation
from lambdapack.deploying.aws.deadline import Deadline
from lambdapack.deploying.aws.reading import patiently
from lambdapack.deploying.aws.refusals import GarbledError


def listed(
    lambda_api: LambdaApi,
    operation: LambdaOperation,
    member: str,
    *,
    about: str,
    deadline: Deadline,
    **members: object,
) -> Iterator[Answer]:
    """Yield the items of a list, which each page of ``operation`` holds under the name ``member``.

    Raises ``GarbledError`` where an answer is no page, or leads back to one that was read already.
    """
    read: set[str] = set()
    marked = dict(members)
    while True:
        answer = patiently(
            partial(page, lambda_api, operation, member, marked),
            about=about,
            deadline=deadline,
        )
        yield from answer[member]
        marker = answer.get("NextMarker")
        if not marker:
            return
        if marker in read:
            raise GarbledError(f"AWS lists {member} in a circle", hint="run the command again")
        read.add(marker)
        marked["Marker"] = marker


def page(lambda_api: LambdaApi, operation: LambdaOperation, member: str, members: Answer) -> Answer:
    """Return one page of the list; raises ``GarbledError`` where the answer is none."""
    answer = lambda_api(operation, **members)
    if not isinstance(answer.get(member), list):
        raise GarbledError(f"AWS answered without a list of {member.lower()}", hint="run the command again")
    return answer
