"""The other side: AWS as we use it, how long it may take, and what its answers mean.

::

    connection ─► api         an account and its services, as the stories see them
      settings, endpoints     whose credentials; which endpoint, which proxy
      bodies, answers         what is read has an end, and the types of botocore's model
      refusals ◄─ rules       AWS refused: one of our errors; ``unreached``: there was no answer
      secrets                 what a connection knows and nobody may see
      location                where a package may be downloaded from
    deadline ─► bounded       the time of a run, and calls that end with it
    reading                   reading again, and lists to their last page
    parameters                what users give under AWS's own names

``connection``, ``settings`` and ``bodies`` are the only files that import botocore. They do so inside functions, for it
takes 60 ms, which neither ``--help`` nor a program that has not connected yet waits for.
"""
