"""How much one package may hold: numbers that the checks of packages and of single wheels share."""

UNZIPPED_LIMIT = 262_144_000
"""Bytes that function and layers may have when unzipped, exclusive ("Lambda quotas", Deployment
package size: 250 MB; recorded: 262,143,000 passes, 262,144,000 fails)."""

ENTRY_LIMIT = 65_535
"""Entries in an archive without zip64 (APPNOTE 4.4.21: two bytes), which format 1 does not use."""

LARGEST_SHOWN = 10
"""Entries that a message names where a whole is too large."""
