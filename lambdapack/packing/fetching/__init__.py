"""Getting a wheel from the address in its lock.

::

    downloads ─► download ─► connections ─► credentials
    the run's    one wheel   proxies, trust  netrc, URLs
                 └ failures: what an answer means; patience: how long it is borne with
"""
