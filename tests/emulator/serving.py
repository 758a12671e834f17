"""The emulator behind 127.0.0.1, in a thread of the test."""

import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path

from lambdapack.emulator.server import Server


@contextlib.contextmanager
def serving(directory: Path) -> Iterator[Server]:
    """Serve while the context lasts."""
    with Server(directory) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
