"""The deployment package on disk: what packing hands over and deploying publishes.

``Artifact`` is the one value that both halves know. Packing makes it in the pass that writes the
zip; ``open_artifact`` makes it from a file that is already there, and hashes that file for it:
nothing is published on the word of an earlier run.
"""

import binascii
import hashlib
import os
import stat
import struct
from pathlib import Path
from typing import NewType

from lambdapack.disk.reading import NOT_WAITING, is_machines, read_error, reading
from lambdapack.errors import CheckError, LocalError, UsageError
from lambdapack.values import Value

CodeSha256 = NewType("CodeSha256", str)
"""Base64 (standard alphabet, padded, 44 characters) of the SHA-256 of a zip's bytes: Lambda's own
name and spelling (API reference, FunctionConfiguration), and S3's ChecksumSHA256 of the same file."""

READ_SIZE = 1 << 20
"""Bytes a read while hashing: large enough that the calls cost nothing, small enough for any memory."""


class Artifact(Value):
    """A deployment package: a zip on disk and the hash of exactly its bytes."""

    path: Path
    size: int
    """Bytes of the zip."""
    code_sha256: CodeSha256
    architecture: str | None = None
    """What the package was built for, where that is known: ``x86_64`` or ``arm64``."""
    runtime: str | None = None

    @property
    def sha256_hex(self) -> str:
        """The same hash as 64 hexadecimal digits, as S3 keys and people spell it."""
        return binascii.a2b_base64(self.code_sha256).hex()

    def read(self) -> bytes:
        """Return the zip's bytes, after proving that they are still those that were hashed.

        Raises ``LocalError`` where the file cannot be read or was changed since.
        """
        try:
            content = self.path.read_bytes()
        except OSError as error:
            raise unreadable(self.path, error) from error
        if code_sha256(hashlib.sha256(content)) != self.code_sha256:
            hint = "another build writes to it; run lambdapack push again"
            raise LocalError(f"{self.path} changed while it was being pushed", hint=hint)
        return content


def open_artifact(
    path: str | os.PathLike[str], *, runtime: str | None = None, architecture: str | None = None
) -> Artifact:
    """Return the ``Artifact`` of the zip at ``path``, hashing its bytes as they lie on disk.

    Raises ``UsageError`` where there is no such file, ``LocalError`` where it cannot be read.
    """
    digest, size = hashlib.sha256(), 0
    try:
        # A FIFO is refused below; opening it must not wait for a writer.
        with os.fdopen(os.open(path, os.O_RDONLY | NOT_WAITING), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise UsageError(f"{path} is not a regular file", hint="give --zip the path of a deployment package")
            while chunk := file.read(READ_SIZE):
                digest.update(chunk)
                size += len(chunk)
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError) as error:
        message = f"there is no deployment package at {path}"
        raise UsageError(message, hint="build it first: lambdapack build") from error
    except (ValueError, TypeError) as error:  # NUL, a lone surrogate, no path
        raise UsageError(f"{path!r} names no file", hint="give the path of a deployment package") from error
    except OSError as error:
        raise unreadable(path, error) from error
    return Artifact(
        path=Path(path), size=size, code_sha256=code_sha256(digest), runtime=runtime, architecture=architecture
    )


def list_entries(artifact: Artifact) -> list[tuple[str, int]]:
    """Return name and unzipped size in bytes of each entry; raises ``CheckError`` where the file is no zip."""
    import zipfile  # noqa: PLC0415 - 3 ms, and a build reads no zip

    try:
        with reading(artifact.path), zipfile.ZipFile(artifact.path) as archive:
            found = [(entry.filename, entry.file_size) for entry in archive.infolist() if not entry.is_dir()]
    except zip_faults() as error:
        raise CheckError(f"{artifact.path} is not a zip archive", hint="build it again: lambdapack build") from error
    except OSError as error:
        raise unreadable(artifact.path, error) from error
    if not found:
        raise CheckError(f"{artifact.path} holds no file", hint="Lambda refuses an empty package; build it again")
    return found


def zip_faults() -> tuple[type[Exception], ...]:
    """Return all that zipfile raises for a file that is no zip, or whose entries cannot be read.

    ``ValueError`` stands for names that are not UTF-8, ``RuntimeError`` for encryption and unknown compression.
    """
    import zipfile  # noqa: PLC0415 - as above
    import zlib  # noqa: PLC0415 - as above

    return zipfile.BadZipFile, RuntimeError, ValueError, EOFError, OverflowError, struct.error, zlib.error


def code_sha256(digest: "hashlib._Hash") -> CodeSha256:
    """Return a finished SHA-256 the way Lambda spells it."""
    return CodeSha256(binascii.b2a_base64(digest.digest(), newline=False).decode("ascii"))


def unreadable(path: str | os.PathLike[str], error: OSError) -> LocalError:
    """Return the error for a package that the system does not let us read."""
    if is_machines(error):
        return read_error(path, error)
    return LocalError(f"cannot read {path}: {error.strerror}", hint="check the file and its permissions")
