"""The words a customer's answer may be made of, in the eight languages an answer is read in."""

from __future__ import annotations

YES: dict[str, str] = {
    "en": "yes | yep | yup | yeah | yea | i confirm | confirmed | i agree | agreed | approved | i approve | i accept | "
          "go ahead | go for it | proceed | please do | absolutely | definitely | affirmative",
    "de": "ja | ja prima | jawohl | jep | einverstanden | ich bestätige | hiermit bestätige ich | bestätigt | "
          "ich stimme zu | genehmigt",
    "fr": "oui | je confirme | je suis d'accord | allez-y | j'accepte | je valide | confirmé",
    "es": "sí | confirmo | confirmado | acepto | estoy de acuerdo | adelante",
    "it": "sì | confermo | confermato | accetto | sono d'accordo | proceda | procedete",
    "pt": "sim | confirmo | confirmado | aceito | concordo | estou de acordo | pode prosseguir | podem prosseguir | "
          "pode avançar | podem avançar",
    "nl": "ja | ja prima | jazeker | ik bevestig | bevestigd | akkoord | ik ga akkoord | ga uw gang | ga je gang",
    "pl": "tak | potwierdzam | zgadzam się | wyrażam zgodę | akceptuję",
}
"""Each is an unconditional yes to a question in its language, and may be something else in others: "tak" is thanks in
Danish, "ja" is "I" in Polish, "si" is "if" in French."""

YES_EVERYWHERE = "yes"
"""Is a yes to any question: other languages have no other use for it."""

BESIDE_YES: dict[str, str] = {
    "en": "ok | okay | sure | of course | for sure | correct | that's correct | that is correct | that's right | "
          "that is right | thats right | thats correct | that's fine | that is fine | sounds good | looks good | "
          "great | super | perfect | good | all good | i do | it is | it's correct | it is correct | send it | "
          "refund me | refund it | process it | process the refund | send the refund | send the money | "
          "send me the money | with the refund | certainly | that works | do it | do so | that works for me | "
          "that's my card | i'm sure | i am sure",
    "de": "gern | gerne | natürlich | selbstverständlich | das ist richtig | das stimmt | stimmt | richtig | "
          "korrekt | genau | das ist korrekt | so ist es korrekt | passt | das passt | in ordnung | "
          "das geht in ordnung | machen sie das | überweisen | erstatten | unbedingt | auf jeden fall | "
          "perfekt | damit | ich bin | das passt so | machen sie das so | so machen | zurückzahlen | "
          "das ist in ordnung | das ist ok",
    "fr": "bien sûr | tout à fait | c'est correct | c'est bien ça | c'est ça | c'est exact | exact | d'accord | "
          "volontiers | parfait | avec plaisir | vous pouvez | procéder | au remboursement | absolument | c'est bon | "
          "ça me convient | vous pouvez y aller",
    "es": "por supuesto | es correcto | correcto | de acuerdo | perfecto | procedan | está bien | vale | así es | "
          "exacto | hágalo | háganlo",
    "it": "va bene | d'accordo | certamente | certo | esatto | è corretto | corretto | perfetto | pure | volentieri | "
          "tutto",
    "pt": "pode ser | está correto | correto | com certeza | está certo | está bem | perfeito | isso mesmo | "
          "pode fazer | podem fazer | tudo certo",
    "nl": "graag | hoor | dat klopt | klopt | natuurlijk | dat is goed | dat is correct | zeker | uiteraard | "
          "doe maar | is akkoord | ga maar door | dat is prima | exact",
    "pl": "poproszę | oczywiście | zgoda | zgadza się | wszystko się zgadza | dokładnie | jak najbardziej | "
          "w porządku | proszę o zwrot | wszystko ok | jest ok",
}
"""Agree with a yes of their language but are none by themselves: they may only mean "read"."""

THANKS = """
best | yours | cheers | bye | thanks | thank you | thank u | thx | ty | many thanks | much appreciated
danke | vielen dank | herzlichen dank | besten dank | dankeschön | danke schön | merci | merci beaucoup
gracias | muchas gracias | mil gracias | grazie | grazie mille | mille grazie
obrigado | obrigada | muito obrigado | muito obrigada | bedankt | alvast bedankt | hartelijk dank | dank u |
dank u wel | dank je | dank je wel | dankjewel | dziękuję | dziękuję bardzo | dzięki
"""
"""A name and a signature may follow in the next line."""

COURTESY = """
please | pls | plz | so much | very much | a lot | again | in advance | for your help | for the help |
for your support | for your quick reply | for your reply | for everything | i appreciate it | have a nice day |
have a good day | have a great day | have a nice weekend
bitte | sehr | im voraus | für ihre hilfe | für die hilfe | schönen tag | schönen tag noch | einen schönen tag |
schönes wochenende
beaucoup | bien | d'avance | s'il vous plaît | s'il te plaît | svp | stp | bonne journée | bonne soirée |
bon week-end | pour votre aide
por favor | buen día | por su ayuda | per favore | per cortesia | buona giornata | buona serata
faz favor | se faz favor | bom fim de semana | alstublieft | alsjeblieft | aub | fijne dag | fijne dag nog
proszę | bardzo | z góry | miłego dnia
"""

