"""From an HTTP request to an operation and its parameters: Lambda's REST paths, S3's paths, IAM's forms.

Rules for this file
- The service and the Region come from the caller where it knows them (the hook does), else from the SigV4
  credential scope, else from the host name.
- Parameters bear the names of AWS's model; what stands in the path wins over what stands in the body.
- Signatures are not verified: there are no secrets here to verify them with.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote, urlsplit

from lambdapack.emulator.refusals import RefusedError
from lambdapack.emulator.values import Members

_SCOPE = re.compile(r"Credential=[^/,]*/\d{8}/(?P<region>[a-z0-9-]+)/(?P<service>[a-z0-9-]+)/aws4_request")
_HOST = re.compile(
    r"(?:(?P<bucket>.+)\.)?(?P<service>lambda|s3|iam)(?:-fips)?(?:\.dualstack)?(?:[.-](?P<region>[a-z]{2}-[a-z-]+-\d))?"
    r"\.(?:amazonaws\.com(?:\.cn)?|api\.aws)"
)
_LOCAL_BUCKET = re.compile(r"(?P<bucket>.+)\.(?:s3\.)?localhost(?::\d+)?")

_PATHS = """
POST   /2015-03-31/functions                                         CreateFunction
GET    /2015-03-31/functions                                         ListFunctions
GET    /2015-03-31/functions/{FunctionName}                          GetFunction
DELETE /2015-03-31/functions/{FunctionName}                          DeleteFunction
GET    /2015-03-31/functions/{FunctionName}/configuration            GetFunctionConfiguration
PUT    /2015-03-31/functions/{FunctionName}/configuration            UpdateFunctionConfiguration
PUT    /2015-03-31/functions/{FunctionName}/code                     UpdateFunctionCode
POST   /2015-03-31/functions/{FunctionName}/versions                 PublishVersion
GET    /2015-03-31/functions/{FunctionName}/versions                 ListVersionsByFunction
POST   /2015-03-31/functions/{FunctionName}/aliases                  CreateAlias
GET    /2015-03-31/functions/{FunctionName}/aliases                  ListAliases
GET    /2015-03-31/functions/{FunctionName}/aliases/{Name}           GetAlias
PUT    /2015-03-31/functions/{FunctionName}/aliases/{Name}           UpdateAlias
DELETE /2015-03-31/functions/{FunctionName}/aliases/{Name}           DeleteAlias
POST   /2018-10-31/layers/{LayerName}/versions                       PublishLayerVersion
GET    /2018-10-31/layers/{LayerName}/versions                       ListLayerVersions
GET    /2018-10-31/layers/{LayerName}/versions/{VersionNumber}       GetLayerVersion
DELETE /2018-10-31/layers/{LayerName}/versions/{VersionNumber}       DeleteLayerVersion
GET    /2018-10-31/layers                                            ListLayers
POST   /2020-04-22/code-signing-configs                              CreateCodeSigningConfig
GET    /2020-04-22/code-signing-configs                              ListCodeSigningConfigs
GET    /2020-04-22/code-signing-configs/{CodeSigningConfigArn}       GetCodeSigningConfig
PUT    /2020-04-22/code-signing-configs/{CodeSigningConfigArn}       UpdateCodeSigningConfig
DELETE /2020-04-22/code-signing-configs/{CodeSigningConfigArn}       DeleteCodeSigningConfig
GET    /2020-04-22/code-signing-configs/{CodeSigningConfigArn}/functions ListFunctionsByCodeSigningConfig
GET    /2020-06-30/functions/{FunctionName}/code-signing-config      GetFunctionCodeSigningConfig
PUT    /2020-06-30/functions/{FunctionName}/code-signing-config      PutFunctionCodeSigningConfig
DELETE /2020-06-30/functions/{FunctionName}/code-signing-config      DeleteFunctionCodeSigningConfig
GET    /2016-08-19/account-settings                                  GetAccountSettings
GET    /2017-03-31/tags/{Resource}                                   ListTags
POST   /2017-03-31/tags/{Resource}                                   TagResource
DELETE /2017-03-31/tags/{Resource}                                   UntagResource
"""
"""Method, path (in which a segment in braces is a parameter of that name), operation: botocore model 1.44.5."""

_LAMBDA = [
    (method, re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path) + "/?"), operation)
    for method, path, operation in (line.split() for line in _PATHS.strip().splitlines())
]

_S3: Mapping[tuple[str, bool, str], str] = {
    ("PUT", False, "versioning"): "PutBucketVersioning",
    ("GET", False, "versioning"): "GetBucketVersioning",
    ("GET", False, "location"): "GetBucketLocation",
    ("PUT", False, ""): "CreateBucket",
    ("HEAD", False, ""): "HeadBucket",
    ("DELETE", False, ""): "DeleteBucket",
    ("GET", False, ""): "ListObjects",
    ("POST", True, "uploads"): "CreateMultipartUpload",
    ("PUT", True, "partNumber"): "UploadPart",
    ("POST", True, "uploadId"): "CompleteMultipartUpload",
    ("DELETE", True, "uploadId"): "AbortMultipartUpload",
    ("PUT", True, ""): "PutObject",
    ("GET", True, ""): "GetObject",
    ("HEAD", True, ""): "HeadObject",
    ("DELETE", True, ""): "DeleteObject",
}
"""(method, whether a key is named, the query parameter that tells it apart or "") → operation."""

_TELLING = tuple(query for _, _, query in _S3 if query)
"""Query parameters that tell operations apart, in this order: a part has an uploadId too."""

_OTHER = frozenset(
    {"acl", "cors", "delete", "encryption", "lifecycle", "object-lock", "policy", "retention", "tagging", "versions"}
)
"""Query parameters that would make it another operation, which the emulator does not have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """An HTTP request: header names in lower case, ``service`` and ``region`` where the caller knows them."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    service: str | None = None
    region: str | None = None


def locate(request: Request) -> tuple[str, str]:
    """Return the service (lambda, s3, iam) and the Region that a request is for."""
    parts = urlsplit(request.url)
    query = dict(parse_qsl(parts.query))
    claimed = request.headers.get("authorization", "") or f"Credential={query.get('X-Amz-Credential', '')}"
    scope = _SCOPE.search(claimed)
    host = _HOST.fullmatch(_host(request))
    service = request.service or (scope and scope["service"]) or (host and host["service"])
    if service is None:
        service = "lambda" if any(path.fullmatch(parts.path) for _, path, _ in _LAMBDA) else "s3"
    region = request.region or (scope and scope["region"]) or (host and host["region"]) or "us-east-1"
    return service, region


def route(request: Request, service: str) -> tuple[str, Members]:
    """Return the operation and its parameters; raises RefusedError for what no operation answers to."""
    if service == "lambda":
        return _lambda(request)
    if service == "s3":
        return _s3(request)
    if service == "iam":
        parameters = dict(parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True))
        return parameters.get("Action", ""), parameters
    raise RefusedError(501, "NotImplementedException", f"The emulator does not have the service {service}.")


def _host(request: Request) -> str:
    return request.headers.get("host") or urlsplit(request.url).netloc


def _lambda(request: Request) -> tuple[str, Members]:
    parts = urlsplit(request.url)
    query = parse_qsl(parts.query, keep_blank_values=True)
    for method, path, operation in _LAMBDA:
        match = path.fullmatch(parts.path)
        if match is None or method != request.method:
            continue
        named = {name: unquote(value) for name, value in match.groupdict().items()}
        if operation == "ListLayers" and ("find", "LayerVersion") in query:
            operation = "GetLayerVersionByArn"  # noqa: PLW2901 - the one operation that only its query tells apart
        parameters: Members = {**_document(request), **dict(query), **named}
        if operation == "UntagResource":
            parameters["TagKeys"] = [value for name, value in query if name == "tagKeys"]
        return operation, parameters
    raise RefusedError(404, "UnknownOperationException", f"Unknown operation: {request.method} {parts.path}")


def _document(request: Request) -> Members:
    if not request.body or request.method in ("GET", "DELETE"):
        return {}
    try:
        document = json.loads(request.body)
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise RefusedError(400, "SerializationException", "Could not parse request body into json")
    return document


def _s3(request: Request) -> tuple[str, Members]:
    parts = urlsplit(request.url)
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    host = _HOST.fullmatch(_host(request)) or _LOCAL_BUCKET.fullmatch(_host(request))
    bucket, key = host["bucket"] if host else None, unquote(parts.path.removeprefix("/"))
    if bucket is None:
        bucket, _, key = key.partition("/")
    if not bucket and request.method == "GET":
        return "ListBuckets", {}
    telling = next((name for name in _TELLING if name in query), "")
    operation = _S3.get((request.method, bool(key), telling))
    if operation is None or _OTHER & query.keys() or "x-amz-copy-source" in request.headers:
        raise RefusedError(501, "NotImplemented", "The emulator does not have this operation of S3.")
    return operation, {**query, "Bucket": bucket, "Key": key}
