"""Layers: a package becomes the newest version of a layer.

::

    names ─► versions ─► plan ─► push
             reading     (pure)  the story of ``layer push``
"""