GREETINGS = """
hi | hello | hey | dear | good morning | good afternoon | good evening | sir or madam | sir | madam | team | all |
hallo | guten tag | guten morgen | guten abend | moin | liebes team | liebes | liebe | lieber | servus | grüß gott |
sehr geehrte damen und herren | sehr geehrte | sehr geehrter | bonjour | bonsoir | cher | chère | madame | monsieur |
madame monsieur | salut | hola | buenos días | buenas tardes | buenas noches | buenas | estimado | estimada |
estimados | buongiorno | buonasera | ciao | salve | gentile | gentili | olá | oi | bom dia | boa tarde | boa noite |
prezados | goedemorgen | goedemiddag | goedenavond | goedendag | beste | geachte | dag | dzień dobry | dobry wieczór |
cześć | witam | szanowni państwo
"""

ADDRESSED = """
deskhand | support | service | customer service | customer services | customer support | customer care | help desk |
helpdesk | service desk | shop | everyone | everybody | there | folks | guys | ladies and gentlemen
zusammen | leute | kundenservice | kundendienst | kundenbetreuung | damen und herren | frau | herr
l'équipe | équipe | service client | service clients | le service client | à tous | à toute l'équipe | mademoiselle
equipo | equipo de soporte | soporte | atención al cliente | servicio al cliente | a todos | señor | señora | señores
assistenza | assistenza clienti | servizio clienti | a tutti | tutti | signor | signora | signori
equipa | equipe | suporte | apoio ao cliente | atendimento | atendimento ao cliente | pessoal | senhor | senhora |
senhores
klantenservice | klantendienst | allemaal | meneer | mevrouw | heer | heren | dames en heren
zespole | drogi zespole | zespół | obsługa klienta | biuro obsługi klienta | pan | pani | panie | panu
"""
"""May follow a greeting before a yes, as may the names of colleagues: they say nothing but who is greeted."""

CASUAL_YES = "yeah yea yep yup"
IRONIC = "sure great perfect good absolutely definitely certainly"
"""With a casual yes, as in "yeah, sure", these may mean the opposite."""

FAREWELLS = """
regards | kind regards | best regards | warm regards | kindest regards | many regards | thanks and regards |
best wishes | sincerely | yours sincerely | yours faithfully
mit freundlichen grüßen | mit freundlichem gruß | freundliche grüße | viele grüße | liebe grüße | beste grüße |
schöne grüße | grüße | gruß | mfg | lg | vg
cordialement | bien cordialement | cdlt | bien à vous | salutations | sincères salutations
saludos | un saludo | saludos cordiales | un cordial saludo | atentamente
saluti | cordiali saluti | distinti saluti | un saluto
cumprimentos | com os melhores cumprimentos | atenciosamente | abraço | abraços
met vriendelijke groet | met vriendelijke groeten | vriendelijke groet | groet | groeten | groetjes | mvg
pozdrawiam | pozdrowienia | z poważaniem | serdecznie pozdrawiam
"""
"""A name and a signature may follow in the same line."""

NO = """
no | nope | nah | never | don't | dont | do not | no way | i don't agree | i do not agree | i disagree | i decline |
i don't want | i do not want | i did not | i didn't | stop
nein | nö | nee | nicht | auf keinen fall | keinesfalls | niemals | ich bin nicht einverstanden |
nicht einverstanden | ich möchte das nicht | ich will das nicht | ich möchte nicht | ich will nicht | lieber nicht
non | pas d'accord | surtout pas | je ne suis pas d'accord | je ne veux pas | je refuse | jamais
de ninguna manera | en absoluto | nunca | assolutamente no | mai
não | de jeito nenhum | de forma alguma | nunca
neen | liever niet | niet | ik ga niet akkoord | niet akkoord | ik wil niet | ik wil dit niet
nie | nigdy | nie zgadzam się | nie potwierdzam | non sono d'accordo | non confermo | no confirmo | no acepto |
no estoy de acuerdo | não confirmo | não concordo | não aceito | ich bestätige nicht | je ne confirme pas |
nej | nej tak | nej tack | nei takk
"""

REFUSED = """
it | that | this | refund | money back | needed | necessary | required | leave | cancel | longer | please stop
es | das | erstattung | rückerstattung | nötig | mehr | lassen
remboursement | besoin | nécessaire | ça | reembolso | necesario | lo | rimborso | necessario | necessário
terugbetaling | nodig | meer | het | zwrot | zwrotu | potrzebny
"""
"""What a no that stands alone may name."""

