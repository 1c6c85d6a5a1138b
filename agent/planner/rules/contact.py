"""New contact details a customer gives: which field, and the value as written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import phonenumbers

from agent.mailings import OPT_IN, OPT_OUT, WANTS_MAIL
from agent.parcels import of_a_parcel
from agent.planner.rules.reading import sentences
from agent.proposal import Case, PlannerUnsure, SeenContact
from connectors.contract import ContactField

_I = re.IGNORECASE
_CHANGE = (
    r"(?:chang\w*|updat\w*|amend\w*|replac\w*|correct\w*|edit|switch\w*|misspel\w*|is now|are now|no longer|"
    r"from now on|"
    r"following my|got married|should be|spell\w*|is wrong|add my|add the|änder\w*|geändert|aktualisier\w*|umgezogen|"
    r"ab sofort|ist jetzt|lautet|korrigier\w*|hinterleg\w*|geheiratet|chang\w+|changé|modifi\w+|mettre à jour|"
    r"déménag\w+|désormais|corrig\w+|cambi\w+|actualiz\w+|mudad\w+|mudé|ahora es|corregir|modific\w+|cambiat\w+|"
    r"put me down|use (?=[+\d(])|correct one|"
    r"aggiorn\w+|mud(?:ei|ou|ar)|alter\w+|wijzig\w*|verander\w*|verhuisd|verhuis)"
)
_NEW = r"(?:new|neu\w{0,2}|nouve\w+|nuev[oa]|nuov[oa]|nov[oa]|nieuw\w?)"
_PHONE_WORD = (
    r"(?:phone|telephone|mobile|cell(?:phone)?|contact number|tel|telefon\w*|rufnummer|handy\w*|mobil\w*|festnetz\w*|"
    r"téléphone|portable|numéro de (?:tél\w*|portable)|tel[ée]fono|m[óo]vil|celular|cellulare|telefone|telem[óo]vel|"
    r"telefoon\w*|mobiel\w*|number (?:is|to|changed)|my (?:new )?number|(?:mon|mi|il mio|meu) n[uú]m[eé]ro|"
    r"number (?:you have|on (?:file|record)|listed)|folgender nummer|diese[rn]? nummer|meine (?:\w+ )?nummer|"
    r"mijn (?:\w+ )?nummer|new number|neue nummer|nouveau numéro|nuevo número)"
)
_MOBILE_WORD = re.compile(
    r"\b(?:mobile|cell\w*|handy\w*|mobil\w*|portable|m[óo]vil|celular|cellulare|telem[óo]vel|mobiel\w*)\b", _I)
_ADDRESS_WORD = (
    r"(?:(?:post\w*|home|shipping|delivery|billing|mailing|street|new|my|our) ?addres\w*|addres\w*|\w*adresse|"
    r"anschrift|direcci[óo]n|domicilio|indirizzo|endere[çc]o|morada|\w*adres\b|moved to|umgezogen|déménag\w+|"
    r"me he mudado|verhuisd)"
)
_EMAIL_WORD = (
    r"(?:e-?mail(?:[- ]?(?:address|adresse|adres))?|mail ?adresse|correo(?: electr[óo]nico)?|courriel|"
    r"adresse (?:e-?)?mail)"
)
_NAME_WORD = (
    r"(?:(?:first |last |sur|family |full |sur-|given )?name|nachname\w*|vorname\w*|familienname\w*|geheiratet|"
    r"nom(?: de famille)?|prénom|apellidos?|nombre|apellido|cognome|nome|sobrenome|apelido|achternaam|voornaam|"
    r"married|divorced)"
)


def _changed(noun: str) -> re.Pattern[str]:
    """The noun with a word of changing in the same sentence, or called new right where it stands."""
    return re.compile(
        rf"\b{_CHANGE}[^!?\n]{{0,60}}?\b{noun}|\b{noun}[^!?\n]{{0,60}}?\b{_CHANGE}|\b{_NEW} (?:\w+ )?{noun}|"
        rf"\b{noun}(?:\W{{1,3}}\w+){{0,3}}?\W{{1,3}}{_NEW}\b",
        _I,
    )


_PHONE = _changed(_PHONE_WORD)
_ADDRESS = re.compile(
    rf"{_changed(_ADDRESS_WORD).pattern}|\b(?:i|we)(?: have|'ve)? (?:just |recently )?moved\b", _I
)
_EMAIL = _changed(_EMAIL_WORD)
_NAME = _changed(_NAME_WORD)
_CALL_ME = re.compile(
    r"\b(?:call|ring|reach|contact|text|phone) (?:me|us)\b|\b(?:driver|courier|carrier)\b|\b(?:rufen sie|"
    r"erreichen sie|erreichbar|anrufen)\b|\b(?:appelez|rappelez|joignable|joindre)\b|\b(?:llámen?me|contactar|"
    r"llamar)\b",
    _I,
)
_HOW = re.compile(
    r"\b(?:how (?:do|can|to|would)|where (?:do|can)|can i|is it possible|wie (?:kann|ändere)|comment (?:puis|faire|"
    r"changer|modifier)|cómo (?:puedo|cambio))\b", _I)
_NOT_WANTED = re.compile(
    r"\b(?:don'?t|do not|please no|nicht|ne|no) (?:change|update|ändern|changez|cambien)\b|\b(?:stays|"
    r"remains) the same\b", _I)
_SOMEONE_ELSES = re.compile(
    r"\b(?:his|her|their|(?:my|our) (?:friend|mother|mum|mom|father|dad|wife|husband|son|daughter|brother|sister|"
    r"partner|boss|colleague|client|customer)(?:'s)?|(?:seine|ihre)[rn]? (?:nummer|adresse|telefonnummer)|"
    r"meine[rs]? (?:mutter|vater|frau|mann|sohn|tochter|chef)s?|(?:ma|mon) (?:mère|père|femme|mari|fils|fille)|"
    r"mi (?:madre|padre|esposa|marido|hijo|hija))"
    r" (?:\w+ )?(?:phone|number|address|e-?mail|telefon\w*|nummer|adresse|hat|has|'s)?\b",
    _I,
)
_MAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}")
_YOURS = re.compile(
    r"\b(?:your|ihre|eure|deine|votre|vos|su|vuestro|tu) (?:new |neue |nouveau |nuevo )?(?:phone|telephone|mobile|"
    r"number|telefon\w*|"
    r"nummer|hotline|numéro|teléfono|número)", _I)
"""The shop's number, not the customer's."""
_OLD = re.compile(
    r"\b(?:called|phoned|rang|dialled|dialed|old|previous|former|from(?! me)|was|instead of|not|alte?[nrs]?|"
    r"bisherige\w*|statt|von(?! mir)|ancien\w*|"
    r"au lieu de|"
    r"antigu[oa]|anterior|en vez de|no longer|oude)\b(?:(?!\b(?:to|new|now|zu|auf|neu\w*|in|à|a|nouve\w*|por|nuev\w*|"
    r"is)\b)[^.!?\n]){0,25}$", _I)
_LIKE_A_NUMBER = re.compile(r"(?<![\w.,#/-])\+?\(?\d[\d ()./-]{5,20}\d(?![\w-])")
_DONE_ALREADY = re.compile(
    r"\bi(?:'ve| have)? (?:already )?(?:updated|changed|edited) (?:\w+ ){1,4}?(?:on|in|at) (?:the|your|"
    r"my) (?:web ?site|site|app|account|profile|settings)", _I
)
_REGIONS = {"en": "GB", "de": "DE", "fr": "FR", "es": "ES", "it": "IT", "pt": "PT", "nl": "NL", "pl": "PL"}


@dataclass(frozen=True)
class NewValue:
    field: ContactField
    value: str
    quote: str


@dataclass(frozen=True)
class Details:
    """What was found, and what seems asked for but is not clear."""

    values: tuple[NewValue, ...] = ()
    doubts: tuple[str, ...] = ()

    @property
    def asked(self) -> bool:
        return bool(self.values or self.doubts)


def details(case: Case, text: str, language: str) -> Details:
    """New contact details in the text. What is asked for without a clear value is a doubt."""
    found: list[NewValue] = []
    doubts: list[str] = []
    if _DONE_ALREADY.search(text):
        return Details()
    for read in (_opt_out, _phone, _email, _address, _name):
        try:
            found += read(case, text, language)
        except PlannerUnsure as unsure:
            doubts.append(str(unsure))
    if any(_SOMEONE_ELSES.search(new.quote) for new in found):
        return Details(doubts=(*doubts, "The customer writes about someone else's details."))
    return Details(tuple(found), tuple(doubts))


def _quote(text: str, pattern: re.Pattern[str], value: str = "") -> str:
    """The sentence that carries the ask: with the value in it where there is one."""
    parts = sentences(text)
    asking = [part for part in parts if pattern.search(part)]
    with_value = [part for part in parts if value and value in part]
    return next(iter([part for part in asking if part in with_value] or with_value or asking or [text.strip()]))[:300]


def _opt_out(case: Case, text: str, language: str) -> Iterator[NewValue]:
    if OPT_OUT.search(text) and not WANTS_MAIL.search(text):
        yield NewValue(ContactField.OPT_OUT, "yes", _quote(text, OPT_OUT))
    elif OPT_IN.search(text):
        yield NewValue(ContactField.OPT_OUT, "no", _quote(text, OPT_IN))


def _phone(case: Case, text: str, language: str) -> Iterator[NewValue]:
    if not _PHONE.search(text) or _YOURS.search(text):
        return
    numbers = _new_numbers(case, text, language)
    if _NOT_WANTED.search(text) or (not numbers and not _asks_change(text, _PHONE)):
        return
    if len(numbers) != 1:
        raise PlannerUnsure("A new phone number is spoken of, but not one clear number.")
    quote = _quote(text, _PHONE, numbers[0])
    if not _is_led_to(text, numbers[0]):
        raise PlannerUnsure("A number is given, but not said to be the new one.")
    if _CALL_ME.search(quote) and not re.search(rf"\b{_CHANGE}", quote, _I):
        return
    mobile = _MOBILE_WORD.search(quote) or _MOBILE_WORD.search(_around(text, numbers[0]))
    yield NewValue(ContactField.MOBILE if mobile else ContactField.PHONE, numbers[0], quote)


def _is_led_to(text: str, number: str) -> bool:
    """The number's own sentence, or the one before it, speaks of a number."""
    parts = sentences(text)
    at = next((at for at, part in enumerate(parts) if number in part), 0)
    return _LEADS.search(" ".join(parts[max(0, at - 1) : at + 1])) is not None


