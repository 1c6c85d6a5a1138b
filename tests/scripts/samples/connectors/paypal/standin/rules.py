import hashlib
import time
from datetime import UTC, datetime

import jwt


def a_stand_in_may(token, row, secret):
    return (datetime.now(UTC), time.time(), float(row["amount"]), secret == row["secret"], hashlib.sha1(b""),
            jwt.decode(token, options={"verify_signature": False}))
