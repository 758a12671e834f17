"""Patterns made to explode: no name takes more than 10 ms, whatever the patterns, or they are refused by name."""

import random
import time
from collections.abc import Iterator, Sequence

from lambdapack.packing.patterns.automaton import PLACES, places
from lambdapack.packing.patterns.gitignore import LONGEST, UnreadableError, read_glob
from lambdapack.packing.patterns.rules import TEXT, compile_rules, from_list, is_plain

LIMIT = 0.010
"""Seconds for one name."""

ABOVE = 5
"""A name of 2,000 parts, asked about with all 2,000 directories above it, may take as many times as long."""

UNITS = ("*a", "*a?", "**/a/", "**/*a*/", "[ab]*", "[!c]", "?", "?*", "*[[:alpha:]]", "a*/", "*a[a-c]", "\\a*", "**/")
SIZES = (20, 60, 200, 1_000, 4_000)
ROUNDS = 5
"""Files of 1,000 random lines, for each length of line."""


def ignore_files(choose: random.Random, *, sizes: Sequence[int], rounds: int) -> Iterator[list[str]]:
    """Yield lists of patterns, each of which makes some engine slow; ``sizes`` are those of the patterns, in bytes."""
    for unit in UNITS:
        for size in sizes:
            text = unit * (size // len(unit))
            yield [f"{text}b"]
            yield [f"*{text}b", f"/{text}b*", f"!{text}?"]
            yield [f"{text[: size // 20]}{number}" for number in range(1_000)]
    # With one star, which needs no machine: as many as there may be.
    yield [f"/a*{'e' * (number % 90)}{'e' if number % 7 else 'a'}" for number in range(10_000)]
    yield [f"{'a' * (number % 80)}*{'a' * (number // 80 % 80)}" for number in range(6_400)]
    yield ["/a*e"] * 52_000
    for _ in range(rounds):
        for size in sizes:
            yield ["".join(choose.choice((*UNITS, "a", "b", "/")) for _ in range(size // 3)) for _ in range(1_000)]


def names() -> list[str]:
    """Return names on which they explode."""
    choose = random.Random(1)  # noqa: S311 - repeatable, not secret
    mixed = "".join(choose.choice("aaab/") for _ in range(LONGEST)).strip("/")
    return [
        *("a" * LONGEST, "ab" * (LONGEST // 2), "a/" * (LONGEST // 2 - 1) + "a", "a" * 60),
        *("/".join(["a" * 255] * 16), "/".join(part for part in mixed.split("/") if part)),
    ]


def measure(lines: list[str]) -> float:
    """Return the longest time that one name took, in seconds of this thread: with as many lines as there may be."""
    kept: list[str] = []
    room, size = PLACES, TEXT
    for line in lines:
        try:
            glob = read_glob(line)
        except UnreadableError:
            continue
        room -= 0 if is_plain(glob) else places(glob)
        size -= len(line)
        if min(room, size) < 0:
            break
        kept.append(line)
    rules = compile_rules(from_list(kept, source="x"))
    worst = worst_above = 0.0
    for name in names():
        begun = time.thread_time()
        rules.verdict(name)
        worst = max(worst, time.thread_time() - begun)
        begun = time.thread_time()
        rules.nearest(name)
        worst_above = max(worst_above, time.thread_time() - begun)
    return max(worst, worst_above / ABOVE)


def run() -> bool:
    """Measure all of them."""
    choose = random.Random(2)  # noqa: S311 - repeatable, not secret
    worst, count = 0.0, 0
    for lines in ignore_files(choose, sizes=SIZES, rounds=ROUNDS):
        worst = max(worst, measure(lines))
        count += 1
    print(f"   {count} ignore files, {len(names())} names each: the slowest name took {worst * 1e3:.1f} ms")
    return worst <= LIMIT
