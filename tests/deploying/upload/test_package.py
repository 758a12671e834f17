import hashlib
from collections.abc import Callable
from typing import Any

import pytest

from lambdapack.artifact import Artifact
from lambdapack.deploying.aws.connection import Connection
from lambdapack.deploying.create import CreateRequest, CreateSettings
from lambdapack.deploying.create import create as create_function
from lambdapack.deploying.push import DryRunResult, PushRequest, PushResult, push
from lambdapack.deploying.upload.package import Image
from lambdapack.errors import AwsError, CheckError, ConflictError, UsageError

Client = Any
Faults = dict[str, list[object]]
Push = Callable[..., PushResult]

ROLE = "arn:aws:iam::000000000000:role/emulator"
REPOSITORY = "000000000000.dkr.ecr.us-east-1.amazonaws.com/hello"
DIGEST = "ab" * 32
UPDATE = "lambda.UpdateFunctionCode"
LOST = ["applied, drop", "applied, 500 ServiceException", "applied, garble", "applied, cut", "applied, foreign"]


def resolved(uri: str) -> str:
    """Return what the emulator, which has no registry, takes for the digest of a tag."""
    return hashlib.sha256(uri.encode()).hexdigest()


@pytest.fixture
def image(rival: Client) -> str:
    """Create the function ``hello`` from an image."""
    rival.create_function(
        FunctionName="hello", Role=ROLE, PackageType="Image", Code={"ImageUri": f"{REPOSITORY}:first"}
    )
    rival.get_function(FunctionName="hello")
    return "hello"


@pytest.fixture
def notes() -> list[str]:
    return []


@pytest.fixture
def pushed(aws: Connection, image: str, notes: list[str]) -> Push:
    """Push an image to ``hello``."""

    def pushed(uri: str, **fields: Any) -> PushResult:  # noqa: ANN401 - the request types them
        request = PushRequest(function=image, **{"timeout": 60, **fields})
        return push(request, Image(uri=uri), aws, tell=notes.append)

    return pushed


@pytest.mark.parametrize(
    ("uri", "digest", "fixed"),
    [
        (f"{REPOSITORY}@sha256:{DIGEST}", DIGEST, f"{REPOSITORY}@sha256:{DIGEST}"),
        (f"{REPOSITORY}:v1@sha256:{DIGEST}", DIGEST, f"{REPOSITORY}@sha256:{DIGEST}"),
        (f"{REPOSITORY}:v1", None, f"{REPOSITORY}@sha256:{DIGEST}"),
        (REPOSITORY, None, f"{REPOSITORY}@sha256:{DIGEST}"),
        ("localhost:5000/hello", None, f"localhost:5000/hello@sha256:{DIGEST}"),
        (f"{REPOSITORY}@sha256:short", None, f"{REPOSITORY}@sha256:{DIGEST}"),
    ],
)
def test_a_digest_is_the_code_and_a_tag_is_not(uri: str, digest: str | None, fixed: str) -> None:
    assert Image(uri=uri).code_sha256 == digest
    assert Image(uri=uri).by_digest(DIGEST) == fixed


class TestDigest:
    def test_it_is_published_pinned_and_a_second_time_there_is_nothing_to_do(
        self, pushed: Push, versions: Callable[[], dict[str, str]], notes: list[str], operations: list[str]
    ) -> None:
        uri = f"{REPOSITORY}@sha256:{DIGEST}"
        first = pushed(uri, publish=True, alias="live")
        assert (first.code_sha256, first.uploaded, first.transport, first.version) == (DIGEST, True, "image", "1")
        assert versions() == {"$LATEST": DIGEST, "1": DIGEST}
        operations.clear()
        again = pushed(uri, publish=True, alias="live")
        assert (again.uploaded, again.published, again.transport, again.version) == (False, False, None, "1")
        assert "UpdateFunctionCode" not in operations
        assert notes == []

    @pytest.mark.parametrize("way", LOST)
    def test_a_lost_answer_is_settled_by_reading(
        self, pushed: Push, faults: Faults, versions: Callable[[], dict[str, str]], way: str
    ) -> None:
        faults[UPDATE] = [way]
        pushed(f"{REPOSITORY}@sha256:{DIGEST}", publish=True)
        assert versions() == {"$LATEST": DIGEST, "1": DIGEST}


