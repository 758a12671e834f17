"""lambdapack as tests run it: the fixture ``run`` starts ``COMMAND`` as users do, ``here`` stays in this process."""

import sys

from lambdapack.cli.main import cli
from lambdapack.cli.options import Settings

COMMAND = (sys.executable, "-m", "lambdapack")


def here(*arguments: str) -> None:
    """Run a command in this process; what it raises is raised."""
    cli.main(args=[*arguments], prog_name="lambdapack", standalone_mode=False, obj=Settings())
