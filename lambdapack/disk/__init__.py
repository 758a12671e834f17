"""What touches the disk: a file is read with the blame where it belongs, and written wholly or not at all.

::

    reading                 a file that a user named, or an error that says whose move it is
    temporary               what is made beside a target: created, locked, swept by the next run after a kill
    replacement ─► commit   one file becomes the new one; several do, or none (``former``: the old one meanwhile)
"""
