"""A till without its office, at whose machine somebody sets the clock.

Started as a program: `leased_till.py FOLDER`. For each line it reads it sells something and says
`sold`, or what the cashier is told instead.
"""

from __future__ import annotations

import datetime as dt
import os
import sys
from pathlib import Path

from faults.selling_till import SABOTAGE, writer_to

from domain.errors import DomainError
from till_kivy import sample
from till_kivy.journal_lease import KeptLease
from till_kivy.permission import LeasedPermission
from till_kivy.till import Till

TRUSTING = "trust the local clock"
SOLD = "sold"
say = writer_to(1)


def local_clock(self: LeasedPermission, kept: KeptLease) -> dt.datetime:
    """Believe what the machine says: what a till must not do."""
    return self._clock.now()


def sell(till: Till) -> str:
    try:
        till.register.scan(sample.gtin(1))
        till.register.pay(till.register.view().quick_cash[0])
    except DomainError as error:
        return str(error)
    return SOLD


def open_and_sell(folder: Path) -> None:
    """Sell whenever told to."""
    if os.environ.get(SABOTAGE) == TRUSTING:
        LeasedPermission._now = local_clock  # type: ignore[method-assign]  # noqa: SLF001 -- what tells the time
    till = Till.open(folder)
    till.register.log_in("anna", sample.PIN)
    for _ in sys.stdin:
        say(sell(till))
    till.close()


if __name__ == "__main__":
    open_and_sell(Path(sys.argv[1]))
