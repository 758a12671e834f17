"""Deploying: an ``Artifact`` becomes a published version, and nothing but its bytes does.

::

    Artifact ─► Route ─► Transport ─► CodeLocation ─► FunctionState ─► Version ─► Alias
               transport  staging                     functions        versions   aliases

The invariant: the CodeSha256 computed here is the one that S3 stored, that Lambda answered, and that
PublishVersion was pinned to. Whatever is uncertain (a lost answer, a conflict, a timeout) is settled
by reading the function, never by hoping.

- ``api``        the seams: Lambda and S3 as we use them, progress, notes
- ``deadline``   the time that a run may take
- ``aws``        the only room that knows botocore: connections, and calls that end
- ``refusals``   what AWS answers when it refuses, and the families of errors that it may become (pure)
- ``rules``      which refusal becomes which error, in our words (pure)
- ``model``      members under AWS's own names, held against the requests that botocore knows (pure)
- ``unreached``  what kept us from AWS, in our words (pure)
- ``reading``    reading again where an answer makes no sense
- ``names``      what a function, an alias may be called (pure)
- ``functions``  reading a function and waiting for it
- ``image``      an image that is pushed by its URI (pure)
- ``transport``  inline, S3 or an image (pure), and the transports that have nothing to do
- ``staging``    the S3 transport: one object whose key is its hash
- ``signing``    a package signed by AWS Signer, and how it is found again
- ``versions``   publishing, pinned to a CodeSha256
- ``aliases``    pointing a name at a version
- ``run``        what every story needs: a function, a package, the way there, a deadline
- ``plan``       what a push has to do (pure)
- ``updater``    the one write that replaces a function's code, and what its outcome was
- ``uploader``   the story of ``push``
- ``creator``    the story of ``create``
- ``configuration``  a function's configuration, and how it differs from what is wanted (pure)
- ``configurer`` the story of ``configure``
"""
