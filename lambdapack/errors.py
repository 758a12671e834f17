"""The tree of errors: whose move it is decides the class, the class decides the exit code.

::

    LambdapackError            70   raised itself for a bug alone: ours (EX_SOFTWARE, sysexits.h)
    ├── UsageError              2   command line or configuration: yours
    ├── SourceError             3   the source tree is refused: yours
    ├── LockError               4   the lock, or what it asks for, is refused: yours
    │   └── WheelError              a wheel is refused
    ├── CheckError              5   the package or the plan fails a check: yours
    ├── LocalError              6   local input or output failed: your machine's
    │   └── CompressorError         the compressor is not the pinned one
    ├── AwsError                7   AWS refused, failed, timed out or was not reached: AWS's
    │   └── NotFoundError           the function, version, alias or bucket is not there
    └── ConflictError           8   the function is not what we agreed on: somebody else's

    Interruption                    a signal ended the run: 130 (SIGINT), 143 (SIGTERM), 129 (SIGHUP)

Rules for this file
- A message names the file, entry or function; a hint says what to do. Both are single lines.
- A hint names the command line's options, although a library raises it: that is where most of its readers are.
- ``details`` are JSON values that scripts may want (a path, a function, an AWS error code); they
  never hold credentials, environment values or whole answers of AWS.
- Nothing here prints or exits: ``cli.main`` renders an error once, for people and as JSON.
"""

from typing import ClassVar, TypeAlias

from lambdapack.masking import mask
from lambdapack.text import printable, shorten

Detail: TypeAlias = str | int | bool | list[str] | None


class LambdapackError(Exception):
    """The root of everything that lambdapack refuses or fails at.

    ``message`` says what is wrong, ``hint`` what to do, ``details`` are added to the JSON.
    """

    exit_code: ClassVar[int] = 70
    kind: ClassVar[str] = "internal"

    def __init__(self, message: str, *, hint: str, **details: Detail) -> None:
        """Keep the two sentences and the details; addresses are masked, control characters escaped, long ones cut."""
        self.message = shorten(printable(mask(message)))
        self.hint = shorten(printable(hint))
        self.details = details
        super().__init__(self.message)


class UsageError(LambdapackError):
    """The command line or the configuration cannot be understood or obeyed."""

    exit_code = 2
    kind = "usage"


class SourceError(LambdapackError):
    """The source tree holds something that does not go into a package, or nothing at all."""

    exit_code = 3
    kind = "source"


class LockError(LambdapackError):
    """The lock cannot be understood, or does not hold what the package's target needs."""

    exit_code = 4
    kind = "lock"


class WheelError(LockError):
    """A wheel is not what its lock promises, not what the standards allow, or clashes with another one."""

    kind = "wheel"


class CheckError(LambdapackError):
    """The package, or what would be done with it, breaks a rule that Lambda would enforce later."""

    exit_code = 5
    kind = "check"


class LocalError(LambdapackError):
    """Reading or writing on this machine failed."""

    exit_code = 6
    kind = "local"


class CompressorError(LocalError):
    """The compressor gives other bytes than the pinned one, so no package is made with it."""

    kind = "compressor"


class AwsError(LambdapackError):
    """AWS refused, failed, did not answer in time, or could not be reached."""

    exit_code = 7
    kind = "aws"


class NotFoundError(AwsError):
    """What was named is not there in this account and Region."""

    kind = "not-found"


class ConflictError(LambdapackError):
    """The function changed under us: its code or its RevisionId is not what was agreed on."""

    exit_code = 8
    kind = "conflict"


class Interruption(BaseException):
    """A signal asked the run to end; unwinding removes what is half done.

    ``signal_number`` becomes the exit code 128 + n, as shells report it (POSIX, section 2.8.2).
    """

    def __init__(self, signal_number: int) -> None:
        """Remember which signal it was."""
        self.signal_number = signal_number
        super().__init__(signal_number)
