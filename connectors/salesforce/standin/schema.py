"""Which objects and fields the org has, as `describe` would tell (Object Reference; recorded describe of Contact)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Any

Json = dict[str, Any]

SOAP = {"id": "tns:ID", "reference": "tns:ID", "boolean": "xsd:boolean", "double": "xsd:double", "date": "xsd:date",
        "datetime": "xsd:dateTime", "int": "xsd:int", "address": "urn:address", "anyType": "xsd:anyType"}


@dataclass(frozen=True)
class Field:
    """One field; `createable`/`updateable` are what the vendor allows before anybody's permissions."""

    name: str
    type: str
    length: int = 0
    createable: bool = True
    updateable: bool = True
    nillable: bool = True
    picklist: tuple[str, ...] = ()
    restricted: bool = False
    refers_to: str = ""
    relationship: str = ""
    encrypted: bool = False
    defaulted: bool = False
    """The platform fills it on create when it is not given."""

    @property
    def custom(self) -> bool:
        return self.name.endswith("__c")

    @property
    def filterable(self) -> bool:
        """Long text, address compounds and encrypted fields cannot stand in a WHERE (SOQL and SOSL Reference)."""
        return not self.encrypted and self.type != "address" and not (self.type == "textarea" and self.length > 255)

    @property
    def calculated(self) -> bool:
        return self.type == "address" or (self.name == "Name" and not self.createable)


@dataclass(frozen=True)
class SObject:
    name: str
    prefix: str
    fields: dict[str, Field] = field(default_factory=dict)

    def find(self, name: str) -> Field | None:
        """Field names do not care about case."""
        return self.fields.get(name) or next((f for n, f in self.fields.items() if n.lower() == name.lower()), None)

    def following(self, relationship: str) -> Field | None:
        wanted = relationship.lower()
        return next((f for f in self.fields.values() if f.relationship.lower() == wanted), None)

    def plus(self, more: Field) -> SObject:
        return replace(self, fields={**self.fields, more.name: more})


