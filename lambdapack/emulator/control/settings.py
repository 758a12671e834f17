"""The members of a FunctionConfiguration that requests decide: defaults, merging, and their rules.

Rules for this file
- ``create_settings`` and ``update_settings`` return AWS's own members, ready for the answer. What a request leaves out
  has its default (create) or stays (update); what it empties disappears, or stays as an empty shell where AWS answers
  one (VpcConfig).
- The environment is a secret: it goes into the state and into the answer to its owner, nowhere else.
"""

import hashlib
import json
import re
from collections.abc import Sequence

from lambdapack.emulator.calls import Call
from lambdapack.emulator.control.constraints import ENVIRONMENT_KEY, violation
from lambdapack.emulator.control.names import partition
from lambdapack.emulator.control.package import LARGEST_UNZIPPED
from lambdapack.emulator.refusals import RefusedError, invalid_parameter, invalid_request
from lambdapack.emulator.values import ACCOUNT, Members, World

_LARGEST_ENVIRONMENT = 4096
"""Bytes, as compact JSON; recorded: TestLambdaSizeLimits."""

LARGEST_CONFIGURATION = 5120
"""Bytes of UpdateFunctionConfiguration's body; Developer Guide, troubleshooting."""

_VPC = "vpc-0e000000000000000"

_MOST_LAYERS = 5
"""Layers of one function; recorded: TestLambdaLayer::test_layer_function_quota_exception."""

RUNTIMES = (
    *("nodejs20.x", "python3.14", "provided.al2023", "python3.12", "python3.13", "nodejs24.x", "nodejs22.x"),
    *("java25", "python3.10", "python3.11", "java21", "ruby3.3", "ruby3.4", "ruby3.2", "python3.8", "python3.9"),
    *("java17", "nodejs16.x", "dotnet10", "dotnet8", "java11", "dotnet6", "nodejs18.x", "provided.al2", "java8.al2"),
)
"""In the order in which AWS lists them (recorded on 12-01-2026)."""

NEWER_RUNTIMES = (*("ruby4.0", "nodejs26.x", "python3.15", "java8.al2023", "java11.al2023", "java17.al2023"),)
"""Those of the botocore model 1.44.5 that are not in the recording."""

DEPRECATED_RUNTIMES = (
    *("nodejs", "nodejs4.3", "nodejs4.3-edge", "nodejs6.10", "nodejs8.10", "nodejs10.x", "nodejs12.x", "nodejs14.x"),
    *("java8", "python2.7", "python3.6", "python3.7", "dotnetcore1.0", "dotnetcore2.0", "dotnetcore2.1"),
    *("dotnetcore3.1", "go1.x", "ruby2.5", "ruby2.7", "provided"),
)
"""Those that the model has, and that no function is made with any more."""

_SNAPSTART_RUNTIMES = frozenset(
    {
        *("java11", "java17", "java21", "java25", "java11.al2023", "java17.al2023"),
        *("python3.12", "python3.13", "python3.14", "python3.15", "dotnet8", "dotnet10"),
    }
)
"""Recorded: TestLambdaSnapStart, and the newer runtimes of the same families."""

