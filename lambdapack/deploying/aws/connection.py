"""Connections to AWS: an account, and its services, each call of which ends.

Rules for this file
- Nothing of botocore's is left to its defaults: they changed between 1.43 and 1.44 (retry mode, attempts).
- Every call is an ``attempt``: it ends, and no exception of botocore's leaves it. One that is abandoned at the deadline
  does no harm: it carries a RevisionId, or a key that is its own hash, or it is in ``_SENT_ONCE``.
- No credential, environment value or answer is logged, as botocore would at DEBUG: ``calls`` says what is.
"""

import hashlib
import logging
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias, TypeVar

from lambdapack.artifact import READ_SIZE, CodeSha256, code_sha256
from lambdapack.deploying.aws.answers import check_answer
from lambdapack.deploying.aws.api import Answer, LambdaApi, LambdaOperation, S3Api, Shape, SignerApi
from lambdapack.deploying.aws.attempt import attempt, in_our_words
from lambdapack.deploying.aws.bodies import LimitedSession, open_location
from lambdapack.deploying.aws.calls import log_calls
from lambdapack.deploying.aws.deadline import Deadline
from lambdapack.deploying.aws.endpoints import check_way
from lambdapack.deploying.aws.location import check_location, take_answer
from lambdapack.deploying.aws.refusals import AbandonedError, subject_of
from lambdapack.deploying.aws.secrets import Secrets
from lambdapack.deploying.aws.settings import boto3_session, emulator_session, users_session
from lambdapack.errors import AwsError, LambdapackError, UsageError

T = TypeVar("T")

_Service: TypeAlias = Literal["lambda", "s3", "signer"]

_SENT_ONCE = frozenset({"PublishLayerVersion"})
"""Operations that make something new each time they arrive: whether to repeat them is the story's decision."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionSettings:
    """Where AWS is and who we are; what is None is found as the AWS CLI finds it."""

    profile: str | None = None
    region: str | None = None
    endpoint_url: str | None = None
    emulator: str | os.PathLike[str] | None = None
    """The directory of an emulator that answers instead of AWS: then no credentials are needed."""
    connect_timeout: float = 10.0
    """Seconds until a connection must stand."""
    read_timeout: float = 60.0
    """Seconds of silence on a connection: unpacking 50 MB takes Lambda some ten."""
    attempts: int = 8
    """How often one request is sent in all: eight ride out six 429s in about 23 seconds, three do not."""


_DEFAULTS = ConnectionSettings()


def connect(settings: ConnectionSettings = _DEFAULTS) -> "Connection":
    """Return a connection that has made no request yet.

    Raises ``UsageError`` where a number makes no sense, ``AwsError`` where the profile, the Region or the file of
    certificates is missing.
    """
    for name in ("connect_timeout", "read_timeout", "attempts"):
        number = getattr(settings, name)
        if not isinstance(number, float | int) or not number > 0:
            raise UsageError(f"{name} is {number}", hint="give a number above 0")
    # The application may log at DEBUG; botocore would write tokens, environments and packages into that log.
    for library in ("botocore", "urllib3"):
        logging.getLogger(library).setLevel(logging.WARNING)
    with in_our_words(operation="connecting", subject="AWS", secrets=Secrets()):
        session = users_session(settings.profile) if settings.emulator is None else emulator_session()
        region = settings.region or session.get_config_variable("region")
        certificates = session.get_config_variable("ca_bundle")
    if region is None:
        raise AwsError("no AWS Region is chosen", hint="add --region, or set AWS_REGION, or a region in the profile")
    if certificates and not Path(certificates).exists():
        hint = "correct AWS_CA_BUNDLE, or ca_bundle in the profile"
        raise AwsError(f"there are no certificates at {certificates}", hint=hint)
    return Connection(settings=settings, session=session, region=region)


class Connection:
    """An account in a Region: the ``Aws`` of the stories, whose clients are made at their first call."""

    def __init__(self, *, settings: ConnectionSettings, session: Any, region: str) -> None:  # noqa: ANN401
        self._settings = settings
        self._session = session
        self._clients: dict[tuple[_Service, int | None], Any] = {}
        self.region = region
        self.secrets = Secrets()
        if settings.emulator is None:
            # For every client of the session's: also those by which botocore itself gets credentials.
            session.register("before-sign", self.secrets.remember_credentials)

    @property
    def _emulator(self) -> Path | None:
        return None if self._settings.emulator is None else Path(self._settings.emulator)

    def lambda_api(self, deadline: Deadline) -> LambdaApi:
        """Return Lambda, each call of which ends at ``deadline``."""
        return _BoundedClient(self, service="lambda", deadline=deadline)

    def s3_api(self, deadline: Deadline) -> S3Api:
        """Return S3, each call of which ends at ``deadline``."""
        return _BoundedClient(self, service="s3", deadline=deadline)

    def signer_api(self, deadline: Deadline) -> SignerApi:
        """Return AWS Signer, each call of which ends at ``deadline``."""
        return _BoundedClient(self, service="signer", deadline=deadline)

    def held_up(self, *, seconds: float) -> LambdapackError | None:
        """Return the error for an emulator that another process kept from answering so long, None where none did."""
        if self._emulator is None:
            return None
        from lambdapack.emulator import hook  # noqa: PLC0415 - real AWS needs no emulator: 18 ms

        return hook.held_up(self._emulator, seconds=seconds)

    @property
    def client_version(self) -> str:
        """The version of botocore, whose model decides which parameters there are."""
        import botocore  # noqa: PLC0415

        return str(botocore.__version__)

    def request_shape(self, operation: LambdaOperation) -> Shape:
        """Return what a request to Lambda may hold, as the installed botocore knows it; no request is made."""
        shape: Shape = self._session.get_service_model("lambda").operation_model(operation).input_shape
        return shape

    def download(self, location: str, *, about: str, deadline: Deadline, take: Callable[[bytes], object]) -> None:
        """Hand the bytes of the package at ``location``, a ``Code.Location``, to ``take``, chunk by chunk.

        Raises ``AwsError`` where the address is none to trust, or is not answered as a package is.
        """
        if self._emulator is not None:
            from lambdapack.emulator.hook import download  # noqa: PLC0415 - real AWS needs no emulator: 18 ms

            take(download(location, self._emulator))
            return
        check_location(location, about=about)
        certificates = self._session.get_config_variable("ca_bundle") or os.environ.get("REQUESTS_CA_BUNDLE") or True
        timeout = self._settings.connect_timeout, self._settings.read_timeout

        def work() -> None:
            with open_location(location, timeout=timeout, certificates=certificates) as (status, chunks):
                take_answer(status, chunks, about=about, take=take)

        attempt(work, operation="the download of the package", subject=about, deadline=deadline, secrets=self.secrets)

    def client(self, service: _Service, *, attempts: int | None = None) -> Any:  # noqa: ANN401 - botocore has no types
        """Return botocore's own client of a service; making it may ask the network for credentials."""
        key = service, attempts
        if key not in self._clients:
            self._clients[key] = self._new_client(*key)
        return self._clients[key]

    def _new_client(self, service: _Service, attempts: int | None) -> Any:  # noqa: ANN401 - botocore has no types
        from botocore.config import Config  # noqa: PLC0415

        settings = self._settings
        client = boto3_session(self._session).client(
            service,
            region_name=self.region,
            endpoint_url=settings.endpoint_url,
            config=Config(
                connect_timeout=settings.connect_timeout,
                read_timeout=settings.read_timeout,
                retries={"mode": "standard", "total_max_attempts": attempts or settings.attempts},
                ignore_configured_endpoint_urls=self._emulator is not None,
                user_agent_extra="lambdapack",
            ),
        )
        log_calls(client, self.secrets)
        if self._emulator is not None:
            from lambdapack.emulator.hook import attach  # noqa: PLC0415 - real AWS needs no emulator: 18 ms

            attach(client, directory=self._emulator)
        else:
            from botocore.utils import get_environ_proxies  # noqa: PLC0415

            check_way(client.meta.endpoint_url, get_environ_proxies(client.meta.endpoint_url))
            endpoint = client._endpoint  # noqa: SLF001 - there is no other way to what reads the answers
            endpoint.http_session = LimitedSession(endpoint.http_session)
        return client


