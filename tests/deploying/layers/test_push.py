import threading
from collections.abc import Callable
from typing import Any, TypeAlias

import pytest

from lambdapack.artifact import Artifact
from lambdapack.deploying.aws import connection as aws_module
from lambdapack.deploying.aws.connection import Connection
from lambdapack.deploying.aws.refusals import AbandonedError, DeniedError, GarbledError, UnansweredError
from lambdapack.deploying.layers import push as layers_module
from lambdapack.deploying.layers.push import LayerRequest, LayerResult, push_layer
from lambdapack.deploying.upload.transport import Route
from lambdapack.errors import AwsError, CheckError, LocalError, UsageError

Client: TypeAlias = Any
Faults: TypeAlias = dict[str, list[Any]]
Published: TypeAlias = Callable[[], dict[int, str]]
State: TypeAlias = Callable[[], dict[str, bytes]]

ARN = "arn:aws:lambda:us-east-1:000000000000:layer:base"
BASE = LayerRequest(layer="base")
PUBLISH = "lambda.PublishLayerVersion"
LIST = "lambda.ListLayerVersions"
GET = "lambda.GetLayerVersion"


@pytest.fixture
def published(rival: Client) -> Published:
    """Read the CodeSha256 of each version of ``base``, the newest first."""

    def published() -> dict[int, str]:
        numbers = [entry["Version"] for entry in rival.list_layer_versions(LayerName="base")["LayerVersions"]]
        found = {}
        for number in numbers:
            answer = rival.get_layer_version(LayerName="base", VersionNumber=number)
            found[number] = answer["Content"]["CodeSha256"]
        return found

    return published


@pytest.fixture
def publisher(aws: Connection) -> Client:
    """Return botocore's client that the connection under test publishes layers with."""
    return aws.client("lambda", attempts=1)


@pytest.fixture
def requests(aws: Connection, publisher: Client) -> list[str]:
    """Record every request of the connection under test, repeated ones as well."""
    sent: list[str] = []
    for client in (aws.client("lambda"), aws.client("s3"), publisher):
        client.meta.events.register_first("before-send.*", lambda event_name, **_: sent.append(event_name[12:]))
    return sent


@pytest.fixture
def publish(rival: Client) -> Callable[..., int]:
    """Let somebody else publish a package as a version of ``base``."""

    def publish(artifact: Artifact, **members: object) -> int:
        answer = rival.publish_layer_version(LayerName="base", Content={"ZipFile": artifact.read()}, **members)
        return int(answer["Version"])

    return publish


