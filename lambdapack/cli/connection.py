"""Where AWS is for a command, and how long it may take: what all commands share that talk to it."""

import logging

from lambdapack.cli.flags import Flags
from lambdapack.cli.options import CONNECTION_OPTIONS, JSON_OPTION, OUTPUT_OPTIONS, Settings, timeout_option
from lambdapack.deploying.aws.connection import Connection, ConnectionSettings, connect
from lambdapack.deploying.aws.deadline import DEFAULT_TIMEOUT

TIMEOUT_OPTION = timeout_option(DEFAULT_TIMEOUT, "the whole run")

TALKING_OPTIONS = (TIMEOUT_OPTION, JSON_OPTION, *CONNECTION_OPTIONS, *OUTPUT_OPTIONS)
"""The options of a command that talks to AWS and brings no package."""


class TalkingFlags(Flags):
    """What a command is told that talks to AWS."""

    timeout: float


class FunctionFlags(TalkingFlags):
    """What a command is told that talks to AWS about one function."""

    function: str


class _Details(logging.Handler):
    """Shows what ``deploying`` logs of calls and waits."""

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self._settings = settings

    def emit(self, record: logging.LogRecord) -> None:
        self._settings.detail(record.getMessage())


def open_connection(settings: Settings) -> Connection:
    """Return the connection that the user asked for, which ``-v`` shows the calls of; no request is made yet."""
    log = logging.getLogger("lambdapack")
    if settings.verbose and not log.handlers:
        log.setLevel(logging.INFO if settings.verbose == 1 else logging.DEBUG)
        log.addHandler(_Details(settings))
    asked = ConnectionSettings(
        profile=settings.profile, region=settings.region, endpoint_url=settings.endpoint_url, emulator=settings.emulator
    )
    return connect(asked)
