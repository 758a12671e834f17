"""The manifest says what lies in the package."""

import hashlib
import json
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from lambdapack.artifact import Artifact, CodeSha256
from lambdapack.packing.archive import deflate
from lambdapack.packing.compress import Recipe, member
from lambdapack.packing.entries import Entry
from lambdapack.packing.outputs.manifest import manifest, record
from lambdapack.packing.patterns.rules import Rules


@pytest.fixture
def recipe(rules: Callable[[Iterable[str]], Rules]) -> Recipe:
    return Recipe(profile=deflate.PROFILES["default"], executable=rules([]))


@pytest.mark.parametrize("content", [b"", b"#!/bin/sh\n", b"a" * 1_000, bytes(range(256))])
def test_a_line_describes_the_content_and_not_its_compression(
    content: bytes, entry: Callable[..., Entry], recipe: Recipe
) -> None:
    assert record(member(entry("bin/run"), content, recipe)) == {
        "name": "bin/run",
        "size": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
        "mode": "0755" if content.startswith(b"#!") else "0644",
        "origin": "src/bin/run",
    }


def test_a_symlink_has_its_target(entry: Callable[..., Entry], recipe: Recipe) -> None:
    found = record(member(entry("a", link_target="b"), b"b", recipe))

    assert (found["link"], found["mode"]) == ("b", "0777")


def test_an_origin_that_is_not_utf8_is_escaped(entry: Callable[..., Entry], recipe: Recipe) -> None:
    found = record(member(entry("a", origin="\udcff/ü"), b"", recipe))

    assert found["origin"] == "\\xff/ü"


def test_the_document_is_complete_and_utf8() -> None:
    artifact = Artifact(
        path=Path("/anywhere/out.zip"),
        size=7,
        code_sha256=CodeSha256("abc="),
        runtime="python3.13",
        architecture="arm64",
    )

    text = manifest(artifact, [{"name": "ü"}], archive_format="format-1/libdeflate-6")

    assert json.loads(text) == {
        "format": "format-1/libdeflate-6",
        "target": {"runtime": "python3.13", "architecture": "arm64"},
        "code_sha256": "abc=",
        "size": 7,
        "entries": [{"name": "ü"}],
    }
    assert "anywhere" not in text
    assert "ü" in text
