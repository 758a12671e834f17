"""What is there: a function, its versions, its aliases and its configuration.

::

    names ─► session ─┬─► state ─┬─► versions        publishing one that is pinned to a CodeSha256
                      │          ├─► configuration   what a function is, what it should be, the difference
                      │          └─► removal         deleting until it is gone for certain
                      └─► aliases                    pointing a name at one version, or at two

``session`` is the first argument of all that asks AWS; ``state`` reads a function and waits until it is settled.
"""
