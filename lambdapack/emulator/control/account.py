"""The account: its limits and its use of them; and the tags of functions and code signing configurations."""

from dataclasses import replace

from lambdapack.emulator.calls import Answer, Call
from lambdapack.emulator.control.configurations import find_function, latest_at_rest
from lambdapack.emulator.control.names import Reference, function_arn
from lambdapack.emulator.control.package import LARGEST_UNZIPPED, LARGEST_ZIP
from lambdapack.emulator.control.storage import CODE_STORAGE, code_size
from lambdapack.emulator.refusals import invalid_parameter, not_found
from lambdapack.emulator.values import Function, SigningConfig, World, with_function, with_signing_config

_MOST_TAGS = 50
"""Tags of one resource; the text of the refusal is LocalStack's, whose recording is not at hand."""

_CONCURRENCY = 1000
"""The default quota of executions at a time in a Region."""


def get_account_settings(world: World, call: Call) -> tuple[World, Answer]:
    """Return the limits, and how much of the code storage is used."""
    region = world.region(call.region)
    document = {
        "AccountLimit": {
            "TotalCodeSize": CODE_STORAGE,
            "CodeSizeUnzipped": LARGEST_UNZIPPED,
            "CodeSizeZipped": LARGEST_ZIP,
            "ConcurrentExecutions": _CONCURRENCY,
            "UnreservedConcurrentExecutions": _CONCURRENCY,
        },
        "AccountUsage": {"TotalCodeSize": code_size(region), "FunctionCount": len(region.functions)},
    }
    return world, Answer(document=document)


def list_tags(world: World, call: Call) -> tuple[World, Answer]:
    """Return the tags of a function or code signing configuration."""
    return world, Answer(document={"Tags": _find_tagged(world, call).tags})


def tag_resource(world: World, call: Call) -> tuple[World, Answer]:
    """Add tags, or give them other values; a function must be at rest (409)."""
    resource = _find_tagged(world, call)
    if isinstance(resource, Function):
        latest_at_rest(resource, call)
    tags = {**resource.tags, **(call.parameters.get("Tags") or {})}
    if len(tags) > _MOST_TAGS:
        raise invalid_parameter("Number of tags exceeds resource tag limit.")
    return _with_tags(world, call, resource, tags)


def untag_resource(world: World, call: Call) -> tuple[World, Answer]:
    """Remove the tags named; those that are not there are no error."""
    resource = _find_tagged(world, call)
    removed = set(call.parameters.get("TagKeys") or [])
    return _with_tags(world, call, resource, {key: tag for key, tag in resource.tags.items() if key not in removed})


def _find_tagged(world: World, call: Call) -> Function | SigningConfig:
    arn = call.text("Resource") or ""
    region = world.region(call.region)
    if arn in region.signing_configs:
        return region.signing_configs[arn]
    name = arn.removeprefix(function_arn(call.region, ""))
    if ":" in name and name != arn:
        raise invalid_parameter(
            "Tags on function aliases and versions are not supported. Please specify either a function ARN."
        )
    if name == arn:
        raise not_found("The resource you requested does not exist.")
    return find_function(world, call, Reference(name=name, qualifier=None, arn=arn))


def _with_tags(
    world: World, call: Call, resource: Function | SigningConfig, tags: dict[str, str]
) -> tuple[World, Answer]:
    if isinstance(resource, Function):
        return with_function(world, call.region, replace(resource, tags=tags)), Answer(status=204)
    return with_signing_config(world, call.region, replace(resource, tags=tags)), Answer(status=204)
