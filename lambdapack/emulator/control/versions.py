"""PublishVersion and ListVersionsByFunction.

Rules for this file (recorded: TestLambdaVersions and TestLambdaRevisions)
- A version is made only where ``$LATEST`` changed since the last one; else the last one is answered again,
  with 201, its own RevisionId and its own Description.
- A new version gives ``$LATEST`` another RevisionId at once.
- The refusals come in this order: missing (404), not at rest (409), RevisionId (412), CodeSha256 (400).
"""

from dataclasses import replace

from lambdapack.emulator.calls import Answer, Call
from lambdapack.emulator.control.configurations import configuration, find_function, latest_at_rest
from lambdapack.emulator.control.constraints import DESCRIPTION, demand, violations
from lambdapack.emulator.control.functions import all_versions, with_version
from lambdapack.emulator.control.names import namespaced_function, whole_function
from lambdapack.emulator.control.pages import page
from lambdapack.emulator.control.storage import check_storage
from lambdapack.emulator.control.updates import check_revision
from lambdapack.emulator.refusals import invalid_parameter
from lambdapack.emulator.values import Function, Version, World, settle_version, with_function


def publish_version(world: World, call: Call) -> tuple[World, Answer]:
    """Make a version of ``$LATEST``, pinned to CodeSha256 and RevisionId where these are given."""
    reference = whole_function(call)
    demand(violations(call.text("Description"), "description", DESCRIPTION))
    function = find_function(world, call, reference)
    latest = latest_at_rest(function, call)
    check_revision(call, latest.revision_id)
    pinned = call.text("CodeSha256")
    if pinned and pinned != latest.code.sha256:
        raise invalid_parameter(
            f"CodeSHA256 ({pinned}) is different from current CodeSHA256 in $LATEST ({latest.code.sha256}). "
            "Please try again with the CodeSHA256 in $LATEST."
        )
    version = _find_unchanged(function, latest)
    if version is None:
        check_storage(world.region(call.region), latest.code.size)
        function = replace(function, latest=replace(latest, revision_id=call.fresh()))
        function, version = with_version(function, call, pending=False, description=call.text("Description"))
        world = with_function(world, call.region, function)
    else:
        version = settle_version(version, call.now)
    arn = f"{reference.arn}:{version.number}"
    return world, Answer(status=201, document=configuration(version, name=function.name, arn=arn))


def _find_unchanged(function: Function, latest: Version) -> Version | None:
    """Return the newest version if ``$LATEST`` is still what it was made of."""
    newest = function.published.get(str(function.next_number - 1))
    return newest if newest is not None and newest.content_id == latest.content_id else None


def list_versions_by_function(world: World, call: Call) -> tuple[World, Answer]:
    """Return ``$LATEST`` and the published versions, oldest first."""
    reference = namespaced_function(call)
    function = find_function(world, call, reference)
    rows = all_versions(function, call, arn=reference.arn)
    return world, Answer(document=page(call, "Versions", rows))
