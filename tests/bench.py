"""The figures of docs/comparison.md, measured: ``make bench``.

Two commands are timed in turn, A B A B …, as whole processes, and what counts is the median of the ratios of
each pair: the machine's speed drifts, a ratio of neighbours hardly does. The trees and wheels are real ones, from
PyPI and npm, and lie in ``.cache/bench``; so does SAM CLI, in an environment of its own. Nothing here asserts: it
prints. What cannot be installed is said, and left out.

Both sides are favoured alike: bytecode may be written, and is after the first round, which does not count. SAM has
the newest pip, pinned requirements, and an S3 on this machine, our emulator, that holds the package already.
"""

import contextlib
import http.client
import os
import re
import shutil
import statistics
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

CACHE = Path(".cache/bench").absolute()
BIN = Path(sys.executable).parent
LAMBDAPACK = str(BIN / "lambdapack")
ROUNDS = 7
SAM_ROUNDS = 5
"""A round of SAM takes a quarter of a minute."""

PYTHON_PACKAGES = ("numpy", "pandas", "boto3", "requests", "pydantic")
NODE_PACKAGES = (
    *("@aws-sdk/client-s3", "@aws-sdk/client-dynamodb", "express", "lodash"),
    *("typescript", "axios", "zod", "date-fns"),
)

RUNTIME = "3.13"
PLATFORM = ("--python-version", RUNTIME, "--python-platform", "x86_64-manylinux_2_34", "--only-binary", ":all:")
"""The machine that python3.13 is on Lambda, as uv names it."""

FUNCTION = """import boto3, numpy, pandas, pydantic, requests


def handler(event, context):
    return {module.__name__: module.__version__ for module in (boto3, numpy, pandas, pydantic, requests)}
"""

TEMPLATE = f"""AWSTemplateFormatVersion: "2010-09-09"
Transform: AWS::Serverless-2016-10-31
Resources:
  Bench:
    Type: AWS::Serverless::Function
    Properties: {{CodeUri: src/, Handler: app.handler, Runtime: python{RUNTIME}, Architectures: [x86_64]}}
"""

BUCKET = "packages"

FOREIGN = ("AWS_", "LAMBDAPACK_", "PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS", "PYTHON", "SAM_", "UV_", "XDG_")
"""How variables begin that would make the figures those of this machine. PYTHONDONTWRITEBYTECODE is the worst."""