SYSTEM = """
Id id 18 -; IsDeleted boolean -; CreatedDate datetime - !; CreatedById reference 18 > User CreatedBy - !;
LastModifiedDate datetime - !; LastModifiedById reference 18 > User LastModifiedBy - !; SystemModstamp datetime - !;
"""
CONTACT = """
MasterRecordId reference 18 > Contact MasterRecord -; AccountId reference 18 > Account Account; LastName string 80 !;
FirstName string 40; Salutation picklist 40 [Mr.|Ms.|Mrs.|Dr.|Prof.]; Name string 121 - !;
OtherStreet textarea 255; OtherCity string 40; OtherState string 80; OtherPostalCode string 20; OtherCountry string 80;
MailingStreet textarea 255; MailingCity string 40; MailingState string 80; MailingPostalCode string 20;
MailingCountry string 80; MailingAddress address -; Phone phone 40; Fax phone 40; MobilePhone phone 40;
HomePhone phone 40; OtherPhone phone 40; AssistantPhone phone 40; ReportsToId reference 18 > Contact ReportsTo;
Email email 80; Title string 128; Department string 80; AssistantName string 40;
LeadSource picklist 255 [Web|Phone Inquiry|Partner Referral|Purchased List|Other]; Birthdate date;
Description textarea 32000; OwnerId reference 18 > User Owner =; LastActivityDate date -;
HasOptedOutOfEmail boolean; HasOptedOutOfFax boolean; DoNotCall boolean; EmailBouncedReason string 255;
EmailBouncedDate datetime; IsEmailBounced boolean -; IndividualId reference 18 > Individual Individual
"""
ACCOUNT = """
Name string 255 !; Type picklist 255 [Prospect|Customer - Direct|Customer - Channel|Other]; Phone phone 40;
Website url 255; Industry picklist 255 [Agriculture|Banking|Retail|Technology|Other]; Description textarea 32000;
BillingStreet textarea 255; BillingCity string 40; BillingState string 80; BillingPostalCode string 20;
BillingCountry string 80; OwnerId reference 18 > User Owner =
"""
TASK = """
WhoId reference 18 > Contact Who; WhatId reference 18 > Account What; Subject combobox 255; ActivityDate date;
Status picklist 255 [Not Started|In Progress|Completed|Waiting on someone else|Deferred] restricted;
Priority picklist 255 [High|Normal|Low] restricted; OwnerId reference 18 > User Owner =; Description textarea 32000;
AccountId reference 18 > Account Account -; IsClosed boolean -; IsHighPriority boolean -;
TaskSubtype picklist 40 [Task|Email|List Email|Cadence|Call|LinkedIn] restricted; CompletedDateTime datetime -;
CallDurationInSeconds int; CallType picklist 40 [Internal|Inbound|Outbound]
"""
USER = """
Username string 80; Name string 121 - !; FirstName string 40; LastName string 80 !; Email email 128; IsActive boolean;
UserType picklist 40 [Standard|PowerPartner|CSPLitePortal|AutomatedProcess]; ProfileId reference 18 > Profile Profile
"""
ORGANIZATION = """
Name string 80 -; Division string 80 -; Street textarea 255 -; City string 40 -; State string 80 -;
PostalCode string 20 -; Country string 80 -; Latitude double -; Longitude double -; GeocodeAccuracy picklist 40 -;
Address address -; Phone phone 40 -; Fax phone 40 -; PrimaryContact string 80 -; DefaultLocaleSidKey picklist 40 -;
TimeZoneSidKey picklist 40 -; LanguageLocaleKey picklist 40 -; OrganizationType picklist 40 -;
NamespacePrefix string 15 -; InstanceName string 5 -; IsSandbox boolean -; TrialExpirationDate datetime -;
IsReadOnly boolean -
"""
HISTORY = """
ContactId reference 18 > Contact Contact -; Field picklist 255 -; DataType picklist 40 -; OldValue anyType -;
NewValue anyType -
"""
FIELD_DEFINITION = """
DurableId string 255 -; QualifiedApiName string 70 -; EntityDefinitionId string 255 -; Label string 255 -;
DataType string 255 -; IsFieldHistoryTracked boolean -
"""


def _field(line: str) -> Field:
    """Reads `name type [length] [> Target Relationship] [a|b] [restricted]` and the marks `!` required,
    `-` read only, `=` defaulted.
    """
    line, _, values = line.replace("]", "").partition("[") if "[" in line else (line, "", "")
    restricted = values.endswith(" restricted")
    words = line.split()
    name, kind = words[0], words[1]
    length = int(words[2]) if len(words) > 2 and words[2].isdigit() else 0
    target, relationship = words[words.index(">") + 1: words.index(">") + 3] if ">" in words else ("", "")
    writable = "-" not in words[2:]
    defaulted = "=" in words
    nillable = "!" not in words and not defaulted and kind not in ("id", "boolean")
    picklist = tuple(values.removesuffix(" restricted").split("|")) if values else ()
    return Field(name, kind, length, writable, writable, nillable, picklist, restricted, target, relationship,
                 defaulted=defaulted)


def _object(name: str, prefix: str, text: str) -> SObject:
    lines = [" ".join(line.split()) for line in (SYSTEM + text).split(";")]
    return SObject(name, prefix, {f.name: f for f in (_field(line) for line in lines if line)})


def standard_objects() -> dict[str, SObject]:
    made = [_object("Contact", "003", CONTACT), _object("Account", "001", ACCOUNT), _object("Task", "00T", TASK),
            _object("User", "005", USER), _object("Organization", "00D", ORGANIZATION),
            _object("ContactHistory", "017", HISTORY), _object("FieldDefinition", "000", FIELD_DEFINITION)]
    return {each.name: each for each in made}


def custom_field(name: str, sample: Any) -> Field:
    """A custom field whose type follows the value it was loaded with, or the type named by a string such as `:date`."""
    if isinstance(sample, str) and sample.startswith(":"):
        return Field(name, sample[1:], 255 if sample[1:] in ("string", "email", "phone") else 0)
    if isinstance(sample, bool):
        return Field(name, "boolean", nillable=False)
    if isinstance(sample, int | float):
        return Field(name, "double")
    return Field(name, "string", 255)


