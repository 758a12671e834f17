"""The code storage of a Region: what counts, and when it is full."""

from lambdapack.emulator.refusals import RefusedError
from lambdapack.emulator.values import Region

CODE_STORAGE = 300 * 1024**3
"""Bytes of code that a Region holds; Lambda Developer Guide, configuration-self-managed-storage (2026)."""


def code_size(region: Region) -> int:
    """Return the bytes of code in a Region: every version counts, also one that differs in configuration alone.

    Recorded: TestLambdaAccountSettings::test_account_settings_total_code_size_config_update.
    """
    functions = region.functions.values()
    versions = [version for function in functions for version in (function.latest, *function.published.values())]
    layers = [version for layer in region.layers.values() for version in layer.versions.values()]
    return sum(version.code.size for version in versions) + sum(version.code.size for version in layers)


def check_storage(region: Region, added: int) -> None:
    """Refuse ``added`` more bytes of code where there is no room for them."""
    if code_size(region) + added > CODE_STORAGE:
        raise RefusedError(400, "CodeStorageExceededException", "Code storage limit exceeded.")
