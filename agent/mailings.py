"""What a customer says of our mailings: that they want them, or want to be spared them, in so many words."""

from __future__ import annotations

import re

_I = re.IGNORECASE
OPT_OUT = re.compile(
    r"\b(?:unsubscribe|no longer (?:want|wish)(?: to)? (?:receive |get )?(?:\w+ ){0,3}?(?:newsletters?|marketing|"
    r"e-?mails?|promotion\w*|ads)|opt(?:ing)?[- ]?(?:me )?out|(?:stop|no more|quit|cease) (?:\w+ ){0,3}?(?:e-?mails?|"
    r"newsletters?|marketing|advertis\w+|promotion\w*|mailings?)|take me off|remove me from|"
    r"don['’]?t want (?:\w+ ){0,4}?(?:newsletters?|marketing|e-?mails?|promotion\w*|ads)|(?:newsletter|werbung|"
    r"werbemails?)\b[^.!?\n]{0,40}?\b(?:abmelden|abbestell\w*|austragen|nicht mehr|keine\w*)|(?:kein\w*|"
    r"nicht mehr) (?:\w+ ){0,3}?(?:werbung|newsletter|werbemails?)|(?:vom|den) newsletter (?:ab|austragen)|"
    r"aus (?:dem|eurem|ihrem|deinem) [\w-]{0,20}(?:verteiler|liste)|(?:désabonn|désinscri)\w+|ne (?:veux|"
    r"souhaite) plus (?:recevoir|de)|plus (?:de|vos|"
    r"d['’]) ?(?:newsletters?|publicité|mails|e-mails)|dar(?:me)? de baja|no (?:quiero|"
    r"deseo) (?:recibir )?(?:más )?(?:correos|publicidad|newsletter|boletín|ofertas|e-?mails|promociones)|"
    r"ne (?:plus|pas) (?:me |m['’] ?)?(?:envoyer|recevoir|adresser|solliciter|"
    r"contacter)[^.!?\n]{0,25}?(?:publicit\w+|pubs?|"
    r"newsletters?|promo\w*|offres|mails?|e-?mails?)|ne (?:m['’] ?|nous )envoyez plus|(?:me |nous )(?:retirer|"
    r"enlever|supprimer|"
    r"désabonner) de (?:votre|la|vos) (?:liste|newsletter|mailing)|retirez[- ]moi|"
    r"(?:möchte|will|wünsche|schicken|senden)\b[^.!?\n]{0,30}?\bkeine (?:\w+ ){0,2}?(?:e-?mails?|mails?|angebote|"
    r"werbe\w*|post)|"
    r"no me (?:envi\w+|mand\w+|escrib\w+) (?:más )?(?:\w+ )?(?:correos|publicidad|ofertas|e-?mails|promociones)|"
    r"dad(?:me|nos) de baja|quit(?:ad|en|arme)(?:me)? de (?:la|su|vuestra) lista|no (?:more|"
    r"longer) (?:\w+ ){0,3}?(?:mails?|e-?mails?|"
    r"newsletters?|ads|adverts)|disiscriv\w+|non (?:voglio|desidero|vorrei) (?:più )?(?:ricevere )?(?:\w+ ){0,2}?"
    r"(?:newsletter|e-?mail|mail|pubblicità|promozioni|offerte)|cancella(?:temi|rmi|mi) dal(?:la|l['’]|le)? ?(?:\w+ )?"
    r"(?:newsletter|lista|mailing)|cancelar a (?:subscrição|inscrição|newsletter)|não (?:quero|desejo) (?:mais )?"
    r"(?:receber )?(?:\w+ ){0,2}?(?:newsletters?|e-?mails?|publicidade|promoções|ofertas)|descadastr\w+|"
    r"remov(?:am|a|er)(?:-me)? da (?:lista|newsletter)|"
    r"afmelden|uitschrijven|(?:meld|schrijf) (?:mij|me) (?:af|uit)\b|geen (?:\w+ ){0,2}?(?:nieuwsbrie\w+|reclame|"
    r"e-?mails?|mails?|aanbiedingen) meer|wypis(?:z|ać|anie|ując)\w*|(?:z?rezygnuj\w*|zrezygnować) z "
    r"(?:\w+ ){0,2}?(?:newsletter\w*|subskrypcji|mailing\w*|e-?maili|reklam)|nie (?:chcę|chce|życzę sobie) "
    r"(?:już )?(?:więcej )?(?:otrzymywać |dostawać )?(?:\w+ ){0,2}?(?:newsletter\w*|e-?maili|maili|reklam|ofert))\b",
    _I,
)
WANTS_MAIL = re.compile(
    r"\b(?:don['’]?t|do not|never|not|didn['’]?t|did not|nor) (?:(?:want|wish|mean|need|ask|try|to|be|you|me) ){0,4}"
    r"(?:remove|unsubscribe|take|delete|opt)\b|\bno longer (?:get|getting|receiv\w+|"
    r"see)\b|\b(?:ha[ds]|have|'ve|got|get|getting|receiv\w+|there (?:is|are|were|was)) no more\b|"
    r"\b(?:bekomme|erhalte)\b[^.!?\n]{0,30}?\b(?:nicht mehr|keine?n?)\b|"
    r"\bhab\w*\b[^.!?\n]{0,40}?\bkein\w*\b[^.!?\n]{0,30}?\b(?:bekommen|erhalten)\b|\bkein\w*\b[^.!?\n]{0,30}?"
    r"\b(?:gekommen|angekommen|kam|kamen)\b|\bne reçois plus\b|\bya no recibo\b|\bnon ricevo più\b|"
    r"\bnão recebo mais\b|\bontvang geen\b|\bnie dostaję\b|"
    r"\b(?:nicht|ne (?:me |m['’] ?)?(?:pas )?)(?: vom newsletter)? ?(?:abmelden|désinscri|désabonn)|"
    r"\b(?:no|non|não|niet|nie) (?:\w+ ){0,2}?(?:dar(?:me)? de baja|disiscriv\w+|cancelar a|afmelden|uitschrijven|"
    r"wypis\w+)", _I)
