"""The operations on layers.

Rules for this file (recorded: TestLambdaLayer)
- Version numbers are never used again; deleting what is not there is no error; a function that uses a deleted
  version keeps it.
- CompatibleRuntimes, CompatibleArchitectures and LicenseInfo are in an answer if they were in the request, even empty.
- MaxItems is 50 at most (botocore model 1.44.5), where other listings take 10000.
- An ARN of another Region or account is refused as it is for functions, in that order (recorded for those alone).
"""

from dataclasses import replace

from lambdapack.emulator.calls import Answer, Call, lambda_time
from lambdapack.emulator.control import constraints, package
from lambdapack.emulator.control.names import layer_arn
from lambdapack.emulator.control.pages import LARGEST_PAGE, page
from lambdapack.emulator.control.settings import DEPRECATED_RUNTIMES, NEWER_RUNTIMES, RUNTIMES
from lambdapack.emulator.control.source import load_zip, signature_members
from lambdapack.emulator.control.storage import check_storage
from lambdapack.emulator.refusals import RefusedError, invalid_parameter, not_found
from lambdapack.emulator.values import ACCOUNT, Code, Layer, LayerVersion, Members, World, with_region, without

_LISTED_RUNTIMES = (
    *("ruby3.5", "ruby2.6", "dotnetcore1.0", "python3.7", "nodejs8.10", "nasa", "ruby2.7"),
    *("python2.7-greengrass", "dotnetcore2.0", "python3.8", "java21", "dotnet6", "dotnetcore2.1"),
    *("python3.9", "java11", "nodejs6.10", "provided", "dotnetcore3.1", "dotnet8", "java25", "java17"),
    *("nodejs", "nodejs4.3", "java8.al2", "go1.x", "dotnet10", "nodejs20.x", "go1.9", "byol"),
    *("nodejs10.x", "provided.al2023", "nodejs22.x", "python3.10", "java8", "nodejs12.x", "python3.11"),
    *("nodejs24.x", "nodejs8.x", "python3.12", "nodejs14.x", "nodejs8.9", "nodejs26.x", "python3.13"),
    *("python3.14", "nodejs16.x", "python3.15", "provided.al2", "nodejs4.3-edge", "nodejs18.x"),
    *("ruby3.2", "python3.4", "ruby3.3", "ruby3.4", "ruby2.5", "python3.6", "python2.7"),
)
"""What ListLayers names in its refusal: recorded, TestLambdaLayer::test_layer_exceptions, word for word."""

_KNOWN = frozenset({*RUNTIMES, *NEWER_RUNTIMES, *DEPRECATED_RUNTIMES})
_COPIED = ("CompatibleRuntimes", "CompatibleArchitectures", "LicenseInfo")
_MISSING = "The resource you requested does not exist."


def publish_layer_version(world: World, call: Call) -> tuple[World, Answer]:
    """Make the next version of a layer, and the layer with its first one."""
    package.check_request(call, largest=package.LARGEST_REQUEST)
    name = _name(call)
    asked = {member: value for member, value in call.parameters.items() if value is not None}
    constraints.demand(_compatibility(asked))
    data, examined = load_zip(world, call, asked.get("Content") or {})
    former = world.region(call.region)
    check_storage(former, examined.size)
    layer = former.layers.get(name) or Layer(name=name, versions={}, next_number=1)
    settings: Members = {"Description": asked.get("Description", "")}
    settings |= {member: asked[member] for member in _COPIED if member in asked}
    version = LayerVersion(
        number=layer.next_number,
        settings=settings,
        code=Code(
            sha256=examined.sha256,
            size=examined.size,
            unzipped_size=examined.unzipped_size,
            blob=call.blobs.keep(data),
            signing=signature_members(examined),
        ),
        created=lambda_time(call.now),
    )
    layer = replace(layer, versions={**layer.versions, str(version.number): version}, next_number=layer.next_number + 1)
    world = with_region(world, call.region, replace(former, layers={**former.layers, name: layer}))
    return world, Answer(status=201, document=_answer(version, name, call))


def get_layer_version(world: World, call: Call) -> tuple[World, Answer]:
    """Return one version of a layer, and where its content can be fetched."""
    name = _name(call)
    return world, Answer(document=_answer(_find_version(world, call, name, _number(call)), name, call))


def get_layer_version_by_arn(world: World, call: Call) -> tuple[World, Answer]:
    """Return the version of a layer that an ARN names."""
    arn = call.text("Arn") or ""
    constraints.demand(constraints.violations(arn, "arn", constraints.LAYER_VERSION_ARN))
    layer, _, number = arn.rpartition(":")
    name = layer.rpartition(":")[2]
    if layer != layer_arn(call.region, name):
        raise not_found(_MISSING)
    return world, Answer(document=_answer(_find_version(world, call, name, int(number)), name, call))


