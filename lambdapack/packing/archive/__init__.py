"""The archive: from segments to the bytes of a zip, the same everywhere.

``segment`` is the form in which everything comes, ``stretch`` the segments of wheels; ``format1`` is the zip, byte for
byte; ``deflate`` the compressor and its profiles, proven by ``canary``; ``published`` says whether the compressor is a
wheel from PyPI.
"""
