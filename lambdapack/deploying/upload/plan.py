"""What a push is asked for, and what it has to do. Pure: no clock, no file, no request."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from lambdapack.deploying.function.names import check_alias_name
from lambdapack.deploying.function.session import check_fields
from lambdapack.deploying.function.state import FunctionState, check_revision
from lambdapack.deploying.upload.creation import CreateSettings
from lambdapack.deploying.upload.package import Image, Package, check_architecture, package_type
from lambdapack.deploying.upload.upload import UploadRequest
from lambdapack.errors import CheckError, UsageError


@dataclass(frozen=True, slots=True, kw_only=True)
class PushRequest(UploadRequest):
    """What a push is to do beside bringing the package."""

    publish: bool = False
    atomic: bool = False
    """Let the update itself publish; implies ``publish``."""
    alias: str | None = None
    """Points at the version afterwards; implies ``publish``, for there must be one."""
    description: str | None = None
    """Of the version that is published."""
    dry_run: bool = False
    force: bool = False
    """Upload although the function holds the same code; overrides no conflict."""
    architecture: str | None = None
    """``x86_64`` or ``arm64`` where the function is to become that; None leaves it what it is."""
    revision_id: str | None = None
    """The only revision of the function that may be changed."""
    wait: bool = True
    """Wait until the update, or the version, is in effect."""
    create: CreateSettings | None = None
    """How to create the function where it does not exist."""
    signing_profile: str | None = None
    """Sign the package with this profile of AWS Signer first."""
    parameters: Mapping[str, object] = field(default_factory=dict, repr=False)
    """Further parameters of the requests, under AWS's own names; those that a push does not send are left alone."""

    @property
    def all_parameters(self) -> Mapping[str, object]:
        """What is given for the function as it is, and for a new one."""
        return {**self.parameters, **(self.create.parameters if self.create else {})}

    @property
    def publishes(self) -> bool:
        """Whether a version is asked for."""
        return self.publish or self.atomic or self.alias is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What has to be done to the function's code."""

    upload: bool
    architecture: str | None
    """What the update must change the architecture to; None where it stays."""
    parameters: Mapping[str, object] = field(default_factory=dict, repr=False)
    """Further parameters of UpdateFunctionCode."""


def check_request(request: PushRequest, package: Package) -> None:
    """Raise ``UsageError`` where the request contradicts itself, or is not for such a package."""
    check_fields(request)
    if request.alias is not None:
        check_alias_name(request.alias)
    check_architecture(request.architecture)
    if request.description is not None and request.atomic:
        raise UsageError(
            "an atomic publish cannot describe its version: UpdateFunctionCode has no description",
            hint="use --publish instead of --atomic, or leave --description out",
        )
    if request.description is not None and not request.publishes:
        raise UsageError("only a published version has a description", hint="add --publish, or leave --description out")
    if request.signing_profile is not None and not request.route.s3_bucket:
        raise UsageError(
            "AWS Signer takes a package from S3 and leaves the signed one there, so it needs a bucket",
            hint="add --s3-bucket BUCKET, one with versioning",
        )
    if request.signing_profile is not None and isinstance(package, Image):
        raise UsageError(
            f"AWS Signer signs zips for Lambda, and {package.uri} is an image",
            hint="leave --signing-profile out; images are signed in their registry",
        )


def check_function(request: PushRequest, package: Package, function: FunctionState) -> None:
    """Raise ``ConflictError`` where the function is another revision, ``CheckError`` where the package does not fit."""
    check_revision(function, request.revision_id, then="push")
    if package_type(package) != function.package_type:
        kind, instead = "zip", "an image with --image-uri"
        if isinstance(package, Image):
            kind, instead = "image", "a zip with --zip or --source"
        raise CheckError(
            f"{function.name} has the package type {function.package_type} and takes no {kind}",
            hint=f"push {instead}, or create another function for the {kind}",
        )
    if request.architecture is None and package.architecture not in (None, function.architecture):
        raise CheckError(
            f"the package is for {package.architecture}, but {function.name} runs on {function.architecture}",
            hint=f"build it for {function.architecture},"
            f" or change the function with --architecture {package.architecture}",
        )


def plan_push(
    request: PushRequest, package: Package, function: FunctionState, parameters: Mapping[str, object] | None = None
) -> Plan:
    """Return what has to be done to ``function``, which is settled; ``parameters`` are given for UpdateFunctionCode.

    Raises what ``check_function`` does.
    """
    check_function(request, package, function)
    changes_architecture = request.architecture not in (None, function.architecture)
    given = parameters or {}
    further = {} if isinstance(package, Image) else _zip_parameters(given, function)
    return Plan(
        upload=(
            request.force
            # Never equal for an image by its tag: what that is, only an update tells.
            or function.code_sha256 != package.code_sha256
            or changes_architecture
            or changes_storage(further, function)
            # After a failed update AWS may report the new code although the old one runs.
            or function.last_update_status == "Failed"
        ),
        architecture=request.architecture if changes_architecture else None,
        parameters=further | {name: value for name, value in given.items() if name == "PublishTo" and request.atomic},
    )


def _zip_parameters(given: Mapping[str, object], function: FunctionState) -> dict[str, object]:
    """Return the parameters that every update of a zip must have, whatever else it changes."""
    parameters = {name: value for name, value in given.items() if name != "PublishTo"}
    # Left out, it would turn the function into one that has a copy.
    if function.by_reference:
        parameters.setdefault("S3ObjectStorageMode", "REFERENCE")
    return parameters


def changes_storage(parameters: Mapping[str, object], function: FunctionState) -> bool:
    """Return whether the code is to be kept in another way: under another key, as a copy, or by reference."""
    key, mode = parameters.get("SourceKMSKeyArn"), parameters.get("S3ObjectStorageMode")
    return (key is not None and (key or None) != function.source_kms_key) or (
        mode is not None and (mode == "REFERENCE") != function.by_reference
    )
