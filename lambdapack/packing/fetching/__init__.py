"""Getting a wheel from the address in its lock.

::

    downloads ─► download ─► connections ─► credentials
    of one run   one wheel   proxies, trust  netrc, URLs
                 ├ failures  what an answer means
                 └ patience  how long we wait, how often we ask
"""
