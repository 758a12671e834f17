"""The one write that replaces a function's code, and the question what became of it.

No answer is taken for granted: whatever went wrong, the function is read again, and what it holds decides.

::

    it holds our code                     done, and only the answer got lost
    it holds the code we planned from     nothing happened yet: plan again, or report why not
    it holds any other code               another client pushed: conflict
"""

from lambdapack.artifact import CodeSha256
from lambdapack.deploying.aws.refusals import BusyError, GarbledError, StaleError, UnansweredError
from lambdapack.deploying.function.state import FunctionState, function_state, wait_until_settled
from lambdapack.deploying.function.versions import other_code
from lambdapack.deploying.upload.package import code_held, is_about_package, label
from lambdapack.deploying.upload.plan import Plan, PushRequest, changes_storage, plan_push
from lambdapack.deploying.upload.transport import CodeLocation, check_reference
from lambdapack.deploying.upload.upload import Upload
from lambdapack.errors import AwsError, LambdapackError


def update_code(upload: Upload, request: PushRequest, plan: Plan, function: FunctionState) -> FunctionState:
    """Let the function hold the package, and return how AWS describes it then, or its new version if atomic.

    ``function`` is what ``plan`` was made from. Raises ``ConflictError`` where somebody else is faster,
    ``AwsError`` where AWS refuses or does something else.
    """
    location = upload.transport.stage()
    pause = upload.deadline.pauses()
    while True:
        answered: FunctionState | None = None
        trouble: LambdapackError
        try:
            parameters = update_parameters(upload.function, request, plan, function, location)
            answered = function_state(upload.lambda_api("UpdateFunctionCode", **parameters), asked=upload.function)
            if is_about_package(answered, upload.package):
                return answered
            trouble = GarbledError(
                f"Lambda answered with the CodeSha256 {answered.code_sha256}, not that of {label(upload.package)}",
                hint="push again",
            )
        except (BusyError, StaleError, UnansweredError) as error:
            trouble = error
        pause(f"{function.name} to accept an update")

        now = wait_until_settled(upload)
        ours = code_held(now, upload.package, before=function.code_sha256)
        if now.code_sha256 not in (ours, function.code_sha256):
            if answered and answered.code_sha256 == now.code_sha256:
                raise other_bytes(now, ours or label(upload.package)) from trouble
            raise other_code(now, CodeSha256(ours or label(upload.package))) from trouble
        if not isinstance(trouble, BusyError) and _holds_package(now, ours, request.architecture, plan):
            return now
        # By a tag, the update may have happened and changed nothing but the revision: sent again, it does no harm.
        if isinstance(trouble, UnansweredError) and (ours or now.revision_id == function.revision_id):
            raise trouble
        # A 409, or a 412 because of the configuration. If --revision-id named a revision, it is gone: a conflict.
        plan = plan_push(request, upload.package, now, upload.parameters.code)
        if not plan.upload:
            return now
        function = now


def update_parameters(
    name: str, request: PushRequest, plan: Plan, function: FunctionState, location: CodeLocation
) -> dict[str, object]:
    """Return the parameters of UpdateFunctionCode; raises ``CheckError`` where they contradict the location."""
    check_reference(location, plan.parameters)
    parameters: dict[str, object] = {"FunctionName": name, "RevisionId": function.revision_id}
    parameters |= {**location.parameters, **plan.parameters}
    if plan.architecture:
        parameters["Architectures"] = [plan.architecture]
    if request.dry_run:
        parameters["DryRun"] = True
    elif request.atomic:
        parameters["Publish"] = True
    return parameters


def _holds_package(function: FunctionState, code_sha256: str | None, architecture: str | None, plan: Plan) -> bool:
    """Return whether the function holds that code, keeps it as planned, and runs it on the architecture asked for."""
    return (
        function.code_sha256 == code_sha256
        and architecture in (None, function.architecture)
        and not changes_storage(plan.parameters, function)
    )


def other_bytes(function: FunctionState, ours: str) -> AwsError:
    """Return the error for a Lambda that stored something else than we sent."""
    return AwsError(
        f"Lambda stored other bytes for {function.name} ({function.code_sha256}) than were sent ({ours})",
        hint="push again; if it stays so, something between here and Lambda changes the bytes",
        code_sha256=ours,
        found_code_sha256=function.code_sha256,
    )
