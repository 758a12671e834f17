"""The story of inspecting a wheel, in the order that the room's head draws.

What is proven: the zip reads alike to every parser, every name is fit, the wheel is the project and
version of the lock, every stream inflates to its declared size and CRC, and every file has the hash
that RECORD lists. Then its compressed bytes may be copied as they lie.
"""

from lambdapack.errors import CheckError, WheelError
from lambdapack.packing.wheels import metadata, paths, record, stream
from lambdapack.packing.wheels.contents import WheelContents, WheelFile
from lambdapack.packing.wheels.faults import WheelFault, quote
from lambdapack.packing.wheels.headers import StoredEntry
from lambdapack.packing.wheels.landing import landing
from lambdapack.packing.wheels.structure import central_directory, read_entries
from lambdapack.quotas import ENTRY_LIMIT, LARGEST_SHOWN, UNZIPPED_LIMIT

OWN_FILE_LIMIT = 16 << 20
"""Bytes of RECORD, METADATA or WHEEL; 65,535 lines of RECORD have about as many."""

ELF_MAGIC = b"\x7fELF"
BIG_ENDIAN = 2
"""``EI_DATA`` of an ELF file whose numbers have their highest byte first (``ELFDATA2MSB``)."""


def inspect(content: bytes, *, filename: str, name: str, version: str) -> WheelContents:
    """Return what lies in the wheel whose bytes are ``content``, after proving all of it.

    ``filename``, ``name`` and ``version`` are the lock's. Names that differ in case only are not refused here:
    ``packing.bundle`` does, as they may be allowed. Raises ``WheelError`` that names the wheel, the entry and the rule,
    and ``CheckError`` for more entries or bytes than a package can hold, before anything is inflated.
    """
    try:
        return _inspect(content, filename=filename, name=name, version=version)
    except WheelFault as fault:
        raise WheelError(f"{filename}: {fault.rule}", hint=fault.hint, wheel=filename, entry=fault.entry) from fault


def _inspect(content: bytes, *, filename: str, name: str, version: str) -> WheelContents:
    metadata.check_filename(filename, name=name, version=version)
    directory = central_directory(content)
    _check_count(directory.entry_count, filename=filename)
    entries = read_entries(content, directory)
    _check_size(entries, filename=filename)

    files = {entry.name: entry for entry in entries if not entry.name.endswith("/")}
    directories = {entry.name for entry in entries}.difference(files)
    paths.check_names(entry.name for entry in entries)
    paths.check_clashes(files, directories=directories)

    view = memoryview(content)
    dist_info = metadata.find_dist_info((entry.name for entry in entries), name=name, version=version)
    own = {
        path: stream.text(view, files[path], limit=OWN_FILE_LIMIT) if path in files else missing(path)
        for path in (f"{dist_info}/{part}" for part in ("WHEEL", "METADATA", "RECORD"))
    }
    (wheel_path, wheel), (metadata_path, described), (record_path, recorded) = own.items()
    warnings = metadata.wheel_warnings(wheel, path=wheel_path)
    requires = metadata.requirements(described, path=metadata_path, name=name, version=version)
    lines = record.parse(recorded, dist_info=dist_info)
    record.check_listing(lines, files=files, directories=directories, path=record_path)

    proofs = {entry.name: _measure(view, entry, lines.get(entry.name)) for entry in entries}
    landed, scripts = land(files, proofs, dist_info=dist_info)
    return WheelContents(
        filename=filename,
        name=name,
        version=version,
        files=landed,
        scripts=scripts,
        requires=requires,
        warnings=(*warnings, *paths.warnings([file.name for file in (*landed, *scripts)])),
    )


def missing(path: str) -> bytes:
    """Raise the fault of a wheel without one of its own files."""
    raise WheelFault(f"it has no {path}", entry=path)


def _check_count(count: int, *, filename: str) -> None:
    if count > ENTRY_LIMIT:
        raise CheckError(
            f"{filename} has {count:,} entries; a package, whose zip is without zip64, holds at most {ENTRY_LIMIT:,}",
            hint="leave the wheel out, or lock a smaller version",
            wheel=filename,
        )


def _check_size(entries: list[StoredEntry], *, filename: str) -> None:
    """Raise ``CheckError`` where a wheel says that it has more bytes of content than Lambda takes."""
    total = sum(entry.size for entry in entries)
    if total <= UNZIPPED_LIMIT:
        return
    largest = sorted(entries, key=lambda entry: (-entry.size, entry.name))[:LARGEST_SHOWN]
    raise CheckError(
        f"{filename} has {total:,} bytes unzipped; Lambda takes less than {UNZIPPED_LIMIT:,}",
        hint="leave the wheel out, lock a smaller version, or use a container image; the largest entries are "
        + ", ".join(f"{entry.size:,} {quote(entry.name)}" for entry in largest),
        wheel=filename,
        unzipped_size=total,
    )


def _measure(view: memoryview, entry: StoredEntry, listed: record.Line | None) -> stream.Measured:
    """Return what the content of ``entry`` is, after proving that it is what RECORD lists, where it does."""
    if listed is None:
        return stream.measure(view, entry)
    found = stream.measure(view, entry, algorithm=listed.algorithm or "sha256")
    record.check(entry.name, listed, size=entry.size, measured=found)
    return found


def land(
    files: dict[str, StoredEntry], proofs: dict[str, stream.Measured], *, dist_info: str
) -> tuple[tuple[WheelFile, ...], tuple[WheelFile, ...]]:
    """Return what lands in the packages' directory, and what would land among its scripts, each by name.

    Raises ``WheelFault`` where a name is unfit where it lands, or where two files land on one.
    """
    landed: dict[str, WheelFile] = {}
    scripts: list[str] = []
    for name, entry in files.items():
        place = landing(name, dist_info=dist_info)
        if place is None:
            continue
        if place.name != name and (found := paths.why_unpackable(place.name)):
            raise WheelFault(
                f"its file {quote(name)} would land on {quote(place.name)}, a name that {found}", entry=name
            )
        head, slash, _ = place.name.partition("/")
        if slash and head.endswith(".dist-info") and head != dist_info:
            raise WheelFault(f"its file {quote(name)} would land in another project's {quote(head)}", entry=name)
        if place.name in landed:
            raise WheelFault(
                f"its file {quote(name)} would land on {quote(place.name)}, as another one does", entry=name
            )
        if place.is_script:
            scripts.append(place.name)
        landed[place.name] = _wheel_file(place.name, entry, proofs[name])
    if landed.keys() != files.keys():
        paths.check_clashes(landed)
    among_scripts = tuple(landed.pop(name) for name in sorted(scripts))
    return tuple(landed[name] for name in sorted(landed)), among_scripts


def _wheel_file(name: str, entry: StoredEntry, proof: stream.Measured) -> WheelFile:
    is_elf = proof.head.startswith(ELF_MAGIC)
    return WheelFile(
        name=name,
        size=entry.size,
        crc32=entry.crc32,
        sha256=proof.sha256.hex(),
        method=entry.method,
        offset=entry.offset,
        compressed_size=entry.compressed_size,
        executable=is_elf or proof.head.startswith(b"#!"),
        machine=machine(proof.head) if is_elf else 0,
    )


def machine(head: bytes) -> int:
    """Return ``e_machine`` of an ELF header, 0 where it is too short ("System V ABI", chapter 4, "ELF Header")."""
    return int.from_bytes(head[18:20], "big" if head[5:6] == bytes([BIG_ENDIAN]) else "little")
