"""The command line: options in, library calls, data out on stdout and words on stderr.

``main``     the group of commands, signals, and the one place where an error becomes words and an exit code
``options``  options that several commands share, and the settings that they fill
``output``   stdout, stderr, JSON and the progress bar; the only user of tqdm
``build``    build
``push``     push; ``create`` and ``configure`` beside it, ``members`` what these two say about a function

No rule of packing or deploying lives here: a command translates options into a request, calls one
story, and prints the value that it returns.
"""
