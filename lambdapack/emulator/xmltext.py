"""XML as S3 and IAM speak it: a small tree out, a flat mapping in.

Requests are parsed with ``xml.etree``; a document type declaration is refused before (no entities, no
expansion), and a body is at most a few kilobytes here.
"""

from dataclasses import dataclass
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

from lambdapack.emulator.calls import Answer
from lambdapack.emulator.refusals import RefusedError

_S3_NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"


@dataclass(frozen=True, slots=True)
class Element:
    """An element: its name, and its text, its children, or their texts by their names."""

    name: str
    content: "str | list[Element] | dict[str, str]"


def _render(element: Element, *, namespace: str | None = None) -> str:
    content = element.content
    if isinstance(content, dict):
        content = [Element(name, text) for name, text in content.items()]
    inner = escape(content) if isinstance(content, str) else "".join(map(_render, content))
    attribute = f' xmlns="{namespace}"' if namespace else ""
    return f"<{element.name}{attribute}>{inner}</{element.name}>"


def xml_answer(element: Element, *, status: int = 200, namespace: str | None = _S3_NAMESPACE) -> Answer:
    """Return the answer that carries this document."""
    text = '<?xml version="1.0" encoding="UTF-8"?>\n' + _render(element, namespace=namespace)
    return Answer(status=status, body=text.encode("utf-8"), headers={"Content-Type": "application/xml"})


def parse(body: bytes) -> ET.Element:
    """Return the root of a request's document; raises RefusedError where it is not XML."""
    if b"<!DOCTYPE" in body:
        raise malformed()
    try:
        return ET.fromstring(body)  # noqa: S314 - see above
    except ET.ParseError:
        raise malformed() from None


def malformed() -> RefusedError:
    """Return MalformedXML, 400."""
    message = "The XML you provided was not well-formed or did not validate against our published schema"
    return RefusedError(400, "MalformedXML", message)


def tag(element: ET.Element) -> str:
    """Return an element's name without its namespace."""
    return element.tag.rpartition("}")[2]


def fields(body: bytes) -> dict[str, str]:
    """Return the children of a request's root by name; an empty body has none."""
    return {tag(child): child.text or "" for child in parse(body)} if body.strip() else {}
