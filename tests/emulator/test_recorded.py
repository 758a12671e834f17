"""The recordings of AWS, played step by step against the emulator, and every difference that remains.

A recorded answer is a pattern: its placeholders are bound to what the emulator answers in their place, each to
one value and each value to one placeholder for the whole scenario. So two RevisionIds that were the same on AWS
must be the same here, and two that differed must differ. ``recorded/README.md`` says whose recordings these are.
"""

import dataclasses
import functools
import io
import json
import re
import shutil
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ParamValidationError

from lambdapack.emulator.control import configurations
from lambdapack.emulator.hook import attach
from lambdapack.emulator.values import Version
from tests.aliases import Client

RECORDED = Path(__file__).parent / "recorded"
Answer = Any

# Scenario and step → why the emulator answers otherwise. Nothing else may differ, and all of these must.
NO_EC2 = "the emulator has no EC2 to ask: every subnet and security group whose name is well formed exists"
OLDER = "recorded in 2022, before AWS answered LoggingConfig, SnapStart and RuntimeVersionConfig"
DIFFERENCES: dict[tuple[str, str], str] = {
    ("TestLambdaFunction::test_invalid_vpc_config_subnet", "create-response-non-existent-subnet-id"): NO_EC2,
    (
        "TestLambdaFunction::test_invalid_vpc_config_security_group",
        "create-response-non-existent-security-group",
    ): NO_EC2,
    ("TestLambdaVersions::test_publish_with_wrong_revisionid", "create_response"): OLDER,
    ("TestLambdaVersions::test_publish_with_wrong_revisionid", "get_fn_response"): OLDER,
    ("TestLambdaVersions::test_publish_with_wrong_revisionid", "publish_result"): OLDER,
}

PLACEHOLDER = re.compile(r"<[a-z][a-z0-9_-]*(?::\d+)?>")
KNOWN = {"<partition>": "aws", "<region>": "eu-central-1", "<wrong-region>": "us-east-1"}


class Bindings:
    """What each placeholder of a scenario stands for."""

    def __init__(self) -> None:
        self.values: dict[str, object] = {}

    def agrees(self, placeholder: str, value: object) -> bool:
        if placeholder in ("<code-size>", "<location>", "<layer-location>", "<version>"):
            return value is not None
        if placeholder in self.values:
            return self.values[placeholder] == value
        kind = placeholder.partition(":")[0]
        if any(bound == value and name.partition(":")[0] == kind for name, bound in self.values.items()):
            return False
        self.values[placeholder] = value
        return True

    def matches(self, recorded: Answer, answered: Answer) -> bool:
        """Say whether the answer fits; what it binds stays bound."""
        if isinstance(recorded, dict):
            return (
                isinstance(answered, dict)
                and recorded.keys() == answered.keys()
                and all(self.matches(recorded[key], answered[key]) for key in recorded)
            )
        if isinstance(recorded, list):
            return (
                isinstance(answered, list)
                and len(recorded) == len(answered)
                and all(map(self.matches, recorded, answered))
            )
        if isinstance(recorded, str):
            return self._text(recorded, answered)
        return bool(recorded == answered)

    def _text(self, recorded: str, answered: Answer) -> bool:
        if recorded == "date":
            return isinstance(answered, str) and re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]{12}\+0000", answered) is not None
        if PLACEHOLDER.fullmatch(recorded) and recorded not in KNOWN:
            return self.agrees(recorded, answered)
        plain = re.sub(r"<a:len\((\d+)\)>", lambda match: "a" * int(match[1]), recorded)
        plain = plain.replace("111111111111", "000000000000")
        for name, value in KNOWN.items():
            plain = plain.replace(name, value)
        names = PLACEHOLDER.findall(plain)
        pattern = "(.+?)".join(re.escape(part) for part in PLACEHOLDER.split(plain))
        match = re.fullmatch(pattern, answered, re.DOTALL) if isinstance(answered, str) else None
        return match is not None and all(map(self.agrees, names, match.groups()))


@functools.cache
def package(what: str) -> bytes | str:
    """Return what ``$…`` in a step stands for."""
    kind, _, value = what.removeprefix("$").partition(":")
    if kind == "text":
        return value.encode()
    if kind.startswith("hashes*"):
        return "#" * int(kind.removeprefix("hashes*"))
    stream = io.BytesIO()
    method = zipfile.ZIP_DEFLATED if kind == "hashes" else zipfile.ZIP_STORED
    with zipfile.ZipFile(stream, "w", method, compresslevel=1) as archive:
        large = kind in ("hashes", "stored")
        archive.writestr(zipfile.ZipInfo("handler.py"), "#" * int(value) if large else f"# {value}\n", method, 1)
        if kind == "zip" and value.isdigit():
            archive.comment = b"."  # makes the package as long as the recorded one was
    data = stream.getvalue()
    if kind == "zip" and value.isdigit():
        missing = int(value) - len(data)
        data = data[:-3] + (1 + missing).to_bytes(2, "little") + b"." * (1 + missing)
    return data


