"""How `/api` says no: problem details as JSON (RFC 9457), each with what to do next."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus

from flask import Response, request
from pydantic import BaseModel, ConfigDict, Field

from webhooks.catalogue import WRITTEN_IN
from webhooks.translated import PROBLEM, in_language, language_of, translated

CONTENT_TYPE = "application/problem+json"


class Problem(BaseModel):
    """One refusal (RFC 9457). `name` is for programs and never changes its meaning.

    `detail` is for people, in the language that `Content-Language` names.
    """

    model_config = ConfigDict(frozen=True, extra="allow")

    type: str = Field("about:blank", description="A URI reference that names the kind of problem.")
    title: str
    status: int
    detail: str = ""
    name: str


class Refused(Exception):
    """Ends a request with a problem; register `respond` for it on the blueprint."""

    def __init__(self, problem: Problem, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(problem.name)
        self.problem = problem
        self.headers = dict(headers or {})


def refused(status: int, name: str, detail: str, headers: Mapping[str, str] | None = None,
            **more: object) -> Refused:
    """A refusal to raise; `more` are extension members, such as what is needed."""
    problem = Problem(type=f"/problems/{name}", title=HTTPStatus(status).phrase, status=status, detail=detail,
                      name=name, **more)
    return Refused(problem, headers)


def respond(why: Refused) -> Response:
    """The answer, in the language of whoever asks: `page.register_error_handler(Refused, respond)`."""
    language = language_of(request)
    told = why.problem.model_dump(mode="json")
    said = translated(told, PROBLEM, language)
    stays = said["detail"] == told["detail"]
    return Response(json.dumps(said), why.problem.status, {
        "Cache-Control": "no-store", **in_language(WRITTEN_IN if stays else language), **why.headers},
        content_type=CONTENT_TYPE)
