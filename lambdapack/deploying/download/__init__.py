"""How a package comes back: downloaded, proven, compared, unpacked.

::

    Code.Location ─► fetch ─► a file with the CodeSha256 that Lambda names
                                └─► directory ─► foreign_zip ─┬─► differences (pure)
                                                              └─► layout (pure) ─► unpacking

A zip that somebody else made is read here, entry by entry, and nothing that it says of itself is believed.
"""