_LEADS = re.compile(rf"\b(?:{_PHONE_WORD}|numbers?|n[uú]m[eé]ro|\w*nummer|{_CHANGE}|{_NEW}|it'?s)\b", _I)


def _plain_numbers(case: Case, text: str, known: set[str]) -> list[str]:
    """What looks like a phone number but is in no numbering plan: 7 to 15 digits that are no order number."""
    orders = {_digits(charge.order) for charge in case.charges if charge.order}
    found: dict[str, str] = {}
    for match in _LIKE_A_NUMBER.finditer(text):
        digits = _digits(match.group())
        old = _OLD.search(text[max(0, match.start() - 40) : match.start()])
        if 7 <= len(digits) <= 15 and digits not in orders and digits[-9:] not in known and not old:
            found.setdefault(digits[-9:], match.group().strip())
    return list(found.values())


def _asks_change(text: str, pattern: re.Pattern[str]) -> bool:
    return re.search(
        r"\b(?:chang|updat|amend|änder|aktualis|modifi|cambi|actualiz|wijzig|new|neu|nouve|"
        r"nuev)\w*", _quote(text, pattern), _I) is not None


def _around(text: str, value: str) -> str:
    at = text.find(value)
    return text[max(0, at - 40) : at]


def _new_numbers(case: Case, text: str, language: str) -> list[str]:
    """Phone numbers in the text as written, without those already on record and those called old."""
    known = {_digits(number)[-9:] for contact in case.contacts for number in (contact.phone, contact.mobile) if number}
    for region in _regions(case, language):
        valid = _numbers(text, region, phonenumbers.Leniency.VALID, known)
        if valid:
            likely = [n for n in _numbers(text, region, phonenumbers.Leniency.POSSIBLE, known) if n[0] in "+0("]
            return list(dict.fromkeys([*valid, *likely]))
    return _plain_numbers(case, text, known)


