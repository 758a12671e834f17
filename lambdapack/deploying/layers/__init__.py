"""Layers: a package becomes a layer's newest version.

``push`` is the story; ``names`` what a layer may be called, ``versions`` reading what is there, ``plan`` what there is
to do (pure).
"""
