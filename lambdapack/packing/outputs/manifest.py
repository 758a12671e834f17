"""The manifest: one JSON document that says what lies in a package and where it came from. Pure.

What it says of a content is found in the archive's own bytes: a manifest cannot describe another package.
"""

import hashlib
import json
import os
import stat
from collections.abc import Iterable
from typing import TypeAlias

from lambdapack.artifact import Artifact
from lambdapack.packing.archive import deflate
from lambdapack.packing.entries import Entry, Member

Record: TypeAlias = dict[str, str | int]
"""A member's line in the manifest."""


def manifest(artifact: Artifact, members: Iterable[Record], *, archive_format: str) -> str:
    """Return the manifest's text: the same package gives the same bytes, whatever machine made it."""
    document = {
        "format": archive_format,
        "target": {"runtime": artifact.runtime, "architecture": artifact.architecture},
        "code_sha256": artifact.code_sha256,
        "size": artifact.size,
        "entries": list(members),
    }
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def record(member: Member) -> Record:
    """Return a member's line: sizes in bytes, ``sha256`` of the content in hexadecimal, ``mode`` as chmod takes it."""
    content = deflate.content_of(member.method, member.payload, member.size)
    found: Record = {
        "name": member.entry.name,
        "size": member.size,
        "sha256": hashlib.sha256(content).hexdigest(),
        "mode": f"{stat.S_IMODE(member.mode):04o}",
        # JSON is UTF-8 whatever the locale is that the path was read in.
        "origin": os.fsencode(member.entry.origin).decode("utf-8", "backslashreplace").replace(os.sep, "/"),
    }
    if isinstance(member.entry, Entry) and member.entry.link_target is not None:
        found["link"] = member.entry.link_target
    return found
