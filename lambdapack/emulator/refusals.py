"""How AWS says no: one exception, and one function for each sentence that several operations share.

Rules for this file
- The text, the HTTP status, the code and the key that holds the text are AWS's own, recorded; where a text is
  from public reports or a guess, the function that raises it says so.
- A message may echo what the caller sent (the environment, for one: AWS does). It goes back to the caller
  and nowhere else: nothing in this room logs.
"""

from collections.abc import Sequence


class RefusedError(Exception):
    """AWS's refusal of one request: HTTP ``status``, ``code`` and ``message`` (None where AWS sends null)."""

    def __init__(self, status: int, code: str, message: str | None, *, anonymous: bool = False) -> None:
        """Keep the refusal; ``anonymous`` leaves out ``Type``, as a few errors of AWS do."""
        self.status = status
        self.code = code
        self.message = message
        self.anonymous = anonymous
        super().__init__(code)


CAPITAL = frozenset(
    {
        *("AccessDeniedException", "CodeSigningConfigNotFoundException", "CodeVerificationFailedException"),
        *("InvalidCodeSignatureException", "ResourceNotFoundException", "ServiceException"),
    }
)
"""Errors whose text stands under "Message"; all others have "message" (recordings, and the botocore model)."""

PLAIN = frozenset(
    {"AccessDeniedException", "RequestEntityTooLargeException", "UnknownOperationException", "ValidationException"}
)
"""Errors whose body says nothing but the text."""


def invalid_parameter(message: str) -> RefusedError:
    """Return InvalidParameterValueException, 400."""
    return RefusedError(400, "InvalidParameterValueException", message)


def not_found(message: str) -> RefusedError:
    """Return ResourceNotFoundException, 404."""
    return RefusedError(404, "ResourceNotFoundException", message)


def function_not_found(arn: str) -> RefusedError:
    """Return the 404 for a function, version or alias that is not there, by its ARN."""
    return not_found(f"Function not found: {arn}")


def conflict(message: str) -> RefusedError:
    """Return ResourceConflictException, 409."""
    return RefusedError(409, "ResourceConflictException", message)


def too_large(message: str) -> RefusedError:
    """Return RequestEntityTooLargeException, 413."""
    return RefusedError(413, "RequestEntityTooLargeException", message)


def invalid_request(violations: Sequence[str]) -> RefusedError:
    """Return ValidationException, 400, for every violated constraint at once, as AWS counts them."""
    noun = "error" if len(violations) == 1 else "errors"
    text = f"{len(violations)} validation {noun} detected: {'; '.join(violations)}"
    return RefusedError(400, "ValidationException", text)
