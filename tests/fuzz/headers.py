from collections.abc import Iterator
from tests.fuzz.answers import Verdict
def verdicts(seeds: range) -> Iterator[Verdict]:
    yield from ()