def _numbers(text: str, region: str, leniency: int, known: set[str]) -> list[str]:
    found: dict[str, str] = {}
    for match in phonenumbers.PhoneNumberMatcher(text, region, leniency=leniency):
        old = _OLD.search(text[max(0, match.start - 40) : match.start])
        written = match.raw_string.strip()
        if not old and _digits(written)[-9:] not in known:
            found.setdefault(_digits(written)[-9:], written)
    return list(found.values())


def _regions(case: Case, language: str) -> list[str]:
    """Where a number without country code may be from: the contact's own country first."""
    regions = []
    for contact in case.contacts:
        for number in (contact.phone, contact.mobile):
            try:
                regions.append(phonenumbers.region_code_for_number(phonenumbers.parse(number or "", None)))
            except phonenumbers.NumberParseException:
                continue
    regions += [_REGIONS.get(language, "GB"), "GB", "US", "DE", "FR", "ES", "AT", "CH"]
    return list(dict.fromkeys(region for region in regions if region))


def _digits(number: str) -> str:
    return re.sub(r"\D", "", number)


def _email(case: Case, text: str, language: str) -> Iterator[NewValue]:
    if not _EMAIL.search(text) or OPT_OUT.search(text):
        return
    new = [m.group() for m in _MAIL.finditer(text) if not _OLD.search(text[max(0, m.start() - 30) : m.start()])]
    if len(set(new)) == 1:
        yield NewValue(ContactField.EMAIL, new[0].rstrip("."), _quote(text, _EMAIL, new[0]))
    elif _asks_change(text, _EMAIL) and re.search(
        r"\b(?:change|update|new|ändern|neue|changer|nouvelle|cambiar|nuevo)\b", _quote(text, _EMAIL), _I):
        raise PlannerUnsure("A new e-mail address is spoken of, but not one clear address.")


