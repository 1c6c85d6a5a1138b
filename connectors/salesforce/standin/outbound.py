"""Outbound messages: SOAP that is sent until it is acknowledged ("Outbound Messaging", SOAP API Developer Guide)."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from xml.sax.saxutils import escape

from connectors.salesforce.standin.ids import numbered, spoken
from connectors.salesforce.standin.org import Json, Org, Row
from connectors.salesforce.standin.package import ours
from connectors.standin import Delivery

MOST = 100
"""Notifications in one message."""
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=15), timedelta(minutes=60)
KEPT = timedelta(hours=24)
ENVELOPE = ('<?xml version="1.0" encoding="UTF-8"?>\n<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/'
            'envelope/" xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-'
            'instance">\n <soapenv:Body>\n  <notifications xmlns="http://soap.sforce.com/2005/09/outbound">\n{0}'
            "  </notifications>\n </soapenv:Body>\n</soapenv:Envelope>")
ACK = b"<Ack>true</Ack>"


def saved(org: Org, obj: str, after: Row, by: Row, now: datetime) -> None:
    """Puts what a rule of the org tells into the queue, in the transaction that saved the row."""
    for place, rule in enumerate(org.desk.get("outbound_messages", ())):
        if rule.get("object", "Case") == obj and not (rule.get("skip_ours", True) and ours(org, by["Id"])):
            org.counters["04l"] += 1
            org.messages.append({"id": numbered("04l", org.counters["04l"]), "rule": place, "object": obj,
                                 "row": after["Id"], "made": now, "due": now, "tries": 0, "sending": None})


class Messages:
    """Hands out messages and keeps those that were not acknowledged, a day at most."""

    def __init__(self) -> None:
        self.plans: list[Json] = []

    def due(self, org: Org, now: datetime) -> list[Delivery]:
        if not org.messages or org.savepoints:
            return []
        org.messages[:] = [m for m in org.messages if m["made"] > now - KEPT]
        waiting = defaultdict(list)
        for message in org.messages:
            if message["due"] <= now and message["sending"] is None:
                waiting[message["rule"]].append(message)
        return [self._sent(org, rule, some[n: n + MOST], now) for rule, some in waiting.items()
                for n in range(0, len(some), MOST)]

    def _sent(self, org: Org, rule: int, some: list[Json], now: datetime) -> Delivery:
        chosen = org.desk["outbound_messages"][rule]
        id = f"message-{org.counters['04l']}-{some[0]['id']}-{some[0]['tries']}"
        for message in some:
            message["sending"] = id
        return Delivery(id, chosen["url"], envelope(org, rule, some), now,
                        lambda at: {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": '""',
                                    "User-Agent": "Salesforce Outbound Message"})

    def settled(self, org: Org, delivery: Delivery, status: int | None, now: datetime) -> bool:
        """Whether it was one of these; only an Ack ends it, and a 200 without one does not."""
        mine = [m for m in org.messages if m["sending"] == delivery.id]
        acknowledged = status == 200 and ACK in delivery.answer
        for message in mine:
            if acknowledged:
                org.messages.remove(message)
            else:
                pause = min(FIRST_PAUSE * 2 ** message["tries"], LONGEST_PAUSE)
                message |= {"sending": None, "tries": message["tries"] + 1, "due": now + pause}
        return bool(mine)


def envelope(org: Org, rule: int, some: list[Json]) -> bytes:
    """The message with the rows as they stand now; of a deleted row only its id is left. No session id is sent."""
    fields = org.desk["outbound_messages"][rule].get("fields", ["Id", "SystemModstamp"])
    home = f"https://{org.domain}.my.salesforce.com/services/Soap"
    head = (f"   <OrganizationId>{org.id}</OrganizationId>\n   <ActionId>{numbered('04k', rule + 1)}</ActionId>\n"
            f'   <SessionId xsi:nil="true"/>\n   <EnterpriseUrl>{home}/c/66.0/{org.id[:15]}</EnterpriseUrl>\n'
            f"   <PartnerUrl>{home}/u/66.0/{org.id[:15]}</PartnerUrl>\n")
    told = "".join(_notification(org, message, fields) for message in some)
    return ENVELOPE.format(head + told).encode()


def _notification(org: Org, message: Json, fields: list[str]) -> str:
    row = org.tables[message["object"]].get(message["row"], {"Id": message["row"]})
    values = "".join(f"     <sf:{name}>{escape(str(spoken(row[name])))}</sf:{name}>\n"
                     for name in dict.fromkeys(["Id", *fields]) if row.get(name) is not None)
    return (f"   <Notification>\n    <Id>{message['id']}</Id>\n    <sObject xsi:type=\"sf:{message['object']}\" "
            f'xmlns:sf="urn:sobject.enterprise.soap.sforce.com">\n{values}    </sObject>\n   </Notification>\n')
