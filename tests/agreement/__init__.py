"""How far lambdapack agrees with uv, whether its packages run, and whether one lock gives one package.

::

    python -m tests.agreement [agreement|running|one-sha]… [PROJECT…]

``locks`` has uv lock and install, ``comparison`` holds the table of what may differ, and the three parts measure:
``agreement`` compares packages with installed trees, ``running`` imports what was packed, ``one_sha`` builds one lock
in many ways. Nothing here is collected by pytest: it downloads about 2 GB, once, into ``.cache/agreement``.
"""
