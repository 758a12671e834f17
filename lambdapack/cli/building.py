"""A build for people: with progress bars, and words about what became of it."""

import functools
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from lambdapack.cli import output
from lambdapack.cli.options import Settings
from lambdapack.inputs import Named, refuse_overwriting
from lambdapack.packing.build import gather, write
from lambdapack.packing.outputs.apart import named_outputs
from lambdapack.packing.patterns.rules import IGNORE_FILE
from lambdapack.packing.request import BuildRequest
from lambdapack.reporting import Progress

if TYPE_CHECKING:
    from lambdapack.packing.gather import Gathered
    from lambdapack.packing.write import Built

_OMISSIONS_SHOWN = 8


def build_and_tell(request: BuildRequest, settings: Settings, *, check: Callable[[], None] = lambda: None) -> "Built":
    """Build one package, with a progress bar, and say what became of it.

    ``check`` is called between two pieces of work; what it raises ends the build, and leaves every file as it was.
    """
    gathered = gather_and_tell(request, settings)
    bundle = gathered.bundle
    check()
    with output.progress_bar("packing", bundle.unzipped_size, wanted=not settings.quiet) as progress:

        def packed(size: int) -> None:
            check()
            progress(size)

        built = write(gathered, request, progress=packed)
    tell_omissions(gathered, settings)
    _tell_compressor(settings, built.archive_format)
    what = request.source or (request.dependencies.lock if request.dependencies else "")
    settings.note(
        f"{what}: {bundle.entry_count:,} entries, {bundle.unzipped_size:,} bytes, packed in "
        f"{built.artifact.size:,} ({built.archive_format}){', as before' if built.unchanged else ''}"
    )
    return built


def gather_and_tell(request: BuildRequest, settings: Settings) -> "Gathered":
    """Gather what one package holds, with a progress bar for downloads, and say what should be known about it."""
    refuse_in_emulator(named_outputs(request), settings)
    downloads: list[int] = []

    def meter(size: int) -> AbstractContextManager[Progress]:
        downloads.append(size)
        return output.progress_bar("downloading", size, wanted=not settings.quiet)

    gathered = gather(request, meter=meter, tell=settings.note)
    if request.dependencies is not None:
        brought = f"{sum(downloads):,} bytes to download" if downloads else "nothing to download"
        settings.detail(f"{request.dependencies.lock}: {output.count(len(gathered.wheels), 'wheel')}, {brought}")
    return gathered


def refuse_in_emulator(outputs: Iterable[Named], settings: Settings) -> None:
    """Raise ``UsageError`` where an output would lie among the files of the emulator that is used."""
    if settings.emulator is not None:
        from lambdapack.emulator.store import Store  # noqa: PLC0415 - real AWS needs no emulator

        own = [Named("the emulator's own", path) for path in Store(settings.emulator).paths]
        refuse_overwriting(outputs, directories=own)


def tell_omissions(gathered: "Gathered", settings: Settings) -> None:
    """Name what the built-in list left out, for nobody wrote that down; with ``-v`` everything."""
    for omission in gathered.omissions:
        settings.detail(f"left out: {omission.name} ({omission.pattern.source}: {omission.pattern.text.strip()})")
    own = [each.name for each in gathered.omissions if each.pattern.source == "built-in" and each.name != IGNORE_FILE]
    if gathered.left_out:
        settings.note(f"left out by --without, with what only that needs: {', '.join(gathered.left_out)}")
    if own:
        more = f" and {len(own) - _OMISSIONS_SHOWN:,} more" if len(own) > _OMISSIONS_SHOWN else ""
        settings.note(f"left out by the built-in list: {', '.join(sorted(own)[:_OMISSIONS_SHOWN])}{more}")


@functools.cache  # once a run for each format, however many packages are built
def _tell_compressor(settings: Settings, archive_format: str) -> None:
    """Say with ``-v`` that the compressor is no published wheel, where it is none."""
    if not settings.verbose:
        return
    from lambdapack.packing.archive.deflate import PROFILES  # noqa: PLC0415 - only -v asks
    from lambdapack.packing.archive.published import PUBLISHED, VERSION, is_published_wheel  # noqa: PLC0415 - as above

    # What is stored needs no compressor.
    if archive_format != PROFILES["store"].name and not is_published_wheel():
        settings.detail(
            f"the compressor is deflate {VERSION}, not one of the wheels of deflate {PUBLISHED} on PyPI; "
            f"the canary found its bytes to be those of {archive_format}"
        )
