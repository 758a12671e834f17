"""One request and its answer, as values: what an operation is given and what it gives back.

An operation is a pure function ``(World, Call) -> (World, Answer)``, or it raises ``RefusedError``. The time,
fresh identifiers and the bytes of deployment packages come in through the call.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol, TypeAlias

from lambdapack.emulator.refusals import invalid_parameter
from lambdapack.emulator.values import Members, World


class Blobs(Protocol):
    """Bytes kept under their own SHA-256 in hex; keeping the same bytes twice is the same as once."""

    def keep(self, data: bytes) -> str:
        """Keep ``data`` and return its name."""

    def read(self, name: str) -> bytes:
        """Return the bytes of that name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request, taken apart: ``parameters`` by the names of AWS's model, ``body`` as sent.

    ``now`` and ``settle`` are seconds; ``fresh`` gives a new UUID each time; ``packages`` is the address under
    which this emulator hands out packages (``Code.Location`` is that and the package's name).
    """

    operation: str
    region: str
    parameters: Members
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    now: float
    settle: float
    fresh: Callable[[], str]
    blobs: Blobs
    packages: str

    def text(self, name: str) -> str | None:
        """Return the parameter as text, or None where it is absent."""
        value = self.parameters.get(name)
        return None if value is None else str(value)

    def number(self, name: str) -> int | None:
        """Return the parameter as a whole number, or None where it is absent."""
        value = self.parameters.get(name)
        try:
            return None if value is None else int(value)
        except ValueError:
            raise invalid_parameter(f"Value '{value}' is not a valid number") from None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer: a JSON ``document`` (Lambda), or ``body`` as it stands (S3, IAM, packages)."""

    status: int = 200
    document: Members | None = None
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


Operation: TypeAlias = Callable[[World, Call], tuple[World, Answer]]
"""The account after the call, and what it answers; raises ``RefusedError``."""


def lambda_time(now: float) -> str:
    """Return the moment as Lambda writes it: ``2025-11-25T02:26:54.000+0000``."""
    return datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{int(now * 1000) % 1000:03}+0000"


def xml_time(now: float) -> str:
    """Return the moment as S3 and IAM write it in XML: ``2025-11-25T02:26:54.000Z``."""
    return lambda_time(now).replace("+0000", "Z")