NOT_A_NO = """
no problem | no worries | no doubt | no idea | no news | no rush | no one | no longer | no matter | no answer |
no reply | no response | never mind | not yet | don't know | do not know | i did not receive | i didn't receive |
i did not get | i didn't get | i don't know | kein problem | nicht sicher | non lo so | non so | no sé | no lo sé |
no entiendo | no hay problema | não sei | não há problema | nie wiem | nie ma problemu | nie rozumiem
"""

PERSONS = """
person | human | human being | agent | operator | representative | mensch | menschen | mitarbeiter | mitarbeiterin |
humain | personne | conseiller | persona | humano | umano | operatore | operador | agente | pessoa | atendente |
mens | persoon | medewerker | człowiek | osoba | konsultant
"""
"""Each reaches a person when it is all that is said, courtesy aside."""

BESIDE_PERSON = """
a | an | the | real | live | actual | ein | einen | eine | einem | echter | echten | echte | un | une | vrai | vraie |
una | uno | um | uma | real | een | echt | echte | to | speak | talk
"""

ASKS_PERSON = (
    r"\b(?:speak|talk|speaking|talking|chat) (?:to|with) (?:a |an |some |the |your )?(?:real |live |actual |human )?"
    r"(?:person|human|people|someone|somebody|agent|representative|colleague|employee|one|manager|supervisor)\b",
    r"\b(?:real|live|actual) (?:person|human|agent|people)\b",
    r"\b(?:no|not a|not an|don't want a|to a|with a) (?:\w+ to )?(?:bot|bots|robot|robots|machine|machines)\b",
    r"\b(?:call|phone|ring) me\b", r"\b(?:person|human|agent|operator|representative) please\b",
    r"\bmit (?:einem|einer|nem|jemandem|jemand)(?: echten| richtigen)?(?: mensch\w*| mitarbeiter\w*| person)?"
    r" (?:zu )?(?:sprechen|reden|telefonieren)\b",
    r"\bechte[nrs]? (?:mensch\w*|person|mitarbeiter\w*)\b", r"\brufen sie mich\b", r"\bmensch bitte\b",
    r"\bparler (?:a|avec) (?:une? |votre )?(?:vraie? )?(?:personne|humain|conseill\w+|quelqu'un|agent)\b",
    r"\b(?:rappelez|appelez)[- ]moi\b", r"\bun humain\b",
    r"\bhablar con (?:una? )?(?:persona|humano|agente|alguien|operador\w*)\b", r"\bllam[ea]n?me\b",
    r"\bparlare con (?:una? |un' ?)?(?:persona|umano|operatore|qualcuno)\b", r"\bmi chiam(?:i|ate)\b",
    r"\bfalar com (?:uma? )?(?:pessoa|humano|atendente|alguem|operador\w*)\b", r"\bliguem?-me\b",
    r"\b(?:medewerker|mens|persoon|iemand)(?: te)? (?:spreken|praten)\b", r"\bbel me\b",
    r"\b(?:rozmawiac|porozmawiac|rozmowe|rozmowa|kontakt) z (?:czlowiekiem|konsultant\w*|osoba|kims|pracownikiem)\b",
)
"""Over words without accents and capitals."""

HEDGES = """
maybe | perhaps | guess | suppose | think | probably | possibly | whatever | hmm | k | right | kidding | joking |
half | yesterday | ye | jein | jaja | vielleicht | eigentlich | meinetwegen | klar | von mir aus | peut | peut-être |
mouais | si | quizás | quizá | tal vez | claro | forse | credo | come no | talvez | acho | misschien | vast | może |
chyba | jasne | wenn es sein muss | sí | okej | oki | takk
"""
"""Speak to the question without answering it."""

