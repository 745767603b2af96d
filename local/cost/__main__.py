"""`python -m local.cost`: the bill of a month with PAYMENTS payments; with `count`, the lives are counted anew."""

import json
import os
import sys

from local.cost.bill import LIVES, as_table, monthly_bill, read_lives
from local.cost.prices import read_prices
from local.settings import PROJECT_FOLDER

DEFAULT_PAYMENTS = "10000"
EXIT_BAD_SETTINGS = 2


def main(arguments: list[str]) -> int:
    """Print the table; 2 for a number that is none."""
    payments = os.environ.get("PAYMENTS") or DEFAULT_PAYMENTS
    if not payments.isascii() or not payments.isdigit():
        print(f"PAYMENTS must be a whole number, not {payments!r}.", file=sys.stderr)
        return EXIT_BAD_SETTINGS
    if arguments == ["count"]:
        # Only here: it starts the whole local system.
        from local.cost.lives import count_lives

        LIVES.write_text(json.dumps(count_lives(), indent=2) + "\n", encoding="utf-8")
    prices = read_prices()
    print(as_table(monthly_bill(PROJECT_FOLDER / "template.yaml", read_lives(), prices, int(payments)), prices))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
