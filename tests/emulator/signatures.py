"""The signature that the emulator takes for AWS Signer's: what covers a package's entries, spelled once more."""

import hashlib
import json
from collections.abc import Mapping


def signature(entries: Mapping[str, bytes], profile: str, *, content: str | None = None) -> str:
    """Return the entry by which ``profile`` signs these entries; ``content`` is a hash to claim instead of theirs."""
    lines = [f"{hashlib.sha256(entries[name]).hexdigest()} {name}\n" for name in sorted(entries)]
    return json.dumps({"profile": profile, "content": content or hashlib.sha256("".join(lines).encode()).hexdigest()})
