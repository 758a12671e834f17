"""Having wheels in hand: their bytes are proven to be the lock's, and their contents are known.

::

    LockedWheel… ─► obtaining ─► HeldWheel…
                    ├ cache     what was downloaded or proven before; index: its documents about wheels
                    ├ places    folders, the lock's own path, pip's cache
                    └ fetching  (next door) downloads

Nothing of a wheel counts before its bytes have the hash that the lock names. What is in the cache is proven again each
time it is used.
"""
