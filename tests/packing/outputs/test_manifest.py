"""The manifest says what lies in the package."""

import hashlib
import json
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from lambdapack.artifact import Artifact, CodeSha256
from lambdapack.packing.archive import deflate
from lambdapack.packing.archive.segment import Record, Segment
from lambdapack.packing.compress import Recipe, member
from lambdapack.packing.entries import Entry
from lambdapack.packing.outputs.manifest import manifest
from lambdapack.packing.patterns.rules import Rules

ARTIFACT = Artifact(
    path=Path("/anywhere/out.zip"),
    size=7,
    code_sha256=CodeSha256("abc="),
    runtime="python3.13",
    architecture="arm64",
)


def entries(segment: Segment) -> list[dict[str, object]]:
    """Return what the manifest of a package says of its entries."""
    found: list[dict[str, object]] = json.loads(manifest(ARTIFACT, segment.records(), archive_format=""))["entries"]
    return found


@pytest.fixture
def recipe(rules: Callable[[Iterable[str]], Rules]) -> Recipe:
    return Recipe(profile=deflate.PROFILES["default"], executable=rules([]))


@pytest.mark.parametrize("content", [b"", b"#!/bin/sh\n", b"a" * 1_000, bytes(range(256))])
def test_a_line_describes_the_content_and_not_its_compression(
    content: bytes, entry: Callable[..., Entry], recipe: Recipe
) -> None:
    assert entries(member(entry("bin/run"), content, recipe)) == [
        {
            "name": "bin/run",
            "size": len(content),
            "sha256": hashlib.sha256(content).hexdigest(),
            "mode": "0755" if content.startswith(b"#!") else "0644",
            "origin": "src/bin/run",
        }
    ]


def test_a_symlink_has_its_target(entry: Callable[..., Entry], recipe: Recipe) -> None:
    (found,) = entries(member(entry("a", link_target="b"), b"b", recipe))

    assert (found["link"], found["mode"]) == ("b", "0777")


def test_an_origin_that_is_not_utf8_is_escaped(entry: Callable[..., Entry], recipe: Recipe) -> None:
    (found,) = entries(member(entry("a", origin="\udcff/ü"), b"", recipe))

    assert found["origin"] == "\\xff/ü"


RECORDS = [
    Record('ü/"quoted\\.py', 7, "ab" * 32, 0o100755, "demo-1.0-py3-none-any.whl/ü"),
    Record("a", 1, "cd" * 32, 0o120777, "src/a", "../ü\n"),
]


@pytest.mark.parametrize("records", [[], RECORDS[:1], RECORDS])
def test_the_document_is_complete_and_as_json_indents_it(records: list[Record]) -> None:
    text = manifest(ARTIFACT, records, archive_format="format-1/libdeflate-6")

    document = json.loads(text)
    assert text == json.dumps(document, indent=1, ensure_ascii=False) + "\n"
    assert document == {
        "format": "format-1/libdeflate-6",
        "target": {"runtime": "python3.13", "architecture": "arm64"},
        "code_sha256": "abc=",
        "size": 7,
        "entries": [
            {
                "name": record.name,
                "size": record.size,
                "sha256": record.sha256,
                "mode": f"{record.mode & 0o777:04o}",
                "origin": record.origin,
                **({"link": record.link} if record.link else {}),
            }
            for record in records
        ],
    }
    assert "anywhere" not in text
