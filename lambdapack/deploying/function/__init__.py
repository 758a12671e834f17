"""What is there: a function, its versions and its aliases.

::

    names ─► session ─► state          reading a function, and waiting until it is settled
                     ├► versions       publishing one that is pinned to a CodeSha256
                     ├► aliases        pointing a name at one
                     ├► configuration  what a function is, should be, and the difference (pure)
                     └► removal        deleting, until it is gone for certain
"""