class _BoundedClient:
    """One service: every call ends at the deadline, and fails in our words alone."""

    def __init__(self, connection: Connection, *, service: _Service, deadline: Deadline) -> None:
        self._connection = connection
        self._service: _Service = service
        self.deadline = deadline

    def __call__(self, operation: str, /, **parameters: object) -> Answer:
        """Return the answer to one operation, which AWS calls by that name."""
        secrets = self._connection.secrets
        secrets.remember_environments(parameters)
        answer: Answer = self._call(lambda client: _send(client, operation, parameters), operation, parameters)
        secrets.remember_environments(answer)
        secrets.mask_sentences(answer)
        return answer

    def download(self, take: Callable[[bytes], object], /, **parameters: object) -> CodeSha256:
        """Hand the object that GetObject sends for ``parameters`` to ``take``, and return its SHA-256."""

        def work(client: Any) -> CodeSha256:  # noqa: ANN401 - botocore has no types
            digest = hashlib.sha256()
            for chunk in _send(client, "GetObject", parameters)["Body"].iter_chunks(READ_SIZE):
                digest.update(chunk)
                take(chunk)
            return code_sha256(digest)

        return self._call(work, "GetObject", parameters)

    def _call(self, work: Callable[[Any], T], operation: str, parameters: Answer) -> T:
        attempts = 1 if operation in _SENT_ONCE else None

        began = self.deadline.remaining
        try:
            return attempt(
                lambda: work(self._connection.client(self._service, attempts=attempts)),
                operation=operation,
                subject=subject_of(parameters),
                deadline=self.deadline,
                secrets=self._connection.secrets,
            )
        except AbandonedError as error:
            raise self._connection.held_up(seconds=began - self.deadline.remaining) or error from None


def _send(client: Any, operation: str, parameters: Answer) -> Any:  # noqa: ANN401 - botocore has no types
    """Call an operation by botocore's name for it; raises ``GarbledError`` where the answer has not AWS's types."""
    from botocore import xform_name  # noqa: PLC0415

    answer = getattr(client, xform_name(operation))(**parameters)
    shape = client.meta.service_model.operation_model(operation).output_shape
    check_answer(answer, shape, operation=operation, subject=subject_of(parameters))
    return answer
