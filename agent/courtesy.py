"""A model's kind words: they reach a customer only where they are phrases of this table, whole and nothing beside them.

Phrases and not words: of harmless words alone something can be built that is a promise, such as "it is yours".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

NAME = "NAME"
"""Where the customer's first name may stand: after a greeting or thanks, and nowhere else."""
LONGEST = 300

_WRITTEN = {
    "en": """
        hello/hi (NAME)
        dear NAME
        good morning/afternoon/evening (NAME)
        thanks (NAME)
        thank you (NAME)
        many thanks
        thanks so much
        thank you so/very much (NAME)
        we/i (really) appreciate your message/note/patience/understanding
        for your message/note/patience/understanding
        for your kind words
        your patience/understanding
        for letting us know (about) (this)
        for getting in touch
        for getting in touch with us
        for reaching out
        for reaching out to us
        for writing (to) us
        for contacting us
        sorry
        we are/re (so/very/really/truly) sorry
        i am/m (so/very/really/truly) sorry
        we/i (sincerely) apologise/apologize
        apologies
        our (sincere) apologies
        for/about the/this/that/any inconvenience/trouble/confusion/mistake
        for/about the/this/that/any mix up
        this/that/it must be frustrating/annoying
        this/that/it must have been frustrating/annoying
        we/i understand how frustrating/annoying this/that/it is
        we/i understand how frustrating/annoying this/that/it must be
        have a good/nice/lovely day
        best/kind/warm regards
        best wishes
        all the best
        sincerely
        and""",
    "de": """
        hallo (NAME)
        guten tag/morgen/abend (NAME)
        liebe/lieber NAME
        sehr geehrte/geehrter NAME
        danke (NAME)
        vielen/herzlichen dank (NAME)
        für ihre nachricht/geduld/mitteilung/rückmeldung
        für ihr verständnis
        ihre geduld
        ihr verständnis
        dass sie uns geschrieben haben
        dass sie sich (bei) (uns) gemeldet haben
        es/das tut uns/mir (sehr) leid
        wir entschuldigen uns
        wir bitten (sie) um entschuldigung/verständnis
        für die/diese unannehmlichkeiten/umstände/verwirrung
        bitte entschuldigen sie die/diese unannehmlichkeiten/umstände/verwirrung
        entschuldigen sie bitte die/diese unannehmlichkeiten/umstände/verwirrung
        wir verstehen wie ärgerlich das/es ist
        ich verstehe wie ärgerlich das/es ist
        mit freundlichen/herzlichen grüßen
        freundliche/herzliche/viele grüße
        (noch) einen schönen tag
        wir wünschen ihnen (noch) einen schönen tag
        und""",
    "fr": """
        bonjour/bonsoir (NAME)
        cher/chère NAME
        merci (beaucoup) (NAME)
        pour votre message/patience/compréhension
        de votre message/patience/compréhension
        votre patience/compréhension
        de nous avoir écrit/contacté/contactés
        nous sommes (vraiment/sincèrement) désolés
        je suis (vraiment/sincèrement) désolé/désolée
        pour/de ce désagrément
        pour/de cette gêne/confusion
        pour la gêne/confusion
        pour la gêne occasionnée
        pour les désagréments
        nous vous présentons nos excuses
        toutes nos excuses
        veuillez nous excuser
        nous vous prions de nous excuser
        nous comprenons à quel point c est frustrant/agaçant
        je comprends à quel point c est frustrant/agaçant
        bonne journée
        nous vous souhaitons une bonne journée
        (bien) cordialement
        bien à vous
        et""",
    "es": """
        hola (NAME)
        buenos días (NAME)
        buenas tardes (NAME)
        estimado/estimada NAME
        (muchas) gracias (NAME)
        por su mensaje/paciencia/comprensión
        su paciencia/comprensión
        por escribirnos/contactarnos
        por contactar con nosotros
        por ponerse en contacto con nosotros
        lo sentimos (mucho)
        lo siento (mucho)
        sentimos/lamentamos (mucho) las molestias
        sentimos/lamentamos (mucho) los inconvenientes
        sentimos/lamentamos (mucho) el inconveniente
        sentimos/lamentamos (mucho) la confusión
        (le) pedimos disculpas
        nuestras disculpas
        disculpe las molestias
        por las molestias
        por los inconvenientes
        por el inconveniente
        por la confusión
        entendemos lo molesto/frustrante que es
        (un) cordial saludo
        un saludo
        saludos (cordiales)
        que tenga un buen día
        le deseamos un buen día
        y""",
    "it": """
        buongiorno/buonasera/salve (NAME)
        gentile/caro/cara NAME
        grazie (NAME)
        grazie mille (NAME)
        molte grazie (NAME)
        per il suo messaggio
        per la sua pazienza/comprensione
        la sua pazienza/comprensione
        per averci scritto/contattato
        ci dispiace (molto)
        siamo (molto) spiacenti
        ci scusiamo
        le porgiamo le nostre scuse
        le nostre scuse
        per il/questo disagio
        per l inconveniente
        per questo inconveniente
        per la/questa confusione
        capiamo quanto sia frustrante/spiacevole
        buona giornata
        le auguriamo una buona giornata
        cordiali/distinti saluti
        e""",
    "pt": """
        olá (NAME)
        bom dia (NAME)
        boa tarde (NAME)
        caro/cara/estimado/estimada NAME
        (muito) obrigado/obrigada (NAME)
        pela sua mensagem/paciência/compreensão
        a sua paciência/compreensão
        agradecemos a sua mensagem/paciência/compreensão
        por nos ter escrito/contactado
        lamentamos (muito)
        lamentamos (muito) o incómodo/transtorno
        lamentamos (muito) a confusão
        pedimos (lhe) desculpa
        as nossas desculpas
        pelo incómodo/transtorno
        pela confusão
        compreendemos como é frustrante
        tenha um bom dia
        desejamos lhe um bom dia
        (melhores) cumprimentos
        cumprimentos cordiais
        com os melhores cumprimentos
        e""",
    "nl": """
        hallo (NAME)
        goedendag/goedemorgen/goedemiddag/goedenavond (NAME)
        beste/geachte NAME
        (hartelijk) bedankt (NAME)
        hartelijk dank (NAME)
        dank u (wel)
        voor uw bericht/geduld/begrip
        uw geduld/begrip
        dat u ons heeft/hebt geschreven
        dat u contact heeft/hebt opgenomen
        dat u contact met ons heeft/hebt opgenomen
        het spijt ons/me/mij (zeer)
        (onze) excuses
        onze oprechte excuses
        voor het/dit ongemak
        voor de/deze verwarring
        we/wij begrijpen hoe vervelend dit/dat/het is
        ik begrijp hoe vervelend dit/dat/het is
        een fijne/prettige dag
        we/wij wensen u een fijne/prettige dag
        met vriendelijke groet/groeten
        vriendelijke groet/groeten
        en""",
    "pl": """
        dzień dobry (NAME)
        szanowna pani (NAME)
        szanowny panie (NAME)
        szanowni państwo
        dziękujemy/dziękuję (bardzo)
        (bardzo/serdecznie) dziękujemy/dziękuję
        za wiadomość/cierpliwość/wyrozumiałość
        za kontakt
        za kontakt z nami
        (bardzo) przepraszamy/przepraszam
        (bardzo) nam przykro
        (bardzo) przykro nam
        jest nam (bardzo) przykro
        za (ten) kłopot
        za (te) niedogodności
        za (to) zamieszanie
        rozumiemy że to uciążliwe/frustrujące
        rozumiem że to uciążliwe/frustrujące
        (życzymy) miłego dnia
        (serdecznie) pozdrawiamy
        z poważaniem
        z wyrazami szacunku
        łączymy wyrazy szacunku
        i/oraz""",
}
"""A phrase a line: `a/b` is one of them, `(a)` may be left out."""


