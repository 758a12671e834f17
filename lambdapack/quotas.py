"""How much one package may hold, and the two checks that both halves make of it."""

from collections.abc import Iterable

from lambdapack.errors import CheckError

UNZIPPED_LIMIT = 262_144_000
"""Bytes that function and layers may have when unzipped, exclusive ("Lambda quotas", Deployment
package size: 250 MB; recorded: 262,143,000 passes, 262,144,000 fails)."""

ENTRY_LIMIT = 65_535
"""Entries in an archive without zip64 (APPNOTE 4.4.21: two bytes), which format 1 does not use."""

LARGEST_SHOWN = 10
"""Entries that a message names where a whole is too large."""


def check_count(entries: int) -> None:
    """Raise ``CheckError`` where so many entries do not fit into one archive."""
    if entries > ENTRY_LIMIT:
        raise CheckError(
            f"the package would have more than {ENTRY_LIMIT:,} entries, and a zip without zip64 holds no more",
            hint="leave out what the function does not need: --exclude, .lambdaignore",
        )


def check_unzipped_size(contents: Iterable[tuple[str, int]]) -> None:
    """Raise ``CheckError`` that lists the largest of ``contents`` (names and bytes) where all are too much."""
    sizes = sorted(contents, key=lambda content: (-content[1], content[0]))
    total = sum(size for _, size in sizes)
    if total < UNZIPPED_LIMIT:
        return
    largest = [f"{size:,} {name}" for name, size in sizes[:LARGEST_SHOWN]]
    raise CheckError(
        f"the package has {total:,} bytes unzipped; Lambda takes less than {UNZIPPED_LIMIT:,}",
        hint="leave out what the function does not need; the largest entries are " + ", ".join(largest),
        unzipped_size=total,
        largest=largest,
    )
