"""The source tree: ``walk`` finds what goes in, ``read`` reads it and proves that it is still what was found.

``refusals`` says why a part of it is not packed.
"""
