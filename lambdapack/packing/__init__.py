"""From a source tree to a deployment package: the half that never hears of AWS.

The data flows one way, and every arrow is a value::

    ignore ─► tree ─► Entry… ─► bundle ─► Bundle ─► compress ─► Member… ─► archive ─► bytes ─► Artifact
             (walk)            (checks)            (deflate)              (format 1)

``builder.build`` is the story that walks along it once; ``builder.gather`` is its first half, which
``--list`` stops after. ``depfile`` and ``manifest`` write down what went in.
"""
