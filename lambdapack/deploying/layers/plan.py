"""What a push of a layer is asked for, and what it has to do. Pure: no clock, no file, no request."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from lambdapack.choices import check_list
from lambdapack.deploying.aws.deadline import DEFAULT_TIMEOUT
from lambdapack.deploying.function.session import check_fields
from lambdapack.deploying.layers.versions import LayerVersion
from lambdapack.deploying.upload.package import check_architecture
from lambdapack.deploying.upload.transport import Route
from lambdapack.errors import UsageError

_RUNTIMES_MAX = 15
"""Compatible runtimes of a version (API reference, PublishLayerVersion, CompatibleRuntimes)."""

_DESCRIPTION_MAX = 256
"""Characters (the same, Description)."""

_LICENSE_MAX = 512
"""Characters (the same, LicenseInfo)."""

_FOLDERS = ("python/", "nodejs/", "java/", "ruby/", "bin/", "lib/", "extensions/", "dotnetcore/", "bootstrap")
"""Where something looks for what a layer brings, below /opt: the runtimes ("Packaging your layer content", "Layer
paths for each Lambda runtime"), PATH and LD_LIBRARY_PATH, Lambda's extensions, .NET's package store, and a custom
runtime's entry point, which is a file ("Building a custom runtime")."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerRequest:
    """What the newest version of a layer is to hold, and for whom it is."""

    layer: str
    """A name, or an ARN without version."""
    route: Route = field(default_factory=Route)
    runtimes: Sequence[str] = ()
    """The compatible runtimes; where none is given, a version may have any."""
    architectures: Sequence[str] = ()
    """The compatible architectures; where none is given, a version may have any."""
    license_info: str | None = None
    """An SPDX identifier, a URL or the text of the licence; None leaves it open."""
    description: str | None = None
    """Of a version that is published; it alone is no reason to publish one."""
    dry_run: bool = False
    force: bool = False
    """Publish although the newest version holds the same."""
    timeout: float = DEFAULT_TIMEOUT
    """Seconds for the whole run."""


def check_layer_request(request: LayerRequest) -> None:
    """Raise ``UsageError`` for what Lambda would refuse after the upload."""
    check_fields(request)
    for name, given in (("runtimes", request.runtimes), ("architectures", request.architectures)):
        check_list(name, given)
    for architecture in request.architectures:
        check_architecture(architecture)
    if len(set(request.runtimes)) > _RUNTIMES_MAX:
        raise UsageError(
            f"a layer has at most {_RUNTIMES_MAX} compatible runtimes, not {len(set(request.runtimes))}",
            hint="name those that your functions have; the list is advice, and a function of another one may use it",
        )
    texts = (("description", request.description, _DESCRIPTION_MAX), ("licence", request.license_info, _LICENSE_MAX))
    for name, text, longest in texts:
        if text is not None and len(text) > longest:
            raise UsageError(
                f"the {name} has {len(text)} characters; Lambda takes {longest}", hint="shorten it, or give a URL"
            )


def differences(request: LayerRequest, code_sha256: str, version: LayerVersion) -> list[str]:
    """Return what keeps ``version`` from being what the request asks for; empty where it is that.

    Code, compatible runtimes and architectures, and the licence count, the last three where they are given. The
    description does not: it often names a build, and the same bytes would be published for each.
    """
    found = [] if version.code_sha256 == code_sha256 else ["code"]
    if request.runtimes and set(request.runtimes) != version.runtimes:
        found.append("runtimes")
    if request.architectures and set(request.architectures) != version.architectures:
        found.append("architectures")
    if request.license_info is not None and request.license_info != version.license_info:
        found.append("licence")
    return found


def out_of_sight(names: Iterable[str]) -> bool:
    """Return whether no runtime would find anything in a layer whose entries have these names."""
    return not any(name.startswith(_FOLDERS) for name in names)
