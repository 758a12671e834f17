"""UpdateFunctionCode and UpdateFunctionConfiguration: the two ways in which ``$LATEST`` changes.

Rules for this file
- First the request itself (form, size), then whether the function is at rest (409), then the RevisionId (412),
  then the new content; a refusal at any point has changed nothing.
- Every update is a change, also one with identical bytes: it brings a new RevisionId now, another one when it
  is done, and the next PublishVersion makes a new version (recorded: test_function_revisions_basic;
  moto's tests that were run on AWS: "AWS does not check whether the provided code is different").
- DryRun takes the same path as far as the answer, computes CodeSha256, and keeps nothing, with Publish too.
"""

from dataclasses import replace

from lambdapack.emulator.calls import Answer, Call
from lambdapack.emulator.control import constraints, package, settings
from lambdapack.emulator.control.configurations import configuration, find_function, latest_at_rest
from lambdapack.emulator.control.functions import new_latest, with_version
from lambdapack.emulator.control.names import whole_function
from lambdapack.emulator.control.signing import check_layers, find_attached
from lambdapack.emulator.control.source import S3_MEMBERS, function_image, function_zip
from lambdapack.emulator.control.storage import check_storage
from lambdapack.emulator.refusals import RefusedError, invalid_parameter
from lambdapack.emulator.values import Code, Function, Members, World, with_function


def check_revision(call: Call, current: str) -> None:
    """Refuse a RevisionId that is not the current one (412)."""
    asked = call.text("RevisionId")
    if asked and asked != current:
        raise RefusedError(
            412,
            "PreconditionFailedException",
            "The Revision Id provided does not match the latest Revision Id. "
            "Call the GetFunction/GetAlias API to retrieve the latest Revision Id",
        )


def update_function_code(world: World, call: Call) -> tuple[World, Answer]:
    """Replace the code of ``$LATEST``; with Publish answer the new version instead."""
    package.check_request(call, largest=package.LARGEST_REQUEST)
    reference = whole_function(call)
    constraints.demand(constraints.architectures(call.parameters.get("Architectures")))
    function = find_function(world, call, reference)
    latest = latest_at_rest(function, call)
    check_revision(call, latest.revision_id)
    dry = bool(call.parameters.get("DryRun"))
    code = _new_code(world, call, function, keep=not dry)
    wanted: Members = dict(latest.settings)
    if call.parameters.get("Architectures"):
        wanted["Architectures"] = call.parameters["Architectures"]
    settings.check_total_size(world, call.region, wanted, code.unzipped_size)
    check_storage(world.region(call.region), code.size - latest.code.size)
    if dry:
        seen = replace(latest, settings=wanted, code=code)
        return world, Answer(document=configuration(seen, name=function.name, arn=reference.arn))
    function = replace(function, latest=new_latest(call, wanted, code, creating=False))
    answered, arn = function.latest, reference.arn
    if call.parameters.get("Publish"):
        function, answered = with_version(function, call, pending=True)
        arn = f"{arn}:{answered.number}"
    world = with_function(world, call.region, function)
    return world, Answer(document=configuration(answered, name=function.name, arn=arn))


def update_function_configuration(world: World, call: Call) -> tuple[World, Answer]:
    """Change the members that the request has; the others stay."""
    package.check_request(call, largest=settings.LARGEST_CONFIGURATION)
    reference = whole_function(call)
    constraints.demand(constraints.function_members(call.parameters))
    function = find_function(world, call, reference)
    latest = latest_at_rest(function, call)
    check_revision(call, latest.revision_id)
    wanted = settings.update_settings(world, call, latest.settings)
    check_layers(wanted, find_attached(world, call, function.signing_config))
    settings.check_total_size(world, call.region, wanted, latest.code.unzipped_size)
    function = replace(function, latest=new_latest(call, wanted, latest.code, creating=False))
    world = with_function(world, call.region, function)
    return world, Answer(document=configuration(function.latest, name=function.name, arn=reference.arn))


def _new_code(world: World, call: Call, function: Function, *, keep: bool) -> Code:
    members = call.parameters
    if function.latest.settings["PackageType"] == "Image":
        if not members.get("ImageUri"):
            raise invalid_parameter("Please provide ImageUri when updating a function with packageType Image.")
        return function_image(members)
    if members.get("ImageUri"):
        raise invalid_parameter("Please don't provide ImageUri when updating a function with packageType Zip.")
    if not any(members.get(member) for member in ("ZipFile", *S3_MEMBERS)):
        raise invalid_parameter("Please provide a source for function code.")
    return function_zip(world, call, members, find_attached(world, call, function.signing_config), keep=keep)
