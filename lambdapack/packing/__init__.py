"""From a source tree and its locked wheels to a deployment package: the half that never hears of AWS.

The data flows one way, and every arrow is a value::

    patterns ─► source ─► Entry… ──────────────────────────┐
                                                           ├─► bundle ─► compress ─► Segment… ─► archive ─► Artifact
    locks ─► wheelhouse ─► wheels ─► dependencies ─► Stretch ┘   (checks)
             (fetching)

``build`` is the story. Its first half is ``gather``: the tree is walked, wheels are fetched and proven, each name gets
one owner, the whole is checked; ``--list`` stops there. Its second half is ``write``: what is not compressed yet is
compressed, and everything goes to its place.

A package is a sequence of segments (``archive.segment``), and it makes no difference whence their bytes come: out of
wheels that the cache knows, out of wheels that were seen for the first time, or from ``compress``. The listing, the
manifest (``outputs``), the checks and the archive all read that one sequence.

``request`` is what is asked for, ``entries`` what is compressed one by one, ``layer`` says where a layer's files lie,
``names`` which names no archive may hold.

Most values here are NamedTuples, not dataclasses: a build makes thousands of some, and waits for the class of each.
"""
