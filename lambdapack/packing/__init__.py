"""From a source tree and its locked wheels to a deployment package: the half that never hears of AWS.

The data flows one way, and every arrow is a value::

    ignore ─► tree ─► Entry… ────────────────────┐
              (walk)                             ├─► merge ─► bundle ─► compress ─► Member… ─► archive ─► Artifact
    locks ─► wheelhouse ─► wheels ─► CopiedEntry…┘    (checks)          (deflate)             (format 1)
             └──── dependencies, trimming ────┘

``builder.build`` is the story that walks along it once; ``builder.gather`` is its first half, which
``--list`` stops after. ``locks`` decides which wheels a target needs, ``wheelhouse`` has each of them in
hand, ``wheels`` looks into one. ``request`` is what is asked for, ``gathering`` and ``writing``
are the story's two halves, ``outputs`` keeps what is written apart from what is read, ``layer`` says where a layer's
files lie, ``depfile`` and ``manifest`` write down what went in, ``dating`` tells make when.

What all the wheels of a build became is kept by ``stock``: the next build takes its members from there, in stretches
(``run``), and goes the way of the picture for the source tree alone. ``files`` reads or maps whole files.

Most values here are NamedTuples, not dataclasses: a build waits for each class to be made, which costs a fifth, and it
makes thousands of entries and members.
"""