QUALIFIERS = """
but | if | unless | only | not | no | never | when | as long as | provided | however | though | although | except |
without | until | after | before | first | later | tomorrow | instead | rather | actually | really | just | almost |
yet | hold | wait | stop | cancel | don't | won't | can't | cannot | isn't | never mind | also | then | or |
otherwise | once | because | should | would | could | might | may | must | will | what | why | how | who | where |
which | nothing | none | nobody | less | more | part | full | double | twice | wrong | change | changed | mind | lol |
haha | joke | for | on | in | it | this | that | is | are | was | i | you | me | my | your | we | they | them | he |
she | have | had | do | did | ask | send | pay | refund | card | money | amount | condition | all | some | any | now |
soon | today | keep
aber | wenn | falls | sofern | nur | nicht | kein | keine | keinen | nie | niemals | erst | später | morgen |
stattdessen | sondern | jedoch | doch | außer | ohne | bis | nachdem | bevor | auch | noch | oder | sonst | weil |
solange | warten | halt | stopp | das | es | ich | sie | mir | mein | meine | ist | sind | bin | war | nichts |
vorausgesetzt | bedingung | hälfte | scherz | witz | quatsch | heute | sofort | jetzt | betrag | geld | karte | falsch
mais | sauf | seulement | uniquement | pas | ne | jamais | sans | avant | après | demain | plutôt | si | quand |
aussi | ou | sinon | condition | moitié | rien | attendez | je | vous | moi | mon | ma | est | que | qui | tout |
suite | encore | blague | carte | argent | montant
pero | salvo | excepto | solo | sólo | solamente | nunca | sin | antes | después | mañana | mejor | cuando | también |
sino | condición | mitad | nada | espere | yo | usted | mi | es | que | menos | siempre | ahora | todavía | aunque |
broma | tarjeta | dinero | importe | seguro
ma | però | tranne | soltanto | mai | senza | prima | dopo | domani | invece | se | quando | anche | oppure | purché |
condizione | metà | niente | aspetti | io | lei | mio | che | non | ancora | scherzo | adesso | soldi
mas | porém | exceto | apenas | só | somente | não | nunca | sem | antes | depois | amanhã | quando | também | senão |
condição | metade | nada | espere | eu | meu | minha | que | desde | agora | ainda | brincadeira | dinheiro | cartão
maar | alleen | slechts | niet | geen | nooit | zonder | voor | daarna | morgen | liever | als | indien | ook | mits |
tenzij | anders | helft | niets | wacht | ik | mij | mijn | dat | dit | is | pas | nog | grapje | nu | geld | kaart
ale | jednak | oprócz | tylko | nie | nigdy | bez | przed | po | później | jutro | raczej | jeśli | jeżeli | gdy |
też | także | warunek | warunkiem | połowę | połowa | nic | chwila | ja | mi | moje | moja | mój | to | że | co |
jeszcze | żart | teraz | dopiero | chyba | kartę | karta | pieniądze | ile | kwota
hypothetically | theoretically | technically | eventually | partially | partly | conditionally | temporarily |
supposedly | apparently | hopefully | reluctantly | seriously | honestly | sarcasm | protest |
nope | nah | against | neither | either | barely | mehr | nein | halb | plus | non | poczekaj | wacht
theoretisch | hypothetisch | teilweise | angeblich | hoffentlich | bedingt | vorläufig | ironie | ungern | protest
théoriquement | partiellement | éventuellement | peut-être | ironie | contre
teóricamente | parcialmente | eventualmente | ojalá | ironía | contra | tampoco | apenas
teoricamente | parzialmente | ironia | magari | contro | hipoteticamente | tomara | gedeeltelijk | hopelijk | ironie
teoretycznie | częściowo | warunkowo | może | oby | ironia
"""
"""Words with which what stands under a farewell is no signature and what stands after a greeting no name."""

WISHES = """
also | another | additionally | instead | new | change | update | replace | replacement | cancel | address |
subscription | auch | außerdem | ebenfalls | zusätzlich | neue | neuen | ändern | stornieren | aussi | également |
changer | annuler | nouvelle | también | cambiar | nueva | cancelar | anche | cambiare | annullare | nuova | também |
mudar | alterar | ook | wijzigen | nieuwe | annuleren | też | również | zmienić | nowy | anulować
"""
"""Begin a wish of its own, which must be planned anew."""

OF_PAYMENT = """
voucher | vouchers | coupon | gift | gifts | credit | credits | cash | paypal | venmo | klarna | crypto | bitcoin |
cheque | cheques | check | iban | transfer | closed | expired | declined | refused | rejected | blocked | stolen |
cancelled | canceled | changed | different | another | exchange
gutschein | gutscheine | gutschrift | guthaben | konto | bargeld | scheck | überweisung | geschlossen | gesperrt |
gekündigt | abgelaufen | abgelehnt | gestohlen | anderes | andere | anderer | anderen | umtausch
avoir | bon | cadeau | chèque | virement | compte | fermé | fermée | bloqué | bloquée | expiré | expirée | refusé |
refusée | volée | autre | échange | espèces
vale | cupón | crédito | cuenta | transferencia | cerrada | bloqueada | caducada | rechazada | robada | otra | otro |
efectivo
buono | credito | assegno | conto | bonifico | chiuso | bloccata | scaduta | rifiutata | rubata | altro | altra |
contanti
conta | transferência | encerrada | fechada | bloqueado | vencido | recusado | roubado | outro | outra | troca
tegoedbon | cadeaubon | tegoed | rekening | overboeking | gesloten | geblokkeerd | verlopen | geweigerd | gestolen |
ander | andere
kupon | przelew | zamknięte | zablokowana | wygasła | odrzucona | skradziona | inna | inne | inny | gotówka
"""
"""Speak of how money goes: in a signature or a colleague's name they may be words of the customer's own."""
