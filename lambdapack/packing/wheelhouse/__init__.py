"""Having wheels in hand: their bytes proven to be the lock's, their contents known.

::

    LockedWheel… ─► obtaining ─► HeldWheel…
                    ├ cache     what was downloaded or proven before; index: its documents about wheels
                    ├ places    folders, the lock's own path, pip's cache (pipcache)
                    └ fetching  ─► download ─► connections ─► credentials
                                   (patience, unfetched: how long, and what a failure means)

Nothing of a wheel counts before its bytes have the hash that the lock names; what is in the cache is
proven again each time it is used. A build that has everything imports no more than ``obtaining``, ``cache``
and ``index``.
"""
