"""What is logged of each call to AWS: the operation, what came back, and how long it took; ``-v`` shows it.

The logger ``lambdapack.aws`` has one line a call at INFO, and one an attempt at DEBUG, with the members' names.

Rules for this file
- No member's value is logged, no header and no part of an answer but its status, its code and its request's ID; these
  are masked as AWS's sentences are.
"""

import logging
import re
import time
from collections.abc import Mapping
from typing import Any

from lambdapack.deploying.aws.secrets import Secrets

LOG = logging.getLogger("lambdapack.aws")

_BEGAN = "lambdapack_began"
"""Where botocore's context of a call keeps the clock's reading at its beginning, in seconds."""

_WORD = re.compile(r"[\w.:/+=-]{1,128}", re.ASCII)
"""What a code or a request's ID looks like; what else a server answers there is not logged."""


def log_calls(client: Any, secrets: Secrets) -> None:  # noqa: ANN401 - botocore has no types
    """Have each call of a client logged."""

    def begin(*, params: Mapping[str, object], context: dict[str, Any], event_name: str, **_: object) -> None:
        context[_BEGAN] = time.monotonic()
        LOG.debug("%s with %s", _name(event_name), ", ".join(sorted(params)) or "nothing")

    def attempt(
        *, parsed_response: object, exception: object, context: dict[str, Any], event_name: str, **_: object
    ) -> None:
        outcome = secrets.mask(_outcome(parsed_response, exception))
        LOG.debug("%s, attempt: %s after %s", _name(event_name), outcome, _seconds(context))

    def end(*, parsed: object, context: dict[str, Any], event_name: str, **_: object) -> None:
        LOG.info("%s: %s in %s", _name(event_name), secrets.mask(_outcome(parsed, None)), _seconds(context))

    def fail(*, exception: object, context: dict[str, Any], event_name: str, **_: object) -> None:
        LOG.info("%s: %s in %s", _name(event_name), _outcome(None, exception), _seconds(context))

    client.meta.events.register("before-parameter-build", begin)
    client.meta.events.register("response-received", attempt)
    client.meta.events.register("after-call", end)
    client.meta.events.register("after-call-error", fail)


def _name(event: str) -> str:
    """Return what a call is called, from an event's name: ``after-call.lambda.GetFunction``."""
    return " ".join(event.split(".")[1:])


def _outcome(parsed: object, exception: object) -> str:
    """Return status, code and request's ID of an answer, or that there was none."""
    if not isinstance(parsed, Mapping):
        return f"no answer ({type(exception).__name__})"
    metadata, error = parsed.get("ResponseMetadata", {}), parsed.get("Error", {})
    words = [str(metadata.get("HTTPStatusCode", "")), error.get("Code"), metadata.get("RequestId")]
    status, code, request = (word if isinstance(word, str) and _WORD.fullmatch(word) else "" for word in words)
    return f"{status}{f' {code}' if code else ''}{f', request {request}' if request else ''}"


def _seconds(context: Mapping[str, Any]) -> str:
    return f"{time.monotonic() - context[_BEGAN]:.2f} s"
