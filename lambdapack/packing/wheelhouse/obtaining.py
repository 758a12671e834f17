"""The story of having wheels in hand: the bytes of each are proven to be the lock's, and its contents are known.

::

    LockedWheel ─► cache ─► --wheels folders ─► the lock's path ─► pip's cache ─► download ─► bytes, one hash proven
                                                                                                │
    HeldWheel ◄─ known contents, from the cache: the bytes may come later ◄─────────────────────┤
              ◄─ all hashes and the size proven, inspected (wheel.inspect) ◄────────────────────┘

``jobs`` threads read, hash and inspect wheels, others download meanwhile. The calling thread alone writes the cache and
reports progress, so that a signal unwinds whatever is half done. Where the cache knows the contents of every wheel, it
need not wait: what goes into the package is decided while the wheels are read.

Rules for this file
- Where everything is in the cache, nothing is imported that only proving or downloading needs.
- The contents that the cache knows are looked up by everything that was verified: a hit stands for the whole proof.
- Large wheels of the cache stay open and are read again when the package is written; their times then tell whether they
  were changed. Others are held in memory until then.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple, Self, TypeAlias

from lambdapack.disk.whole import Content, OpenFile
from lambdapack.errors import LockError
from lambdapack.packing.locks import hashes
from lambdapack.packing.locks.selection import LockedWheel
from lambdapack.packing.wheelhouse import index
from lambdapack.packing.wheelhouse.cache import Cache
from lambdapack.packing.wheels.contents import WheelBytes, WheelContents
from lambdapack.reporting import Meter
from lambdapack.threads import Pool, Results, do_nothing

if TYPE_CHECKING:
    from lambdapack.packing.fetching.downloads import Downloads
    from lambdapack.packing.fetching.patience import Patience
    from lambdapack.packing.wheelhouse.places import Folder

CONNECTIONS = 6
"""Downloads at a time: what browsers open to one server, and more gain nothing from PyPI's."""

SHOWN = 5
"""Wheels that a message names."""


Proof: TypeAlias = Callable[..., WheelContents]
"""What looks into a wheel, as ``wheel.inspect`` does."""


class Wheelhouse(NamedTuple):
    """Where wheels may be."""

    cache: Cache | None = None
    folders: tuple[Path, ...] = ()
    """Those of ``--wheels``, in order."""
    offline: bool = False
    """Whether to do without what is not on this machine."""
    environ: Mapping[str, str] = MappingProxyType({})
    """The environment: pip's cache directory, proxies, certificates, netrc. It may hold credentials."""
    patience: "Patience | None" = None
    """With servers; None for what ``Patience`` says by itself."""

    def __repr__(self) -> str:
        """Return which cache it has: the environment may hold credentials."""
        return f"Wheelhouse({self.cache!r})"


class HeldWheel(NamedTuple):
    """A wheel in hand."""

    locked: LockedWheel
    content: WheelBytes
    """There when ``Obtaining.finish`` has returned."""
    contents: WheelContents

    def __repr__(self) -> str:
        """Return which wheel it is: its bytes are millions."""
        return f"HeldWheel({self.locked.filename})"


class _Step(NamedTuple):
    """How far one wheel has come."""

    position: int
    """In the lock's selection."""
    locked: LockedWheel
    content: Content | None = None
    """The wheel, its leading hash proven; None where it is nowhere on this machine."""
    contents: WheelContents | None = None
    """What was found in it just now."""
    is_new: bool = False
    """Whether the bytes are to be kept in the cache: they came from the network, or from pip's cache."""


class WheelFetch:
    """Wheels on their way into our hands: the search begins with the context, ``finish`` ends it."""

    def __init__(
        self, wheels: Sequence[LockedWheel], *, wheelhouse: Wheelhouse, jobs: int, proof: Proof | None = None
    ) -> None:
        """Remember what is wanted; ``proof`` is ``wheel.inspect`` by default."""
        self._wheels = wheels
        self._wheelhouse = wheelhouse
        self._proof = proof
        self._pool = Pool(jobs, name="wheels")
        self._found, self._proven = Results[_Step](), Results[_Step]()
        self._content = [WheelBytes(filename=wheel.filename) for wheel in wheels]
        self._contents: dict[int, WheelContents] = {}
        self._finished = self._asked = False

    def __enter__(self) -> Self:
        """Have threads look for every wheel, read and hash it; raises ``UsageError`` where a folder is not there."""
        folders = _open_folders(self._wheelhouse.folders)
        wheels = self._wheels
        # The largest first: two threads are then done at about the same time.
        for position in sorted(range(len(wheels)), key=lambda position: -(wheels[position].size or 0)):
            step = _Step(position=position, locked=wheels[position])
            self._pool.do(self._found.expect(partial(_search, step, self._wheelhouse, folders)))
        return self

    def __exit__(self, *raised: object) -> None:
        """Drop what is not yet begun."""
        self._pool.__exit__(*raised)

    def inspect(self, *, meter: Meter, tell: Callable[[str], None]) -> list[HeldWheel]:
        """Return every wheel with its contents, in the order given; the bytes may be on their way until ``finish``.

        It comes before ``finish``, or never. Waits only where the contents of one are not known. ``meter`` is used only
        where something is downloaded; ``tell`` hears what the user should know. Raises what ``finish`` raises.
        """
        self._asked = True
        for position, locked in enumerate(self._wheels):
            # Without a size in the lock, nothing says yet whether the offsets lie within the wheel.
            if locked.size is not None and (known := _find_contents(locked, self._wheelhouse.cache, size=locked.size)):
                self._contents[position] = known
        if len(self._contents) < len(self._wheels):
            self.finish(meter=meter, tell=tell)
        contents = self._contents
        return [
            HeldWheel(locked=locked, content=self._content[position], contents=contents[position])
            for position, locked in enumerate(self._wheels)
        ]

    @property
    def cache(self) -> Cache | None:
        """What keeps what was proven."""
        return self._wheelhouse.cache

    @property
    def content(self) -> Sequence[WheelBytes]:
        """Every wheel's bytes, in the order given; there when ``finish`` has returned."""
        return self._content

    def finish(self, *, meter: Meter, tell: Callable[[str], None]) -> None:
        """Return when every wheel's bytes are there, proven; ``meter`` and ``tell`` are those of ``inspect``.

        Only where ``inspect`` has asked for it is a wheel inspected: whoever has not knows what was found in wheels
        with these hashes. Raises ``WheelError`` for a wheel that is not what the lock says, or not sound, ``LockError``
        where one is nowhere to be had, ``CheckError`` where one is larger than a package may be, ``LocalError`` where
        reading or the network fails.
        """
        if self._finished:
            return
        missing: list[_Step] = []
        for step in self._found.each():
            if step.content is None:
                missing.append(step)
            else:
                self._take(step)
        with ExitStack() as stack:
            report = _begin_downloads(
                missing, self._wheelhouse, meter=meter, tell=tell, results=self._proven, stack=stack
            )
            for step in self._proven.each(on_idle=report):
                self._take(step)
        self._finished = True

    def _take(self, step: _Step) -> None:
        """Take a wheel whose bytes are there, or have it inspected where its contents are asked for and not known."""
        position, cache, content = step.position, self._wheelhouse.cache, step.content or b""
        if self._asked:
            size = content.size if isinstance(content, OpenFile) else len(content)
            known = step.contents or self._contents.get(position) or _find_contents(step.locked, cache, size=size)
            if known is None:
                self._pool.do(self._proven.expect(partial(_prove, step, self._proof)))
                return
            self._contents[position] = known
        _keep(step, cache)
        self._content[position].fill(content)


