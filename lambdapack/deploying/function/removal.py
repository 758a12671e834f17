"""Deleting a function, or one version of it, until a read says that it is gone.

DeleteFunction without a qualifier deletes the function with all its versions. So there are two functions here, and the
one for a version refuses whatever is not a version's number. AWS answers 204 also for a version that was never there:
only the read counts.
"""

from lambdapack.deploying.aws.refusals import BusyError, UnansweredError
from lambdapack.deploying.function.names import VERSION_NUMBER
from lambdapack.deploying.function.session import Session
from lambdapack.deploying.function.state import read_function
from lambdapack.errors import AwsError, LambdapackError, NotFoundError

_DELETE_ATTEMPTS = 4
"""How often a deletion is sent that met another update, or whose answer was lost."""


def delete_version(session: Session, version: str) -> None:
    """Delete one published version; one that is gone already is no error.

    Raises ``ReferencedError`` where an alias, or Lambda@Edge, needs it, and then it stays.
    """
    if not VERSION_NUMBER.fullmatch(version):
        message = f"not the number of a version: {version!r}"
        raise ValueError(message)
    _delete(session, {"FunctionName": session.function, "Qualifier": version})


def delete_function(session: Session) -> None:
    """Delete the function with all its versions and aliases; one that is gone already is no error."""
    _delete(session, {"FunctionName": session.function})


def _delete(session: Session, parameters: dict[str, str]) -> None:
    """Send DeleteFunction until what ``parameters`` name is gone, or is going; raises ``AwsError`` where it stays."""
    about = ":".join(parameters.values())
    trouble: LambdapackError | None = None
    pause = session.deadline.pauses()
    for _ in range(_DELETE_ATTEMPTS):
        try:
            session.lambda_api("DeleteFunction", **parameters)
        except NotFoundError:
            return
        except (BusyError, UnansweredError) as error:
            trouble = error
        try:
            found = read_function(session, qualifier=parameters.get("Qualifier"))
        except NotFoundError:
            return
        if found.state == "Deleting":
            return
        pause(f"{about} to be deleted")
    raise trouble or AwsError(
        f"{about} is still there although AWS was asked to delete it", hint="run the command again"
    )
