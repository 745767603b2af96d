"""The long runs: collected by `make soak` alone, which sets SOAK=1."""

import os

collect_ignore_glob = [] if os.environ.get("SOAK") == "1" else ["test_*.py"]
