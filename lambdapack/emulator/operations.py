"""Every operation that the emulator knows, by its name in AWS's model.

An operation whose name begins with Get, List or Head changes nothing and runs without the lock.
"""

from collections.abc import Mapping

from lambdapack.emulator import iam
from lambdapack.emulator.calls import Operation
from lambdapack.emulator.control import account, aliases, functions, layers, signing, updates, versions
from lambdapack.emulator.s3 import buckets, multipart, objects

_LAMBDA: Mapping[str, Operation] = {
    "CreateFunction": functions.create_function,
    "GetFunction": functions.get_function,
    "GetFunctionConfiguration": functions.get_function_configuration,
    "ListFunctions": functions.list_functions,
    "DeleteFunction": functions.delete_function,
    "UpdateFunctionCode": updates.update_function_code,
    "UpdateFunctionConfiguration": updates.update_function_configuration,
    "PublishVersion": versions.publish_version,
    "ListVersionsByFunction": versions.list_versions_by_function,
    "CreateAlias": aliases.create_alias,
    "GetAlias": aliases.get_alias,
    "UpdateAlias": aliases.update_alias,
    "ListAliases": aliases.list_aliases,
    "DeleteAlias": aliases.delete_alias,
    "PublishLayerVersion": layers.publish_layer_version,
    "GetLayerVersion": layers.get_layer_version,
    "GetLayerVersionByArn": layers.get_layer_version_by_arn,
    "ListLayers": layers.list_layers,
    "ListLayerVersions": layers.list_layer_versions,
    "DeleteLayerVersion": layers.delete_layer_version,
    "CreateCodeSigningConfig": signing.create_code_signing_config,
    "GetCodeSigningConfig": signing.get_code_signing_config,
    "UpdateCodeSigningConfig": signing.update_code_signing_config,
    "DeleteCodeSigningConfig": signing.delete_code_signing_config,
    "ListCodeSigningConfigs": signing.list_code_signing_configs,
    "ListFunctionsByCodeSigningConfig": signing.list_functions_by_code_signing_config,
    "PutFunctionCodeSigningConfig": signing.put_function_code_signing_config,
    "GetFunctionCodeSigningConfig": signing.get_function_code_signing_config,
    "DeleteFunctionCodeSigningConfig": signing.delete_function_code_signing_config,
    "GetAccountSettings": account.get_account_settings,
    "ListTags": account.list_tags,
    "TagResource": account.tag_resource,
    "UntagResource": account.untag_resource,
}
_S3: Mapping[str, Operation] = {
    "CreateBucket": buckets.create_bucket,
    "HeadBucket": buckets.head_bucket,
    "DeleteBucket": buckets.delete_bucket,
    "ListBuckets": buckets.list_buckets,
    "GetBucketLocation": buckets.get_bucket_location,
    "GetBucketVersioning": buckets.get_bucket_versioning,
    "PutBucketVersioning": buckets.put_bucket_versioning,
    "ListObjects": buckets.list_objects,
    "PutObject": objects.put_object,
    "GetObject": objects.get_object,
    "HeadObject": objects.head_object,
    "DeleteObject": objects.delete_object,
    "CreateMultipartUpload": multipart.create_multipart_upload,
    "UploadPart": multipart.upload_part,
    "CompleteMultipartUpload": multipart.complete_multipart_upload,
    "AbortMultipartUpload": multipart.abort_multipart_upload,
}
_IAM: Mapping[str, Operation] = {
    "CreateRole": iam.create_role,
    "GetRole": iam.get_role,
    "DeleteRole": iam.delete_role,
}
OPERATIONS: Mapping[str, Mapping[str, Operation]] = {"lambda": _LAMBDA, "s3": _S3, "iam": _IAM}


def changes_nothing(name: str) -> bool:
    """Say whether the operation of that name is a mere look."""
    return name.startswith(("Get", "List", "Head"))
