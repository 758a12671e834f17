"""The other side: AWS as we use it, how long it may take, and what its answers mean.

::

    connection ─► api         an account and its services, as the stories see them
      attempt, deadline       one call, which ends with the time of the run
      settings, endpoints     whose credentials; which endpoint, which proxy
      bodies, answers         what is read has an end, and the types of botocore's model
      refusals ◄─ rules       AWS refused: one of our errors; ``unreached``: there was no answer
      secrets                 what a connection knows and nobody may see
      location                where a package may be downloaded from
    reading                   reads that are tried again, lists to their last page
    parameters                what users give under AWS's own names

``connection``, ``attempt``, ``settings`` and ``bodies`` alone import botocore. They do so inside functions: it takes
60 ms, which neither ``--help`` nor a program that has not connected yet waits for.
"""
