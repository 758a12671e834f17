"""Parameters that users give under AWS's own names, checked against the requests that the installed botocore knows.

A function's settings are spread over four requests. Which of them takes a parameter is botocore's knowledge, not ours:
a parameter of next month's API needs a newer botocore, but no newer lambdapack. Pure, but for the model.

Rules for this file
- A name that no request has, or a value that does not have its form, is refused before anything is sent: botocore
  would refuse it too, later and in words that hold the value.
- No message holds a value. Enumerations are not checked: AWS's own grow faster than botocore's copies.
"""

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from lambdapack.deploying.aws.api import Aws, LambdaOperation, Shape
from lambdapack.errors import UsageError

OPERATIONS: tuple[LambdaOperation, ...] = (
    "CreateFunction",
    "UpdateFunctionConfiguration",
    "UpdateFunctionCode",
    "PublishVersion",
)
"""The requests over which a function's settings are spread."""

OWN = {
    "FunctionName": "it is the command's FUNCTION",
    "Architectures": "write architecture, or --architecture",
    "Code": "write source or image-uri, or give --zip, --source or --image-uri",
    "CodeSha256": "it is computed from the package",
    "Description": "write description, or --description",
    "DryRun": "give --dry-run",
    "Environment": "write environment, or --env",
    "Handler": "write handler, or --handler",
    "ImageUri": "write image-uri, or --image-uri",
    "MemorySize": "write memory, or --memory",
    "PackageType": "a zip or an image decides it",
    "Publish": "give --publish or --atomic",
    "RevisionId": "give --revision-id",
    "Role": "write role, or --role",
    "Runtime": "write runtime, or --runtime",
    "S3Bucket": "write s3-bucket, or --s3-bucket",
    "S3Key": "write s3-prefix, or --s3-prefix: the key is the package's hash",
    "S3ObjectVersion": "the version that was stored is sent by itself",
    "Timeout": "write function-timeout, or --function-timeout",
    "ZipFile": "give --zip or --source",
}
"""Parameters that have a key or an option of their own, so that every fact has one place."""

APPEARED = {
    "AcceleratorConfig": "1.44.5",
    "CapacityProviderConfig": "1.43.11",
    "DurableConfig": "1.43.11",
    "PublishTo": "1.43.11",
    "RuntimeConfig": "1.44.5",
    "S3ObjectStorageMode": "1.43.106",
    "SourceKMSKeyArn": "1.43.11",
    "TenancyConfig": "1.43.11",
}
"""Younger parameters, and a release of botocore whose model has them (read from the models of these three)."""

_FORMS: dict[str, tuple[type | tuple[type, ...], str]] = {
    "structure": (Mapping, "a table"),
    "map": (Mapping, "a table"),
    "list": ((list, tuple), "a list"),
    "string": (str, "a string"),
    "integer": (int, "a whole number"),
    "long": (int, "a whole number"),
    "boolean": (bool, "true or false"),
    "double": ((int, float), "a number"),
    "float": ((int, float), "a number"),
}
"""What a value must be for each type of the model; the others (blobs, times) are in no parameter that may be given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """What a user gave under AWS's names, by the request that takes it; one may be in several."""

    create: Mapping[str, object] = field(default_factory=dict)
    create_code: Mapping[str, object] = field(default_factory=dict)
    """Of CreateFunction, those that stand inside its ``Code``."""
    configuration: Mapping[str, object] = field(default_factory=dict)
    code: Mapping[str, object] = field(default_factory=dict)
    publish: Mapping[str, object] = field(default_factory=dict)


def check_parameters(given: Mapping[str, object], aws: Aws) -> None:
    """Raise ``UsageError`` for a parameter that no request has or that has a key of its own, or a malformed value."""
    known = {name: shape for operation in OPERATIONS for name, shape in _shapes(aws, operation).items()}
    for name, value in given.items():
        if name in OWN:
            raise UsageError(f"{name} is nothing for the table aws", hint=OWN[name])
        if name not in known:
            raise _unknown(name, among=[each for each in known if each not in OWN], client_version=aws.client_version)
        _check_value(name, value, known[name])


def sort_parameters(given: Mapping[str, object], aws: Aws) -> Parameters:
    """Return the given parameters by the requests that take them; raises ``UsageError`` as ``check_parameters``."""
    if not given:
        return Parameters()
    check_parameters(given, aws)

    def among(taken: Mapping[str, Shape]) -> dict[str, object]:
        return {name: value for name, value in given.items() if name in taken}

    create = aws.request_shape("CreateFunction").members
    return Parameters(
        create=among(create),
        create_code=among(create["Code"].members),
        configuration=among(aws.request_shape("UpdateFunctionConfiguration").members),
        code=among(aws.request_shape("UpdateFunctionCode").members),
        publish=among(aws.request_shape("PublishVersion").members),
    )


def _shapes(aws: Aws, operation: LambdaOperation) -> Mapping[str, Shape]:
    """Return the parameters of a request, with those inside CreateFunction's ``Code``."""
    parameters = aws.request_shape(operation).members
    return {**parameters["Code"].members, **parameters} if "Code" in parameters else parameters


def _check_value(path: str, value: object, shape: Shape) -> None:
    """Raise ``UsageError`` where a value, or one inside it, does not have the form that the model wants."""
    form, words = _FORMS.get(shape.type_name, ((), "given otherwise"))
    # In Python True is an int; in the model it is none.
    if not isinstance(value, form) or (isinstance(value, bool) and shape.type_name != "boolean"):
        raise UsageError(f"{path} must be {words}", hint="see the API reference of AWS Lambda")
    for inner_path, inner, inner_shape in _inside(path, value, shape):
        _check_value(inner_path, inner, inner_shape)


def _inside(path: str, value: object, shape: Shape) -> Iterator[tuple[str, object, Shape]]:
    """Yield what a list or a table holds, each with its path and its shape; raises ``UsageError`` for a wrong name."""
    if isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield f"{path}[{index}]", item, shape.member
    elif isinstance(value, Mapping) and shape.type_name == "map":
        for key, item in value.items():
            yield f"{path}.{key}", item, shape.value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            if key not in shape.members:
                raise UsageError(
                    f"{path} has no member {key}", hint=_suggestion(key, list(shape.members)) or "see the API reference"
                )
            yield f"{path}.{key}", item, shape.members[key]


def _unknown(name: str, *, among: list[str], client_version: str) -> UsageError:
    since = APPEARED.get(name)
    if since:
        return UsageError(
            f"the installed botocore {client_version} does not know {name}; botocore {since} does",
            hint=f"pip install --upgrade 'boto3>={since}'",
            member=name,
        )
    return UsageError(
        f"the installed botocore {client_version} knows no member {name} of {', '.join(OPERATIONS)}",
        hint=_suggestion(name, among) or "correct its name, or upgrade boto3 if it is new",
        member=name,
    )


def _suggestion(name: str, names: list[str]) -> str | None:
    near = difflib.get_close_matches(name, names, n=1)
    return f"did you mean {near[0]}?" if near else None
