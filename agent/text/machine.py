"""Mail that no person wrote: auto-replies, bounces, lists, notifications."""

from __future__ import annotations

import re
from collections.abc import Iterable

_AUTOMATIC_SUBJECT = re.compile(
    r"^\W{0,3}(?:(?:re|aw|fwd?)\s?: ?)?(?:auto(?:matic|mated|matische?)?[- ]?(?:reply|response|antwort|answer|"
    r"generated)|"
    r"out of (?:the )?office|ooo\b|away from (?:my )?(?:desk|e-?mail)|abwesenheit\w*|abwesend|automatische antwort|"
    r"nicht im büro|réponse automatique|absence du bureau|message d['’]absence|absent du bureau|"
    r"respuesta autom[áa]tica|"
    r"fuera de (?:la )?oficina|risposta automatica|fuori (?:sede|ufficio)|resposta autom[áa]tica|fora do escrit[óo]rio|"
    r"automatisch antwoord|afwezig\w*|autoodpowied\w+|automatyczna odpowied\w+|nieobecno\w+)",
    re.IGNORECASE,
)
_AUTOMATIC_TEXT = re.compile(
    r"(?:this is an? (?:automatic|automated|auto)[- ]?(?:ally generated )?(?:reply|response|message|e-?mail|"
    r"notification)|"
    r"i(?: am|'m|’m) (?:currently )?(?:out of (?:the )?office|on (?:annual |parental |maternity |sick )?leave|"
    r"on vacation)"
    r".{0,120}(?:return|back|until|reply|respond|access)|"
    r"(?:dies|das) ist eine automatisch(?:e| generierte) (?:antwort|nachricht|e-?mail)|"
    r"ich bin (?:derzeit |zurzeit |bis |vom ).{0,60}(?:nicht (?:im (?:büro|haus)|erreichbar)|abwesend|im urlaub)|"
    r"ceci est (?:un message|une réponse) automatique|je suis (?:actuellement )?(?:absente?|en congés?)"
    r".{0,80}(?:retour|jusqu)|esta es una respuesta autom[áa]tica|estar[ée] fuera de la oficina|"
    r"questa è una risposta automatica|esta é uma resposta autom[áa]tica|dit is een automatisch)",
    re.IGNORECASE,
)
_BOUNCE_SENDER = re.compile(
    r"(?:^|<)(?:mailer-?daemon|postmaster|bounces?(?:[+-][^@]*)?|mail-?delivery[^@]*)@", re.IGNORECASE
)
_BOUNCE_SUBJECT = re.compile(
    r"^\W{0,3}(?:undeliver(?:able|ed)|delivery (?:status notification|(?:has )?failed|failure)|"
    r"mail delivery (?:failed|subsystem|"
    r"system)|returned mail|failure notice|unzustellbar|nicht zugestellt|zustellung fehlgeschlagen|non remis|"
    r"échec de (?:la )?remise|no se (?:pudo|puede) entregar|mancato recapito|message not delivered)",
    re.IGNORECASE,
)
_ROBOT_SENDER = re.compile(
    r"(?:^|<)(?:no[._-]?reply|do[._-]?not[._-]?reply|donotreply|nicht[._-]?antworten|ne[._-]?pas[._-]?repondre|"
    r"noreply[^@]*|notifications?|alerts?|newsletter|news|marketing|mailing|automailer)@",
    re.IGNORECASE,
)
_LIST_TEXT = re.compile(
    r"(?:view (?:this (?:e-?mail|message|newsletter) )?in (?:your |a )?(?:web ?)?browser|"
    r"you(?: are|'re|’re) receiving this (?:e-?mail|message|newsletter)?.{0,20}because|"
    r"(?:click here|here) to unsubscribe|unsubscribe from (?:this list|these e-?mails|this newsletter|all e-?mails)|"
    r"update your (?:e-?mail )?preferences|manage (?:your )?(?:e-?mail )?preferences|"
    r"newsletter (?:abbestellen|abmelden)|im browser (?:ansehen|anzeigen|öffnen)|sie erhalten diese (?:e-?mail|"
    r"nachricht)"
    r".{0,20}weil|se désabonner de|voir (?:ce message )?dans (?:votre|le) navigateur|"
    r"darse de baja|ver en (?:el|su|tu) navegador|mailing list\b.{0,60}(?:https?:|@))",
    re.IGNORECASE,
)
_CUSTOMER_ASKS = re.compile(
    r"\b(?:i|we|ich|wir|je|j['’]|nous|yo|ik)\b.{0,60}\b(?:want|need|would like|request|ask|möchte|brauche|hätte gern|"
    r"voudrais|souhaite|quiero|necesito|quisiera|wil|charged|paid|bezahlt|payé)\b|"
    r"\b(?:please|bitte|svp|merci de|por favor)\b.{0,40}\b(?:refund|cancel|change|update|erstatten|stornieren|ändern|"
    r"rembourser|annuler|reembols\w+|devolver|cambiar|remove me|unsubscribe me|take me off)|"
    r"\b(?:refund|money back|charged twice|double charged|geld zurück|doppelt (?:abgebucht|belastet)|reembolso|"
    r"remboursement)\b",
    re.IGNORECASE,
)
NO_REPLY = "no-reply sender"
"""It looks like a machine's mail by its sender alone."""
_HEAD = 3_000
_TAIL = 1_500


def is_machine_mail(
    subject: str, text: str, sender: str | None, flags: Iterable[str] = (), machine_made: bool = False
) -> str | None:
    """What made this mail: "bounce", "auto-reply", "mailing list", "no-reply sender"; None for a person.

    The helpdesk's own word (`machine_made`) and a bounce's sender settle it. Otherwise a customer's ask in the text
    outweighs what the mail looks like.
    """
    head, tail = text[:_HEAD], text[_HEAD:][-_TAIL:]
    if _BOUNCE_SENDER.search(sender or "") or any("bounce" in flag.lower() for flag in flags):
        return "bounce"
    if machine_made:
        return "auto-reply"
    looks_like = _looks_like(subject[:300], head, tail, sender or "")
    return None if looks_like is None or _CUSTOMER_ASKS.search(head) else looks_like


def _looks_like(subject: str, head: str, tail: str, sender: str) -> str | None:
    if _BOUNCE_SUBJECT.search(subject):
        return "bounce"
    if (_AUTOMATIC_SUBJECT.search(subject) and not subject.rstrip().endswith("?")) or _AUTOMATIC_TEXT.search(head):
        return "auto-reply"
    if _LIST_TEXT.search(head) or _LIST_TEXT.search(tail):
        return "mailing list"
    return NO_REPLY if _ROBOT_SENDER.search(sender) else None
