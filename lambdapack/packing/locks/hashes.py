"""Which of a lock's hashes are proven, and how."""

import hashlib
from collections.abc import Mapping

from lambdapack.errors import LockError, WheelError
from lambdapack.packing.locks.selection import LockedWheel

STRONG = {
    "sha256": 64,
    "sha512": 128,
    "sha384": 96,
    "blake2b": 128,
    "blake2s": 64,
    "sha3_256": 64,
    "sha3_512": 128,
    "sha3_384": 96,
}
"""Hashes that prove a wheel, under hashlib's names, and how many hexadecimal digits they have.

The fastest come first: SHA-256 runs in hardware (SHA-NI, Armv8). They are those of ``hashlib.algorithms_guaranteed``
with a fixed length of 256 bits or more: nobody is known to be able to make two files for one of these.
"""

CONTRADICTION = "the lock contradicts itself about this wheel: lock again"
"""Another hash was the wheel's, or its bytes would not have been taken."""


def leading(hashes: Mapping[str, str]) -> str:
    """Return the algorithm that a wheel is known by; raises ``LockError`` where there is no strong one."""
    for algorithm in STRONG:
        if algorithm in hashes:
            return algorithm
    raise LockError(
        f"the lock gives a wheel no strong hash, only {', '.join(sorted(hashes)) or 'none'}",
        hint="lock again with a tool that writes sha256",
    )


def is_known_by(content: bytes, hashes: Mapping[str, str]) -> bool:
    """Return whether the content has the leading one of ``hashes``; raises what ``digest_of`` raises."""
    algorithm = leading(hashes)
    return digest_of(content, algorithm) == hashes[algorithm]


def digest_of(content: bytes, algorithm: str) -> str:
    """Return the content's hexadecimal digest; raises ``LockError`` where this Python cannot compute it."""
    try:
        return new_hash(algorithm, content).hexdigest()
    except (ValueError, TypeError) as error:  # shake_128 wants a length: TypeError
        reason = f"the lock gives a hash of the kind {algorithm}, which is not known"
        raise LockError(reason, hint="lock again") from error


def new_hash(algorithm: str, content: bytes = b"") -> "hashlib._Hash":
    """Return the hash of the content so far; raises ``ValueError`` where this Python does not know the algorithm."""
    return hashlib.new(algorithm, content, usedforsecurity=False)


def check(locked: LockedWheel, content: bytes) -> None:
    """Raise ``WheelError`` where the size or any of the lock's hashes is not the content's."""
    if locked.size is not None and len(content) != locked.size:
        raise WheelError(
            f"{locked.filename} has {len(content):,} bytes, the lock says {locked.size:,}", hint=CONTRADICTION
        )
    for algorithm, wanted in locked.hashes.items():
        found = digest_of(content, algorithm)
        if found != wanted:
            raise WheelError(
                f"{locked.filename} has {algorithm}:{found}, the lock says {algorithm}:{wanted}", hint=CONTRADICTION
            )
