"""Deleting a function, or a version of it, so that it is gone for certain.

DeleteFunction without a qualifier deletes everything, so the two requests are two functions here, and the one for a
version makes sure that it has a number. AWS answers 204 also for a version that was never there: what counts is
what a read says afterwards.
"""

from lambdapack.deploying.aws.api import LambdaApi
from lambdapack.deploying.aws.deadline import Deadline, pauses
from lambdapack.deploying.aws.refusals import BusyError, UnansweredError
from lambdapack.deploying.function.names import VERSION_NUMBER
from lambdapack.deploying.function.state import FunctionState, find_function, read_function
from lambdapack.errors import AwsError, LambdapackError, NotFoundError

DELETE_ATTEMPTS = 4
"""How often a deletion is sent that met another update, or whose answer was lost."""


def delete_version(lambda_api: LambdaApi, function: str, version: str, *, deadline: Deadline) -> None:
    """Delete one published version; one that is gone already is no error.

    Raises ``ReferencedError`` where an alias, or Lambda@Edge, needs it, and then it stays.
    """
    if not VERSION_NUMBER.fullmatch(version):
        message = f"not the number of a version: {version!r}"
        raise ValueError(message)
    delete(lambda_api, {"FunctionName": function, "Qualifier": version}, deadline=deadline)


def delete_function(lambda_api: LambdaApi, function: str, *, deadline: Deadline) -> None:
    """Delete the function with all its versions and aliases; one that is gone already is no error."""
    delete(lambda_api, {"FunctionName": function}, deadline=deadline)


def delete(lambda_api: LambdaApi, members: dict[str, str], *, deadline: Deadline) -> None:
    """Send DeleteFunction until what ``members`` name is gone, or is going; raises ``AwsError`` where it stays."""
    about = ":".join(members.values())
    trouble: LambdapackError | None = None
    for _, pause in zip(range(DELETE_ATTEMPTS), pauses(), strict=False):
        try:
            lambda_api("DeleteFunction", **members)
        except NotFoundError:
            return
        except (BusyError, UnansweredError) as error:
            trouble = error
        found = left(lambda_api, members, deadline=deadline)
        if found is None or found.state == "Deleting":
            return
        deadline.pause(pause, waiting_for=f"{about} to be deleted")
    raise trouble or AwsError(
        f"{about} is still there although AWS was asked to delete it", hint="run the command again"
    )


def left(lambda_api: LambdaApi, members: dict[str, str], *, deadline: Deadline) -> FunctionState | None:
    """Return what is left of the function or version, or None."""
    qualifier = members.get("Qualifier")
    if qualifier is None:
        return find_function(lambda_api, members["FunctionName"], deadline=deadline)
    try:
        return read_function(lambda_api, members["FunctionName"], qualifier=qualifier, deadline=deadline)
    except NotFoundError:
        return None
