"""Connections to AWS: the only room that knows botocore, which it imports when the first one is made.

Rules for this file
- Nothing of botocore's is left to its defaults: they changed between 1.43 and 1.44 (retry mode, attempts).
- Every call ends, whatever the other side does: botocore bounds each wait for a socket, but not a server
  that sends one byte a second, nor its own retries. So a call runs in a thread that is left behind at the
  deadline. An abandoned write does no harm: it carries a RevisionId, or a key that is its own hash.
- No exception of botocore's leaves this room. ``refusals`` has the words for what AWS
  answered, ``unreached`` for what kept us from it.
- No credential, environment value or answer is logged: botocore at DEBUG writes all three.
"""

import hashlib
import logging
import os
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias, TypeVar

from lambdapack.artifact import READ_SIZE, CodeSha256, code_sha256
from lambdapack.deploying.api import Answer, LambdaApi, S3Api
from lambdapack.deploying.deadline import Deadline
from lambdapack.deploying.refusals import Refusal, UnansweredError, refused
from lambdapack.deploying.unreached import unreached
from lambdapack.errors import AwsError, LambdapackError

T = TypeVar("T")

Service: TypeAlias = Literal["lambda", "s3"]

EMULATOR_REGION = "us-east-1"

SETTLING_TIME = 15.0
"""Seconds of a run that a single call leaves to the others, so that its outcome can still be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionSettings:
    """Where AWS is and who we are; what is None is found as the AWS CLI finds it."""

    profile: str | None = None
    region: str | None = None
    endpoint_url: str | None = None
    emulator: Path | None = None
    """The directory of an emulator that answers instead of AWS: then no credentials are needed."""
    connect_timeout: float = 10.0
    """Seconds until a connection must stand."""
    read_timeout: float = 60.0
    """Seconds of silence on a connection: unpacking 50 MB takes Lambda some ten."""
    attempts: int = 8
    """How often one request is sent in all: eight ride out six 429s in about 23 seconds, three do not."""


def connect(settings: ConnectionSettings) -> "Connection":
    """Return a connection that has made no request yet.

    Raises ``AwsError`` where the profile, the Region or the file of certificates is missing.
    """
    from botocore.exceptions import BotoCoreError  # noqa: PLC0415 - takes 0.2 s, which a build must not pay

    # The application may log at DEBUG; botocore would write tokens, environments and packages into that log.
    for library in ("botocore", "urllib3"):
        logging.getLogger(library).setLevel(logging.WARNING)
    session = emulator_session() if settings.emulator else users_session(settings.profile)
    try:
        region = settings.region or session.get_config_variable("region")
        certificates = session.get_config_variable("ca_bundle")
    except BotoCoreError as error:
        raise unreached(error, operation="connecting", subject="AWS") from error
    if region is None:
        raise AwsError("no AWS Region is chosen", hint="add --region, or set AWS_REGION, or a region in the profile")
    if certificates and not Path(certificates).exists():
        raise AwsError(
            f"there are no certificates at {certificates}", hint="correct AWS_CA_BUNDLE, or ca_bundle in the profile"
        )
    return Connection(settings=settings, session=session, region=region)


def users_session(profile: str | None) -> Any:  # noqa: ANN401 - botocore has no types
    """Return botocore's session with the user's own configuration."""
    import botocore.session  # noqa: PLC0415

    # key of the profile, environment variables, default, conversion. The AWS CLI and the other
    # SDKs read AWS_REGION; botocore left alone reads AWS_DEFAULT_REGION only.
    region = ("region", ["AWS_REGION", "AWS_DEFAULT_REGION"], None, None)
    return botocore.session.Session(profile=profile, session_vars={"region": region})


def emulator_session() -> Any:  # noqa: ANN401 - botocore has no types
    """Return a botocore session that needs nothing of the user's, and so is not troubled by anything there."""
    import botocore.session  # noqa: PLC0415

    session = botocore.session.Session(
        session_vars={
            "profile": (None, None, None, None),
            "config_file": (None, None, os.devnull, None),
            "credentials_file": (None, None, os.devnull, None),
            "region": (None, None, EMULATOR_REGION, None),
            "ca_bundle": (None, None, None, None),
        }
    )
    session.set_credentials("emulator", "emulator")
    return session


