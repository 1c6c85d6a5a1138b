"""The newest words in a mail: without quoted history and forwarded blocks."""

from __future__ import annotations

import re

_WROTE = re.compile(
    r"^\W{0,3}(?:on|am|le|el|il(?: giorno)?|em|no dia|a|op|w dniu|dnia|den|[^\W\d_]{2,4}\.?, \d|\d)\b.{5,280}?"
    r"(?:wrote|schrieb(?: .{1,120})?|a écrit|escribió|ha scritto|escreveu|schreef(?: .{1,120})?|"
    r"geschrieben|napisał(?:\(a\)|a|o)?(?: .{1,120})?)\s?:\s*$",
    re.IGNORECASE,
)
_WROTE_END = re.compile(
    r"(?:wrote|schrieb|écrit|escribió|scritto|escreveu|schreef|geschrieben|napisał)[^:\n]{0,130}:\s*$",
    re.IGNORECASE,
)
_SENDER_WROTE = re.compile(
    r"^[^<>:]{2,80}<[^\s<>]{3,120}>\s(?:wrote|schrieb|a écrit|escribió|ha scritto|escreveu|schreef|napisał(?:\(a\))?)\b"
    r".{0,80}:\s*$",
    re.IGNORECASE,
)
"""Gmail in Portuguese names the sender first: "Shop <help@x> escreveu (terça, 3/11/2026 à(s) 10:12):"."""
_DATED = re.compile(r"\d|@|<")
_MARKER = re.compile(
    r"^\s*(?:"
    r"[-_ ]{2,20}\s?(?:original message|ursprüngliche nachricht|originalnachricht|message d['’]origine|"
    r"message original|mensaje original|"
    r"messaggio originale|mensagem original|oorspronkelijk bericht|wiadomość oryginalna|forwarded message|"
    r"weitergeleitete nachricht|message transféré|mensaje reenviado|messaggio inoltrato|mensagem encaminhada|"
    r"doorgestuurd bericht|przekazana wiadomość|treść przekazanej wiadomości|forwarded by .{0,80})\s?[-_ :]*|"
    r"begin forwarded message:?|anfang der weitergeleiteten nachricht:?|début du message (?:transféré|réexpédié) ?:?|"
    r"inicio del mensaje reenviado:?|inizio messaggio inoltrato:?|início da mensagem reencaminhada:?|"
    r"begin doorgestuurd bericht:?|początek przekazywanej wiadomości:?|"
    r"##-.{0,120}-##.*|_{20,}|-{30,}"
    r")\s*$",
    re.IGNORECASE,
)
_HEADER_FROM = re.compile(r"^\s*\*{0,2}(?:from|von|de|da|van|od)\s?:\*{0,2}\s?\S", re.IGNORECASE)
_HEADER_MORE = re.compile(
    r"^\s*\*{0,2}(?:sent|gesendet|envoyé|enviado(?: el)?|inviato|enviada(?: em)?|verzonden|wysłano|date|datum|data|"
    r"fecha|"
    r"to|an|à|para|a|aan|do|subject|betreff|objet|asunto|oggetto|assunto|onderwerp|temat)\s?:\*{0,2}\s?\S",
    re.IGNORECASE,
)
SENT_FROM = re.compile(
    r"^\W{0,3}(?:sent (?:from|with|via) (?:my )?[\w .'’-]{2,60}|von meinem [\w .-]{2,40} gesendet|"
    r"gesendet (?:von|mit|aus) [\w .'’-]{2,60}|diese nachricht wurde von meinem .{2,80}|"
    r"envoyé (?:de|depuis|à partir d[e'’]) ?[\w .'’-]{2,60}|enviado (?:desde|do|a partir do) (?:mi |"
    r"meu )?[\w .'’-]{2,60}|"
    r"inviato da(?:l mio)? ?[\w .'’-]{2,60}|verstuurd vanaf [\w .'’-]{2,60}|verzonden (?:vanaf|vanuit|met|"
    r"via) [\w .'’-]{2,60}|"
    r"wysłan[eoa] z [\w .'’-]{2,60}|get outlook for (?:ios|android).*|outlook für (?:ios|android).*|"
    r"(?:obtenir|télécharger|obtener|descargar|scarica|ottieni|obter(?: o)?|baixar(?: o)?|pobierz(?: aplikację)?) "
    r"outlook .{2,40}|outlook voor (?:ios|android).*)\W{0,3}$",
    re.IGNORECASE,
)
NOTICE = re.compile(
    r"^\W{0,3}(?:(?:this|the information in this) (?:e-?mail|message)\b.{0,80}(?:confidential|privileged|intended)|"
    r"diese e-?mail (?:enthält|ist).{0,80}vertraulich|ce (?:message|courriel).{0,80}confidentiel|"
    r"este (?:mensaje|correo|e-?mail).{0,80}confidencia|confidentiality notice|disclaimer\b)",
    re.IGNORECASE,
)
_LONGEST = 65_536
"""No helpdesk takes longer comments; what lies behind is not read."""


