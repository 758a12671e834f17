"""The wheels of a build, from the lock to entries of the package.

::

    begin ─► (wheels on their way) ─► place ─► entries
    without: what the runtime has      └ trim: what patterns and presets leave out

``prepared`` remembers what all that came to.
"""
