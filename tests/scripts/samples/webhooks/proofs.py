import hashlib
import hmac
import random
import secrets
import uuid

import jwt


def can_be_guessed():
    # below: no-guessable-chance
    token = random.randbytes(32)
    # below: no-guessable-chance
    one = random.choice("abc")
    # below: no-guessable-chance
    id = uuid.uuid1()
    return token, one, id, secrets.token_urlsafe(32), uuid.uuid4()


def can_be_timed(key, raw, headers, given, signature, digest, app):
    # below: compare-in-equal-time
    if signature == given:
        return True
    # below: compare-in-equal-time
    if given != headers["X-Webhook-Signature"]:
        return False
    # below: compare-in-equal-time
    if hmac.new(key, raw, "sha256").hexdigest() == given:
        return True
    # below: compare-in-equal-time
    if app.secret == given:
        return True
    made = hmac.new(key, raw, "sha256")
    # below: compare-in-equal-time
    if given == made.hexdigest():
        return True
    if signature is None or signature == "":
        return False
    if digest == given or hashlib.sha256(raw).hexdigest() == given:
        return True
    return hmac.compare_digest(signature, given)


def believes_tokens(token, key):
    # below: no-loose-tokens
    jwt.decode(token, key)
    # below: no-loose-tokens
    jwt.decode(token, options={"verify_signature": False}, algorithms=["RS256"])
    # below: no-loose-tokens
    jwt.decode(token, key, algorithms=["RS256"], options={"verify_aud": False})
    # below: no-loose-tokens
    jwt.decode(token, key, algorithms=["RS256", "none"])
    # below: no-loose-tokens
    jwt.decode(token, key, algorithms=["HS256"])
    jwt.decode(token, key, algorithms=["RS256"], audience="desk")


def hashes(raw):
    # below: no-weak-hash
    first = hashlib.md5(raw)
    # below: no-weak-hash
    second = hashlib.sha1(raw)
    # below: no-weak-hash
    third = hashlib.new("md5", raw)
    return first, second, third, hashlib.sha256(raw), hashlib.new("sha256", raw)
