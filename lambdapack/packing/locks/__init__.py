"""From a lock to the wheels that a target needs: nothing is fetched, opened or executed here.

::

    pylock.toml ─► pylock ─► Selection (LockedWheel…)
                   ├ selector  which wheel fits the target: packaging's algorithm, refusals in our words
                   ├ location  where a lock says that a wheel may be had
                   ├ hashes    the hashes that it is known by
                   └ cache     what the same lock gave before

``request`` is what is asked of a lock, ``selection`` what it gives. ``uv`` makes a lock by calling uv, which reads what
``requirements`` names, and whose complaints ``complaint`` makes fit to be shown.

URLs may hold credentials: no message, log or cache quotes more of one than its host and last part.
"""
