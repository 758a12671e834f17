"""The command line: options in, library calls, data out on stdout and words on stderr.

::

    main ─► groups ─► commands/ ─► requests/ ─► lambdapack.packing, lambdapack.deploying
                         └─► building, output

    main        the group of all commands; where an error becomes words and an exit code
    process     signals, and the end of the process
    groups      what every command has beside its own options: suggestions, summaries, variables
    variables   environment variables that nothing reads
    options     options that several commands share, and the settings of a run
    flags       what is said to one command, as a typed value; options that are keys of the configuration; completion
    commands/   a file for each command
    requests/   from flags and the configuration to the library's requests
    building    a build with progress bars and notes
    connection  where AWS is, and what ``-v`` shows of the calls
    output      stdout, stderr, JSON, columns, questions and the progress bar; the only user of tqdm

No rule of packing or deploying lives here: a command lays its flags over the configuration, makes a request, calls one
story, and prints the value that it returns. No command imports another one.
"""
