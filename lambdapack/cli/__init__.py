"""The command line: options in, library calls, data out on stdout and words on stderr.

``main``     the group of commands, signals, and the one place where an error becomes words and an exit code
``options``  options that several commands share, and the settings that they fill
``output``   stdout, stderr, JSON and the progress bar; the only user of tqdm
``connection`` where AWS is, for every command that talks to it

``consent``  asking before something is destroyed
``build``    build; ``wheels`` beside it, the options for wheels
``lock``     lock
``package``  which package a command is about that talks to AWS
``push``     push; ``create`` and ``configure`` beside it, ``members`` what these two say about a function
``layer``    layer push
``release``  publish, alias, rollback
``removal``  prune, delete
``inventory`` show, list, versions
``pull``     pull
``diff``     diff
``emulator`` emulator serve, emulator reset

No rule of packing or deploying lives here: a command translates options into a request, calls one
story, and prints the value that it returns.
"""
