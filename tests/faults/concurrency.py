"""Eight processes push eight packages to one function at once, round after round, and never lie about it.

``python tests/faults/concurrency.py --rounds 50`` prints how it went; ``test_concurrency`` does a few rounds.
"""

import argparse
import tempfile
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Literal, TypeAlias

from tests.faults.account import shown_sha, zipped
from tests.faults.faultserver import FaultServer
from tests.faults.pushers import Done, Nursery, nursery

Via: TypeAlias = Literal["emulator", "server"]

PUSHERS = 8

SETTLE = 0.05
"""Seconds that an update stays in progress behind the server: others run into 409s then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """How one round went."""

    exit_codes: Counter[int]
    violations: list[str]


def contend(pushers: Nursery, directory: Path, *, via: Via, rounds: int) -> Iterator[Round]:
    """Yield each round as it ends; all push to one function of one account in ``directory``.

    They reach it in-process (``emulator``: the lock of the directory is all that orders them) or over sockets.
    """
    server = FaultServer(directory / "aws", packages={"first": zipped("first")})
    server.create()
    server.settle = SETTLE
    way = ["--emulator", str(server.directory)] if via == "emulator" else ["--endpoint-url", server.url]
    environment = {
        "HOME": str(directory),
        "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    with server.serving(), ThreadPoolExecutor(PUSHERS) as pool:
        for number in range(rounds):
            names = [f"{number}-{pusher}.zip" for pusher in range(PUSHERS)]
            codes = {}
            for name in names:
                data = zipped(name)
                (directory / name).write_bytes(data)
                codes[name] = shown_sha(data)
            arguments = (["push", "hello", "--zip", name, "--publish", "--json", *way] for name in names)
            done = list(
                pool.map(lambda line: pushers.start(*line, directory=directory, environment=environment), arguments)
            )
            versions = published(server)
            yield Round(
                exit_codes=Counter(each.exit_code for each in done),
                violations=list(
                    chain.from_iterable(
                        violations(codes[name], each, versions) for name, each in zip(names, done, strict=True)
                    )
                ),
            )


def published(server: FaultServer) -> dict[str, str]:
    """Return the CodeSha256 of every version, from all pages."""
    versions: dict[str, str] = {}
    marker = ""
    while True:
        page = server.ask(f"hello/versions?Marker={marker}" if marker else "hello/versions")
        versions |= {entry["Version"]: entry["CodeSha256"] for entry in page["Versions"]}
        marker = page.get("NextMarker", "")
        if not marker:
            return versions


def violations(ours: str, done: Done, versions: dict[str, str]) -> Iterator[str]:
    """Yield every way in which a pusher's end contradicts what the server holds."""
    holders = [version for version, code in versions.items() if code == ours and version != "$LATEST"]
    if done.exit_code == 0:
        if versions.get(done.version or "") != ours:
            yield f"exit 0, but version {done.version} holds {versions.get(done.version or '')}, not {ours}"
        if len(holders) > 1:
            yield f"versions {holders} hold the same package"
    elif done.exit_code != 8:
        yield f"exit {done.exit_code}: {done.stderr}"
    elif holders:
        yield f"exit 8, but version {holders} holds its package"


def main() -> None:
    """Print the figures of as many rounds as asked for."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--via", choices=["emulator", "server"], default="server")
    options = parser.parse_args()
    exit_codes: Counter[int] = Counter()
    found: list[str] = []
    with nursery() as pushers, tempfile.TemporaryDirectory() as directory:
        for number, played in enumerate(contend(pushers, Path(directory), via=options.via, rounds=options.rounds), 1):
            exit_codes += played.exit_codes
            found += played.violations
            for violation in played.violations:
                print(f"round {number}: {violation}")  # noqa: T201 - as below
    ends = ", ".join(f"{count} times exit {code}" for code, count in sorted(exit_codes.items()))
    print(f"{options.rounds} rounds of {PUSHERS} pushers via {options.via}: {ends}; {len(found)} violations")  # noqa: T201 - printing is what a script does


if __name__ == "__main__":
    main()