@dataclass(frozen=True)
class Draft:
    """The planner's friendly words, if they are only that; `refused` says what else they claimed."""

    words: str
    refused: str | None


def courtesy(draft: str, language: str, name: str) -> Draft:
    """Keeps a draft only when all of it is phrases of the table: it can then claim, promise and link to nothing."""
    text = " ".join(draft.split())
    if not text:
        return Draft("", None)
    if len(text) > LONGEST:
        return Draft("", "it was too long")
    if re.search(r"\w[._@]\w", text):
        return Draft("", "it held a link")
    said = _words(text, beside=".,!'’–-")
    rest = _beyond(said, _greeted(language, name))
    return Draft("", f"it said more than courtesy: “{' '.join(rest[:5])}”") if rest else Draft(text, None)


def _words(text: str, beside: str) -> tuple[str, ...]:
    """The words, and whatever else there is but these marks."""
    return tuple(re.findall(rf"[^\W_]+|_|[^\w\s{beside}]", text.lower()))


def _greeted(language: str, name: str) -> frozenset[tuple[str, ...]]:
    """The phrases of a language for a customer of this first name, perhaps none."""
    called = _words(name, beside="'’-")
    filled = (tuple(part for word in phrase for part in (called if word == NAME else (word,)))
              for phrase in COURTESIES[language] if called or NAME not in phrase)
    return frozenset(filled)


def _beyond(said: tuple[str, ...], known: frozenset[tuple[str, ...]]) -> tuple[str, ...]:
    """What is left from the first word on that belongs to no phrase."""
    longest = max(map(len, known))
    ends = {0}
    for start in range(len(said)):
        if start in ends:
            ends |= {end for end in range(start + 1, start + longest + 1) if said[start:end] in known}
    return said[min(max(ends), len(said)):]


def _phrases(written: str) -> Iterator[tuple[str, ...]]:
    for line in written.strip().splitlines():
        choices = [("", *word[1:-1].split("/")) if word.startswith("(") else word.split("/") for word in line.split()]
        for chosen in product(*choices):
            yield tuple(word for word in chosen if word)


COURTESIES: dict[str, frozenset[tuple[str, ...]]] = {
    language: frozenset(_phrases(written)) for language, written in _WRITTEN.items()}
"""All phrases of a language, word by word."""
