"""Run from the repository's top level: ``python -m tests.fuzz [PART]…``; without a part, all of them.

A part is a module beside this one whose ``run()`` prints figures and returns whether all is well.
"""

import importlib
import pkgutil
import sys
import time

from tests import fuzz


def main(chosen: list[str]) -> int:
    """Run the parts that are named, or all; return the exit code."""
    parts = sorted(module.name for module in pkgutil.iter_modules(fuzz.__path__) if module.name != "__main__")
    if unknown := set(chosen) - set(parts):
        print(f"no such part: {', '.join(sorted(unknown))}; there are {', '.join(parts)}")
        return 2
    failed = []
    for part in chosen or parts:
        print(f"== {part}", flush=True)
        begun = time.perf_counter()
        module = importlib.import_module(f"tests.fuzz.{part}")
        if hasattr(module, "run") and not module.run():
            failed.append(part)
        print(f"   {time.perf_counter() - begun:,.0f} s", flush=True)
    print(f"failed: {', '.join(failed)}" if failed else "all well")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