def describe(obj: SObject, visible: list[Field], editable: set[str], may: frozenset[str]) -> Json:
    """The body of `GET /sobjects/<name>/describe`, for the user who asks: fields they cannot see are left out."""
    base = "/services/data/v66.0/sobjects/" + obj.name
    history = obj.name.endswith("History")
    rights = {name: f"{obj.name}:{right}" in may and not history
              for name, right in (("createable", "create"), ("updateable", "edit"), ("deletable", "delete"))}
    flags = {**rights, "undeletable": True,
             "mergeable": obj.name in ("Contact", "Account"), "queryable": True, "retrieveable": True,
             "searchable": True, "triggerable": True, "layoutable": True, "replicateable": True, "activateable": False,
             "compactLayoutable": True, "custom": False, "customSetting": False, "deepCloneable": False,
             "deprecatedAndHidden": False, "feedEnabled": True, "hasSubtypes": False, "isInterface": False,
             "isSubtype": False, "mruEnabled": True, "searchLayoutable": True}
    nothing = dict.fromkeys(("associateEntityType", "associateParentEntity", "defaultImplementation", "extendedBy",
                             "extendsInterfaces", "implementedBy", "implementsInterfaces", "listviewable",
                             "lookupLayoutable", "networkScopeFieldName"))
    return {"actionOverrides": [], "childRelationships": [], "keyPrefix": obj.prefix, "label": obj.name,
            "labelPlural": obj.name + "s", "name": obj.name, "namedLayoutInfos": [], "recordTypeInfos": [],
            "sobjectDescribeOption": "FULL", "supportedScopes": [{"label": "All", "name": "everything"}],
            "urls": {"sobject": base, "describe": base + "/describe", "rowTemplate": base + "/{ID}"},
            "fields": [_described(f, f.name in editable) for f in visible], **flags, **nothing}


def _described(f: Field, editable: bool) -> Json:
    values = [{"active": True, "defaultValue": False, "label": v, "validFor": None, "value": v} for v in f.picklist]
    off = dict.fromkeys(
        ("aiPredictionField", "autoNumber", "cascadeDelete", "caseSensitive", "dependentPicklist",
         "deprecatedAndHidden", "displayLocationInDecimal", "externalId", "formulaTreatNullNumberAsZero",
         "highScaleNumber", "htmlFormatted", "namePointing", "polymorphicForeignKey", "queryByDistance",
         "restrictedDelete", "searchPrefilterable", "unique", "writeRequiresMasterRead"), False)
    nothing = dict.fromkeys(
        ("calculatedFormula", "compoundFieldName", "controllerName", "defaultValueFormula", "extraTypeInfo",
         "filteredLookupInfo", "inlineHelpText", "mask", "maskType", "referenceTargetField", "relationshipOrder"))
    return {
        **off, **nothing, "name": f.name, "label": re.sub(r"(?<=[a-z])(?=[A-Z])", " ", f.name.removesuffix("__c")),
        "type": "encryptedstring" if f.encrypted else f.type, "length": f.length, "byteLength": f.length * 3,
        "createable": f.createable and editable, "updateable": f.updateable and editable, "nillable": f.nillable,
        "custom": f.custom, "calculated": f.calculated, "encrypted": f.encrypted, "filterable": f.filterable,
        "sortable": f.filterable, "groupable": f.filterable, "aggregatable": f.filterable,
        "defaultValue": False if f.type == "boolean" else None, "defaultedOnCreate": f.defaulted or not f.createable,
        "digits": 0, "precision": 0, "scale": 0, "idLookup": f.type in ("id", "email"), "nameField": f.name == "Name",
        "permissionable": f.createable and f.nillable, "picklistValues": values, "restrictedPicklist": f.restricted,
        "referenceTo": [f.refers_to] if f.refers_to else [], "relationshipName": f.relationship or None,
        "soapType": SOAP.get(f.type, "xsd:string"),
    }
