"""AWS as we use it: what the stories may ask of an account, and of each service.

An AWS service is one function from an operation's name to its answer, ``lambda_api("GetFunction",
FunctionName=…)``, so that a reader finds the very words of AWS's reference, and a test needs no mock.
Whatever goes wrong comes out as one of the errors of ``lambdapack.errors`` (``refusals`` names those that the
stories handle).
"""

from collections.abc import Callable, Mapping
from typing import Any, Literal, Protocol, TypeAlias

from lambdapack.artifact import CodeSha256
from lambdapack.deploying.aws.deadline import Deadline

Answer: TypeAlias = Mapping[str, Any]
"""What AWS answered. Never printed, logged or kept: it holds the function's environment."""

LambdaOperation: TypeAlias = Literal[
    "CreateAlias",
    "CreateFunction",
    "DeleteAlias",
    "DeleteFunction",
    "GetAlias",
    "GetFunction",
    "GetLayerVersion",
    "ListAliases",
    "ListFunctions",
    "ListLayerVersions",
    "ListVersionsByFunction",
    "PublishLayerVersion",
    "PublishVersion",
    "UpdateAlias",
    "UpdateFunctionCode",
    "UpdateFunctionConfiguration",
]


class Client(Protocol):
    """A service, each call of which ends at the run's deadline."""

    @property
    def deadline(self) -> Deadline:
        """When the run gives up."""


class LambdaApi(Client, Protocol):
    """Lambda's control plane in one Region."""

    def __call__(self, operation: LambdaOperation, /, **parameters: object) -> Answer:
        """Return the answer to one operation; raises the errors of ``refusals`` and ``unreached``."""


class S3Api(Client, Protocol):
    """The little of S3 that a deployment package needs."""

    def __call__(self, operation: Literal["HeadObject", "PutObject"], /, **parameters: object) -> Answer:
        """Return the answer to one operation; raises the errors of ``refusals`` and ``unreached``."""

    def download(self, take: Callable[[bytes], object], /, **parameters: object) -> CodeSha256:
        """Hand the bytes that GetObject sends to ``take``, chunk by chunk, and return their SHA-256."""


class SignerApi(Client, Protocol):
    """The little of AWS Signer that a signed package needs."""

    def __call__(self, operation: Literal["DescribeSigningJob", "StartSigningJob"], /, **parameters: object) -> Answer:
        """Return the answer to one operation; raises the errors of ``refusals`` and ``unreached``."""


class Shape(Protocol):
    """A part of a request as botocore's model describes it: what each attribute is for depends on the type."""

    @property
    def type_name(self) -> str:
        """The kind of value: ``structure``, ``list``, ``map``, ``string``, ``integer``, ``boolean`` and so on."""

    @property
    def members(self) -> "Mapping[str, Shape]":
        """What a structure holds, by name."""

    @property
    def member(self) -> "Shape":
        """What a list holds."""

    @property
    def value(self) -> "Shape":
        """What a map holds."""


class Aws(Protocol):
    """An account in a Region."""

    @property
    def region(self) -> str:
        """The Region that every request goes to, such as ``us-east-1``."""

    @property
    def client_version(self) -> str:
        """The version of botocore, whose model decides which parameters there are."""

    def request_shape(self, operation: LambdaOperation) -> Shape:
        """Return what a request to Lambda may hold, as the installed botocore knows it; no request is made."""

    def lambda_api(self, deadline: Deadline) -> LambdaApi:
        """Return Lambda, each call of which ends at ``deadline``."""

    def download(self, location: str, *, about: str, deadline: Deadline, take: Callable[[bytes], object]) -> None:
        """Hand the bytes of a package to ``take``, chunk by chunk; ``location`` is a ``Code.Location``.

        Raises the errors of ``refusals`` and ``unreached``, none of which quotes ``location``: it holds credentials.
        """

    def s3_api(self, deadline: Deadline) -> S3Api:
        """Return S3, each call of which ends at ``deadline``."""

    def signer_api(self, deadline: Deadline) -> SignerApi:
        """Return AWS Signer, each call of which ends at ``deadline``."""
