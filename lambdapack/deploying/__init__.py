"""Deploying: an ``Artifact`` becomes a published version, and nothing but its bytes does.

::

    Artifact ─► Route ─► Transport ─► CodeLocation ─► FunctionState ─► Version ─► Alias
               transport  staging                     functions        versions   aliases

The invariant: the CodeSha256 computed here is the one that S3 stored, that Lambda answered, and that
PublishVersion was pinned to. Whatever is uncertain (a lost answer, a conflict, a timeout) is settled
by reading the function, never by hoping.

- ``api``        the seams: Lambda and S3 as we use them, progress, notes
- ``deadline``   the time that a run may take
- ``bounded``    work that ends at the deadline, whatever the other side does
- ``aws``        connections, and calls that end; with ``bodies`` and ``sessions`` all that knows botocore
- ``sessions``   botocore's sessions: the user's settings, or none of them for the emulator
- ``bodies``     what is read off a connection: answers, which have a limit, and packages
- ``addresses``  endpoints and proxies, looked at before anything is sent (pure)
- ``answers``    answers, held once against botocore's model
- ``secrets``    what a connection knows that nobody may see, kept out of AWS's sentences
- ``refusals``   what AWS answers when it refuses, and the families of errors that it may become (pure)
- ``rules``      which refusal becomes which error, in our words (pure)
- ``model``      parameters under AWS's own names, held against the requests that botocore knows (pure)
- ``unreached``  what kept us from AWS, in our words (pure)
- ``reading``    reading again where an answer makes no sense
- ``pages``      lists, from their first page to their last
- ``names``      what a function, an alias may be called (pure)
- ``functions``  reading a function and waiting for it
- ``image``      an image that is pushed by its URI (pure)
- ``transport``  inline, S3 or an image (pure), and the transports that have nothing to do
- ``staging``    the S3 transport: one object whose key is its hash
- ``signing``    a package signed by AWS Signer, and how it is found again
- ``versions``   publishing, pinned to a CodeSha256
- ``aliases``    pointing a name at a version
- ``removal``    deleting a function or a version so that it is gone for certain
- ``download``   from a ``Code.Location`` to a package that is proven to be the deployed one
- ``directory``  the directory of a zip that somebody else made, entry by entry
- ``parameters``    reading its parameters
- ``layout``     where its parameters may be unpacked to (pure)
- ``unpacking``  unpacking it, wholly or not at all
- ``diff``       what differs between two packages, entry by entry (pure)
- ``run``        what every story needs: a function, a package, the way there, a deadline
- ``session``    what a story without a package needs
- ``plan``       what a push has to do (pure)
- ``updater``    the one write that replaces a function's code, and what its outcome was
- ``uploader``   the story of ``push``
- ``creator``    the story of ``create``
- ``publisher``  the story of ``publish``
- ``routing``    the stories of ``alias`` and ``rollback``
- ``pruner``     the story of ``prune``
- ``remover``    the story of ``delete``
- ``puller``     the story of ``pull``
- ``comparison`` the story of ``diff``
- ``layer_names``  what a layer may be called (pure)
- ``layer_versions``  reading a layer's versions
- ``layer_plan``  what a push of a layer has to do (pure)
- ``layers``     the story of ``layer push``
- ``inventory``  the stories of ``show``, ``list`` and ``versions``
- ``configuration``  a function's configuration, and how it differs from what is wanted (pure)
- ``configurer`` the story of ``configure``
"""
