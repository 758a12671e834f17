"""The operations on functions as a whole: create, get, list, delete.

Every operation is ``(World, Call) -> (World, Answer)``; see ``calls``.
"""

from dataclasses import replace

from lambdapack.emulator.calls import Answer, Call, lambda_time
from lambdapack.emulator.control import constraints, package
from lambdapack.emulator.control.configurations import code_location, configuration, find_function, listing_row, resolve
from lambdapack.emulator.control.names import function_arn, new_function, qualified_function
from lambdapack.emulator.control.pages import page
from lambdapack.emulator.control.settings import check_total_size, create_settings
from lambdapack.emulator.control.signing import check_layers, find_attached
from lambdapack.emulator.control.source import S3_MEMBERS, function_image, function_zip
from lambdapack.emulator.control.storage import check_storage
from lambdapack.emulator.refusals import conflict, invalid_parameter
from lambdapack.emulator.values import (
    LATEST,
    Code,
    Function,
    Members,
    SigningConfig,
    Transition,
    Version,
    World,
    settle_version,
    with_function,
    with_region,
    without,
)


def create_function(world: World, call: Call) -> tuple[World, Answer]:
    """Create a function, and its version 1 where Publish is asked for.

    "Function already exist" (sic) is from public reports, not recorded.
    """
    package.check_request(call, largest=package.LARGEST_REQUEST)
    reference = new_function(call)
    constraints.demand(constraints.function_members(call.parameters))
    settings = create_settings(world, call, reference.name)
    if reference.name in world.region(call.region).functions:
        raise conflict(f"Function already exist: {reference.name}")
    config = find_attached(world, call, call.text("CodeSigningConfigArn"))
    code = _code(world, call, settings, config)
    check_layers(settings, config)
    check_storage(world.region(call.region), code.size)
    check_total_size(world, call.region, settings, code.unzipped_size)
    function = Function(
        name=reference.name,
        latest=new_latest(call, settings, code, creating=True),
        published={},
        next_number=1,
        aliases={},
        tags=call.parameters.get("Tags") or {},
        signing_config=config.arn if config else None,
    )
    answered = function.latest
    if call.parameters.get("Publish"):
        function, answered = with_version(function, call, pending=True)
    # The answer describes version 1, but under the unqualified ARN (recorded: test_publish_version_on_create).
    document = configuration(answered, name=function.name, arn=reference.arn)
    return with_function(world, call.region, function), Answer(status=201, document=document)


def _code(world: World, call: Call, settings: Members, config: SigningConfig | None) -> Code:
    members = call.parameters.get("Code") or {}
    if settings["PackageType"] == "Image":
        if any(members.get(member) for member in ("ZipFile", *S3_MEMBERS)):
            raise invalid_parameter("Please provide ImageUri when creating a function with packageType Image.")
        return function_image(members)
    if members.get("ImageUri"):
        raise invalid_parameter("Please don't provide ImageUri when creating a function with packageType Zip.")
    return function_zip(world, call, members, config, keep=True)


def new_latest(call: Call, settings: Members, code: Code, *, creating: bool) -> Version:
    """Return ``$LATEST`` after a create or an update that is now in progress."""
    return Version(
        number=LATEST,
        settings=settings,
        code=code,
        revision_id=call.fresh(),
        modified=lambda_time(call.now),
        content_id=call.fresh(),
        transition=_begin_transition(call, creating=creating),
    )


def _begin_transition(call: Call, *, creating: bool) -> Transition:
    """Return a transition that starts with this call; with ``settle`` 0 the next call finds it ended."""
    ends = call.now + call.settle if call.settle > 0 else 0.0
    return Transition(ends=ends, revision_id=call.fresh(), creating=creating)


def with_version(
    function: Function, call: Call, *, pending: bool, description: str | None = None
) -> tuple[Function, Version]:
    """Return the function with one more published version, made of ``$LATEST``, and that version.

    A version that starts a snapshot, or that a create or update brings along, is Pending at first.
    """
    latest = function.latest
    settings = latest.settings if description is None else {**latest.settings, "Description": description}
    snapshot = settings["SnapStart"]["ApplyOn"] == "PublishedVersions"
    version = replace(
        latest,
        number=str(function.next_number),
        settings=settings,
        revision_id=call.fresh(),
        modified=lambda_time(call.now),
        transition=_begin_transition(call, creating=True) if pending or snapshot else None,
    )
    published = {**function.published, version.number: version}
    return replace(function, published=published, next_number=function.next_number + 1), version


def get_function(world: World, call: Call) -> tuple[World, Answer]:
    """Return a version's configuration, where its code can be fetched, and the function's tags."""
    reference = qualified_function(call)
    version = resolve(world, call, reference)
    document: Members = {
        "Configuration": configuration(version, name=reference.name, arn=reference.qualified_arn),
        "Code": code_location(version.code, call),
    }
    tags = world.region(call.region).functions[reference.name].tags
    if tags:
        document["Tags"] = tags
    return world, Answer(document=document)


def get_function_configuration(world: World, call: Call) -> tuple[World, Answer]:
    """Return a version's configuration."""
    reference = qualified_function(call)
    version = resolve(world, call, reference)
    return world, Answer(document=configuration(version, name=reference.name, arn=reference.qualified_arn))


def list_functions(world: World, call: Call) -> tuple[World, Answer]:
    """Return ``$LATEST`` of every function, by name; with FunctionVersion=ALL every version, under qualified ARNs."""
    wanted = call.text("FunctionVersion")
    constraints.demand(constraints.violations(wanted, "functionVersion", constraints.Constraint(choices=("ALL",))))
    functions = world.region(call.region).functions
    rows: list[Members] = []
    for name in sorted(functions):
        arn = function_arn(call.region, name)
        if wanted is None:
            rows.append(listing_row(settle_version(functions[name].latest, call.now), name=name, arn=arn))
        else:
            rows += all_versions(functions[name], call, arn=arn)
    return world, Answer(document=page(call, "Functions", rows))


def all_versions(function: Function, call: Call, *, arn: str) -> list[Members]:
    """Return ``$LATEST``, then the published versions in ascending order, each under its qualified ARN."""
    versions = [function.latest, *sorted(function.published.values(), key=lambda version: int(version.number))]
    settled = [settle_version(version, call.now) for version in versions]
    return [listing_row(version, name=function.name, arn=f"{arn}:{version.number}") for version in settled]


def delete_function(world: World, call: Call) -> tuple[World, Answer]:
    """Delete a function, or the one version that the qualifier names; a version that is not there is no error.

    The refusal for a version that aliases need is from public reports; the others are recorded.
    """
    reference = qualified_function(call)
    qualifier = reference.qualifier
    if qualifier == LATEST:
        raise invalid_parameter("$LATEST version cannot be deleted without deleting the function.")
    if qualifier is not None and not qualifier.startswith("$") and not qualifier.isdigit():
        raise invalid_parameter("Deletion of aliases is not currently supported.")
    function = find_function(world, call, reference)
    if qualifier is None:
        region = world.region(call.region)
        left = without(region.functions, function.name)
        return with_region(world, call.region, replace(region, functions=left)), Answer(status=204)
    aliases = function.aliases.values()
    users = sorted(alias.name for alias in aliases if qualifier in (alias.version, *alias.weights))
    if users:
        raise conflict(f"Unable to delete version because the following aliases reference it: [{', '.join(users)}]")
    fewer = replace(function, published=without(function.published, qualifier))
    return with_function(world, call.region, fewer), Answer(status=204)
