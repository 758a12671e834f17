"""What a connection knows and nobody may see: AWS may repeat it in its sentences, so it is masked there.

Rules for this file
- No list of phrases says where AWS repeats what it was sent: each value that was sent, read or signed with is looked
  for in all of AWS's own sentences.
- Only those sentences are changed: a name or an ARN that holds such a value stays, for requests are about it.
"""

import json
import re
import threading
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote
from xml.sax.saxutils import escape

from lambdapack.masking import MASK

_SHORTEST = 4
"""Characters of a value that is masked wherever it stands; a shorter one is part of half of all words."""

_LONG = 8
"""Characters of a value that is masked within words, too: a shorter one, such as ``prod``, is part of names."""

_SENTENCES = frozenset({"StateReason", "LastUpdateStatusReason", "Message", "message", "statusReason"})
"""Members of answers that AWS writes itself (API reference, data types), by their exact names."""

_USERS = frozenset({"Variables", "Tags", "tags"})
"""Maps whose keys are the user's, and may be called like anything: what stands in them is never changed, for it may be
sent back, or compared."""


class Secrets:
    """The values of environments and the credentials that went over a connection; may be used from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._forms: frozenset[str] = frozenset()
        self._ordered: tuple[str, ...] = ()
        """The longest first, so that none leaves the rest of one that it is a part of."""

    def __repr__(self) -> str:
        """Return no value."""
        return f"Secrets({len(self._forms)})"

    def remember(self, values: Iterable[object]) -> None:
        """Know these from now on; what is no text, or empty, is passed over."""
        new = {form for value in values if value and isinstance(value, str) for form in _forms(value)} - self._forms
        if new:
            with self._lock:
                self._forms |= new
                self._ordered = tuple(sorted(self._forms, key=lambda form: (-len(form), form)))

    def remember_environments(self, members: object) -> None:
        """Know the values of every environment in a request or an answer."""
        for environment in _environments(members):
            self.remember(environment.values())

    def remember_credentials(self, *, request_signer: Any, **_: object) -> None:  # noqa: ANN401 - botocore has no types
        """Know what a request is signed with; for botocore's event ``before-sign``."""
        # The signer asks for them next: what this may take, it takes in the thread that ends at the deadline.
        credentials = getattr(request_signer, "_credentials", None)
        if credentials is not None:
            frozen = credentials.get_frozen_credentials()
            self.remember([frozen.secret_key, frozen.token])

    def mask(self, text: str) -> str:
        """Return ``text`` with ``****`` in place of each known value."""
        for form in self._ordered:
            if form not in text:
                continue
            if len(form) < _LONG:
                text = re.sub(rf"(?<![\w-]){re.escape(form)}(?![\w-])", MASK, text)
            else:
                text = text.replace(form, MASK)
        return text

    def mask_sentences(self, answer: object) -> None:
        """Mask, in an answer of AWS's, all that AWS itself wrote; everything else stays."""
        if isinstance(answer, dict):
            for name, value in answer.items():
                if name in _USERS:
                    continue
                if not isinstance(value, str):
                    self.mask_sentences(value)
                elif name in _SENTENCES:
                    answer[name] = self.mask(value)
        elif isinstance(answer, list):
            for item in answer:
                self.mask_sentences(item)


def _environments(members: object) -> Iterator[Mapping[Any, object]]:
    """Yield every ``Environment.Variables``, however deep."""
    if isinstance(members, Mapping):
        for name, value in members.items():
            variables = value.get("Variables") if name == "Environment" and isinstance(value, Mapping) else None
            if isinstance(variables, Mapping):
                yield variables
            else:
                yield from _environments(value)
    elif isinstance(members, list | tuple):
        for item in members:
            yield from _environments(item)


def _forms(value: str) -> set[str]:
    """Return how a value may be spelled where it is repeated; a short one is known by the quotes around it."""
    spelled = {value, repr(value)[1:-1], json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1]}
    spelled |= {quote(value, safe="", errors="replace"), escape(value), " ".join(value.split())}
    spelled |= {form.replace("/", "\\/") for form in spelled}
    # JSON that is quoted in JSON.
    spelled |= {json.dumps(form)[1:-1] for form in spelled}
    spelled.discard("")
    quoted = {f"{mark}{form}{mark}" for form in spelled for mark in "\"'" if len(form) < _SHORTEST}
    return {form for form in spelled if len(form) >= _SHORTEST} | quoted
