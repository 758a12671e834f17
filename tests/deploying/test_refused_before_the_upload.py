from collections.abc import Callable
from typing import Any

import pytest

from lambdapack.artifact import Artifact
from lambdapack.deploying.aws.connection import Connection
from lambdapack.deploying.push import PushRequest, push
from lambdapack.deploying.upload.transport import Route
from lambdapack.errors import CheckError, NotFoundError, UsageError

Client = Any


@pytest.mark.usefixtures("hello")
class TestRefusedBeforeTheUpload:
    @pytest.mark.parametrize("dry_run", [True, False])
    def test_another_architecture(
        self, aws: Connection, operations: list[str], package: Callable[..., Artifact], *, dry_run: bool
    ) -> None:
        arm = package("arm = 1", architecture="arm64")
        with pytest.raises(CheckError, match="the package is for arm64, but hello runs on x86_64") as caught:
            push(PushRequest(function="hello", dry_run=dry_run), arm, aws)
        assert caught.value.exit_code == 5
        assert operations == ["GetFunction"]

    def test_an_image_function(self, aws: Connection, rival: Client, operations: list[str], second: Artifact) -> None:
        rival.create_function(
            FunctionName="image",
            Role="arn:aws:iam::000000000000:role/emulator",
            PackageType="Image",
            Code={"ImageUri": "000000000000.dkr.ecr.us-east-1.amazonaws.com/app@sha256:" + "0" * 64},
        )
        with pytest.raises(CheckError, match="package type Image"):
            push(PushRequest(function="image"), second, aws)
        assert operations == ["GetFunction"]

    def test_a_missing_function(self, aws: Connection, operations: list[str], second: Artifact) -> None:
        with pytest.raises(NotFoundError, match="missing") as caught:
            push(PushRequest(function="missing"), second, aws)
        assert caught.value.exit_code == 7
        assert "lambdapack create missing" in caught.value.hint
        assert operations == ["GetFunction"]

    @pytest.mark.parametrize(
        "request_",
        [
            PushRequest(function="a/b"),
            PushRequest(function="a" * 200),
            PushRequest(function="arn:aws:lambda:eu-west-1:000000000000:function:hello"),
            PushRequest(function="hello", alias="7"),
            PushRequest(function="hello", timeout=0),
            PushRequest(function="hello", timeout=float("nan")),
            PushRequest(function="hello", description="of no version"),
            PushRequest(function="hello", route=Route(transport="s3")),
        ],
    )
    def test_what_makes_no_sense(
        self, aws: Connection, operations: list[str], second: Artifact, request_: PushRequest
    ) -> None:
        with pytest.raises(UsageError) as caught:
            push(request_, second, aws)
        assert caught.value.exit_code == 2
        assert operations == []
