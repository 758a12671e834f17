"""What touches the disk: a file is read with the blame where it belongs, and written wholly or not at all.

::

    reading                 a file that a user named, or an error that says whose move it is
    whole                   a file as bytes: a small one in memory, a large one read twice
    temporary               what is made beside a target: created, locked, swept by the next run after a kill
    replacement ─► commit   one file becomes the new one; several do, or none (``former``: the old one meanwhile)
    caches                  where this user keeps what may be removed
"""
