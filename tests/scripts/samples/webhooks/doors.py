import logging

import flask
import jinja2
import markupsafe
from flask import request

log = logging.getLogger("deskhand.doors")


def tells_the_log(response, comment, error, ticket):
    # below: no-words-in-the-log
    log.info("got %s", request.get_data())
    # below: no-words-in-the-log
    log.warning("refused: %s", response.text)
    # below: no-words-in-the-log
    log.error(f"the customer wrote {comment.body}")
    # below: no-words-in-the-log
    logging.info("asked: %s", request.headers)
    # below: no-words-in-the-log
    log.debug("said %s", response.json()["message"])
    # below: no-words-in-the-log
    log.info("mail from %s", comment.author.email)
    log.info("ticket %s: %s bytes, %s", ticket.id, request.content_length, type(error).__name__)
    comment.add(response.text)


def debugs(app):
    # below: no-debugger
    app.run(port=8080, debug=True)
    # below: no-debugger
    app.debug = True
    # below: no-debugger
    app.config["DEBUG"] = True
    app.run(port=8080, debug=False)


def shows(text, folder):
    # below: escaped-pages
    first = flask.render_template_string(text)
    # below: escaped-pages
    second = markupsafe.Markup(text)
    # below: escaped-pages
    third = jinja2.Environment(loader=folder)
    # below: escaped-pages
    fourth = jinja2.Environment(loader=folder, autoescape=False)
    # below: escaped-pages
    fifth = jinja2.Template(text)
    return first, second, third, fourth, fifth, jinja2.Environment(loader=folder, autoescape=True)
