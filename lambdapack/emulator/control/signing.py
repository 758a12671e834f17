"""Code signing configurations: who may sign the code of the functions that they are attached to.

Rules for this file (recorded: TestCodeSigningConfig)
- A missing configuration is ResourceNotFoundException, without ``Type``, for the calls on it. For a call that gives it
  to a function it is CodeSigningConfigNotFoundException, even where the function is missing as well.
- A function without a configuration answers an empty document, which is no error.
"""

from dataclasses import replace

from lambdapack.emulator.calls import Answer, Call, lambda_time
from lambdapack.emulator.control.configurations import find_function
from lambdapack.emulator.control.constraints import DESCRIPTION, SIGNING_CONFIG_ARN, Constraint, demand, violations
from lambdapack.emulator.control.names import function_arn, partition, whole_function
from lambdapack.emulator.control.pages import page
from lambdapack.emulator.control.source import check_signature
from lambdapack.emulator.refusals import RefusedError, conflict
from lambdapack.emulator.values import (
    ACCOUNT,
    Members,
    Region,
    SigningConfig,
    World,
    with_function,
    with_region,
    with_signing_config,
    without,
)

_IDENTIFIER = 17
"""Characters after "csc-": the pattern of the ARN."""

_POLICY = Constraint(choices=("Warn", "Enforce"))


def find_attached(world: World, call: Call, arn: str | None) -> SigningConfig | None:
    """Return the configuration with that ARN (None: none is attached), or refuse one that is not there."""
    if not arn:
        return None
    config = world.region(call.region).signing_configs.get(arn)
    if config is None:
        raise RefusedError(
            404,
            "CodeSigningConfigNotFoundException",
            "The code signing configuration cannot be found. "
            f"Check that the provided configuration is not deleted: {arn}.",
        )
    return config


def check_layers(settings: Members, config: SigningConfig | None) -> None:
    """Refuse layers that the function's configuration does not let through, as its own code would be."""
    for layer in settings.get("Layers", []):
        check_signature(layer.get("SigningProfileVersionArn"), config)


def create_code_signing_config(world: World, call: Call) -> tuple[World, Answer]:
    """Make a configuration; unsigned code is let through with a warning unless the policy says Enforce."""
    demand(_form(call))
    identifier = "csc-" + call.fresh().replace("-", "")[:_IDENTIFIER]
    config = SigningConfig(
        arn=f"arn:{partition(call.region)}:lambda:{call.region}:{ACCOUNT}:code-signing-config:{identifier}",
        identifier=identifier,
        description=call.text("Description") or "",
        publishers=(call.parameters.get("AllowedPublishers") or {}).get("SigningProfileVersionArns") or [],
        policy=_policy(call) or "Warn",
        modified=lambda_time(call.now),
        tags=call.parameters.get("Tags") or {},
    )
    document = {"CodeSigningConfig": _answer(config)}
    return with_signing_config(world, call.region, config), Answer(status=201, document=document)


def get_code_signing_config(world: World, call: Call) -> tuple[World, Answer]:
    """Return a configuration."""
    return world, Answer(document={"CodeSigningConfig": _answer(_find_named(world, call))})


def update_code_signing_config(world: World, call: Call) -> tuple[World, Answer]:
    """Change what the request has."""
    config = _find_named(world, call)
    demand(_form(call))
    publishers = (call.parameters.get("AllowedPublishers") or {}).get("SigningProfileVersionArns")
    config = replace(
        config,
        description=call.parameters.get("Description", config.description),
        publishers=publishers or config.publishers,
        policy=_policy(call) or config.policy,
        modified=lambda_time(call.now),
    )
    return with_signing_config(world, call.region, config), Answer(document={"CodeSigningConfig": _answer(config)})


def delete_code_signing_config(world: World, call: Call) -> tuple[World, Answer]:
    """Delete a configuration that no function has (the wording of the refusal is not recorded anywhere)."""
    config = _find_named(world, call)
    region = world.region(call.region)
    if _users(region, config):
        raise conflict("Cannot delete the code signing configuration because it is in use by a function.")
    left = without(region.signing_configs, config.arn)
    return with_region(world, call.region, replace(region, signing_configs=left)), Answer(status=204)


def list_code_signing_configs(world: World, call: Call) -> tuple[World, Answer]:
    """Return every configuration, by ARN."""
    configs = world.region(call.region).signing_configs
    rows = [_answer(configs[arn]) for arn in sorted(configs)]
    return world, Answer(document=page(call, "CodeSigningConfigs", rows))


def list_functions_by_code_signing_config(world: World, call: Call) -> tuple[World, Answer]:
    """Return the ARNs of the functions that have a configuration."""
    names = _users(world.region(call.region), _find_named(world, call))
    return world, Answer(document=page(call, "FunctionArns", [function_arn(call.region, name) for name in names]))


def put_function_code_signing_config(world: World, call: Call) -> tuple[World, Answer]:
    """Give a function a configuration; it holds from the next deployment on."""
    reference = whole_function(call)
    config = find_attached(world, call, call.text("CodeSigningConfigArn"))
    function = find_function(world, call, reference)
    arn = config.arn if config else None
    document = {"CodeSigningConfigArn": arn, "FunctionName": function.name}
    return with_function(world, call.region, replace(function, signing_config=arn)), Answer(document=document)


def get_function_code_signing_config(world: World, call: Call) -> tuple[World, Answer]:
    """Return a function's configuration, or nothing where it has none."""
    function = find_function(world, call, whole_function(call))
    if function.signing_config is None:
        return world, Answer(document={})
    return world, Answer(document={"CodeSigningConfigArn": function.signing_config, "FunctionName": function.name})


def delete_function_code_signing_config(world: World, call: Call) -> tuple[World, Answer]:
    """Take a function's configuration away."""
    function = find_function(world, call, whole_function(call))
    return with_function(world, call.region, replace(function, signing_config=None)), Answer(status=204)


def _find_named(world: World, call: Call) -> SigningConfig:
    arn = call.text("CodeSigningConfigArn") or ""
    demand(violations(arn, "codeSigningConfigArn", SIGNING_CONFIG_ARN))
    config = world.region(call.region).signing_configs.get(arn)
    if config is None:
        message = f"The Lambda code signing configuration {arn} can not be found."
        raise RefusedError(404, "ResourceNotFoundException", message, anonymous=True)
    return config


def _users(region: Region, config: SigningConfig) -> list[str]:
    return sorted(name for name, function in region.functions.items() if function.signing_config == config.arn)


def _policy(call: Call) -> str | None:
    policy: str | None = (call.parameters.get("CodeSigningPolicies") or {}).get("UntrustedArtifactOnDeployment")
    return policy


def _form(call: Call) -> list[str]:
    found = violations(_policy(call), "codeSigningPolicies.untrustedArtifactOnDeployment", _POLICY)
    return found + violations(call.text("Description"), "description", DESCRIPTION)


def _answer(config: SigningConfig) -> Members:
    return {
        "CodeSigningConfigId": config.identifier,
        "CodeSigningConfigArn": config.arn,
        "Description": config.description,
        "AllowedPublishers": {"SigningProfileVersionArns": config.publishers},
        "CodeSigningPolicies": {"UntrustedArtifactOnDeployment": config.policy},
        "LastModified": config.modified,
    }