class TestPush:
    def test_the_first_version_is_published(self, aws: Connection, first: Artifact, published: Published) -> None:
        assert push_layer(BASE, first, aws) == LayerResult(
            layer="base",
            layer_version_arn=f"{ARN}:1",
            version=1,
            code_sha256=first.code_sha256,
            uploaded=True,
            transport="inline",
            published=True,
            dry_run=False,
        )
        assert published() == {1: first.code_sha256}

    def test_what_the_newest_version_holds_is_not_sent(
        self, *, aws: Connection, requests: list[str], first: Artifact, state: State
    ) -> None:
        made = push_layer(BASE, first, aws)
        before = state()
        requests.clear()
        again = push_layer(BASE, first, aws)
        assert (again.uploaded, again.transport, again.published) == (False, None, False)
        assert (again.version, again.layer_version_arn) == (made.version, made.layer_version_arn)
        assert requests == [LIST, GET]
        assert state() == before

    def test_a_naive_publish_makes_a_version_each_time(
        self, first: Artifact, publish: Callable[..., int], published: Published
    ) -> None:
        assert [publish(first), publish(first)] == [1, 2]
        assert published() == {2: first.code_sha256, 1: first.code_sha256}

    def test_it_is_the_newest_version_that_counts(
        self, aws: Connection, first: Artifact, second: Artifact, published: Published
    ) -> None:
        assert [push_layer(BASE, each, aws).version for each in (first, second, first)] == [1, 2, 3]
        assert published() == {3: first.code_sha256, 2: second.code_sha256, 1: first.code_sha256}

    def test_force_publishes_the_same_again(self, aws: Connection, first: Artifact) -> None:
        forced = LayerRequest(layer="base", force=True)
        results = [push_layer(forced, first, aws) for _ in range(2)]
        assert [(result.version, result.published) for result in results] == [(1, True), (2, True)]

    def test_a_layer_may_be_named_by_its_arn(self, aws: Connection, first: Artifact) -> None:
        made = push_layer(LayerRequest(layer=ARN), first, aws)
        assert (made.layer, made.layer_version_arn) == ("base", f"{ARN}:1")
        assert push_layer(BASE, first, aws).published is False

    def test_progress_counts_the_bytes(self, aws: Connection, first: Artifact) -> None:
        sent: list[int] = []
        push_layer(BASE, first, aws, progress=sent.append)
        assert sum(sent) == first.size

    def test_a_file_that_changed_since_it_was_hashed_is_not_sent(
        self, aws: Connection, first: Artifact, published: Published
    ) -> None:
        first.path.write_bytes(b"something else")
        with pytest.raises(LocalError, match="changed while"):
            push_layer(BASE, first, aws)
        assert published() == {}

    def test_a_large_package_goes_through_s3_once(
        self, *, aws: Connection, bucket: Client, package: Callable[..., Artifact], requests: list[str]
    ) -> None:
        large = package("large", size=52_428_800)
        with pytest.raises(CheckError, match="52,428,800"):
            push_layer(BASE, large, aws)
        assert requests == []
        routed = LayerRequest(layer="base", route=Route(s3_bucket="emulator"))
        made = push_layer(routed, large, aws)
        assert (made.transport, made.code_sha256) == ("s3", large.code_sha256)
        objects = [found["Key"] for found in bucket.list_objects_v2(Bucket="emulator")["Contents"]]
        assert objects == [f"lambdapack/layers/base/{large.sha256_hex}.zip"]
        push_layer(LayerRequest(layer="other", route=Route(s3_bucket="emulator")), large, aws)
        assert push_layer(routed, large, aws).published is False
        assert requests.count("s3.PutObject") == 2


class TestWhatCounts:
    WHOLE = LayerRequest(
        layer="base",
        runtimes=("python3.13", "python3.12"),
        architectures=("arm64",),
        license_info="MIT",
        description="one",
    )

    def test_everything_that_is_given_is_published(self, aws: Connection, rival: Client, first: Artifact) -> None:
        push_layer(self.WHOLE, first, aws)
        found = rival.get_layer_version(LayerName="base", VersionNumber=1)
        assert found["CompatibleRuntimes"] == ["python3.13", "python3.12"]
        assert found["CompatibleArchitectures"] == ["arm64"]
        assert (found["LicenseInfo"], found["Description"]) == ("MIT", "one")

    @pytest.mark.parametrize(
        ("request_again", "words"),
        [
            (LayerRequest(layer="base", runtimes=["python3.13"]), "runtimes"),
            (LayerRequest(layer="base", architectures=["arm64", "x86_64"]), "architectures"),
            (LayerRequest(layer="base", license_info="Apache-2.0"), "licence"),
            (
                LayerRequest(layer="base", runtimes=["nodejs22.x"], architectures=["x86_64"], license_info=""),
                "runtimes and architectures and licence",
            ),
        ],
    )
    def test_another_value_of_what_is_given_is_published(
        self, aws: Connection, first: Artifact, request_again: LayerRequest, words: str
    ) -> None:
        push_layer(self.WHOLE, first, aws)
        notes: list[str] = []
        again = push_layer(request_again, first, aws, tell=notes.append)
        assert (again.version, again.published) == (2, True)
        assert notes == [f"version 1 holds this code already, but has other {words}"]
        assert push_layer(request_again, first, aws).published is False

    @pytest.mark.parametrize(
        "request_again",
        [
            BASE,
            LayerRequest(layer="base", runtimes=["python3.12", "python3.13", "python3.12"]),
            LayerRequest(layer="base", architectures=["arm64"], license_info="MIT"),
        ],
    )
    def test_what_is_not_given_may_be_anything(
        self, aws: Connection, first: Artifact, request_again: LayerRequest
    ) -> None:
        push_layer(self.WHOLE, first, aws)
        assert push_layer(request_again, first, aws).published is False

    def test_a_description_alone_publishes_nothing_and_that_is_said(self, aws: Connection, first: Artifact) -> None:
        push_layer(self.WHOLE, first, aws)
        notes: list[str] = []
        request = LayerRequest(layer="base", description="two")
        assert push_layer(request, first, aws, tell=notes.append).version == 1
        assert notes == ["version 1 was published before and keeps its description"]


