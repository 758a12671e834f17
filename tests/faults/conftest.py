"""A nursery of pushers for the whole run, and for each test an AWS that misbehaves by script."""

import contextlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from tests.faults.account import zipped
from tests.faults.faultserver import FaultServer, Script
from tests.faults.pushers import Nursery, nursery


@pytest.fixture(scope="session")
def pushers() -> Iterator[Nursery]:
    """Start pushers as whole processes, quickly."""
    with nursery() as ready:
        yield ready


@pytest.fixture(scope="session")
def packages() -> dict[str, bytes]:
    """The package of each party; ``other`` is what nobody meant."""
    return {party: zipped(f"PARTY = {party!r}\n") for party in ("first", "ours", "theirs", "other")}


@pytest.fixture(scope="session")
def credentials() -> dict[str, str]:
    """AWS's own examples of credentials, and a Region."""
    return {
        "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
    }


@pytest.fixture
def environment(credentials: Mapping[str, str], tmp_path: Path) -> dict[str, str]:
    """The environment of a pusher, with nothing of this machine's."""
    return {**credentials, "HOME": str(tmp_path)}


@pytest.fixture
def serve(tmp_path: Path, packages: Mapping[str, bytes]) -> Iterator[Callable[..., FaultServer]]:
    """Start servers that follow scripts, in which ``hello`` holds ``first``; our package is ``ours.zip``."""
    (tmp_path / "ours.zip").write_bytes(packages["ours"])
    with contextlib.ExitStack() as stack:

        def serve(*scripts: Script) -> FaultServer:
            directory = tmp_path / f"aws-{len(list(tmp_path.glob('aws-*')))}"
            server = FaultServer(directory, *scripts, packages=packages)
            server.create()
            return stack.enter_context(server.serving())

        yield serve