class Connection:
    """An account in a Region: the ``Aws`` of the stories, whose clients are made at their first call."""

    def __init__(self, *, settings: ConnectionSettings, session: Any, region: str) -> None:  # noqa: ANN401
        self._settings = settings
        self._session = session
        self._clients: dict[Service, Any] = {}
        self.region = region

    def lambda_api(self, deadline: Deadline) -> LambdaApi:
        """Return Lambda, each call of which ends at ``deadline``."""
        return BoundedClient(self, service="lambda", deadline=deadline)

    def s3_api(self, deadline: Deadline) -> S3Api:
        """Return S3, each call of which ends at ``deadline``."""
        return BoundedClient(self, service="s3", deadline=deadline)

    def client(self, service: Service) -> Any:  # noqa: ANN401 - botocore has no types
        """Return botocore's own client of a service; making it may ask the network for credentials."""
        if service not in self._clients:
            self._clients[service] = self._new_client(service)
        return self._clients[service]

    def _new_client(self, service: Service) -> Any:  # noqa: ANN401 - botocore has no types
        from botocore.config import Config  # noqa: PLC0415

        settings = self._settings
        client = self._session.create_client(
            service,
            region_name=self.region,
            endpoint_url=settings.endpoint_url,
            config=Config(
                connect_timeout=settings.connect_timeout,
                read_timeout=settings.read_timeout,
                retries={"mode": "standard", "total_max_attempts": settings.attempts},
                ignore_configured_endpoint_urls=settings.emulator is not None,
                user_agent_extra="lambdapack",
            ),
        )
        if settings.emulator is not None:
            from lambdapack.emulator.hook import attach  # noqa: PLC0415 - real AWS needs no emulator

            attach(client, directory=settings.emulator)
        return client


class BoundedClient:
    """One service: every call ends at the deadline, and fails in our words alone."""

    def __init__(self, connection: Connection, *, service: Service, deadline: Deadline) -> None:
        self._connection = connection
        self._service: Service = service
        self._deadline = deadline

    def __call__(self, operation: str, /, **members: object) -> Answer:
        """Return the answer to one operation, which AWS calls by that name."""
        return self._bounded(lambda client: send(client, operation, members), operation, members)

    def stored_sha256(self, **members: object) -> CodeSha256:
        """Return the SHA-256 of the object that GetObject sends for ``members``."""

        def download(client: Any) -> CodeSha256:  # noqa: ANN401 - botocore has no types
            digest = hashlib.sha256()
            for chunk in send(client, "GetObject", members)["Body"].iter_chunks(READ_SIZE):
                digest.update(chunk)
            return code_sha256(digest)

        return self._bounded(download, "GetObject", members)

    def _bounded(self, work: Callable[[Any], T], operation: str, members: Answer) -> T:
        """Do ``work`` in a thread, wait for it as long as the deadline allows, and translate its failure."""
        subject = subject_of(members)
        remaining = self._deadline.remaining
        if not remaining:
            raise self._deadline.exceeded(f"{operation} for {subject}")
        limit = min(max(remaining - SETTLING_TIME, remaining / 2), threading.TIMEOUT_MAX)
        outcome: queue.SimpleQueue[T | BaseException] = queue.SimpleQueue()

        def run() -> None:
            try:
                outcome.put(work(self._connection.client(self._service)))
            except BaseException as error:  # noqa: BLE001 - it is raised again by the caller's thread
                outcome.put(error)

        threading.Thread(target=run, name=operation, daemon=True).start()
        try:
            result = outcome.get(timeout=limit)
        except queue.Empty:
            raise UnansweredError(
                f"no answer to {operation} for {subject} within {limit:.0f} of the run's {self._deadline.seconds:g} s",
                hint="check the network, then run the command again; --timeout allows more time",
                operation=operation,
            ) from None
        if isinstance(result, BaseException):
            raise translated(result, operation=operation, subject=subject)
        return result


def send(client: Any, operation: str, members: Answer) -> Any:  # noqa: ANN401 - botocore has no types
    """Call ``UpdateFunctionCode`` and its like by botocore's name for it, ``update_function_code``."""
    from botocore import xform_name  # noqa: PLC0415

    return getattr(client, xform_name(operation))(**members)


def subject_of(members: Answer) -> str:
    """Return what a request is about: the function, or the object."""
    if "Bucket" in members:
        return f"s3://{members['Bucket']}/{members.get('Key', '')}"
    return str(members.get("FunctionName", "AWS"))


def translated(error: BaseException, *, operation: str, subject: str) -> BaseException:
    """Return one of our errors in place of one of botocore's; what is not botocore's stays what it is."""
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

    ours: LambdapackError
    if isinstance(error, ClientError):
        ours = refused(refusal_in(error.response, operation=error.operation_name, subject=subject))
    elif isinstance(error, BotoCoreError):
        ours = unreached(error, operation=operation, subject=subject)
    elif isinstance(error, ValueError) and "endpoint" in str(error):  # botocore's own for a malformed URL
        ours = AwsError(str(error), hint="correct --endpoint-url, or AWS_ENDPOINT_URL")
    else:
        return error
    ours.__cause__ = error
    return ours


def refusal_in(answer: Answer, *, operation: str, subject: str) -> Refusal:
    """Return the refusal in an answer of botocore's; the message is under one of two keys, or missing."""
    reason = answer.get("Error") or {}
    return Refusal(
        operation=operation,
        subject=subject,
        code=str(reason.get("Code") or "Unknown"),
        message=str(reason.get("Message") or answer.get("message") or ""),
        status=int((answer.get("ResponseMetadata") or {}).get("HTTPStatusCode") or 0),
    )
