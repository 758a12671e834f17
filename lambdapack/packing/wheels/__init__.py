"""From a lock to the files of its wheels, ready to be copied as they lie: no installing, no recompressing.

The data flows one way, and every arrow is a value::

    pylock.toml ─► lock ─► Selection ─► wheelhouse ─► HeldWheel ─► (packing.bundle)
                   │       LockedWheel…   │           WheelContents
                   └ selector: packaging  ├ cache       what was proven before
                     and ``target``       ├ pipcache    whole wheels that pip holds
                                          ├ download    the lock's URLs
                                          └ wheel       the proof: structure ─► record, metadata ─► layout

``lock`` decides which wheels a target needs, ``wheelhouse`` has each of them in hand with its bytes
proven, and ``wheel`` looks into one wheel, wholly and once: what it found is kept in the cache under
the wheel's hash. ``locking`` writes a lock, by calling uv.

Rules for this room
- Nothing of a wheel counts before its bytes have the hash that the lock names.
- A wheel is never executed, installed or unpacked; its contents are bytes with names.
- URLs may hold credentials: no message, log or cache quotes more of one than its host and last part.
"""