_RESERVED_KEYS = frozenset(
    {
        *("_HANDLER", "_X_AMZN_TRACE_ID", "AWS_DEFAULT_REGION", "AWS_REGION", "AWS_EXECUTION_ENV"),
        *("AWS_LAMBDA_FUNCTION_NAME", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "AWS_LAMBDA_FUNCTION_VERSION"),
        *("AWS_LAMBDA_INITIALIZATION_TYPE", "AWS_LAMBDA_LOG_GROUP_NAME", "AWS_LAMBDA_LOG_STREAM_NAME"),
        *("AWS_ACCESS_KEY", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"),
        *("AWS_LAMBDA_RUNTIME_API", "LAMBDA_TASK_ROOT", "LAMBDA_RUNTIME_DIR"),
    }
)
"""Names that no environment may set: docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html."""

_COPIED = (
    *("Description", "Timeout", "MemorySize", "Runtime", "Role", "Handler", "KMSKeyArn", "TracingConfig"),
    *("DeadLetterConfig", "FileSystemConfigs", "EphemeralStorage", "CapacityProviderConfig", "DurableConfig"),
    *("TenancyConfig", "RuntimeConfig", "AcceleratorConfig"),
)
"""Members that go from the request to the answer as they are."""

_EMPTIED = frozenset({"KMSKeyArn", "FileSystemConfigs", "DeadLetterConfig", "Layers", "ImageConfigResponse"})
"""Members that disappear when a request empties them."""


def create_settings(world: World, call: Call, name: str) -> Members:
    """Return the settings of a new function; raises RefusedError for what AWS refuses."""
    asked = call.parameters
    start: Members = {
        "Description": "",
        "Timeout": 3,
        "MemorySize": 128,
        "Architectures": ["x86_64"],
        "PackageType": "Zip",
        "EphemeralStorage": {"Size": 512},
        "TracingConfig": {"Mode": "PassThrough"},
        "SnapStart": {"ApplyOn": "None", "OptimizationStatus": "Off"},
        "LoggingConfig": {"LogFormat": "Text", "LogGroup": f"/aws/lambda/{name}"},
    }
    for member in ("Architectures", "PackageType"):
        if asked.get(member):
            start[member] = asked[member]
    _check_package_type(start["PackageType"], asked)
    return update_settings(world, call, start)


def update_settings(world: World, call: Call, former: Members) -> Members:
    """Return the settings after the request's members were laid over ``former``."""
    asked = {member: value for member, value in call.parameters.items() if value is not None}
    if "Role" in asked:
        _check_role(world, asked["Role"])
    if "Runtime" in asked:
        _check_runtime(asked["Runtime"])
    after = dict(former)
    after |= {member: asked[member] for member in _COPIED if member in asked}
    after |= _merge(world, call, former, asked)
    if after["SnapStart"]["ApplyOn"] == "PublishedVersions" and after.get("Runtime") not in _SNAPSTART_RUNTIMES:
        raise invalid_parameter(f"{after.get('Runtime')} is not supported for SnapStart enabled functions.")
    return {member: value for member, value in after.items() if member not in _EMPTIED or not _is_empty(value)}


def _merge(world: World, call: Call, former: Members, asked: Members) -> Members:
    """Return the members that are not in the answer as they were in the request."""
    members: Members = {}
    if "Runtime" in asked:
        members["RuntimeVersionConfig"] = {"RuntimeVersionArn": _runtime_version_arn(call.region, asked["Runtime"])}
    if "Environment" in asked:
        members["Environment"] = {"Variables": _check_environment(asked["Environment"].get("Variables") or {})}
    if "VpcConfig" in asked:
        members["VpcConfig"] = _network(asked["VpcConfig"], former.get("VpcConfig") or {})
    if "SnapStart" in asked:
        members["SnapStart"] = {"ApplyOn": asked["SnapStart"].get("ApplyOn", "None"), "OptimizationStatus": "Off"}
    if "LoggingConfig" in asked:
        members["LoggingConfig"] = _logging_config({**former["LoggingConfig"], **asked["LoggingConfig"]})
    if "ImageConfig" in asked:
        image = asked["ImageConfig"]
        members["ImageConfigResponse"] = {"ImageConfig": image} if any(image.values()) else {}
    if "Layers" in asked:
        members["Layers"] = _layer_members(world, call.region, asked["Layers"])
    return members


def _is_empty(value: object) -> bool:
    return not (any(value.values()) if isinstance(value, dict) else value)


def _check_package_type(package_type: str, asked: Members) -> None:
    """Refuse a request whose members do not go with the package type (the texts are from public reports)."""
    if package_type == "Zip" and not (asked.get("Runtime") and asked.get("Handler")):
        raise invalid_parameter(
            "Runtime and Handler are mandatory parameters for functions created with deployment packages."
        )
    if package_type == "Image" and any(asked.get(member) for member in ("Runtime", "Handler", "Layers")):
        raise invalid_parameter(
            "Please don't provide Handler or Runtime or Layer when the intended function PackageType is Image."
        )


def _check_runtime(runtime: str) -> None:
    if runtime in DEPRECATED_RUNTIMES:
        raise invalid_parameter(
            f"The runtime parameter of {runtime} is no longer supported for creating or updating AWS Lambda "
            "functions. We recommend you use a supported runtime while creating or updating functions."
        )
    if runtime not in (*RUNTIMES, *NEWER_RUNTIMES):
        raise invalid_parameter(
            f"Value {runtime} at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: "
            f"[{', '.join(RUNTIMES)}] or be a valid ARN"
        )


def _check_role(world: World, arn: str) -> None:
    """Refuse a role that Lambda could not assume: nobody made it, or it trusts somebody else.

    ``arn`` has the form of a role's ARN; the name is what follows the last slash. Both texts are from public
    reports; Terraform retries on the second.
    """
    _, _, _, _, account, resource = arn.split(":", 5)
    if account != ACCOUNT:
        raise RefusedError(403, "AccessDeniedException", "Cross-account pass role is not allowed.")
    role = world.roles.get(resource.rpartition("/")[2])
    if role is None or f"role{role.path}{role.name}" != resource or not _trusts_lambda(role.trust):
        raise invalid_parameter("The role defined for the function cannot be assumed by Lambda.")


def _trusts_lambda(trust: str) -> bool:
    statements = json.loads(trust).get("Statement", [])
    for statement in statements if isinstance(statements, list) else [statements]:
        principal = statement.get("Principal", {})
        service = principal.get("Service", []) if isinstance(principal, dict) else []
        named = service if isinstance(service, list) else [service]
        if statement.get("Effect") == "Allow" and "lambda.amazonaws.com" in named:
            return True
    return False


def _check_environment(variables: dict[str, str]) -> dict[str, str]:
    """Return the variables if Lambda takes them: known keys, and at most 4096 bytes of compact JSON.

    The text about the size is recorded, that about reserved keys is from public reports, that about the form of a
    key is a guess after the model's pattern.
    """
    for key in variables:
        if key not in _RESERVED_KEYS and not re.fullmatch(ENVIRONMENT_KEY, key):
            pattern = f"Member must satisfy regular expression pattern: {ENVIRONMENT_KEY}"
            demanded = f"Map keys must satisfy constraint: [{pattern}]"
            raise invalid_request([violation(variables, "environment.variables", demanded)])
    reserved = [key for key in variables if key in _RESERVED_KEYS]
    if reserved:
        raise invalid_parameter(
            "Lambda was unable to configure your environment variables because the environment variables you have "
            "provided contains reserved keys that are currently not supported for modification. "
            f"Reserved keys used in this request: {', '.join(reserved)}"
        )
    measured = json.dumps(variables, separators=(",", ":"), ensure_ascii=False)
    if len(measured.encode("utf-8")) > _LARGEST_ENVIRONMENT:
        raise invalid_parameter(
            "Lambda was unable to configure your environment variables because the environment variables you have "
            f"provided exceeded the 4KB limit. String measured: {measured}"
        )
    return variables


def _runtime_version_arn(region: str, runtime: str) -> str:
    """Return the ARN of a runtime's patch level; one level a runtime, the same for ever."""
    digest = hashlib.sha256(runtime.encode("utf-8")).hexdigest()
    return f"arn:{partition(region)}:lambda:{region}::runtime:{digest}"


def _network(asked: Members, former: Members) -> Members:
    """Return a VpcConfig; every subnet lies in the one VPC that there is (there is no EC2 to ask)."""
    start: Members = {"SubnetIds": [], "SecurityGroupIds": [], "VpcId": "", "Ipv6AllowedForDualStack": False}
    after = {member: asked.get(member, former.get(member, value)) for member, value in start.items()}
    return {**after, "VpcId": _VPC if after["SubnetIds"] else ""}


def _logging_config(members: Members) -> Members:
    """Return a LoggingConfig: levels exist for the JSON format alone, with INFO by default."""
    if members.get("LogFormat") != "JSON":
        return {name: value for name, value in members.items() if not name.endswith("LogLevel")}
    return {"ApplicationLogLevel": "INFO", "SystemLogLevel": "INFO", **members}


def _layer_members(world: World, region: str, arns: Sequence[str]) -> list[Members]:
    if len(arns) > _MOST_LAYERS:
        raise invalid_parameter(f"Cannot reference more than {_MOST_LAYERS} layers.")
    layers: list[Members] = []
    seen: dict[str, str] = {}
    for arn in arns:
        layer, _, number = arn.rpartition(":")
        if layer.split(":")[3] != region:
            raise invalid_parameter(
                f"Layers are not in the same region as the function. Layers are expected to be in region {region}."
            )
        found = world.region(region).layers.get(layer.rpartition(":")[2])
        version = found.versions.get(number) if found and layer.split(":")[4] == ACCOUNT else None
        if version is None:
            raise invalid_parameter(f"Layer version {arn} does not exist.")
        if layer in seen:
            raise invalid_parameter(
                "Two different versions of the same layer are not allowed to be referenced in the same function. "
                f"{seen[layer]} and {arn} are versions of the same layer."
            )
        seen[layer] = arn
        layers.append({"Arn": arn, "CodeSize": version.code.size, **version.code.signing})
    return layers


def check_total_size(world: World, region: str, settings: Members, unzipped_size: int) -> None:
    """Refuse a function that, unzipped together with its layers, is as large as the limit or larger.

    The text is from public reports; Lambda says it where layers are concerned, and its other one for a zip alone.
    """
    total = unzipped_size
    for member in settings.get("Layers", []):
        layer, _, number = member["Arn"].rpartition(":")
        found = world.region(region).layers.get(layer.rpartition(":")[2])
        version = found.versions.get(number) if found else None
        total += version.code.unzipped_size if version else 0
    if total >= LARGEST_UNZIPPED:
        raise invalid_parameter(
            f"Function code combined with layers exceeds the maximum allowed size of {LARGEST_UNZIPPED} bytes. "
            f"The actual size is {total} bytes."
        )
