"""What becomes of a crafted wheel when lambdapack looks into it."""

from lambdapack.errors import CheckError, LambdapackError, WheelError
from lambdapack.packing.wheels import wheel
from lambdapack.packing.wheels.contents import WheelContents
from tests.packing.wheels.verdicts import Crafted, Verdict


def look(crafted: Crafted) -> WheelContents:
    return wheel.inspect(crafted.content, filename=crafted.filename, name=crafted.name, version=crafted.version)


def judged(crafted: Crafted) -> tuple[Verdict, str]:
    """Return the verdict, and what the user is told; any other exception goes through."""
    try:
        contents = look(crafted)
    except WheelError as error:
        return "refuse", told(error)
    except CheckError as error:
        return "limit", told(error)
    assert sorted(contents.files) == list(contents.files)
    return "accept", "; ".join(contents.warnings)


def told(error: LambdapackError) -> str:
    assert error.message.isprintable()
    assert error.hint.isprintable()
    assert error.hint
    assert error.details["wheel"]
    return error.message


def is_right(crafted: Crafted) -> bool:
    """Return whether the verdict is the expected one, and the words are."""
    verdict, words = judged(crafted)
    return verdict == crafted.expected and (crafted.word in words if crafted.word else not words)
