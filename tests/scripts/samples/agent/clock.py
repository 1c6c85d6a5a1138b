import time
from datetime import UTC, date, datetime
from time import sleep


def knows_the_time_by_itself():
    # below: own-clock
    now = datetime.now(UTC)
    # below: own-clock
    naive = datetime.utcnow()
    # below: own-clock
    today = date.today()
    # below: own-clock
    stamp = time.time()
    # below: own-sleep
    time.sleep(3)
    # below: own-sleep
    sleep(3)
    return now, naive, today, stamp


def is_told_the_time(now, around):
    around.sleep(3)
    return now(), around.now(), datetime.fromtimestamp(0, UTC), time.monotonic(), date(2026, 11, 21)
