"""Whatever stumbles over a machine that is too small: exit 6, and the words say of what there is too little."""

import errno
import os
import subprocess
import sys
import threading
import zlib
from collections.abc import Callable
from contextlib import suppress

import pytest

from lambdapack import shortage as module
from lambdapack.cli.main import as_ours
from lambdapack.errors import AwsError, CheckError, LambdapackError, LocalError, LockError
from lambdapack.shortage import is_memory_short, shortage, shortage_said
from lambdapack.threads import Background, Results

MEMORY = "there is not enough memory"
THREADS = "cannot work in threads: can't start new thread"
FILES = "too many files are open"


def system(number: int, name: str | None = None) -> OSError:
    return OSError(number, os.strerror(number), name)


SHORTAGES = [
    (MemoryError(), MEMORY),
    (system(errno.ENOMEM, "x"), MEMORY),
    (ImportError("/usr/lib/libssl.so.3: failed to map segment from shared object"), MEMORY),
    (ImportError("libcrypto.so.3: cannot map zero-fill pages"), MEMORY),
    (ImportError("lib.so: cannot allocate memory in static TLS block"), MEMORY),
    (RuntimeError("can't start new thread"), THREADS),
    (system(errno.EMFILE), FILES),
    (system(errno.ENFILE, "a.py"), f"{FILES}: a.py"),
    (ImportError("libz.so.1: cannot open shared object file: Too many open files"), FILES),
    (system(errno.ENOSPC, "out"), "No space left on device: out"),
    (system(errno.EDQUOT), "Disk quota exceeded"),
    (system(errno.EFBIG, "out"), "File too large: out"),
]


@pytest.mark.parametrize(("error", "words"), SHORTAGES, ids=lambda case: str(case)[:40])
def test_each_is_the_machines_move_and_says_what_is_short(error: Exception, words: str) -> None:
    found = as_ours(error)

    assert isinstance(found, LocalError)
    assert (found.message, found.exit_code) == (words, 6)


def raised(raise_it: Callable[[], None]) -> Exception:
    try:
        raise_it()
    except Exception as error:  # noqa: BLE001 - whatever it is
        return error
    pytest.fail("nothing was raised")


@pytest.mark.parametrize("family", [LockError, CheckError, AwsError])
@pytest.mark.parametrize("chained", [True, False])
def test_an_error_that_came_of_it_is_not_a_lie_about_a_file_or_aws(
    family: type[LambdapackError],
    chained: bool,  # noqa: FBT001 - a case
) -> None:
    def blame() -> None:
        try:
            bytearray(1 << 62)
        except MemoryError as error:
            raise family("it is broken", hint="mend it") from error if chained else None

    found = as_ours(raised(blame))

    assert isinstance(found, LocalError)
    assert found.message == MEMORY


def test_a_local_error_keeps_its_own_words() -> None:
    own = LocalError("cannot write out.zip: No space left on device", hint="free space on that disk and run again")
    own.__cause__ = system(errno.ENOSPC)

    assert as_ours(own) is own


@pytest.mark.parametrize(
    "error",
    [
        FileNotFoundError(errno.ENOENT, "No such file or directory", "/home/out of memory/too many open files"),
        LockError("the lock says: cannot allocate memory", hint="out of memory"),
        ValueError("Out of memory"),
        ConnectionResetError(errno.ECONNRESET, "Connection reset by peer"),
        BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable"),
        zlib.error("Error -3 while decompressing data: invalid block type"),
        ImportError("cannot import name 'x' from 'y'"),
    ],
    ids=lambda error: str(error)[:40],
)
def test_nothing_else_is_taken_for_one(error: Exception) -> None:
    assert shortage(error) is None
    assert not is_memory_short()


def test_an_error_that_was_dealt_with_counts_no_more() -> None:
    def later() -> None:
        with suppress(MemoryError):
            bytearray(1 << 62)
        raise LockError("it is broken", hint="mend it")

    assert shortage(raised(later)) is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("memory allocation of 1048576 bytes failed", MEMORY),
        ("error: failed to map file\n  Caused by: Cannot allocate memory (os error 12)", MEMORY),
        ("thread 'main' panicked: failed to spawn thread: Os { code: 11 }: again (os error 11)", THREADS),
        ("error: Too many open files (os error 24)", FILES),
        ("error: failed to write: No space left on device (os error 28)", "No space left on device"),
        ("No solution found when resolving dependencies", None),
    ],
)
@pytest.mark.skipif(sys.platform != "linux", reason="the numbers are Linux's")
def test_what_uv_was_short_of_is_known_by_its_words(text: str, words: str | None) -> None:
    found = shortage_said(text)

    assert (found.message if found else None) == words


NEAR_THE_LIMIT = """
import resource, sys
from lambdapack import shortage as module
from lambdapack.cli.main import as_ours
peak = int(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmPeak"))) << 10
resource.setrlimit(resource.RLIMIT_AS, (peak + int(sys.argv[1]), resource.RLIM_INFINITY))
print(type(as_ours(SystemError("error return without exception set"))).__name__)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="proc(5)")
@pytest.mark.parametrize(("left", "kind"), [(30 << 20, "LocalError"), (300 << 20, "SystemError")])
def test_a_bug_near_the_limit_of_memory_is_taken_for_a_want_of_it_and_no_other(left: int, kind: str) -> None:
    done = subprocess.run([sys.executable, "-c", NEAR_THE_LIMIT, str(left)], check=True, capture_output=True, text=True)

    assert done.stdout == f"{kind}\n"


def wait_for_results() -> None:
    results = Results[None]()
    results.expect(lambda: None)
    list(results.each())


def wait_for_work_in_the_background() -> None:
    done = threading.Event()
    with Background(lambda _: done.wait(10), name="stuck") as background:
        background.give(b"block")
        try:
            background.finish()
        finally:
            done.set()


@pytest.mark.parametrize("wait", [wait_for_results, wait_for_work_in_the_background])
def test_a_thread_that_memory_keeps_from_coming_back_is_not_waited_for(
    wait: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_can_have", lambda _: False)
    monkeypatch.setattr(module, "_reserve", [bytearray(1)])

    error = raised(wait)

    assert (type(error), str(error)) == (LocalError, MEMORY)
    assert module._reserve == []  # noqa: SLF001 - it was given back


def test_threads_that_cannot_be_started_are_not_a_bug(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    from lambdapack.deploying.aws.attempt import run_bounded  # noqa: PLC0415 - only this test needs it
    from lambdapack.deploying.aws.deadline import Deadline  # noqa: PLC0415 - as above

    error = raised(lambda: run_bounded(lambda: None, operation="GetFunction", subject="f", deadline=Deadline.after(60)))

    found = as_ours(error)
    assert isinstance(found, LocalError)
    assert found.message == THREADS
