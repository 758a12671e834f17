"""The emulator's directory: one document with the whole state, and the packages under their own hashes.

::

    DIRECTORY/state.json      the account, as ``codec`` writes it
    DIRECTORY/lock            held (flock) by whoever changes the state
    DIRECTORY/blobs/HEX       bytes of packages and objects, named by their SHA-256; never changed, never removed

Rules for this file
- A change is: lock, sweep, read, compute, write beside, fsync, rename, fsync the directory, unlock. Killed at any
  point it leaves the old state or the new one, and at most a file ``*.tmp`` that nobody reads and the next one sweeps:
  whoever holds the lock is the only one who writes.
- A read takes no lock: rename has put a whole document there, or the one before it.
- The lock belongs to the open file, so threads exclude each other as processes do, and a process that dies
  gives it up.
- The directory is private (0700), and so is every file in it (0600): functions' environments are in them.
"""

import contextlib
import hashlib
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from lambdapack.emulator.calls import Answer, Call, Operation
from lambdapack.emulator.codec import decode, encode
from lambdapack.emulator.values import World, beginning
from lambdapack.errors import LocalError, NotFoundError
from lambdapack.waiting import lock, try_lock

_HEX = re.compile(r"[0-9a-f]{64}")

_KEPT_LOCKED = "end the process that keeps it locked (fuser names it), or name another directory"
"""What to do where another process keeps the lock."""


class Blobs:
    """Bytes under their own hash, in one directory (see ``calls.Blobs``)."""

    def __init__(self, directory: Path) -> None:
        """Keep them in ``directory``, which is made when the first ones come."""
        self.directory = directory

    def keep(self, data: bytes) -> str:
        """Keep ``data``; what is there already is not written again."""
        name = hashlib.sha256(data).hexdigest()
        path = self.directory / name
        if not path.exists():
            self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_atomically(path, data)
        return name

    def read(self, name: str) -> bytes:
        """Return the bytes of that name; raises NotFoundError where there are none."""
        path = self.directory / name
        if not _HEX.fullmatch(name) or not path.is_file():
            raise NotFoundError(
                f"{path}: the emulator has no such package", hint="look the function up again for its present address"
            )
        return path.read_bytes()

    def paths(self) -> list[Path]:
        """Return the files that hold packages."""
        files = self.directory.iterdir() if self.directory.is_dir() else ()
        return [path for path in files if _HEX.fullmatch(path.name)]


class Store:
    """The state of one emulated account, shared by all processes that were given the same directory."""

    def __init__(self, directory: Path) -> None:
        """Use ``directory``; nothing is written before the first change."""
        self.directory = directory
        self.blobs = Blobs(directory / "blobs")
        self._state = directory / "state.json"
        self._locked = directory / "lock"

    @property
    def paths(self) -> tuple[Path, ...]:
        """The emulator's own files and directories; whatever else is in its directory is somebody else's."""
        return self._state, self._locked, self.blobs.directory

    def look(self, operation: Operation, call: Call) -> Answer:
        """Run an operation that changes nothing."""
        return operation(self.world(), call)[1]

    def change(self, operation: Operation, call: Call) -> Answer:
        """Run an operation alone, and write the world that it leaves if that is another one."""
        with self._alone():
            before = self.world()
            after, answer = operation(before, call)
            if after is not before:
                write_atomically(self._state, encode(after))
            return answer

    def world(self) -> World:
        """Return the account as it is; raises LocalError where the document cannot be read."""
        try:
            if not self._state.is_file() and self._state.exists():  # a FIFO would be waited for
                raise LocalError(
                    f"{self._state}: not a file that the emulator can read", hint="remove it, or name another directory"
                )
            return decode(World, self._state.read_bytes())
        except FileNotFoundError:
            return beginning()
        except OSError as error:
            raise LocalError(
                f"{self._state}: cannot be read by the emulator ({error.strerror})",
                hint="check the file, its permissions and its disk; what it holds may be whole",
            ) from error
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise LocalError(
                f"{self._state}: not a state of the emulator ({type(error).__name__})",
                hint="start anew with `lambdapack emulator reset`, or name another directory",
            ) from error

    def reset(self) -> None:
        """Forget everything; what is in the directory besides the emulator's own files stays."""
        with self._alone():
            self._state.unlink(missing_ok=True)
            for path in self.blobs.paths():
                path.unlink()

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """Hold the lock: no other process or thread changes the state meanwhile."""
        try:
            self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(self._locked, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise self._unusable(error, hint="name a directory that you may write to") from error
        try:
            self._lock(descriptor)
            self._sweep()
            yield
        finally:
            os.close(descriptor)

    def lock_error(self, *, seconds: float) -> LocalError | None:
        """Return the error for a client that waited so long in vain, if another process keeps the lock."""
        try:
            descriptor = os.open(self._locked, os.O_RDWR)
            try:
                free = try_lock(descriptor)
            finally:
                os.close(descriptor)
        except OSError:
            return None
        if free:
            return None
        return LocalError(
            f"{self._locked}: was kept locked for {seconds:.0f} s, so the emulator had no turn", hint=_KEPT_LOCKED
        )

    def _lock(self, descriptor: int) -> None:
        """Return when the lock is ours; raises LocalError where another process keeps it, or there are no locks."""
        try:
            lock(descriptor, name=str(self._locked))
        except TimeoutError as error:
            raise self._unusable(error, hint=_KEPT_LOCKED) from error
        except OSError as error:
            raise self._unusable(error, hint="name a directory on a file system that has locks (flock)") from error

    def _unusable(self, error: OSError, *, hint: str) -> LocalError:
        return LocalError(f"{self.directory}: cannot be used by the emulator ({error.strerror})", hint=hint)

    def _sweep(self) -> None:
        """Remove what a killed process left half written, whatever it was called; what cannot be removed stays."""
        for folder, pattern in ((self.directory, f"{self._state.name}.*.tmp"), (self.blobs.directory, "*.tmp")):
            for path in folder.glob(pattern):
                with contextlib.suppress(OSError):
                    path.unlink()


def write_atomically(path: Path, data: bytes) -> None:
    """Write ``data`` to ``path`` so that a reader, or a crash, finds all of it or what was there before.

    Only who holds the lock may do so: anybody else's temporary file is swept.
    """
    temporary = path.with_name(f"{path.name}.{os.urandom(6).hex()}.tmp")
    try:
        # Opened before the rename: where no further file can be open, nothing has changed.
        with _make_durable(path.parent):
            try:
                flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
                with os.fdopen(os.open(temporary, flags, 0o600), "wb") as stream:
                    stream.write(data)
                    stream.flush()
                    os.fsync(stream.fileno())
                temporary.replace(path)
            except BaseException:
                temporary.unlink(missing_ok=True)
                raise
    except OSError as error:
        raise LocalError(
            f"{path}: the emulator cannot write it ({error.strerror})", hint="make room, or name another directory"
        ) from error


@contextlib.contextmanager
def _make_durable(folder: Path) -> Iterator[None]:
    """Make durable what is renamed in a directory; not on Windows, where none can be opened."""
    if sys.platform == "win32":
        yield
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        yield
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
