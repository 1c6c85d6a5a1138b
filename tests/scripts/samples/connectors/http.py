import time
from datetime import UTC, datetime

import requests


def the_one_place_that_speaks(url):
    return requests.Session(), requests.get(url, timeout=3), datetime.now(UTC), time.time()