ENVIRONMENT = {
    **{name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)},
    **dict.fromkeys(("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"), "bench"),
    "AWS_DEFAULT_REGION": "us-east-1",
    "HOME": str(CACHE / "home"),
    "PIP_CACHE_DIR": str(CACHE / "pip"),
    "PIP_CONFIG_FILE": os.devnull,
    "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    "SAM_CLI_TELEMETRY": "0",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """What is run as a whole process."""

    words: Sequence[str]
    cwd: Path = CACHE
    removed: Sequence[Path] = ()
    """What must not be there when it begins."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """What is added to ``ENVIRONMENT``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One run of a command."""

    seconds: float
    peak_mib: float


def run(command: Command) -> Sample:
    """Run a command; its output is thrown away, its failure is ours."""
    for path in command.removed:
        if path.is_dir():
            shutil.rmtree(path)
        path.unlink(missing_ok=True)
    environment, null = {**ENVIRONMENT, **command.environment}, subprocess.DEVNULL
    if hasattr(os, "sync"):
        os.sync()  # what the other side left to be written is not this one's work
    begin = time.perf_counter()
    process = subprocess.Popen(command.words, cwd=command.cwd, env=environment, stdout=null, stderr=null)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - begin
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command.words)
    return Sample(seconds=seconds, peak_mib=usage.ru_maxrss / 1024)


def paired(ours: Command, theirs: Command, *, rounds: int = ROUNDS) -> None:
    """Time two commands in turn, after a warm-up of each, and print medians and the ratio theirs / ours."""
    pairs = [(run(ours), run(theirs)) for _ in range(rounds + 1)][1:]
    ratios = sorted(b.seconds / a.seconds for a, b in pairs)
    for name, command, samples in zip(("ours", "theirs"), (ours, theirs), zip(*pairs, strict=True), strict=True):
        seconds = statistics.median(sample.seconds for sample in samples)
        peak = max(sample.peak_mib for sample in samples)
        words = re.sub(r"/\S*/", "", command.words[2] if command.words[0] == "sh" else " ".join(command.words))
        print(f"  {name:7} {seconds:7.3f} s  {peak:6.0f} MiB  {words}")
    print(f"  theirs / ours: median {statistics.median(ratios):.2f}, from {ratios[0]:.2f} to {ratios[-1]:.2f}")


def uv(*words: str) -> None:
    """Call uv, where it reaches its own cache."""
    subprocess.run(["uv", *words, "--quiet"], check=True)


def python_tree() -> Path:
    """Return a tree with the Python packages as pip installs them, without bytecode."""
    tree = CACHE / "python"
    if not tree.exists():
        fresh = tree.with_name("python.new")
        shutil.rmtree(fresh, ignore_errors=True)
        uv("pip", "install", "--python", sys.executable, "--target", str(fresh), *PYTHON_PACKAGES)
        fresh.rename(tree)
    return tree


def node_tree() -> Path | None:
    """Return a tree with the Node packages as npm installs them; None where there is no npm."""
    tree = CACHE / "node"
    if not tree.exists():
        if shutil.which("npm") is None:
            print("npm is not installed: no Node tree\n")
            return None
        fresh = tree.with_name("node.new")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(parents=True)
        (fresh / "package.json").write_text('{"name": "bench", "private": true}\n')
        subprocess.run(["npm", "install", "--silent", "--no-audit", "--no-fund", *NODE_PACKAGES], cwd=fresh, check=True)
        fresh.rename(tree)
    return tree


def against_zip(tree: Path) -> None:
    """Compare with Info-ZIP: time with its default level, size with its best."""
    files = [path for path in tree.rglob("*") if path.is_file() and not path.is_symlink()]
    print(f"{tree.name}: {len(files):,} files, {sum(path.stat().st_size for path in files):,} bytes")
    ours, theirs = CACHE / f"{tree.name}-ours.zip", CACHE / f"{tree.name}-theirs.zip"
    if shutil.which("zip") is None:
        print("  zip is not installed: nothing to compare with\n")
        return
    build = Command(words=[LAMBDAPACK, "build", tree.name, "--quiet", "--output", ours.name], removed=[ours])
    paired(build, Command(words=["zip", "-q", "-r", "-X", theirs.name, tree.name], removed=[theirs]))
    run(Command(words=["zip", "-9", "-q", "-r", "-X", theirs.name, tree.name], removed=[theirs]))
    print(f"  size: ours {ours.stat().st_size:,}, zip -9 {theirs.stat().st_size:,} bytes")
    run(Command(words=["unzip", "-t", "-q", ours.name]))
    print("  unzip -t: no errors\n")


def project() -> Path:
    """Return a function that needs the Python packages: its source, template, lock, and the tree as installed."""
    home = CACHE / "project"
    if not home.exists():
        fresh = home.with_name("project.new")
        shutil.rmtree(fresh, ignore_errors=True)
        (fresh / "src").mkdir(parents=True)
        (fresh / "src/app.py").write_text(FUNCTION)
        (fresh / "template.yaml").write_text(TEMPLATE)
        (fresh / "uv.yaml").write_text(f"{TEMPLATE}    Metadata: {{BuildMethod: python-uv}}\n")
        (fresh / "requirements.in").write_text("\n".join(PYTHON_PACKAGES))
        lock = fresh / "pylock.toml"
        uv("pip", "compile", *PLATFORM, "--format", "pylock.toml", str(fresh / "requirements.in"), "-o", str(lock))
        packages = tomllib.loads(lock.read_text())["packages"]
        pins = fresh / "src/requirements.txt"
        pins.write_text("".join(f"{package['name']}=={package['version']}\n" for package in packages))
        shutil.copytree(fresh / "src", fresh / "tree")
        uv("pip", "install", *PLATFORM, "--no-deps", "--target", str(fresh / "tree"), "-r", str(pins))
        fresh.rename(home)
    return home


def locked(home: Path, house: Path, *, removed: Sequence[Path] = (), **environment: str) -> Command:
    """Return our build of the project, whose wheels lie in ``house`` or come to lie there."""
    build = f"build src --lock pylock.toml --runtime python{RUNTIME} --architecture x86_64 --quiet"
    words = [LAMBDAPACK, *build.split(), "--cache-dir", str(house), "--output", "ours.zip"]
    return Command(words=words, cwd=home, removed=removed, environment=environment)


def locked_wheels() -> None:
    """Compare a build from a lock, the wheels in the house, with zip, with hashing, and with SAM."""
    home, house = project(), CACHE / "house"
    package, zipped = home / "ours.zip", home / "zip.zip"
    run(ours := locked(home, house, removed=[package]))
    wheels = [path.stat().st_size for path in (house / "wheels").iterdir()]
    print(f"locked: {len(wheels)} wheels, {sum(wheels):,} bytes, all in the house")
    if shutil.which("zip") is not None:
        paired(ours, Command(words=["zip", "-q", "-r", "-X", zipped.name, "tree"], cwd=home, removed=[zipped]))
        print(f"  size: ours {package.stat().st_size:,}, zip {zipped.stat().st_size:,} bytes")
    paired(ours, Command(words=["sh", "-c", f"{sys.executable} -c pass && cat wheels/* | sha256sum"], cwd=house))
    print("a second build, unchanged, and a first one")
    paired(locked(home, house), ours)
    print()
    if sam_is_installed():
        with bucket() as endpoint:
            against_sam(home, house, endpoint)


def against_sam(home: Path, house: Path, endpoint: str) -> None:
    """Compare with ``sam build && sam package``: as it is, with its beta of uv, unchanged, and from empty caches."""
    versions = [version(CACHE / "sam/bin/sam"), version(CACHE / "runtime/bin/pip").partition(" from ")[0]]
    ours = locked(home, house, removed=[home / "ours.zip"])
    path = f"{CACHE}/runtime/bin:{ENVIRONMENT['PATH']}"

    def sam(options: str = "", **changed: str) -> Command:
        package = f"package --s3-bucket {BUCKET} --output-template-file packaged.yaml"
        words = f"{CACHE}/sam/bin/sam build{options} && {CACHE}/sam/bin/sam {package}"
        environment = {"PATH": path, "AWS_ENDPOINT_URL": endpoint, **changed}
        removed = [CACHE / "cold"] if changed else []
        return Command(words=["sh", "-c", words], cwd=home, environment=environment, removed=removed)

    print(", ".join(versions))
    paired(ours, sam(), rounds=SAM_ROUNDS)
    # pip keeps nothing where a proxy takes away what HTTP says of caching: then it has downloaded each time.
    print(f"  pip's cache holds {sum(path.stat().st_size for path in (CACHE / 'pip').rglob('*')):,} bytes")
    key = (home / "packaged.yaml").read_text().partition("s3:/")[2].split()[0]
    print(f"  size: ours {(home / 'ours.zip').stat().st_size:,}, SAM {asked(endpoint, 'HEAD', key):,} bytes")
    print("SAM with uv in pip's place, in beta; uv's cache is warm")
    paired(ours, sam(" --template uv.yaml --beta-features"), rounds=SAM_ROUNDS)
    print("nothing changed since the last time")
    paired(locked(home, house), sam(" --cached"), rounds=SAM_ROUNDS)
    print("from empty caches, downloads included")
    pip = str(CACHE / "cold/pip")  # where both would look
    first = locked(home, CACHE / "cold/house", removed=[CACHE / "cold", home / "ours.zip"], PIP_CACHE_DIR=pip)
    paired(first, sam(PIP_CACHE_DIR=pip), rounds=2)


def sam_is_installed() -> bool:
    """Make an environment with SAM CLI, and one of the runtime's Python with the newest pip; say where that fails."""
    script = Path(__file__).with_name("interpreters.py")
    found = subprocess.run([sys.executable, script], capture_output=True, text=True, check=True).stdout.split()
    fitting = [path for path in found if f"/python{RUNTIME}" in str(Path(path).resolve())]
    if not fitting:
        print(f"there is no Python {RUNTIME}, which SAM would call: no comparison with SAM\n")
        return False
    try:
        for name, python, packages in (("runtime", fitting[0], ("pip",)), ("sam", sys.executable, ("aws-sam-cli",))):
            place = CACHE / name
            if not (place / "installed").exists():
                uv("venv", "--clear", "--python", python, str(place))
                uv("pip", "install", "--compile-bytecode", "--python", str(place / "bin/python"), *packages)
                (place / "installed").touch()
    except subprocess.CalledProcessError as error:
        print(f"SAM CLI cannot be installed (exit {error.returncode} of uv): no comparison with SAM\n")
        return False
    return True


