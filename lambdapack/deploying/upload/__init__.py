"""How a package gets to Lambda.

::

    package ─► transport ─► staging (S3) ─► upload ─► plan ─► update
               inline, S3,      │                     (pure)  the one write that replaces code
               or an image      └► signing

``upload`` is what every story with a package has in hand: the function, the package, the way there, the time.
"""
