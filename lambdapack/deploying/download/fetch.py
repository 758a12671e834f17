"""Downloading the package of a function, from its ``Code.Location`` into a file without a name, and proving it.

Rules for this file
- No location is printed, logged or quoted (``aws.location``).
- Bytes count as the package once their number and their SHA-256 are those that Lambda names. Until then they are
  in a temporary file that ends with the run; more bytes than announced are refused as they come.
- What goes wrong on the way is tried again with a fresh location: one is good for ten minutes (API reference,
  GetFunction).
"""

import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import BinaryIO

from lambdapack.artifact import CodeSha256, code_sha256
from lambdapack.deploying.aws.api import Answer, Aws
from lambdapack.deploying.aws.refusals import CHECK_ENDPOINT, GarbledError, UnansweredError
from lambdapack.deploying.function.session import Session
from lambdapack.deploying.function.state import FunctionState, function_state, wait_until_settled
from lambdapack.errors import CheckError, LocalError
from lambdapack.reporting import Meter, Progress

_DOWNLOAD_ATTEMPTS = 4

_LARGEST_PACKAGE = 300 << 20
"""Bytes of a zip: more than 262,144,000 do not come out of one that Lambda takes (Lambda quotas, deployment package
size), and with 65,535 entries half a kilobyte is left for each one's headers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeployedCode:
    """The package of a function, or of a version, where Lambda keeps it."""

    function: FunctionState
    size: int
    """Bytes of the zip."""
    location: str = field(repr=False)
    """A presigned URL; see the rules above."""

    @property
    def code_sha256(self) -> CodeSha256:
        """The hash that the bytes must have."""
        return CodeSha256(self.function.code_sha256)


def read_code(session: Session) -> DeployedCode:
    """Return where the code of the session's function is, once nothing is in progress.

    Raises ``NotFoundError`` where there is none, ``CheckError`` where it is an image.
    """
    function = wait_until_settled(session)
    if function.package_type != "Zip":
        raise CheckError(
            f"{function.arn} has the package type {function.package_type}: there is no zip to download",
            hint="pull the image from its registry; lambdapack show names it",
        )
    if function.by_reference and "Location" not in function.code:
        raise CheckError(
            f"{function.arn} runs from its package on S3, of which Lambda has no copy to hand out",
            hint="copy the object itself: aws s3 cp; the function's S3ObjectStorageMode is REFERENCE",
        )
    return session.get_function(deployed_code, qualifier=session.name.qualifier)


def deployed_code(answer: Answer, *, asked: str) -> DeployedCode:
    """Return the code that GetFunction answers with; raises ``GarbledError`` where it does not say where it is."""
    configuration = answer.get("Configuration") or {}
    location, size = (answer.get("Code") or {}).get("Location"), configuration.get("CodeSize")
    if not isinstance(location, str) or not isinstance(size, int):
        raise GarbledError("AWS does not say where the code of the function is", hint="run the command again")
    if not 0 <= size <= _LARGEST_PACKAGE:
        raise GarbledError(
            f"AWS answered with a CodeSize of {size:,} bytes; Lambda holds no package of that size", hint=CHECK_ENDPOINT
        )
    return DeployedCode(function=function_state(configuration, asked=asked), size=size, location=location)


@contextmanager
def download_code(session: Session, aws: Aws, *, meter: Meter) -> Iterator[tuple[DeployedCode, BinaryIO]]:
    """Yield the deployed code and a file that holds exactly its bytes, open at the beginning and gone afterwards.

    Raises ``AwsError`` where it cannot be had whole, ``LocalError`` where there is no room for it.
    """
    pause = session.deadline.pauses()
    for attempt in range(_DOWNLOAD_ATTEMPTS):
        code = read_code(session)
        try:
            file = _fetch(code, session, aws, meter=meter)
        except UnansweredError:
            if attempt == _DOWNLOAD_ATTEMPTS - 1:
                raise
            pause(f"the package of {session.label}")
        else:
            with file:
                yield code, file
            return


def _fetch(code: DeployedCode, session: Session, aws: Aws, *, meter: Meter) -> BinaryIO:
    """Return a nameless file of the package, proven; raises ``UnansweredError`` where other bytes come, or none."""
    with _room():
        file: BinaryIO = tempfile.TemporaryFile(prefix="lambdapack-")  # noqa: SIM115 - it is the caller's
    try:
        with meter(code.size) as progress:
            arrival = Arrival(code, file, progress)
            aws.download(code.location, about=session.label, deadline=session.deadline, take=arrival.take)
        arrival.prove()
    except BaseException:
        # On a full disk closing fails like writing, and says less.
        with suppress(OSError):
            file.close()
        raise
    return file


class Arrival:
    """A package on its way in: written, counted and hashed as it comes."""

    def __init__(self, code: DeployedCode, file: BinaryIO, progress: Progress) -> None:
        self._code = code
        self._file = file
        self._progress = progress
        self._digest = hashlib.sha256()
        self._size = 0

    def take(self, chunk: bytes) -> None:
        """Keep a chunk; raises ``UnansweredError`` where there are more than the package has."""
        self._size += len(chunk)
        if self._size > self._code.size:
            raise _other_package(self._code, f"more than the {self._code.size:,} bytes")
        self._digest.update(chunk)
        with _room():
            self._file.write(chunk)
        self._progress(len(chunk))

    def prove(self) -> None:
        """Go to the file's beginning; raises ``UnansweredError`` where what came is not the package."""
        with _room():
            self._file.seek(0)
        if self._size != self._code.size:
            raise _other_package(self._code, f"{self._size:,} instead of the {self._code.size:,} bytes")
        found = code_sha256(self._digest)
        if found != self._code.code_sha256:
            raise _other_package(self._code, f"the CodeSha256 {found} instead of the {self._code.code_sha256}")


def _other_package(code: DeployedCode, what: str) -> UnansweredError:
    return UnansweredError(
        f"what was downloaded for {code.function.arn} is not its package: it has {what} that Lambda names",
        hint="run the command again; if it stays so, something between here and AWS changes the bytes",
        code_sha256=code.code_sha256,
    )


@contextmanager
def _room() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise LocalError(
            f"cannot write a temporary file in {tempfile.gettempdir()}: {error.strerror}",
            hint="make room there, or name another directory with TMPDIR",
        ) from error