"""Misses our mail, or asks not to be taken off the list."""
OPT_IN = re.compile(
    r"\b(?:(?:put|add|sign) me (?:back )?(?:on|in|to|up)\b[^.!?\n]{0,25}?\b(?:newsletter|mailing|list)|(?:want|"
    r"like) (?:to )?"
    r"(?:get|receive|have|be on)\b[^.!?\n]{0,20}?\bnewsletters?\b[^.!?\n]{0,15}?\bagain|(?:newsletter|"
    r"e-?mails)\b[^.!?\n]{0,25}?"
    r"\bwieder (?:bekommen|erhalten|haben|anmelden|abonnieren)|recevoir (?:à|de) nouveau|me réinscrire|réabonner|"
    r"volver a recibir|re-?subscribe|opt(?: me)? (?:back )?in|sign me up|wieder anmelden|zum newsletter anmelden|"
    r"m['’]abonner|"
    r"suscribirme|(?:iscriver|abbonar)mi alla newsletter|voltar a receber|inscrever-me|aanmelden voor (?:\w+ ){0,2}?"
    r"nieuwsbrie\w+|(?:zapisz|zapiszcie|zapisać) (?:mnie |się )?(?:\w+ )?(?:na|do) newsletter\w*)\b", _I)
SPOKEN_OF = re.compile(
    r"mail|news|letter|subscri|suscri|iscri|inscri|abonn|abmeld|anmeld|austrag|verteiler|rundbrief|werb|marketing|"
    r"promo|advert|\bads?\b|offer|offre|ofert|angebot|publici|pubblicit|bolet|correo|\bbaja\b|reklam|\blist|spam|"
    r"\bopt|\bpost\b|nieuwsbrie|reclame|aanbied|subskryp|cadastr|afmeld|uitschrij|wypis", _I)
"""Words without which nobody asks for our mailings, or to be spared them."""


def spared(text: str) -> bool | None:
    """True: asks to be spared our mailings; False: asks for them; None: neither in so many words, or both."""
    out, in_ = OPT_OUT.search(text) is not None, OPT_IN.search(text) is not None
    if out == in_ or WANTS_MAIL.search(text) or not SPOKEN_OF.search(text):
        return None
    return out
