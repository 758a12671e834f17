"""The other side: AWS as we use it, how long it may take, and what its answers mean.

::

    connection ─► api (Lambda and S3, as the stories see them)
      ├ settings, endpoints   whose credentials, which endpoint and proxy
      ├ answers, bodies       what is read, held against botocore's model (``parameters``) and never without end
      ├ refusals ◄ rules      an answer that refuses becomes one of our errors; ``unreached``: there was no answer
      └ secrets               what a connection knows and nobody may see
    deadline ◄ bounded        the time of a run, and work that ends with it
    reading, pages            reading again, and lists to their last page

``connection``, ``settings`` and ``bodies`` are the only files that import botocore.
"""