def around_quotes(text: str) -> tuple[list[str], list[str]]:
    """The customer's own lines above the first quote, and those between or under quotes; signatures still in them.

    Knows how mail programs set in English, German, French, Spanish, Italian, Portuguese, Dutch and Polish quote and
    forward. Lines beginning with ">" go, so answers written between them stay.
    """
    plain = re.sub(r"\n{3,}", "\n\n", text[:_LONGEST].replace("\r\n", "\n").replace("\r", "\n"))
    before, after = _before_history([line.rstrip() for line in plain.split("\n")])
    quote = next((at for at, line in enumerate(before) if _is_quoted(line)), len(before))
    return before[:quote], [line for line in [*before[quote:], *after] if not _is_quoted(line)]


def unquoted(text: str) -> str:
    """All of the message but what it quotes of older ones; the whole where nothing is left then."""
    above, between = around_quotes(text)
    return "\n".join([*above, *between]).strip() or text


def _is_quoted(line: str) -> bool:
    return line.lstrip().startswith(">")


def _before_history(lines: list[str]) -> tuple[list[str], list[str]]:
    """The lines before the first sign of an older message, and those from the first quoted line after it."""
    for at, line in enumerate(lines):
        if not line or line[0] == ">":
            continue
        if _opens_history(lines, at, line):
            return lines[:at], _answers_between(lines[at + 1 :])
    return lines, []


def _opens_history(lines: list[str], at: int, line: str) -> bool:
    return (
        _starts_quote(lines, at, line)
        or (len(line) < 200 and _MARKER.match(line) is not None and not _is_signature_rule(lines, at))
        or (len(line) < 300 and _HEADER_FROM.match(line) is not None and _more_headers(lines, at))
        or (len(line) < 300 and _HEADER_MORE.match(line) is not None and _headers_follow(lines, at + 1))
    )


def _headers_follow(lines: list[str], at: int) -> bool:
    """Some programs name the date before the sender."""
    line = lines[at] if at < len(lines) else ""
    return len(line) < 300 and _HEADER_FROM.match(line) is not None and _more_headers(lines, at)


def _starts_quote(lines: list[str], at: int, line: str) -> bool:
    """"On 3 May, Ann <ann@x> wrote:", which mail programs may wrap over three lines."""
    if len(line) > 300:
        return False
    for more in range(3):
        if not "".join(lines[at + more : at + more + 1]).endswith(":"):
            continue
        joined = " ".join(part.strip() for part in lines[at : at + more + 1])
        if len(joined) > 400:
            return False
        if more == 0 and _SENDER_WROTE.match(joined):
            return True
        if _WROTE_END.search(joined) and _WROTE.match(joined):
            return _DATED.search(joined) is not None or _next_is_quoted(lines, at + more + 1)
    return False


def _next_is_quoted(lines: list[str], at: int) -> bool:
    following = next((line for line in lines[at : at + 3] if line.strip()), "")
    return following.lstrip().startswith(">")


def _is_signature_rule(lines: list[str], at: int) -> bool:
    """A rule of underscores or dashes counts as history only when mail headers follow it."""
    if not re.fullmatch(r"\s*[-_]+\s*", lines[at]):
        return False
    return not any(_HEADER_FROM.match(line) for line in lines[at + 1 : at + 4] if len(line) < 300)


def _more_headers(lines: list[str], at: int) -> bool:
    following = [line for line in lines[at + 1 : at + 7] if line.strip() and len(line) < 400]
    return sum(_HEADER_MORE.match(line) is not None for line in following) >= 2


def _answers_between(lines: list[str]) -> list[str]:
    """What is written between or under lines quoted with ">"; nothing when history is not marked so."""
    quoted = [at for at, line in enumerate(lines) if line.startswith(">")]
    if not quoted or any(line.strip() for line in lines[: quoted[0]]):
        return []
    return lines[quoted[0] :]
