"""Which names are left out: gitignore patterns, with git's own meaning.

``rules`` is asked; ``gitignore`` reads a line as git does; ``automaton`` matches all of them in linear time.
"""
