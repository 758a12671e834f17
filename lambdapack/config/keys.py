"""The keys of the configuration, one table: the file, the options and the schema for editors are read from it."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, NamedTuple, TypeAlias, get_args

from lambdapack.choices import Compression, Preference, Preset, Symlinks, TransportChoice
from lambdapack.environment import Environment
from lambdapack.target import ARCHITECTURES, RUNTIMES

Value: TypeAlias = str | int | bool | tuple[str, ...] | Environment | Mapping[str, object]
"""What a key may hold, once it is understood."""

Kind: TypeAlias = Literal["string", "strings", "boolean", "integer", "table"]


class Key(NamedTuple):
    """One key: what it may hold, and what that means."""

    says: str
    """What it says, for ``--help`` and for editors, without a full stop."""
    kind: Kind = "string"
    choices: tuple[str, ...] = ()
    least: int | None = None
    unit: str = ""
    """Of a number; of a table, what it holds."""
    default: str = ""
    """What holds where nobody says anything, in words."""
    is_path: bool = False
    option: str = ""
    """The long option that says the same, without its hyphens, where it is not called as the key is."""
    metavar: str | None = None
    """What its value is called in ``--help``."""

    @property
    def help(self) -> str:
        """One sentence: what it says, and its default."""
        return f"{self.says}{f'; default: {self.default}' if self.default else ''}."


KEYS: Mapping[str, Key] = {
    "source": Key("The directory that is packed", is_path=True, metavar="DIR"),
    "output": Key("Where the package goes", is_path=True, default="NAME.zip", metavar="OUT.zip"),
    "runtime": Key("Such as python3.13", choices=RUNTIMES, metavar="NAME"),
    "architecture": Key("What the package is built for, and what the function runs on", choices=ARCHITECTURES),
    "handler": Key("Where Lambda enters the code", metavar="MODULE.FUNCTION"),
    "include": Key("Pack what another pattern leaves out", "strings", metavar="PATTERN"),
    "exclude": Key("Leave out, as in .gitignore", "strings", metavar="PATTERN"),
    "executable": Key("Files that are executable, whatever they hold", "strings", metavar="PATTERN"),
    "symlinks": Key("What becomes of symlinks", choices=get_args(Symlinks), default="follow"),
    "allow-case-collisions": Key("Pack names that differ in case only", "boolean"),
    "compression": Key("How hard to compress", choices=get_args(Compression), default="default"),
    "lock": Key("Pack the wheels that this pylock.toml (PEP 751) locks", is_path=True, metavar="FILE"),
    "wheels": Key("Look for wheels here before downloading them", "strings", is_path=True, metavar="DIR"),
    "groups": Key("A dependency group", "strings", default="the lock's", option="group", metavar="NAME"),
    "extras": Key("An extra of the lock", "strings", option="extra", metavar="NAME"),
    "without": Key("Leave out what the runtime has, and what only that needs", "strings", metavar="NAME,…"),
    "preset": Key("slim: no tests, stubs or headers of wheels", choices=get_args(Preset)),
    "prefer": Key("Whose file it is where SOURCE and a wheel have both one", choices=get_args(Preference)),
    "scripts": Key("Pack the scripts of wheels, into bin/", "boolean"),
    "role": Key("The role that the function runs with", metavar="ARN"),
    "description": Key("Of the function", metavar="TEXT"),
    # Bounds are those of the API (CreateFunction, MemorySize and Timeout); the upper ones differ between accounts.
    "memory": Key("Memory of the function", "integer", least=128, unit="MiB", metavar="MIB"),
    "function-timeout": Key("What one invocation may take", "integer", least=1, unit="seconds", metavar="SECONDS"),
    "s3-bucket": Key("Where a package goes that is too large for a request", metavar="NAME"),
    "s3-prefix": Key("What its key begins with", default="lambdapack", metavar="PREFIX"),
    "transport": Key("How the package travels", choices=get_args(TransportChoice), default="auto"),
    "alias": Key("The alias that push --publish points at the version, and that rollback points back", metavar="NAME"),
    "image-uri": Key("Push this image, for a function of the package type Image", metavar="URI"),
    "signing-profile": Key("Have AWS Signer sign the package first; needs --s3-bucket", metavar="NAME"),
    "environment": Key("Environment variables of the function", "table", unit="strings", option="env"),
    "aws": Key("Members of AWS's own requests, by AWS's names", "table", unit="AWS's own members"),
}
"""Every key of a function's table, and of the defaults above all functions."""


class FunctionConfig(NamedTuple):
    """What the configuration says about one function; None where it says nothing.

    A field's name is the key with ``_`` for ``-``. Paths are relative to the configuration's directory.
    """

    name: str
    source: str | None = None
    output: str | None = None
    runtime: str | None = None
    architecture: str | None = None
    handler: str | None = None
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    executable: tuple[str, ...] = ()
    symlinks: Symlinks | None = None
    allow_case_collisions: bool | None = None
    compression: Compression | None = None
    lock: str | None = None
    wheels: tuple[str, ...] = ()
    groups: tuple[str, ...] | None = None
    extras: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    preset: Preset | None = None
    prefer: Preference | None = None
    scripts: bool | None = None
    role: str | None = None
    description: str | None = None
    memory: int | None = None
    function_timeout: int | None = None
    s3_bucket: str | None = None
    s3_prefix: str | None = None
    transport: TransportChoice | None = None
    alias: str | None = None
    image_uri: str | None = None
    signing_profile: str | None = None
    environment: Environment | None = None
    aws: Mapping[str, object] = MappingProxyType({})
    """Members of AWS's own requests, by AWS's names; ``deploying.model`` checks them against the client."""

    def __repr__(self) -> str:
        """Return which function it is about: members of AWS's requests may hold secrets."""
        return f"FunctionConfig({self.name!r})"


def lay_over(weaker: FunctionConfig, stronger: Mapping[str, Value]) -> FunctionConfig:
    """Return ``weaker`` with the values of ``stronger``, by field, laid over it: in tables key by key, else as a whole.

    So are a function's own values laid over the defaults, and flags over both. The values are of the fields' types.
    """
    merged = dict(stronger)
    for field, value in stronger.items():
        below = getattr(weaker, field)
        if isinstance(value, Environment) and isinstance(below, Environment):
            merged[field] = below.merge(value)
        elif isinstance(value, Mapping):
            merged[field] = {**below, **value}
    return weaker._replace(**merged)  # type: ignore[arg-type] # whoever reads files or flags has proven the types


def field_of(key: str) -> str:
    """Return the name of a key's field in ``FunctionConfig``, which is the name of its option's parameter too."""
    return key.replace("-", "_")
