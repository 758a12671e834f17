"""Deploying: an ``Artifact`` becomes a published version, and nothing but its bytes does.

::

    Artifact ─► CodeLocation ─► FunctionState ─► Version ─► Alias
               upload          function         function   function

The CodeSha256 computed here is the one that S3 stored, that Lambda answered, and that PublishVersion was pinned to.
Whatever is uncertain (a lost answer, a conflict, a timeout) is settled by reading the function, never by hoping.

A story stands here, in the file of its command, and reads from top to bottom: a request and an account go in, it opens
a session, decides, acts, and a result comes out. ``alias`` has rollback too, ``show`` list and versions, and
``layers.push`` is ``layer push``. The steps have rooms; each may import those before it::

    aws        the other side: how it is reached, how long that may take, what its answers mean
    function   what is there: a function, its versions, its aliases, its configuration
    download   how a package comes back: proven, compared, unpacked
    upload     how a package gets there: the plan, the ways, the two writes
    layers     the same for layers

No story imports a story, and no step imports one.
"""
