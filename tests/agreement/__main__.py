"""Measure, from the repository's top level: ``python -m tests.agreement [PART]… [PROJECT…]``.

Nothing here asserts: it prints. Without a part (``PARTS``) all are measured, without a project the 40 of the table.
"""

import sys

from tests.agreement import comparing, one_lock, one_sha, running

PARTS = ("agreement", "one-lock", "running", "one-sha")


def main(arguments: list[str]) -> None:
    """Print all figures, or those of the parts and projects that are named."""
    projects = [argument for argument in arguments if argument not in PARTS]
    for part in [part for part in PARTS if part in arguments] or PARTS:
        print(f"== {part}", flush=True)
        if part == "agreement":
            comparing.measure(projects or comparing.PROJECTS)
        elif part == "one-lock":
            one_lock.measure(projects or comparing.PROJECTS)
        elif part == "running":
            running.measure()
        else:
            one_sha.measure()


if __name__ == "__main__":
    main(sys.argv[1:])
