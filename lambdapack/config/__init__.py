"""The configuration: ``[tool.lambdapack]`` in pyproject.toml, or lambdapack.toml.

::

    keys     one table of all keys: types, bounds, choices, defaults, options; and ``FunctionConfig``, what they fill
    load     find a file, parse it once, refuse with file and line what is not in the table
    schema   the same table as JSON Schema, for editors: ``lambdapack/lambdapack.schema.json``

An option that is a key takes type, bounds, choices and help from the table (``cli.flags.key_option``), and what it is
given is laid over the configuration (``keys.lay_over``): a flag is a stronger configuration.
"""

OWN_FILE = "lambdapack.toml"

FILES = (OWN_FILE, "pyproject.toml")
"""Where a configuration is looked for, in this order."""