class Player:
    """Plays scenarios one after the other, each in an account of its own in the same ``directory``."""

    def __init__(self, session: Client, directory: Path) -> None:
        self.session = session
        self.directory = directory
        self.answers: dict[str, Answer] = {}
        self.clients: dict[tuple[object, ...], Any] = {}

    def begin(self) -> None:
        self.answers = {}
        shutil.rmtree(self.directory, ignore_errors=True)

    def client(self, step: dict[str, Any]) -> Client:
        service = "s3" if step["call"].startswith("s3.") else "lambda"
        region, settle = step.get("region", "eu-central-1"), step.get("settle", 0.0)
        checked = not step.get("unchecked", False)
        key = (service, region, settle, checked)
        if key not in self.clients:
            config = Config(retries={"total_max_attempts": 1}, parameter_validation=checked)
            self.clients[key] = self.session.client(service, region_name=region, config=config)
            attach(self.clients[key], directory=self.directory, settle=settle)
        return self.clients[key]

    def filled(self, value: Any) -> Any:  # noqa: ANN401 - any JSON
        if isinstance(value, dict):
            return {key: self.filled(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self.filled(item) for item in value]
        if not isinstance(value, str):
            return value
        if re.match(r"\$(zip|text|stored|hashes)[:*]", value):
            return package(value)
        return re.sub(r"\$\{([^}]+)\}", lambda match: str(self.found(match[1])), value)

    def found(self, path: str) -> Answer:
        answer: Answer = self.answers
        for name in path.split("."):
            answer = answer[name]
        return answer

    def play(self, step: dict[str, Any]) -> Answer:
        """Make the step's call and return the answer in the shape in which it was recorded."""
        client = self.client(step)
        name = step["call"].removeprefix("s3.")
        shape = step.get("as", "")
        try:
            if shape == "all pages":
                pages = client.get_paginator(name).paginate(
                    **self.filled(step["with"]), PaginationConfig={"PageSize": 1}
                )
                return pages.build_full_result()
            answer = getattr(client, name)(**self.filled(step["with"]))
        except ClientError as error:
            return validation(error.response["Error"]) if shape == "validation" else trimmed(error.response)
        except ParamValidationError as error:
            return str(error)
        answer = trimmed(answer)
        if "step" in step:
            self.answers[step["step"]] = answer
        return self.shaped(shape, step, answer)

    def shaped(self, shape: str, step: dict[str, Any], answer: Answer) -> Answer:
        if shape == "helper":
            return {"CreateEventSourceMappingResponse": None, "CreateFunctionResponse": answer}
        if shape == "CodeSigningConfigs.0":
            return answer["CodeSigningConfigs"][0]
        if shape == "names":
            return {key: value if key == "ResponseMetadata" else sorted(value) for key, value in answer.items()}
        if shape.startswith("difference"):
            since = self.answers[step["since"]]["AccountUsage"]["TotalCodeSize"]
            difference = answer["AccountUsage"]["TotalCodeSize"] - since
            return difference > 200 if shape.endswith("above 200") else difference
        return answer


def trimmed(answer: Answer) -> Answer:
    """Return the answer with as much of its metadata as was recorded."""
    status = answer["ResponseMetadata"]["HTTPStatusCode"]
    return {**answer, "ResponseMetadata": {"HTTPHeaders": {}, "HTTPStatusCode": status}}


def validation(error: dict[str, str]) -> Answer:
    """Return an error as the scenarios about names recorded it: its sentences one by one, sorted."""
    match = re.fullmatch(r"(\d+) validation errors? detected: (.*)", error["Message"])
    if match is None:
        return {"Code": error["Code"], "Message": error["Message"]}
    sentences = re.split(r"; (?=Value ')", match[2])
    return {"Code": error["Code"], "Count": int(match[1]), "Errors": sorted(sentences)}


def scenarios() -> Iterator[dict[str, Any]]:
    for path in sorted(RECORDED.glob("*.json")):
        yield from json.loads(path.read_text(encoding="utf-8"))


def replayed(session: Client, directory: Path, wanted: str = "") -> tuple[int, dict[tuple[str, str], Answer]]:
    """Play every scenario whose name holds ``wanted``: how many steps there were, and the answers that differ."""
    count = 0
    different: dict[tuple[str, str], Answer] = {}
    player = Player(session, directory)
    for scenario in scenarios():
        if wanted not in scenario["test"]:
            continue
        player.begin()
        bindings = Bindings()
        for step in scenario["steps"]:
            answer = player.play(step)
            if "recorded" not in step:
                continue
            count += 1
            recorded = step["recorded"]
            if step.get("as") == "validation" and "Errors" in recorded:
                recorded = {**recorded, "Errors": sorted(recorded["Errors"])}
            if not bindings.matches(recorded, answer):
                different[scenario["test"], step["step"]] = answer
    return count, different


def test_the_emulator_answers_as_aws_did(session: Client, tmp_path: Path) -> None:
    count, different = replayed(session, tmp_path / "account")
    print(f"{count - len(different)} of {count} steps alike")  # noqa: T201 - seen with -s
    assert different.keys() == DIFFERENCES.keys(), json.dumps(
        {"::".join(key): answer for key, answer in different.items() if key not in DIFFERENCES}, indent=1, default=str
    )[:20000]
    assert count == 415
    assert (count - len(different)) / count >= 0.95


def test_an_emulator_whose_revisions_stand_still_is_noticed(
    session: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def still(version: Version, now: float) -> Version:
        del now
        return dataclasses.replace(version, transition=None)

    monkeypatch.setattr(configurations, "settle_version", still)
    _, different = replayed(session, tmp_path / "account", "test_function_lifecycle")
    assert [step for _, step in different] == [
        "get_function_response",
        "get_function_response_postupdate",
        "get_function_response_postcodeupdate",
    ]


def test_placeholders_are_bound_one_to_one() -> None:
    bindings: Callable[[Answer, Answer], bool] = Bindings().matches
    assert bindings({"a": "<uuid:1>"}, {"a": "x"})
    assert not bindings({"a": "<uuid:1>"}, {"a": "y"})
    assert not bindings({"a": "<uuid:2>"}, {"a": "x"})
    assert not bindings({"a": "1"}, {"a": "1", "b": "2"})
