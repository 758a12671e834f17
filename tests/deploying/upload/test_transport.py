import base64
from collections.abc import Callable
from pathlib import Path

import pytest

from lambdapack.artifact import Artifact, CodeSha256
from lambdapack.deploying.upload.transport import INLINE_LIMIT, InlineTransport, Route, choose_transport
from lambdapack.errors import CheckError, LocalError, UsageError


def artifact(size: int) -> Artifact:
    return Artifact(path=Path("x.zip"), size=size, code_sha256=CodeSha256("0" * 44))


@pytest.mark.parametrize(
    ("size", "route", "chosen"),
    [
        (1, Route(), "inline"),
        (1, Route(s3_bucket="b"), "inline"),
        (1, Route(transport="s3", s3_bucket="b"), "s3"),
        (52_428_799, Route(), "inline"),
        (52_428_799, Route(s3_bucket="b"), "inline"),
        (52_428_800, Route(s3_bucket="b"), "s3"),
        (200_000_000, Route(s3_bucket="b"), "s3"),
    ],
)
def test_auto_is_inline_wherever_it_fits(size: int, route: Route, chosen: str) -> None:
    assert choose_transport(route, artifact(size)) == chosen


@pytest.mark.parametrize("route", [Route(), Route(transport="inline"), Route(transport="inline", s3_bucket="b")])
def test_what_does_not_fit_is_refused(route: Route) -> None:
    with pytest.raises(CheckError, match="fewer than 52,428,800") as caught:
        choose_transport(route, artifact(52_428_800))
    assert "--s3-bucket" in caught.value.hint


def test_a_transport_that_there_is_not_is_refused() -> None:
    with pytest.raises(UsageError, match="no transport 'pigeon'"):
        choose_transport(Route(transport="pigeon"), artifact(1))  # type: ignore[arg-type]


def test_s3_needs_a_bucket() -> None:
    with pytest.raises(UsageError, match="needs a bucket"):
        choose_transport(Route(transport="s3"), artifact(1))


def test_the_largest_zip_leaves_room_in_the_request() -> None:
    largest = INLINE_LIMIT - 1
    encoded = (largest + 2) // 3 * 4
    assert encoded == 69_905_068
    assert len(base64.b64encode(bytes(largest % 3000))) == (largest % 3000 + 2) // 3 * 4
    # "Request must be smaller than 70167211 bytes" (recorded); what is left is far more than the other parameters take.
    assert 70_167_211 - encoded == 262_143


def test_inline_sends_the_bytes_that_were_hashed(package: Callable[..., Artifact]) -> None:
    made = package("one = 1")
    sent: list[int] = []
    transport = InlineTransport(artifact=made, progress=sent.append)
    assert transport.stage().parameters == {"ZipFile": made.path.read_bytes()}
    assert sent == [made.size]


def test_inline_refuses_a_file_that_changed_since(package: Callable[..., Artifact]) -> None:
    made = package("one = 1")
    made.path.write_bytes(b"other")
    with pytest.raises(LocalError, match="changed"):
        InlineTransport(artifact=made, progress=print).stage()


def test_a_location_is_printed_without_the_package(package: Callable[..., Artifact]) -> None:
    assert (
        repr(InlineTransport(artifact=package("one = 1"), progress=print).find()) == "CodeLocation(transport='inline')"
    )