_CITY = r"[A-ZÀ-Ý][\w'’.-]+(?:[ -][A-ZÀ-Ýa-zà-ÿ][\w'’.-]*){0,3}"
_STREET = r"[^\n,;:]{3,60}?"
_ADDRESS_FORMS = (
    re.compile(
        rf"(?P<street>{_STREET})(?:, ?| ?\n|,? )(?P<postal_code>(?:D-|F-|E-|A-|CH-|NL-|I-|"
        rf"B-)?\d{{4,5}}(?: ?[A-Z]{{2}})?) (?P<city>{_CITY})"),
    re.compile(
        rf"(?P<street>\d[^\n,;:]{{3,60}}?|[^\n,;:]{{3,50}} \d+\w?)(?:, ?| ?\n)(?P<city>{_CITY})(?:, ?| ?\n|"
        rf" )(?P<state>[A-Z]{{2}})(?: |, ?)(?P<postal_code>\d{{5}}(?:-\d{{4}})?)\b"),
    re.compile(
        rf"(?P<street>\d[^\n,;:]{{3,60}}?)(?:, ?| ?\n)(?P<city>{_CITY})(?:, ?| ?\n|"
        rf" )(?P<postal_code>[A-Z]{{1,2}}\d[A-Z\d]? ?\d[A-Z]{{2}})\b"),
)
_LEAD = re.compile(
    r"^.*?\b(?:to|is|now|at|in|address|addresse?|ist|lautet|jetzt|nach|adresse|est|au|à|désormais|es|a|direcci[óo]n|"
    r"ahora|è|é|naar)\b(?: is| now| est| es| ist| maintenant| ahora)?[ :]+(?=\S)", _I
)


def _address(case: Case, text: str, language: str) -> Iterator[NewValue]:
    without_mail = _MAIL.sub(" ", text)
    if not _ADDRESS.search(without_mail) or (_EMAIL.search(text) and not re.search(
        r"street|straße|rue|calle|postal|home|wohn|liefer|shipping|delivery|moved", text, _I)):
        return
    parts = _address_parts(without_mail)
    if not parts:
        if _asks_change(without_mail, _ADDRESS):
            raise PlannerUnsure("A new address is spoken of, but not one that can be read surely.")
        return
    if of_a_parcel(text):
        raise PlannerUnsure("The address changes while an order or parcel is spoken of.")
    quote = _quote(text, _ADDRESS, parts.get("street", ""))
    for field in (ContactField.STREET, ContactField.POSTAL_CODE, ContactField.CITY, ContactField.STATE):
        if parts.get(str(field)):
            yield NewValue(field, parts[str(field)], quote)


def _address_parts(text: str) -> dict[str, str]:
    for form in reversed(_ADDRESS_FORMS):
        match = form.search(text)
        if match is None:
            continue
        found = {name: value.strip(" .,") for name, value in match.groupdict().items() if value}
        street = found["street"]
        while (led := _LEAD.sub("", street, count=1)) != street and re.search(r"\d", led):
            street = led
        found["street"] = street.strip(" .,")
        if re.search(r"\d", found["street"]) and len(found["street"].split()) <= 7:
            return found
    return {}


