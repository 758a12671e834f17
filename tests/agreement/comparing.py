"""The packages of 40 popular projects, for three machines, against the trees that uv installs from the same locks."""

import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from tests.agreement.comparison import ROWS, Comparison, compare, is_wheel_file
from tests.agreement.locks import CACHE, Machine, NotLockedError, installed, lock, machine
from tests.agreement.packages import Installation, RefusedError, packed_files, tree_files

MACHINES = (("python3.11", "x86_64"), ("python3.13", "arm64"), ("python3.13", "x86_64"))

PROJECTS = (
    # Compiled, for each Python or by the stable ABI (cryptography), with libraries beside them (*.libs).
    *("numpy", "pandas", "scipy", "scikit-learn", "matplotlib", "pyarrow", "pillow", "lxml", "greenlet"),
    *("cryptography", "paramiko", "psycopg2-binary", "pymongo", "grpcio", "protobuf", "orjson", "pyyaml"),
    *("pydantic", "fastapi", "uvicorn[standard]", "sqlalchemy", "aiohttp", "tiktoken"),
    # Pure ones; awscli and boto3 bring scripts (.data/scripts), setuptools a .pth.
    *("boto3", "awscli", "requests", "flask", "django", "celery", "aws-lambda-powertools", "setuptools"),
    # Namespace packages.
    *("google-cloud-storage", "azure-storage-blob", "zope.interface", "opentelemetry-sdk"),
    # .data/headers (greenlet, above), .data/platlib (libclang), .data/data (jupyterlab), .data/scripts (ruff),
    # .data/purelib in a wheel with compressed tags, the last one that fits into a package (semgrep); binaries for
    # other machines in a wheel for any, where it is chosen (debugpy).
    *("libclang", "jupyterlab", "ruff", "semgrep==1.100.0", "debugpy"),
)


def measure(projects: Sequence[str]) -> None:
    """Print how every project agrees on every machine, then how often each row of the table was needed."""
    machines = {f"{runtime}/{architecture}": machine(runtime, architecture) for runtime, architecture in MACHINES}
    explained: Counter[str] = Counter()
    verdicts: Counter[str] = Counter()
    wheels = files = 0
    print(f"{'':24}" + "".join(f"{title:>20}" for title in machines))
    for project in projects:
        cells, notes = [], []
        for title, here in machines.items():
            if here is None:
                cells.append("no such Python")
                continue
            verdict, note, comparison = judge(project, here)
            verdicts[verdict] += 1
            cells.append(f"{verdict} {comparison.wheels or ''}")
            notes += [f"    {title}: {line}" for line in note]
            explained += comparison.explained
            wheels += comparison.wheels
            files += comparison.equal
        print(f"{project:24}" + "".join(f"{cell:>20}" for cell in cells), *notes, sep="\n", flush=True)
    print(f"\n{', '.join(f'{count} {verdict}' for verdict, count in verdicts.items())}")
    print(f"{wheels:,} wheels chosen as uv does, {files:,} files equal; what differs, by the row that explains it:")
    for row in ROWS:
        print(f"  {explained[row.name]:6,}  {row.name:30} {row.side:15} {row.why}")


def judge(project: str, here: Machine) -> tuple[str, list[str], Comparison]:
    """Return the verdict on one project and machine, what there is to say about it, and the comparison."""
    try:
        wide = lock(here, project, (project,))
        tree = tree_files(installed(here, project, wide))
    except NotLockedError as error:
        return "not locked", [str(error)], Comparison()
    with tempfile.TemporaryDirectory(dir=CACHE) as scratch:
        output = Path(scratch, "package.zip")
        try:
            Installation().build(wide, here, output, home=CACHE / "home")
        except RefusedError as error:
            return "refused", [str(error)], Comparison()
        packed = packed_files(output)
    comparison = compare(packed, tree)
    chosen = sum(map(is_wheel_file, tree))
    if comparison.wheels != chosen:
        comparison.disagreements.append(f"{comparison.wheels} wheels of {chosen} are uv's")
    comparison.disagreements += unseen(packed, tree)
    return "differs" if comparison.disagreements else "agrees", comparison.disagreements[:10], comparison


def unseen(packed: dict[str, bytes], tree: dict[str, bytes]) -> list[str]:
    """Return which of three disagreements, made on purpose, the comparison does not see."""
    name = max(tree.keys() & packed.keys(), key=lambda name: (not name.endswith("/RECORD"), name))
    rest = {other: content for other, content in packed.items() if other != name}
    broken = {
        f"a changed byte in {name}": rest | {name: b"!" + packed[name]},
        f"{name} missing": rest,
        "a file too many": packed | {"surplus.py": b""},
    }
    return [f"unseen: {what}" for what, package in broken.items() if not compare(package, tree).disagreements]
