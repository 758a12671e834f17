"""Pages: what the listings have in common.

Lambda answers at most 50 items a page, whatever MaxItems (1 to 10000) asks for ("up to 50 functions at a time",
says its API reference of ListFunctions), and a NextMarker where more are left. What AWS's markers hold is not
public; here it is the position of the next item in base64, and a marker that is anything else is refused.
"""

import base64
import binascii
from collections.abc import Sequence

from lambdapack.emulator.calls import Call
from lambdapack.emulator.control.constraints import Constraint, demand, violations
from lambdapack.emulator.refusals import invalid_parameter
from lambdapack.emulator.values import Members

LARGEST_PAGE = 50
_MOST_ITEMS = 10000


def page(call: Call, member: str, rows: Sequence[object], *, most: int = _MOST_ITEMS) -> Members:
    """Return the page that ``Marker`` and ``MaxItems``, ``most`` at most, ask for, under the name ``member``."""
    asked = call.number("MaxItems")
    demand(violations(asked, "maxItems", Constraint(low=1, high=most)))
    start = _position(call.text("Marker"))
    end = start + min(asked or LARGEST_PAGE, LARGEST_PAGE)
    document: Members = {member: list(rows[start:end])}
    if end < len(rows):
        document["NextMarker"] = base64.b64encode(f"position={end}".encode("ascii")).decode("ascii")
    return document


def _position(marker: str | None) -> int:
    if not marker:
        return 0
    try:
        key, _, value = base64.b64decode(marker, validate=True).decode("ascii").partition("=")
    except (binascii.Error, UnicodeDecodeError):
        key, value = "", ""
    if key != "position" or not value.isdigit():
        raise invalid_parameter("Invalid Marker")
    return int(value)
