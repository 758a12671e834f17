"""All wild patterns as one machine that reads a name once, byte by byte, and never goes back.

Every place in a pattern is a bit of one large number: the place before its first token, between two tokens, after the
last one. A set bit says that the bytes read so far lead there. One byte moves all bits at once: a token that matches
it moves its bit up by one, a star keeps the bit where it is. No bit can reach the places of another pattern, so no
pattern can change what another one means, and the time for a name is its bytes times the bits, whatever the patterns
(G. Navarro and M. Raffinot, "Flexible Pattern Matching in Strings", 2002, chapter 4).

Names repeat each other, so each step that was made is remembered: a ``_State`` is a dictionary from a byte to the next
state, as in a lazily built deterministic automaton. A directory's names share the state after the directory's own.

Pure: no clock, no disk; what is remembered changes no answer.
"""

from collections.abc import Iterable
from typing import NamedTuple

from lambdapack.packing.patterns.gitignore import Glob, Token, Wild, members_of

PLACES = 6_144
"""Places that all wild patterns may have together; then the longest path (4,096 bytes) takes at most some 5 ms."""

STATES = 512
"""States that are remembered, a few kilobytes each; then all are forgotten, and what is needed is made again."""


class Verdicts(NamedTuple):
    """The ranks of the strongest patterns that match: 0 is the strongest of all, None where none does."""

    file: int | None
    folder: int | None


def places(glob: Glob) -> int:
    """Return how many places the pattern has."""
    return 1 + sum(_width(token) for token in glob.tokens)


class Automaton:
    """The machine for some patterns, each with its rank."""

    def __init__(self, ranked: Iterable[tuple[int, Glob]]) -> None:
        """Lay the patterns out; those for whole names come last, for most names leave their places soon."""
        self._match: dict[str, int] = {}
        self._within = self._across = self._folders = 0
        self._restart = self._start = 0
        self._accept_file = self._accept_folder = 0
        self._ranks: dict[int, int] = {}
        members: dict[Token, int] = {}
        place = 0
        for rank, glob in sorted(ranked, key=lambda pair: not pair[1].floating):
            place = self._lay_out(rank, glob, place, members)
        for token, bits in members.items():
            for character in members_of(token):
                self._match[character] = self._match.get(character, 0) | bits
        self._states: dict[int, _State] = {}
        self._last = "", self._state(self._close(self._start))
        """A directory, and the state after its name. One value, for any thread may ask."""

    def strongest(self, name: str) -> Verdicts:
        """Return the strongest patterns that match ``name``: one character a byte, without the slash of a directory."""
        cut = name.rfind("/") + 1
        folder, state = self._last
        if not name.startswith(folder):
            folder, state = "", self._state(self._close(self._start))
        if len(folder) < cut:
            state = self._after(state, name[len(folder) : cut])
            self._last = name[:cut], state
        return self._after(state, name[cut:]).verdicts()

    def step(self, bits: int, character: str) -> "_State":
        """Return the state that ``character`` leads to from the places in ``bits``."""
        moved = (bits & self._match[character]) << 1 if character in self._match else 0
        if character == "/":
            return self._state(self._close(moved | bits & self._across | self._restart))
        return self._state(self._close(moved | bits & self._within))

    def verdicts(self, bits: int) -> Verdicts:
        """Return the ranks of the strongest patterns that end in one of the places in ``bits``."""
        return Verdicts(self._lowest(bits & self._accept_file), self._lowest(bits & self._accept_folder))

    def _lay_out(self, rank: int, glob: Glob, place: int, members: dict[Token, int]) -> int:
        """Give the pattern its places, the first of which is ``place``; return the first that is free."""
        self._start |= 1 << place
        if glob.floating:
            self._restart |= 1 << place
        for token in glob.tokens:
            if token is Wild.WITHIN:
                self._within |= 1 << place
            elif token is Wild.ACROSS:
                self._within |= 1 << place
                self._across |= 1 << place
            elif token is Wild.FOLDERS:
                # Three places: before the folders, in them, and behind the slash of the last one.
                self._folders |= 1 << place
                self._within |= 1 << (place + 1)
                self._across |= 1 << (place + 1)
                members["/"] = members.get("/", 0) | 1 << (place + 1)
            else:
                members[token] = members.get(token, 0) | 1 << place
            place += _width(token)
        self._accept_folder |= 1 << place
        if not glob.folders_only:
            self._accept_file |= 1 << place
        self._ranks[place] = rank
        return place + 1

    def _close(self, bits: int) -> int:
        """Return ``bits`` with the places that are reached without a byte: in folders, and behind none of them."""
        entered = bits & self._folders
        return bits | entered << 1 | entered << 2 if entered else bits

    def _state(self, bits: int) -> "_State":
        state = self._states.get(bits)
        if state is None:
            if len(self._states) == STATES:
                # Each knows the next ones: they are forgotten together.
                for forgotten in list(self._states.values()):
                    forgotten.clear()
                self._states.clear()
            state = self._states[bits] = _State(self, bits)
        return state

    def _after(self, state: "_State", text: str) -> "_State":
        for character in text:
            state = state[character]
        return state

    def _lowest(self, bits: int) -> int | None:
        ranks = []
        while bits:
            bit = bits & -bits
            ranks.append(self._ranks[bit.bit_length() - 1])
            bits ^= bit
        return min(ranks, default=None)


class _State(dict[str, "_State"]):
    """Some places, and where each byte leads to from there."""

    __slots__ = ("_bits", "_machine", "_verdicts")

    def __init__(self, machine: Automaton, bits: int) -> None:
        self._machine = machine
        self._bits = bits
        self._verdicts: Verdicts | None = None

    def __missing__(self, character: str) -> "_State":
        found = self[character] = self._machine.step(self._bits, character)
        return found

    def verdicts(self) -> Verdicts:
        """Return what the places say of a name that ends here."""
        if self._verdicts is None:
            self._verdicts = self._machine.verdicts(self._bits)
        return self._verdicts


def _width(token: Token) -> int:
    """Return how many places lie between the beginning and the end of a token."""
    return 0 if token in {Wild.WITHIN, Wild.ACROSS} else 2 if token is Wild.FOLDERS else 1
