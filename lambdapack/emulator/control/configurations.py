"""A version as Lambda answers it: which members stand in a FunctionConfiguration, and when.

Rules for this file (recorded: TestLambdaFunction, TestLambdaVersions)
- While a function or version is being created there is a State with its reason and no LastUpdateStatus;
  afterwards there are both, and reasons only while an update is in progress. The reason says "created" for
  updates too, as that of AWS does.
- Listings leave out State*, LastUpdateStatus* and RuntimeVersionConfig.
- The ARN is the caller's: unqualified for the bare name, else with the qualifier that was asked for.
"""

from lambdapack.emulator.calls import Call
from lambdapack.emulator.control.names import Reference, function_arn
from lambdapack.emulator.control.source import resolve_image
from lambdapack.emulator.refusals import conflict, function_not_found
from lambdapack.emulator.values import LATEST, Code, Function, Members, Version, World, settle_version

_REASON = {"Reason": "The function is being created.", "ReasonCode": "Creating"}
_UNLISTED = ("State", "LastUpdateStatus", "RuntimeVersionConfig")
"""How the members begin that no listing has."""


def configuration(version: Version, *, name: str, arn: str) -> Members:
    """Return the FunctionConfiguration of ``version``, which must be settled already."""
    answer: Members = {
        "FunctionName": name,
        "FunctionArn": arn,
        **version.settings,
        "CodeSha256": version.code.sha256,
        "CodeSize": version.code.size,
        "LastModified": version.modified,
        "RevisionId": version.revision_id,
        "Version": version.number,
        "State": "Active",
        "LastUpdateStatus": "Successful",
        **version.code.signing,
    }
    transition = version.transition
    if transition is not None and transition.creating:
        del answer["LastUpdateStatus"]
        answer["State"] = "Pending"
        answer |= {f"State{suffix}": text for suffix, text in _REASON.items()}
    elif transition is not None:
        answer["LastUpdateStatus"] = "InProgress"
        answer |= {f"LastUpdateStatus{suffix}": text for suffix, text in _REASON.items()}
    elif version.number != LATEST and version.settings["SnapStart"]["ApplyOn"] == "PublishedVersions":
        answer["SnapStart"] = {"ApplyOn": "PublishedVersions", "OptimizationStatus": "On"}
    return answer


def listing_row(version: Version, *, name: str, arn: str) -> Members:
    """Return the FunctionConfiguration as the listings show it."""
    answer = configuration(version, name=name, arn=arn)
    return {member: value for member, value in answer.items() if not member.startswith(_UNLISTED)}


def code_location(code: Code, call: Call) -> Members:
    """Return the ``Code`` member of GetFunction."""
    if code.image_uri is not None:
        return {"RepositoryType": "ECR", "ImageUri": code.image_uri, "ResolvedImageUri": resolve_image(code)}
    location: Members = {"RepositoryType": "S3", "Location": f"{call.packages}/{code.blob}"}
    if code.kms_key_arn is not None:
        location["SourceKMSKeyArn"] = code.kms_key_arn
    if code.s3_reference is not None:
        location["ResolvedS3Object"] = code.s3_reference
    return location


def find_function(world: World, call: Call, reference: Reference) -> Function:
    """Return the function that is meant, or refuse with its unqualified ARN."""
    function = world.region(call.region).functions.get(reference.name)
    if function is None:
        raise function_not_found(reference.arn)
    return function


def resolve(world: World, call: Call, reference: Reference) -> Version:
    """Return the version that the qualifier means (none: ``$LATEST``), settled; or refuse with the qualified ARN."""
    function = world.region(call.region).functions.get(reference.name)
    number = reference.qualifier or LATEST
    if function is not None and number in function.aliases:
        number = function.aliases[number].version
    version = None
    if function is not None:
        version = function.latest if number == LATEST else function.published.get(number)
    if version is None:
        raise function_not_found(reference.qualified_arn)
    return settle_version(version, call.now)


def latest_at_rest(function: Function, call: Call) -> Version:
    """Return ``$LATEST`` if it can be changed now; 409 while it is being created or updated.

    The text for Pending is the Developer Guide's (troubleshooting), the other one is recorded.
    """
    latest = settle_version(function.latest, call.now)
    if latest.transition is None:
        return latest
    reason = f"An update is in progress for resource: {function_arn(call.region, function.name)}"
    if latest.transition.creating:
        reason = "The function is currently in the following state: Pending"
    raise conflict(f"The operation cannot be performed at this time. {reason}")
