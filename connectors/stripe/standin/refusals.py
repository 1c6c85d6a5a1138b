"""How Stripe says no: status, type, code and parameter (Stripe docs: Errors, Error codes)."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]


class Refusal(Exception):
    """An error answer of the API; `code` and `param` are left out of the body when there is none."""

    def __init__(self, status: int, message: str, *, kind: str = "invalid_request_error", code: str | None = None,
                 param: str | None = None, headers: dict[str, str] | None = None, **more: Any) -> None:
        super().__init__(message)
        self.status = status
        self.headers = headers or {}
        self.body: Json = {"error": {"message": message, "type": kind}}
        if code:
            page = code.replace("_", "-")
            self.body["error"] |= {"code": code, "doc_url": f"https://stripe.com/docs/error-codes/{page}"}
        if param:
            self.body["error"]["param"] = param
        self.body["error"] |= more


def unknown_parameter(name: str) -> Refusal:
    return Refusal(400, f"Received unknown parameter: {name}", code="parameter_unknown", param=name)


def missing_parameter(name: str) -> Refusal:
    return Refusal(400, f"Missing required param: {name}.", code="parameter_missing", param=name)


def no_such(thing: str, id_: str, *, param: str = "id", status: int = 404) -> Refusal:
    return Refusal(status, f"No such {thing}: '{id_}'", code="resource_missing", param=param)


def masked(key: str) -> str:
    """A key as Stripe shows it back: its kind and its last four characters."""
    return f"{key[:8]}{'*' * max(len(key) - 12, 4)}{key[-4:]}"


def no_key() -> Refusal:
    return Refusal(401, "You did not provide an API key. Send it in the Authorization header, as Bearer.",
                   headers={"WWW-Authenticate": 'Basic realm="Stripe"'})


def unknown_key(key: str) -> Refusal:
    return Refusal(401, f"Invalid API Key provided: {masked(key)}",
                   headers={"WWW-Authenticate": 'Basic realm="Stripe"'})


def expired_key(key: str) -> Refusal:
    return Refusal(401, f"Expired API Key provided: {masked(key)}", code="api_key_expired")


def not_permitted(key: str, account: str, permission: str) -> Refusal:
    return Refusal(403, f"The provided key '{masked(key)}' does not have the required permissions for this endpoint "
                        f"on account '{account}'. Having the '{permission}' permission would allow it.")


def other_parameters(key: str) -> Refusal:
    return Refusal(400, "Keys for idempotent requests can only be used with the same parameters they were first used "
                        f"with. Try using a key other than '{key}' if you meant to execute a different request.",
                   kind="idempotency_error")


def still_running(key: str) -> Refusal:
    return Refusal(409, f"There is currently another in-progress request using this Idempotent Key: {key}",
                   kind="idempotency_error", code="idempotency_key_in_use")


def trouble(status: int = 500) -> Refusal:
    return Refusal(status, "An unknown error occurred.", kind="api_error")


def too_many(code: str, headers: dict[str, str]) -> Refusal:
    words = {"lock_timeout": "Another API request or Stripe process is currently accessing this object."}
    return Refusal(429, words.get(code, "Request rate limit exceeded."), code=code, headers=headers)