def list_layers(world: World, call: Call) -> tuple[World, Answer]:
    """Return the newest version of every layer, by name, that fits the runtime and architecture asked for."""
    constraints.demand(_wanted(call))
    layers = world.region(call.region).layers
    rows: list[Members] = []
    for name in sorted(layers):
        fitting = _select_compatible(layers[name], call)
        if fitting:
            newest = _summary(fitting[0], name, call)
            rows.append({"LayerName": name, "LayerArn": layer_arn(call.region, name), "LatestMatchingVersion": newest})
    return world, Answer(document=page(call, "Layers", rows, most=LARGEST_PAGE))


def list_layer_versions(world: World, call: Call) -> tuple[World, Answer]:
    """Return the versions of a layer, newest first; a layer that is not there has none."""
    name = _name(call)
    constraints.demand(_wanted(call))
    layer = world.region(call.region).layers.get(name)
    rows = [_summary(version, name, call) for version in _select_compatible(layer, call)] if layer else []
    return world, Answer(document=page(call, "LayerVersions", rows, most=LARGEST_PAGE))


def delete_layer_version(world: World, call: Call) -> tuple[World, Answer]:
    """Delete one version of a layer."""
    name, number = _name(call), _number(call)
    former = world.region(call.region)
    layer = former.layers.get(name)
    if layer is None or str(number) not in layer.versions:
        return world, Answer(status=204)
    fewer = replace(layer, versions=without(layer.versions, str(number)))
    return with_region(world, call.region, replace(former, layers={**former.layers, name: fewer})), Answer(status=204)


def _name(call: Call) -> str:
    written = call.text("LayerName") or ""
    constraints.demand(constraints.violations(written, "layerName", constraints.LAYER_NAME))
    layer, _, name = written.rpartition(":")
    if layer:
        region, account = written.split(":")[3:5]
        if region != call.region:
            raise not_found(_MISSING)
        if account != ACCOUNT:
            raise RefusedError(403, "AccessDeniedException", None)
    return name


def _number(call: Call) -> int:
    number = call.number("VersionNumber") or 0
    if number < 1:
        raise invalid_parameter("Layer Version Cannot be less than 1")
    return number


def _find_version(world: World, call: Call, name: str, number: int) -> LayerVersion:
    layer = world.region(call.region).layers.get(name)
    version = layer.versions.get(str(number)) if layer else None
    if version is None:
        raise not_found(_MISSING)
    return version


def _summary(version: LayerVersion, name: str, call: Call) -> Members:
    return {
        **version.settings,
        "LayerVersionArn": f"{layer_arn(call.region, name)}:{version.number}",
        "Version": version.number,
        "CreatedDate": version.created,
    }


def _answer(version: LayerVersion, name: str, call: Call) -> Members:
    return {
        **_summary(version, name, call),
        "LayerArn": layer_arn(call.region, name),
        "Content": {
            "Location": f"{call.packages}/{version.code.blob}",
            "CodeSha256": version.code.sha256,
            "CodeSize": version.code.size,
            **version.code.signing,
        },
    }


def _select_compatible(layer: Layer, call: Call) -> list[LayerVersion]:
    """Return the versions that fit, newest first; one that names no runtimes or architectures fits none."""
    wanted = {f"{member}s": call.text(member) for member in ("CompatibleRuntime", "CompatibleArchitecture")}
    return [
        version
        for version in sorted(layer.versions.values(), key=lambda each: -each.number)
        if all(value is None or value in version.settings.get(member, []) for member, value in wanted.items())
    ]


def _compatibility(asked: Members) -> list[str]:
    runtimes = asked.get("CompatibleRuntimes", [])
    found = constraints.violations(runtimes, "compatibleRuntimes", constraints.Constraint(high=15))
    if any(runtime not in _KNOWN for runtime in runtimes):
        found.append(constraints.violation(runtimes, "compatibleRuntimes", constraints.enumeration(RUNTIMES)))
    found += constraints.architectures(asked.get("CompatibleArchitectures"), "compatibleArchitectures", most=2)
    found += constraints.violations(asked.get("Description"), "description", constraints.DESCRIPTION)
    found += constraints.violations(asked.get("LicenseInfo"), "licenseInfo", constraints.Constraint(high=512))
    return found


def _wanted(call: Call) -> list[str]:
    found = []
    runtime, architecture = call.text("CompatibleRuntime"), call.text("CompatibleArchitecture")
    if runtime is not None and runtime not in (*_LISTED_RUNTIMES, *NEWER_RUNTIMES):
        found.append(constraints.violation(runtime, "compatibleRuntime", constraints.enumeration(_LISTED_RUNTIMES)))
    known = constraints.Constraint(choices=constraints.ARCHITECTURES)
    return found + constraints.violations(architecture, "compatibleArchitecture", known)