def _begin_downloads(
    missing: list[_Step],
    wheelhouse: Wheelhouse,
    *,
    meter: Meter,
    tell: Callable[[str], None],
    results: Results[_Step],
    stack: ExitStack,
) -> Callable[[], None]:
    """Begin to fetch what is missing, until ``stack`` ends; return what draws the progress."""
    if not missing:
        return do_nothing
    missing.sort(key=lambda step: step.position)
    if wheelhouse.offline:
        raise _not_here([step.locked for step in missing])
    from lambdapack.packing.fetching.downloads import Downloads  # noqa: PLC0415 - urllib3: 50 ms, for downloads alone

    count = min(CONNECTIONS, len(missing))
    downloads = Downloads(environ=wheelhouse.environ, patience=wheelhouse.patience, connections=count, tell=tell)
    progress = stack.enter_context(meter(sum(step.locked.size or 0 for step in missing)))
    stack.enter_context(downloads)
    pool = stack.enter_context(Pool(count, name="download"))
    for step in missing:
        pool.do(results.expect(partial(_fetch, step, downloads)))
    return partial(downloads.report, progress)


def _open_folders(paths: Sequence[Path]) -> "list[Folder]":
    if not paths:
        return []
    from lambdapack.packing.wheelhouse.places import Folder  # noqa: PLC0415 - 0.3 ms that most builds save

    return [Folder(path) for path in paths]


def _search(step: _Step, wheelhouse: Wheelhouse, folders: "Sequence[Folder]") -> _Step:
    locked, is_new = step.locked, False
    cached = None if wheelhouse.cache is None else wheelhouse.cache.get_wheel(locked.hashes, size=locked.size)
    if cached is not None:
        return step._replace(content=cached)
    from lambdapack.packing.wheelhouse import places  # noqa: PLC0415 - as above

    content = places.find(locked, folders)
    if content is None and locked.url:
        content = places.find_in_pip_cache(locked, wheelhouse.environ)
        is_new = content is not None
    return step._replace(content=content, is_new=is_new)


def _find_contents(locked: LockedWheel, cache: Cache | None, *, size: int) -> WheelContents | None:
    """Return what the cache knows of a wheel of ``size`` bytes, whose leading hash is or will be proven, or None."""
    if cache is None:
        return None
    document = cache.get(index.KIND, index.key(locked))
    return None if document is None else index.load(document, wheel_size=size)


def _prove(step: _Step, proof: Proof | None) -> _Step:
    from lambdapack.packing.wheels import wheel  # noqa: PLC0415 - 20 ms, not needed where all contents are known

    locked, content = step.locked, WheelBytes(step.content or b"").whole()
    hashes.check(locked, content)
    inspect = proof or wheel.inspect
    contents = inspect(content, filename=locked.filename, name=locked.name, version=locked.version)
    return step._replace(contents=contents)


def _fetch(step: _Step, downloads: "Downloads") -> _Step:
    return step._replace(content=downloads.fetch(step.locked), is_new=True)


def _keep(step: _Step, cache: Cache | None) -> None:
    """Keep what was downloaded and proven; a wheel from a folder stays where it is."""
    if cache is None:
        return
    if step.is_new and isinstance(step.content, bytes):
        cache.put_wheel(step.locked.hashes, step.content)
    if step.contents is not None:
        cache.put(index.KIND, index.key(step.locked), index.dump(step.contents))


def _not_here(missing: Sequence[LockedWheel]) -> LockError:
    names = ", ".join(wheel.filename for wheel in missing[:SHOWN])
    more = f" and {len(missing) - SHOWN} more" if len(missing) > SHOWN else ""
    return LockError(
        f"not on this machine, and --offline forbids to download: {names}{more}",
        hint="run once without --offline, or name a folder that has them with --wheels",
        wheels=[wheel.filename for wheel in missing],
    )
