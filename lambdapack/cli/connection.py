"""Where AWS is for a command, and how long it may take: what all commands share that talk to it."""

from lambdapack.cli.options import CONNECTION_OPTIONS, JSON_OPTION, OUTPUT_OPTIONS, TIMEOUT_OPTION, Settings
from lambdapack.deploying.aws.connection import Connection, ConnectionSettings, connect

TALKING_OPTIONS = (TIMEOUT_OPTION, JSON_OPTION, *CONNECTION_OPTIONS, *OUTPUT_OPTIONS)
"""The options of a command that talks to AWS and brings no package."""


def connection_settings(settings: Settings) -> ConnectionSettings:
    """Return where AWS is, as the user said."""
    return ConnectionSettings(
        profile=settings.profile,
        region=settings.region,
        endpoint_url=settings.endpoint_url,
        emulator=settings.emulator,
    )


def connected(settings: Settings) -> Connection:
    """Return the connection that the user asked for; no request is made yet."""
    return connect(connection_settings(settings))