class TestDeletedVersions:
    def test_the_newest_that_is_left_counts_and_numbers_are_not_used_again(
        self, *, aws: Connection, rival: Client, first: Artifact, second: Artifact, published: Published
    ) -> None:
        push_layer(BASE, first, aws)
        push_layer(BASE, second, aws)
        rival.delete_layer_version(LayerName="base", VersionNumber=2)
        assert push_layer(BASE, first, aws).published is False
        assert push_layer(BASE, second, aws).version == 3
        assert published() == {3: second.code_sha256, 1: first.code_sha256}

    def test_one_that_is_deleted_while_we_look_is_passed_over(
        self, *, aws: Connection, rival: Client, faults: Faults, first: Artifact, second: Artifact
    ) -> None:
        push_layer(BASE, first, aws)
        push_layer(BASE, second, aws)
        faults[GET] = [lambda: rival.delete_layer_version(LayerName="base", VersionNumber=2)]
        assert push_layer(BASE, first, aws).version == 1

    def test_a_layer_without_any_version_left_gets_one(self, aws: Connection, rival: Client, first: Artifact) -> None:
        push_layer(BASE, first, aws)
        rival.delete_layer_version(LayerName="base", VersionNumber=1)
        assert push_layer(BASE, first, aws).version == 2


class TestUncertainty:
    @pytest.mark.parametrize(
        "way", ["drop", "time-out", "garble", "cut", "foreign", "500 ServiceException", "502 Bad", "504 Gateway"]
    )
    def test_a_version_whose_answer_is_lost_is_found_and_made_once(
        self, *, aws: Connection, faults: Faults, requests: list[str], first: Artifact, published: Published, way: str
    ) -> None:
        faults[PUBLISH] = [f"applied, {way}"]
        result = push_layer(BASE, first, aws)
        assert (result.version, result.published, result.uploaded) == (1, True, True)
        assert published() == {1: first.code_sha256}
        assert requests.count(PUBLISH) == 1

    @pytest.mark.parametrize("way", ["applied, drop", "applied, 500 ServiceException"])
    def test_botocores_own_retries_would_make_two(
        self, *, aws: Connection, faults: Faults, monkeypatch: pytest.MonkeyPatch, first: Artifact, way: str
    ) -> None:
        monkeypatch.setattr(aws_module, "_SENT_ONCE", frozenset())
        faults[PUBLISH] = [way]
        assert push_layer(BASE, first, aws).version == 2

    @pytest.mark.parametrize("way", ["drop", "time-out", "garble", "foreign", "500 ServiceException", "503 Bad"])
    def test_what_did_not_arrive_is_sent_again(
        self, *, aws: Connection, faults: Faults, requests: list[str], first: Artifact, published: Published, way: str
    ) -> None:
        faults[PUBLISH] = [way] * 3
        assert push_layer(BASE, first, aws).version == 1
        assert published() == {1: first.code_sha256}
        assert requests.count(PUBLISH) == 4

    @pytest.mark.parametrize("way", ["drop", "garble", "500 ServiceException"])
    def test_what_never_arrives_ends(
        self, *, aws: Connection, faults: Faults, requests: list[str], first: Artifact, published: Published, way: str
    ) -> None:
        faults[PUBLISH] = [way] * 100
        with pytest.raises(UnansweredError) as caught:
            push_layer(BASE, first, aws)
        assert caught.value.exit_code == 7
        assert requests.count(PUBLISH) == 5
        assert published() == {}

    def test_a_request_that_is_still_in_work_is_waited_for(
        self,
        *,
        aws: Connection,
        faults: Faults,
        first: Artifact,
        publish: Callable[..., int],
        published: Published,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        faults[PUBLISH] = ["drop"]
        faults[LIST] = [lambda: None, lambda: None, lambda: None, lambda: publish(first)]
        with caplog.at_level("INFO", logger="lambdapack"):
            assert push_layer(BASE, first, aws).version == 1
        assert published() == {1: first.code_sha256}
        waits = [message for message in caplog.messages if message.startswith("waiting")]
        assert waits == [f"waiting {seconds} s for a version of base that holds the package" for seconds in (0.2, 0.3)]

    def test_impatience_would_make_two(
        self,
        *,
        aws: Connection,
        faults: Faults,
        monkeypatch: pytest.MonkeyPatch,
        first: Artifact,
        publish: Callable[..., int],
    ) -> None:
        monkeypatch.setattr(layers_module, "_UNPACKING_MIN", 0.0)
        monkeypatch.setattr(layers_module, "_UNPACKING_RATE", 1e9)
        faults[PUBLISH] = ["drop", lambda: publish(first)]
        assert push_layer(BASE, first, aws).version == 2

    def test_throttling_is_ridden_out_within_the_deadline(
        self, aws: Connection, faults: Faults, requests: list[str], first: Artifact
    ) -> None:
        faults[PUBLISH] = ["429 TooManyRequestsException: Rate exceeded"] * 20
        assert push_layer(BASE, first, aws).version == 1
        assert (requests.count(PUBLISH), requests.count(LIST)) == (21, 1)

    def test_throttling_for_ever_ends_at_the_deadline(
        self, aws: Connection, faults: Faults, first: Artifact, published: Published
    ) -> None:
        faults[PUBLISH] = ["429 TooManyRequestsException: Rate exceeded"] * 1000
        with pytest.raises(AwsError, match=r"gave up after 60 s.*layer base \(TooManyRequestsException\)"):
            push_layer(LayerRequest(layer="base", timeout=60), first, aws)
        assert published() == {}

    def test_what_we_gave_up_waiting_for_is_not_sent_again(
        self, aws: Connection, faults: Faults, requests: list[str], first: Artifact
    ) -> None:
        over = threading.Event()

        def stay_under_way() -> None:
            over.wait()
            raise SystemExit

        faults[PUBLISH] = [stay_under_way]
        try:
            with pytest.raises(AbandonedError, match="no answer to PublishLayerVersion for base"):
                push_layer(LayerRequest(layer="base", timeout=1), first, aws)
        finally:
            over.set()
        assert requests.count(PUBLISH) == 1

    def test_answers_that_make_no_sense_are_read_again(self, aws: Connection, faults: Faults, first: Artifact) -> None:
        push_layer(BASE, first, aws)
        faults[LIST] = ["garble", "cut"]
        faults[GET] = ["garble", "foreign", "drop"]
        assert push_layer(BASE, first, aws).published is False
        assert faults == {LIST: [], GET: []}

    def test_a_read_that_never_makes_sense_ends_before_anything_is_sent(
        self, aws: Connection, faults: Faults, requests: list[str], first: Artifact
    ) -> None:
        push_layer(BASE, first, aws)
        requests.clear()
        faults[GET] = ["garble"] * 100
        with pytest.raises(GarbledError, match="without its number"):
            push_layer(BASE, first, aws)
        assert PUBLISH not in requests

    def test_a_page_may_be_empty_and_not_the_last(self, aws: Connection, first: Artifact) -> None:
        push_layer(BASE, first, aws)
        pages = [{"LayerVersions": [], "NextMarker": ""}]

        def empty(parsed: dict[str, Any], **_: object) -> None:
            if pages:
                parsed.update(pages.pop() | {"NextMarker": "cG9zaXRpb249MA=="})  # position=0

        aws.client("lambda").meta.events.register("after-call.lambda.ListLayerVersions", empty)
        assert push_layer(BASE, first, aws).published is False

    def test_a_refusal_is_final(self, aws: Connection, faults: Faults, requests: list[str], first: Artifact) -> None:
        faults[PUBLISH] = ["403 AccessDeniedException: no"] * 2
        with pytest.raises(DeniedError) as caught:
            push_layer(BASE, first, aws)
        assert caught.value.hint.startswith("allow lambda:PublishLayerVersion for base to these credentials")
        assert requests.count(PUBLISH) == 1


class TestOthers:
    def test_two_that_push_the_same_at_once_both_get_a_version_that_holds_it(
        self, *, aws: Connection, faults: Faults, first: Artifact, publish: Callable[..., int], published: Published
    ) -> None:
        faults[PUBLISH] = [lambda: publish(first)]
        assert push_layer(BASE, first, aws).version == 2
        assert published() == {2: first.code_sha256, 1: first.code_sha256}

    def test_another_package_in_between_keeps_its_version(
        self, *, aws: Connection, faults: Faults, first: Artifact, second: Artifact, publish: Callable[..., int]
    ) -> None:
        faults[PUBLISH] = ["applied, drop"]
        faults[LIST] = [lambda: None, lambda: publish(second)]
        result = push_layer(BASE, first, aws)
        assert (result.version, result.code_sha256) == (1, first.code_sha256)

    def test_the_same_bytes_for_other_runtimes_are_not_ours(
        self, *, aws: Connection, faults: Faults, first: Artifact, publish: Callable[..., int]
    ) -> None:
        faults[PUBLISH] = ["drop"]
        faults[LIST] = [lambda: None, lambda: publish(first, CompatibleRuntimes=["python3.9"])]
        request = LayerRequest(layer="base", runtimes=["python3.13"])
        assert push_layer(request, first, aws).version == 2


class TestOtherBytes:
    def test_a_version_of_other_bytes_is_named_and_stays(
        self, *, aws: Connection, publisher: Client, first: Artifact, second: Artifact, published: Published
    ) -> None:
        def swap(params: dict[str, Any], **_: object) -> None:
            params["Content"] = {"ZipFile": second.read()}

        publisher.meta.events.register("provide-client-params.lambda.PublishLayerVersion", swap)
        with pytest.raises(AwsError, match=f"{ARN}:1 holds other bytes") as caught:
            push_layer(BASE, first, aws)
        assert caught.value.exit_code == 7
        assert "aws lambda delete-layer-version --layer-name base --version-number 1;" in caught.value.hint
        assert caught.value.details["layer_version_arn"] == f"{ARN}:1"
        assert published() == {1: second.code_sha256}

    @pytest.mark.parametrize("number", [1, 7])
    def test_an_answer_about_something_else_is_no_verdict(
        self, *, aws: Connection, publisher: Client, first: Artifact, second: Artifact, number: int
    ) -> None:
        push_layer(BASE, first, aws)

        def speak_of_another(parsed: dict[str, Any], **_: object) -> None:
            parsed["Version"] = number
            parsed["Content"]["CodeSha256"] = first.code_sha256

        publisher.meta.events.register("after-call.lambda.PublishLayerVersion", speak_of_another)
        result = push_layer(BASE, second, aws)
        assert (result.version, result.code_sha256) == (2, second.code_sha256)


class TestLies:
    """Answers that are well formed, and untrue."""

    @pytest.mark.parametrize(
        "members",
        [
            {"Version": 77},
            {"LayerVersionArn": f"{ARN}:77"},
            {"LayerVersionArn": "arn:aws:lambda:us-east-1:000000000000:layer:other:2"},
            {"Version": 77, "LayerVersionArn": f"{ARN}:77"},
            {"Version": "2"},
        ],
    )
    def test_the_version_is_the_one_that_can_be_read(
        self, *, aws: Connection, publisher: Client, first: Artifact, second: Artifact, members: dict[str, Any]
    ) -> None:
        push_layer(BASE, first, aws)
        publisher.meta.events.register(
            "after-call.lambda.PublishLayerVersion", lambda parsed, **_: parsed.update(members)
        )
        result = push_layer(BASE, second, aws)
        assert (result.version, result.layer_version_arn) == (2, f"{ARN}:2")

    def test_a_number_that_is_listed_and_not_there_says_nothing(
        self, *, aws: Connection, requests: list[str], first: Artifact, second: Artifact, published: Published
    ) -> None:
        push_layer(BASE, first, aws)
        requests.clear()
        tell_once(aws, lambda parsed: parsed["LayerVersions"][0].update(Version=10))
        assert push_layer(BASE, second, aws).version == 2
        assert published() == {2: second.code_sha256, 1: first.code_sha256}
        assert requests.count(PUBLISH) == 1

    @pytest.mark.parametrize("broken", [{}, {"Version": "x"}])
    def test_after_a_201_nothing_is_sent_again(
        self, *, aws: Connection, publisher: Client, requests: list[str], first: Artifact, broken: dict[str, Any]
    ) -> None:
        def hide(parsed: dict[str, Any], **_: object) -> None:
            parsed["LayerVersions"] = []

        def empty(parsed: dict[str, Any], **_: object) -> None:
            metadata = parsed["ResponseMetadata"]
            parsed.clear()
            parsed.update(broken, ResponseMetadata=metadata)

        aws.client("lambda").meta.events.register("after-call.lambda.ListLayerVersions", hide)
        publisher.meta.events.register("after-call.lambda.PublishLayerVersion", empty)
        with pytest.raises(AwsError, match="answered that it published a version of base, but none can be") as caught:
            push_layer(BASE, first, aws)
        assert caught.value.exit_code == 7
        assert "a push that does not find it publishes one more" in caught.value.hint
        assert requests.count(PUBLISH) == 1

    def test_throttled_reading_does_not_publish_again(
        self, *, aws: Connection, faults: Faults, requests: list[str], first: Artifact
    ) -> None:
        faults[GET] = ["429 TooManyRequestsException: Rate exceeded"] * 10
        assert push_layer(BASE, first, aws).version == 1
        assert requests.count(PUBLISH) == 1


def tell_once(aws: Connection, lie: Callable[[dict[str, Any]], object]) -> None:
    """Have the first list of layer versions say something untrue."""
    lies = [lie]
    aws.client("lambda").meta.events.register(
        "after-call.lambda.ListLayerVersions", lambda parsed, **_: lies and lies.pop()(parsed)
    )


class TestDryRun:
    @pytest.mark.parametrize("route", [Route(), Route(transport="s3", s3_bucket="emulator")])
    def test_it_says_what_would_be_done_and_changes_nothing(
        self, *, aws: Connection, requests: list[str], first: Artifact, state: State, route: Route
    ) -> None:
        before = state()
        result = push_layer(LayerRequest(layer="base", route=route, dry_run=True), first, aws)
        assert (result.uploaded, result.published, result.dry_run) == (True, True, True)
        assert (result.version, result.layer_version_arn) == (None, None)
        assert result.transport == ("s3" if route.s3_bucket else "inline")
        assert requests == [LIST]
        assert state() == before

    def test_nothing_to_do_is_said_too(self, aws: Connection, first: Artifact) -> None:
        push_layer(BASE, first, aws)
        result = push_layer(LayerRequest(layer="base", dry_run=True), first, aws)
        assert (result.version, result.published, result.uploaded, result.dry_run) == (1, False, False, True)


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        (LayerRequest(layer="base", architectures=["sparc"]), "sparc"),
        (LayerRequest(layer="base", runtimes=[f"python3.{minor}" for minor in range(16)]), "at most 15"),
        (LayerRequest(layer="base", description="x" * 257), "description has 257 characters"),
        (LayerRequest(layer="base", license_info="x" * 513), "licence has 513 characters"),
        (LayerRequest(layer="a b"), "not a layer's name"),
        (LayerRequest(layer="base", timeout=0), "leaves no time"),
        (LayerRequest(layer="base", route=Route(transport="s3")), "needs a bucket"),
    ],
)
def test_what_makes_no_sense_is_refused_before_any_request(
    aws: Connection, requests: list[str], first: Artifact, request_: LayerRequest, words: str
) -> None:
    with pytest.raises(UsageError, match=words):
        push_layer(request_, first, aws)
    assert requests == []
