"""From options and the configuration to the requests of the library; a flag is a stronger configuration.

``build`` and ``wheels`` what a build is asked for, ``package`` which package a command is about, ``members`` what
create and configure say about a function.
"""
