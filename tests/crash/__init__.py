"""`scripts/crash`: the real processes, killed with -9 again and again under load, and what the vendors' books say."""
