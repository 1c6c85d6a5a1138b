import time
from datetime import UTC, datetime


def a_command_is_where_the_time_comes_from():
    time.sleep(1)
    return datetime.now(UTC)
