"""What Lambda runs: the one table of runtimes and architectures.

The runtimes are those of the API's own enumeration (botocore 1.44, ``Runtime``) that functions can
still be made with or updated to; a name that is not here is a slip of the pen far more often than a
runtime that is newer than this release.
"""

RUNTIMES = (
    *("python3.9", "python3.10", "python3.11", "python3.12", "python3.13", "python3.14", "python3.15"),
    *("nodejs18.x", "nodejs20.x", "nodejs22.x", "nodejs24.x", "nodejs26.x"),
    *("java8.al2", "java8.al2023", "java11", "java11.al2023", "java17", "java17.al2023", "java21", "java25"),
    *("dotnet6", "dotnet8", "dotnet10"),
    *("ruby3.2", "ruby3.3", "ruby3.4", "ruby4.0"),
    *("provided.al2", "provided.al2023"),
)

ARCHITECTURES = ("x86_64", "arm64")
"""API reference, UpdateFunctionCode, Architectures."""
