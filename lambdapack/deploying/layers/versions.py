"""Reading a layer's versions.

A version never changes, and its number is never used again, also after the version was deleted (recorded:
TestLambdaLayer::test_layer_lifecycle). So whatever has a higher number than all that were listed before is new.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from lambdapack.deploying.aws.api import Answer, LambdaApi
from lambdapack.deploying.aws.deadline import Deadline
from lambdapack.deploying.aws.reading import read_list, read_patiently
from lambdapack.deploying.aws.refusals import GarbledError
from lambdapack.deploying.layers.names import LayerName, version_arn_is
from lambdapack.errors import NotFoundError
from lambdapack.reporting import Tell, silent


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerVersion:
    """One version of a layer, as AWS has it."""

    number: int
    arn: str
    code_sha256: str
    runtimes: frozenset[str] = frozenset()
    architectures: frozenset[str] = frozenset()
    license_info: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerSession:
    """One run of a command about one layer."""

    name: LayerName
    lambda_api: LambdaApi
    tell: Tell = silent

    @property
    def deadline(self) -> Deadline:
        """When the run gives up."""
        return self.lambda_api.deadline


def read_numbers(session: LayerSession) -> Iterator[int]:
    """Yield the numbers of the layer's versions from the newest on (recorded), page after page as they are wanted.

    There is none where the layer is not there: AWS does not tell that from one without versions (recorded).
    """
    name = session.name.given
    for entry in read_list(session.lambda_api, "ListLayerVersions", "LayerVersions", about=name, LayerName=name):
        yield _number_in(entry)


def read_version(session: LayerSession, number: int) -> LayerVersion | None:
    """Return that version, or None where it is not there, or no longer."""
    name = session.name.given

    def read() -> LayerVersion:
        answer = session.lambda_api("GetLayerVersion", LayerName=name, VersionNumber=number)
        found = layer_version(answer, asked=name)
        if found.number != number:
            raise GarbledError(
                f"AWS answered with version {found.number} of {name} when asked for {number}",
                hint="run the command again",
            )
        return found

    try:
        return read_patiently(session.lambda_api, read, about=name)
    except NotFoundError:
        return None


def read_newest(session: LayerSession) -> LayerVersion | None:
    """Return the newest version that can be read, None where there is none.

    One that is listed and not there is passed over. It was deleted since, and its number never comes back; or the list
    is wrong, and then its number says nothing about what is new.
    """
    return next((found for number in read_numbers(session) if (found := read_version(session, number))), None)


def layer_version(answer: Answer, *, asked: str) -> LayerVersion:
    """Return the version in an answer of PublishLayerVersion or GetLayerVersion about the layer that was ``asked`` for.

    Raises ``GarbledError`` where it is none, or of another layer, or its ARN and its number differ.
    """
    number = _number_in(answer)
    content = answer.get("Content")
    code_sha256 = content.get("CodeSha256") if isinstance(content, dict) else None
    arn = answer.get("LayerVersionArn")
    if not code_sha256 or not isinstance(arn, str):
        raise GarbledError("AWS answered for a layer version without its content", hint="run the command again")
    if not version_arn_is(arn, asked=asked, number=number):
        raise GarbledError(
            f"AWS answered about version {number} ({arn}) when asked about the layer {asked}",
            hint="run the command again",
        )
    return LayerVersion(
        number=number,
        arn=arn,
        code_sha256=code_sha256,
        runtimes=frozenset(answer.get("CompatibleRuntimes") or ()),
        architectures=frozenset(answer.get("CompatibleArchitectures") or ()),
        license_info=answer.get("LicenseInfo") or "",
        description=answer.get("Description") or "",
    )


def _number_in(answer: Answer) -> int:
    number = answer.get("Version")
    if not isinstance(number, int):
        raise GarbledError("AWS answered for a layer version without its number", hint="run the command again")
    return number