class TestTag:
    def test_it_is_warned_of_and_pinned_to_what_lambda_answers(
        self, pushed: Push, notes: list[str], versions: Callable[[], dict[str, str]]
    ) -> None:
        uri = f"{REPOSITORY}:second"
        result = pushed(uri, publish=True)
        assert result.code_sha256 == resolved(uri)
        assert versions() == {"$LATEST": resolved(uri), "1": resolved(uri)}
        assert notes[0].startswith(f"warning: {uri} is no digest")
        assert notes[1] == f"{uri} is {REPOSITORY}@sha256:{resolved(uri)}"

    def test_it_is_pushed_each_time_for_it_may_have_moved(self, pushed: Push) -> None:
        uri = f"{REPOSITORY}:second"
        assert [pushed(uri).uploaded, pushed(uri).uploaded] == [True, True]

    @pytest.mark.parametrize("way", [*LOST, "409 ResourceConflictException", "drop"])
    def test_a_lost_answer_is_settled_by_reading(
        self, pushed: Push, faults: Faults, versions: Callable[[], dict[str, str]], way: str
    ) -> None:
        faults[UPDATE] = [way]
        uri = f"{REPOSITORY}:second"
        pushed(uri, publish=True)
        assert versions() == {"$LATEST": resolved(uri), "1": resolved(uri)}

    def test_the_same_tag_again_whose_answer_is_lost_is_sent_again(
        self, pushed: Push, faults: Faults, versions: Callable[[], dict[str, str]]
    ) -> None:
        faults[UPDATE] = ["applied, garble"]
        uri = f"{REPOSITORY}:first"
        pushed(uri, publish=True)
        assert versions() == {"$LATEST": resolved(uri), "1": resolved(uri)}

    @pytest.mark.parametrize("way", ["drop", "garble", "foreign"])
    def test_what_never_happens_fails(
        self, pushed: Push, faults: Faults, versions: Callable[[], dict[str, str]], way: str
    ) -> None:
        faults[UPDATE] = [way] * 8
        with pytest.raises(AwsError) as caught:
            pushed(f"{REPOSITORY}:second", publish=True)
        assert caught.value.exit_code == 7
        assert versions() == {"$LATEST": resolved(f"{REPOSITORY}:first")}

    def test_another_image_of_somebody_else_is_a_conflict(self, pushed: Push, rival: Client, faults: Faults) -> None:
        def theirs() -> None:
            rival.update_function_code(FunctionName="hello", ImageUri=f"{REPOSITORY}:theirs")

        faults[UPDATE] = [theirs]
        with pytest.raises(ConflictError, match="another client pushed"):
            pushed(f"{REPOSITORY}:second", publish=True)

    def test_a_dry_run_says_what_lambda_resolved(self, pushed: Push, state: Callable[[], dict[str, bytes]]) -> None:
        before = state()
        uri = f"{REPOSITORY}:second"
        result = pushed(uri, publish=True, dry_run=True)
        assert isinstance(result, DryRunResult)
        assert (result.code_sha256, result.validated, result.uploaded) == (resolved(uri), True, True)
        assert state() == before


class TestPackageType:
    def test_an_image_is_refused_by_a_function_of_a_zip(
        self, aws: Connection, hello: str, operations: list[str]
    ) -> None:
        with pytest.raises(CheckError, match="takes no image") as caught:
            push(PushRequest(function=hello), Image(uri=REPOSITORY), aws)
        assert caught.value.exit_code == 5
        assert operations == ["GetFunction"]

    @pytest.mark.usefixtures("image")
    def test_a_zip_is_refused_by_a_function_of_an_image(self, aws: Connection, second: Artifact) -> None:
        with pytest.raises(CheckError, match="takes no zip"):
            push(PushRequest(function="hello"), second, aws)


class TestCreate:
    def test_a_function_is_created_from_an_image(self, aws: Connection, rival: Client) -> None:
        settings = CreateSettings(role=ROLE, parameters={"ImageConfig": {"Command": ["app.handler"]}})
        uri = f"{REPOSITORY}@sha256:{DIGEST}"
        result = create_function(CreateRequest(function="hello", settings=settings), Image(uri=uri), aws)
        assert (result.code_sha256, result.transport, result.version) == (DIGEST, "image", "$LATEST")
        found = rival.get_function(FunctionName="hello")
        assert found["Code"]["ImageUri"] == uri
        assert found["Configuration"]["ImageConfigResponse"]["ImageConfig"] == {"Command": ["app.handler"]}

    @pytest.mark.parametrize("way", LOST)
    @pytest.mark.parametrize("tag", [":first", f"@sha256:{DIGEST}"])
    def test_a_lost_answer_is_settled_by_reading(self, aws: Connection, faults: Faults, way: str, tag: str) -> None:
        faults["lambda.CreateFunction"] = [way]
        request = CreateRequest(function="hello", settings=CreateSettings(role=ROLE))
        assert create_function(request, Image(uri=f"{REPOSITORY}{tag}"), aws).state == "Active"

    def test_a_handler_is_nothing_for_an_image(self, aws: Connection, operations: list[str]) -> None:
        settings = CreateSettings(role=ROLE, handler="app.handler")
        with pytest.raises(UsageError, match="has no handler"):
            create_function(CreateRequest(function="hello", settings=settings), Image(uri=REPOSITORY), aws)
        assert operations == []
