"""How far lambdapack agrees with uv, whether its packages run, and whether one lock gives one package.

::

    python -m tests.agreement [agreement|one-lock|running|one-sha]… [PROJECT…]

``locks`` has uv lock and install, ``comparison`` holds the table of what may differ, ``packages`` makes packages.
Four parts measure: ``comparing`` compares packages with installed trees, ``one_lock`` the choice from locks for many
machines, ``running`` imports what was packed, ``one_sha`` builds one lock in many ways. Nothing here is collected by
pytest: it downloads about 2 GB, once, into ``.cache/agreement`` and uv's cache.
"""