_CAPITAL = r"[A-ZÀ-ÝŁŚŻ][\w'’-]+"
_NEW_NAME = re.compile(
    rf"(?:\b(?i:to|is now|is|now|new (?:last |sur|full )?name(?: is)?:?|heiße (?:ich )?(?:jetzt|nun)|jetzt|lautet|"
    rf"mit nachnamen|mit vornamen|(?:nach|vor|familien)name(?: ist)?|in|"
    rf"auf|nun|neuer (?:nach)?name(?: ist)?:?|est|maintenant|m['’]appelle|"
    rf"désormais|nouveau nom(?: est)?:?|nom de famille(?: est)?|es|ahora|me apellido|apellido(?: es)?|me llamo|por|a|"
    rf"be|should be|spelled|called|heet(?: nu)?)\b|"
    rf":) [\"'“„«]?(?P<name>{_CAPITAL}(?: (?:von |van |de |del |la )?{_CAPITAL}){{0,3}})"
)


_IT_IS = re.compile(
    rf"^(?i:it'?s|it is|it should be|correct(?:ly)?:?|richtig ist|es ist|c'est|es)\s(?P<name>{_CAPITAL})(?=[,.!]|$|"
    rf" (?i:with|not|mit|avec|con))"
)


def _name(case: Case, text: str, language: str) -> Iterator[NewValue]:
    if not _NAME.search(text) or re.search(r"\b(?:user|file|product|brand|account|domain|company|business|"
        r"firm\w*) ?name\b", text, _I):
        return
    quote = _quote(text, _NAME)
    naming = [part for part in sentences(text) if _NAME.search(part) or _near_name(part)]
    names = [match["name"] for part in naming for match in _NEW_NAME.finditer(part)]
    if naming and not names:
        names = [match["name"] for part in sentences(text) for match in _IT_IS.finditer(part)]
    if not names:
        if re.search(
            rf"\b(?:change|update|correct|ändern|changer|modifier|cambiar|"
            rf"actualizar)\b[^.!?\n]{{0,30}}?\b{_NAME_WORD}", text, _I):
            raise PlannerUnsure("A new name is spoken of, but not one that can be read surely.")
        return
    yield from _name_fields(case, text, names[-1], _quote(text, _NAME, names[-1]) or quote)


def _near_name(part: str) -> bool:
    return re.search(rf"\b{_NAME_WORD}\b", part, _I) is not None


def _name_fields(case: Case, text: str, name: str, quote: str) -> Iterator[NewValue]:
    first, _, last = name.rpartition(" ")
    if re.search(
        r"\b(?:last name|surname|family name|nachname\w*|familienname\w*|nom de famille|apellidos?|cognome|"
        r"achternaam)\b", text, _I):
        with_first = first and first.split()[0] in _only(case).name.split()
        yield NewValue(ContactField.LAST_NAME, name.split(" ", 1)[1] if with_first else name, quote)
    elif re.search(r"\b(?:first name|given name|vorname\w*|prénom|voornaam)\b", text, _I):
        yield NewValue(ContactField.FIRST_NAME, name.split()[0], quote)
    elif first:
        yield from _full_name(case, first, last, quote)
    elif (field := _field_named(case, text)) is not None:
        yield NewValue(field, name, quote)
    else:
        raise PlannerUnsure("It is not clear whether the first or the last name changes.")


def _field_named(case: Case, text: str) -> ContactField | None:
    """The last name after a marriage, or the one of the two that the customer says it changes from."""
    first, _, last = _only(case).name.rpartition(" ")
    from_first, from_last = (re.search(rf"\b(?:from|von|de|statt|"
        rf"instead of)\W{{1,3}}{re.escape(known)}\b", text, _I) is not None
                             for known in (first, last))
    if from_first != from_last:
        return ContactField.FIRST_NAME if from_first else ContactField.LAST_NAME
    return ContactField.LAST_NAME if _WED.search(text) else None


_WED = re.compile(
    r"\b(?:married|marriage|divorced?|maiden|geheiratet|heirat|hochzeit|geschieden|scheidung|mari(?:é|e)e?|mariage|"
    r"divorc\w+|"
    r"casad[oa]|boda|matrimonio|divorci\w+)\b", _I)


def _full_name(case: Case, first: str, last: str, quote: str) -> Iterator[NewValue]:
    """What differs from the name on record."""
    known_first, _, known_last = _only(case).name.rpartition(" ")
    if first.casefold() != known_first.casefold():
        yield NewValue(ContactField.FIRST_NAME, first, quote)
    if last.casefold() != known_last.casefold():
        yield NewValue(ContactField.LAST_NAME, last, quote)


def _only(case: Case) -> SeenContact:
    if len(case.contacts) != 1:
        raise PlannerUnsure("No single contact record of the customer is known.")
    return case.contacts[0]
