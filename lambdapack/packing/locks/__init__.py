"""From a lock to the wheels that a target needs: nothing is fetched, opened or executed here.

::

    pylock.toml ─► lock ─► Selection (LockedWheel…)
                   ├ selector    which wheel fits ``target``: packaging's algorithm, refusals in our words
                   ├ location    where a lock says that a wheel may be had
                   ├ hashes      the hashes that it is known by
                   └ lockcache   what the same lock gave before

``request`` is what is asked of a lock; ``without`` leaves out what the runtime has; ``locking`` writes
a lock, by calling uv, which reads what ``requirements`` names. ``locked`` holds the values that go on from here.

URLs may hold credentials: no message, log or cache quotes more of one than its host and last part.
"""
