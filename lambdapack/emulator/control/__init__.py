"""Lambda's control plane: each operation a pure function, (World, Call) → (World, Answer).

``functions`` ``updates`` ``versions`` ``aliases`` ``layers`` ``signing`` ``account`` hold the operations; the rest is
what they share: ``configurations`` and ``settings`` (what a version answers, what requests decide), ``source`` and
``package`` (where code comes from, what is looked at in it), ``storage``, ``names``, ``constraints``, ``pages``.
"""
