"""``python -m lambdapack`` and the console script: make Ctrl-C quiet, then hand over to ``cli``."""

import signal

# Until the command line is read, Ctrl-C ends the process as any program, without Python's traceback.
if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    signal.signal(signal.SIGINT, signal.SIG_DFL)

from lambdapack.cli.main import main

if __name__ == "__main__":
    main()
