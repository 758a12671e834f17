"""The manifest: one JSON document that says what lies in a package and where it came from. Pure.

What it says of a content is found in the archive's own bytes, or was proven with the wheel whose bytes are copied: a
manifest cannot describe another package.
"""

import json
import os
import stat
from collections.abc import Iterable

from lambdapack.artifact import Artifact
from lambdapack.packing.archive.segment import Record

TEXT = json.JSONEncoder(ensure_ascii=False).encode
"""A text as JSON: UTF-8 whatever the locale is."""


def manifest(artifact: Artifact, records: Iterable[Record], *, archive_format: str) -> str:
    """Return the manifest's text: the same package gives the same bytes, whatever machine made it.

    Sizes are in bytes, ``mode`` is as chmod takes it.
    """
    document = {
        "format": archive_format,
        "target": {"runtime": artifact.runtime, "architecture": artifact.architecture},
        "code_sha256": artifact.code_sha256,
        "size": artifact.size,
        "entries": [],
    }
    head, brackets, tail = json.dumps(document, indent=1, ensure_ascii=False).rpartition("[]")
    # json would need half the time of a build for what it indents: thousands of entries.
    entries = ",\n  ".join(map(_entry, records))
    return f"{head}[\n  {entries}\n ]{tail}\n" if entries else f"{head}{brackets}{tail}\n"


def _entry(record: Record) -> str:
    name, size, sha256, mode, origin, link = record
    if not origin.isascii():
        origin = os.fsencode(origin).decode("utf-8", "backslashreplace")
    return (
        f'{{\n   "name": {TEXT(name)},\n   "size": {size},\n   "sha256": "{sha256}",\n   '
        f'"mode": "{stat.S_IMODE(mode):04o}",\n   "origin": {TEXT(origin.replace(os.sep, "/"))}'
        + (f',\n   "link": {TEXT(link)}' if link is not None else "")
        + "\n  }"
    )
