"""How a package gets to Lambda.

::

    package ─► transport ─► staging ─► upload ─┬─► plan ─► update     the one write that replaces code
    a zip or   inline, S3,  the object         ├─► creation           the one write that makes a function
    an image   an image     on S3              └─► signing            the zip becomes a signed one

``upload`` is a session with a package and its way; ``plan`` is pure.
"""
