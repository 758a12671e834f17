from dataclasses import replace
from pathlib import Path

import pytest

from lambdapack.artifact import Artifact, CodeSha256
from lambdapack.deploying.function.state import FunctionState
from lambdapack.deploying.upload.plan import Plan, PushRequest, check_request, plan_push
from lambdapack.errors import CheckError, ConflictError, UsageError

ARTIFACT = Artifact(path=Path("x.zip"), size=1, code_sha256=CodeSha256("ours"))
FUNCTION = FunctionState(
    name="hello",
    arn="arn",
    version="$LATEST",
    code_sha256="theirs",
    revision_id="r1",
    package_type="Zip",
    architecture="x86_64",
    runtime="python3.13",
    handler="app.handler",
    state="Active",
    state_reason="",
    last_update_status="Successful",
    last_update_reason="",
)
SAME = replace(FUNCTION, code_sha256="ours")
PUSH = PushRequest(function="hello")


@pytest.mark.parametrize(
    ("request_", "function", "plan"),
    [
        (PUSH, FUNCTION, Plan(upload=True, architecture=None)),
        (PUSH, SAME, Plan(upload=False, architecture=None)),
        (PUSH, replace(SAME, last_update_status="Failed"), Plan(upload=True, architecture=None)),
        (replace(PUSH, force=True), SAME, Plan(upload=True, architecture=None)),
        (replace(PUSH, architecture="x86_64"), SAME, Plan(upload=False, architecture=None)),
        (replace(PUSH, architecture="arm64"), SAME, Plan(upload=True, architecture="arm64")),
        (replace(PUSH, architecture="arm64"), FUNCTION, Plan(upload=True, architecture="arm64")),
        (replace(PUSH, revision_id="r1"), SAME, Plan(upload=False, architecture=None)),
    ],
)
def test_what_is_different_is_uploaded(request_: PushRequest, function: FunctionState, plan: Plan) -> None:
    assert plan_push(request_, ARTIFACT, function) == plan


@pytest.mark.parametrize("force", [True, False])
def test_another_revision_than_the_agreed_one_is_a_conflict(*, force: bool) -> None:
    with pytest.raises(ConflictError, match="hello is at revision r1, not at r0"):
        plan_push(replace(PUSH, revision_id="r0", force=force), ARTIFACT, SAME)


def test_an_image_function_takes_no_zip() -> None:
    with pytest.raises(CheckError, match="package type Image"):
        plan_push(PUSH, ARTIFACT, replace(FUNCTION, package_type="Image"))


def test_the_architecture_of_a_package_must_be_the_functions_or_asked_for() -> None:
    arm = ARTIFACT.replace(architecture="arm64")
    with pytest.raises(CheckError, match="the package is for arm64, but hello runs on x86_64") as caught:
        plan_push(PUSH, arm, SAME)
    assert "--architecture arm64" in caught.value.hint
    assert plan_push(replace(PUSH, architecture="arm64"), arm, SAME) == Plan(upload=True, architecture="arm64")
    assert not plan_push(PUSH, arm, replace(SAME, architecture="arm64")).upload


@pytest.mark.parametrize(
    ("request_", "publishes"),
    [
        (PUSH, False),
        (replace(PUSH, publish=True), True),
        (replace(PUSH, atomic=True), True),
        (replace(PUSH, alias="live"), True),
    ],
)
def test_atomic_and_alias_imply_publish(request_: PushRequest, *, publishes: bool) -> None:
    check_request(request_, ARTIFACT)
    assert request_.publishes is publishes


def test_only_a_version_of_its_own_request_is_described() -> None:
    check_request(replace(PUSH, publish=True, description="x"), ARTIFACT)
    for request in (replace(PUSH, description="x"), replace(PUSH, atomic=True, description="x")):
        with pytest.raises(UsageError):
            check_request(request, ARTIFACT)
