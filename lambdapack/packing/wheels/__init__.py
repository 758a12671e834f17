"""Inspecting one wheel: wholly, once, and before a byte of it goes anywhere.

::

    bytes ─► structure ─► headers ─► paths ─► stream ─► record, metadata ─► landing ─► WheelContents
             (one zip)   (entries)  (names)  (content)  (what it claims)   (where files land)

``wheel.inspect`` is the story. What its parts find wrong is a ``faults.WheelFault``; the story puts the wheel's name
before it. ``contents`` holds the values that go on from here. A wheel is never executed, installed or unpacked: its
contents are bytes with names.
"""
