"""One file for each command, of the command's name: options in, one story called, its value printed.

``alias`` has rollback too, ``show`` list and versions, ``emulator`` serve and reset.
"""
