"""The archive: from compressed streams to the bytes of a zip, the same everywhere.

``format1`` the zip, byte for byte; ``segment`` a stretch of members that is copied as it lies; ``deflate`` the
compressor and its profiles, proven by ``canary``; ``published`` whether it is a wheel from PyPI.
"""
