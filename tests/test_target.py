"""The runtimes and architectures are those of Lambda's own enumeration."""

import gzip
import json
from pathlib import Path

import botocore

from lambdapack.target import ARCHITECTURES, RUNTIMES


def test_botocore_knows_every_runtime_and_architecture() -> None:
    (model,) = (Path(botocore.__file__).parent / "data/lambda/2015-03-31").glob("service-2.json*")
    opened = gzip.decompress(model.read_bytes()) if model.suffix == ".gz" else model.read_bytes()
    shapes = json.loads(opened)["shapes"]

    assert set(RUNTIMES) - set(shapes["Runtime"]["enum"]) == set()
    assert set(ARCHITECTURES) == set(shapes["Architecture"]["enum"])
    assert len(set(RUNTIMES)) == len(RUNTIMES)
