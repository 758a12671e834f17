"""IAM as far as Lambda needs it: roles, so that a function whose role does not exist is refused."""

import json
import re
from dataclasses import replace
from urllib.parse import quote

from lambdapack.emulator.calls import Answer, Call, xml_time
from lambdapack.emulator.refusals import RefusedError
from lambdapack.emulator.values import ACCOUNT, Role, World, without
from lambdapack.emulator.xmltext import Element, xml_answer

_NAMESPACE = "https://iam.amazonaws.com/doc/2010-05-08/"
_NAME = re.compile(r"[\w+=,.@-]{1,64}", re.ASCII)
_PATH = re.compile(r"/|/[!-\x7e]+/")


def create_role(world: World, call: Call) -> tuple[World, Answer]:
    """Make a role; its trust policy must be a JSON document."""
    name = call.text("RoleName") or ""
    path = call.text("Path") or "/"
    if not _NAME.fullmatch(name) or not _PATH.fullmatch(path):
        raise RefusedError(
            400,
            "ValidationError",
            "The specified value for roleName is invalid. It must contain only alphanumeric characters and/or the "
            "following: +=,.@_-",
        )
    if name in world.roles:
        raise RefusedError(409, "EntityAlreadyExists", f"Role with name {name} already exists.")
    role = Role(
        name=name,
        path=path,
        identifier="AROA" + call.fresh().replace("-", "")[:17].upper(),
        trust=_document(call.text("AssumeRolePolicyDocument") or ""),
        description=call.text("Description") or "",
        created=xml_time(call.now),
        maximum_session=call.number("MaxSessionDuration") or 3600,
    )
    return replace(world, roles={**world.roles, name: role}), _answer("CreateRole", call, [_element(role)])


def get_role(world: World, call: Call) -> tuple[World, Answer]:
    """Return a role."""
    return world, _answer("GetRole", call, [_element(_find_role(world, call))])


def delete_role(world: World, call: Call) -> tuple[World, Answer]:
    """Delete a role; the functions that have it keep its name, as on AWS."""
    role = _find_role(world, call)
    return replace(world, roles=without(world.roles, role.name)), _answer("DeleteRole", call, None)


def _find_role(world: World, call: Call) -> Role:
    name = call.text("RoleName") or ""
    if name not in world.roles:
        raise RefusedError(404, "NoSuchEntity", f"The role with name {name} cannot be found.")
    return world.roles[name]


def _document(text: str) -> str:
    try:
        document = json.loads(text)
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise RefusedError(400, "MalformedPolicyDocument", "This policy contains invalid Json")
    return text


def _element(role: Role) -> Element:
    members = {
        "Path": role.path,
        "RoleName": role.name,
        "RoleId": role.identifier,
        "Arn": f"arn:aws:iam::{ACCOUNT}:role{role.path}{role.name}",
        "CreateDate": role.created,
        "AssumeRolePolicyDocument": quote(role.trust, safe=""),
        "Description": role.description,
        "MaxSessionDuration": str(role.maximum_session),
    }
    return Element("Role", {name: text for name, text in members.items() if text})


def _answer(operation: str, call: Call, result: list[Element] | None) -> Answer:
    metadata = Element("ResponseMetadata", {"RequestId": call.fresh()})
    parts = [metadata] if result is None else [Element(f"{operation}Result", result), metadata]
    return xml_answer(Element(f"{operation}Response", parts), namespace=_NAMESPACE)
