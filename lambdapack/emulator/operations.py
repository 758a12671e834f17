"""Every operation that the emulator knows, by its name in AWS's model.

An operation whose name begins with Get, List or Head changes nothing and runs without the lock.
"""

from collections.abc import Mapping, Sequence

from lambdapack.emulator import iam
from lambdapack.emulator.calls import Operation
from lambdapack.emulator.control import account, aliases, functions, layers, signing, updates, versions
from lambdapack.emulator.s3 import buckets, multipart, objects

_LAMBDA = (
    *(functions.create_function, functions.get_function, functions.get_function_configuration),
    *(functions.list_functions, functions.delete_function),
    *(updates.update_function_code, updates.update_function_configuration),
    *(versions.publish_version, versions.list_versions_by_function),
    *(aliases.create_alias, aliases.get_alias, aliases.update_alias, aliases.list_aliases, aliases.delete_alias),
    *(layers.publish_layer_version, layers.get_layer_version, layers.get_layer_version_by_arn),
    *(layers.list_layers, layers.list_layer_versions, layers.delete_layer_version),
    *(signing.create_code_signing_config, signing.get_code_signing_config, signing.update_code_signing_config),
    *(signing.delete_code_signing_config, signing.list_code_signing_configs),
    *(signing.list_functions_by_code_signing_config, signing.put_function_code_signing_config),
    *(signing.get_function_code_signing_config, signing.delete_function_code_signing_config),
    *(account.get_account_settings, account.list_tags, account.tag_resource, account.untag_resource),
)
_S3 = (
    *(buckets.create_bucket, buckets.head_bucket, buckets.delete_bucket, buckets.list_buckets),
    *(buckets.get_bucket_location, buckets.get_bucket_versioning, buckets.put_bucket_versioning),
    *(buckets.list_objects, objects.put_object, objects.get_object, objects.head_object, objects.delete_object),
    *(multipart.create_multipart_upload, multipart.upload_part),
    *(multipart.complete_multipart_upload, multipart.abort_multipart_upload),
)
_IAM = (iam.create_role, iam.get_role, iam.delete_role)


def _by_name(operations: Sequence[Operation]) -> Mapping[str, Operation]:
    """Return the operations under AWS's names: ``create_function`` is CreateFunction."""
    return {operation.__name__.title().replace("_", ""): operation for operation in operations}


OPERATIONS = {"lambda": _by_name(_LAMBDA), "s3": _by_name(_S3), "iam": _by_name(_IAM)}


def changes_nothing(name: str) -> bool:
    """Say whether the operation of that name is a mere look."""
    return name.startswith(("Get", "List", "Head"))