def version(program: Path) -> str:
    """Return what a program says of itself."""
    return subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout.strip()


@contextlib.contextmanager
def bucket() -> Iterator[str]:
    """Serve our emulator, with an empty bucket, and yield its URL."""
    state = CACHE / "emulator"
    shutil.rmtree(state, ignore_errors=True)
    serve = [LAMBDAPACK, "emulator", "serve", "--port", "0", "--state", str(state)]
    with subprocess.Popen(serve, stdout=subprocess.PIPE, text=True, env=ENVIRONMENT) as server:
        try:
            endpoint = server.stdout.readline().split()[-1] if server.stdout else ""
            asked(endpoint, "PUT", f"/{BUCKET}")
            yield endpoint
        finally:
            server.terminate()


def asked(endpoint: str, method: str, path: str) -> int:
    """Ask the emulator's S3, and return the size of its answer."""
    connection = http.client.HTTPConnection(urlsplit(endpoint).netloc)
    connection.request(method, path)
    with contextlib.closing(connection):
        answer = connection.getresponse()
        assert answer.status == http.client.OK, path
        return int(answer.headers.get("Content-Length", 0))


def start_up() -> None:
    """Compare what ``--version`` costs with importing click alone."""
    print("start")
    paired(Command(words=[LAMBDAPACK, "--version"]), Command(words=[sys.executable, "-c", "import click"]), rounds=15)
    print()


def main() -> None:
    """Print all figures."""
    (CACHE / "home").mkdir(parents=True, exist_ok=True)
    print(f"{len(os.sched_getaffinity(0))} cores, Python {sys.version.split()[0]}, median of {ROUNDS} pairs\n")
    for tree in (python_tree(), node_tree()):
        if tree is not None:
            against_zip(tree)
    locked_wheels()
    start_up()


if __name__ == "__main__":
    main()
