"""S3, as far as deploying and common clients use it: each operation a pure function, (World, Call) → (World, Answer).

``buckets`` ``objects`` ``multipart`` hold the operations; ``uploads`` and ``checksums`` prove what arrives.
"""
