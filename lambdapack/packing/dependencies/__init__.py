"""The wheels of a build, from the lock to their members of the package.

::

    begin ─► Incoming ─► place ─► Prepared
                         ├ without   what the runtime has, and --without leaves out
                         └ trim      what patterns and presets leave out

``prepared`` is what that comes to, and how the cache keeps it.
"""
