"""What `describe` and `describe/layouts` say about an object (recorded describes of Contact and Case)."""

from __future__ import annotations

import re
from typing import Any

from connectors.salesforce.standin.org import Json, Org
from connectors.salesforce.standin.schema import Field, SObject

MASTER = "012000000000000AAA"
SOAP = {"id": "tns:ID", "reference": "tns:ID", "boolean": "xsd:boolean", "double": "xsd:double", "date": "xsd:date",
        "datetime": "xsd:dateTime", "int": "xsd:int", "address": "urn:address", "anyType": "xsd:anyType"}
NO_RELATION_NAMED = (("FeedItem", "ParentId"),)
"""Children that describe lists without a name of the relationship."""


def describe(org: Org, obj: SObject, visible: list[Field], editable: set[str], may: frozenset[str]) -> Json:
    """The body of `GET /sobjects/<name>/describe`, for the user who asks: fields they cannot see are left out."""
    base = "/services/data/v66.0/sobjects/" + obj.name
    history = obj.name.endswith("History")
    rights = {name: f"{obj.name}:{right}" in may and not history
              for name, right in (("createable", "create"), ("updateable", "edit"), ("deletable", "delete"))}
    flags = {**rights, "undeletable": True,
             "mergeable": obj.name in ("Contact", "Account"), "queryable": True, "retrieveable": True,
             "searchable": True, "triggerable": True, "layoutable": True, "replicateable": True, "activateable": False,
             "compactLayoutable": True, "custom": obj.name.endswith("__c"), "customSetting": False,
             "deepCloneable": False, "deprecatedAndHidden": False, "feedEnabled": True, "hasSubtypes": False,
             "isInterface": False, "isSubtype": False, "mruEnabled": True, "searchLayoutable": True}
    nothing = dict.fromkeys(("associateEntityType", "associateParentEntity", "defaultImplementation", "extendedBy",
                             "extendsInterfaces", "implementedBy", "implementsInterfaces", "listviewable",
                             "lookupLayoutable", "networkScopeFieldName"))
    return {"actionOverrides": [], "childRelationships": _children(org, obj), "keyPrefix": obj.prefix,
            "label": obj.name, "labelPlural": obj.name + "s", "name": obj.name, "namedLayoutInfos": [],
            "recordTypeInfos": _record_types(org, obj, base),
            "sobjectDescribeOption": "FULL", "supportedScopes": [{"label": "All", "name": "everything"}],
            "urls": {"sobject": base, "describe": base + "/describe", "rowTemplate": base + "/{ID}"},
            "fields": [_described(f, f.name in editable) for f in visible], **flags, **nothing}


def _children(org: Org, obj: SObject) -> list[Json]:
    return [{"cascadeDelete": each.name in ("CaseComment", "EmailMessage", "FeedItem"), "childSObject": each.name,
             "deprecatedAndHidden": False, "field": f.name, "junctionIdListNames": [], "junctionReferenceTo": [],
             "relationshipName": None if (each.name, f.name) in NO_RELATION_NAMED else f.children,
             "restrictedDelete": False}
            for each in org.objects.values() for f in each.fields.values() if f.children and obj.name in f.refers_to]


def _record_types(org: Org, obj: SObject, base: str) -> list[Json]:
    rows = [r for r in org.tables.get("RecordType", {}).values() if r["SobjectType"] == obj.name and r["IsActive"]]
    listed = [(r["Id"], r["Name"], r["DeveloperName"], False) for r in rows]
    return [{"active": True, "available": True, "defaultRecordTypeMapping": place == 0, "developerName": developer,
             "master": master, "name": name, "recordTypeId": id, "urls": {"layout": f"{base}/describe/layouts/{id}"}}
            for place, (id, name, developer, master) in enumerate([*listed, (MASTER, "Master", "Master", True)])]


def layouts(org: Org, obj: SObject) -> Json:
    """The body of `GET /sobjects/<name>/describe/layouts` as far as picklists go ("DescribeLayoutResult")."""
    base = "/services/data/v66.0/sobjects/" + obj.name
    return {"layouts": None, "recordTypeSelectorRequired": [False], "recordTypeMappings": [
        {**{key: value for key, value in info.items() if key != "urls"}, "layoutId": None,
         "picklistsForRecordType": [{"picklistName": f.name, "picklistValues": [
             value for value in _values(f) if value["value"] in offered.get(f.name, f.picklist)]}
             for f in obj.fields.values() if f.picklist],
         "urls": {"layout": info["urls"]["layout"]}}
        for info in _record_types(org, obj, base)
        for offered in [org.desk.get("record_types", {}).get(info["recordTypeId"], {})]]}


def _values(f: Field) -> list[Json]:
    return [{"active": True, "defaultValue": False, "label": v, "validFor": None, "value": v} for v in f.picklist]


def _described(f: Field, editable: bool) -> Json:
    off: dict[str, Any] = dict.fromkeys(
        ("aiPredictionField", "autoNumber", "cascadeDelete", "caseSensitive", "dependentPicklist",
         "deprecatedAndHidden", "displayLocationInDecimal", "externalId", "formulaTreatNullNumberAsZero",
         "highScaleNumber", "htmlFormatted", "namePointing", "polymorphicForeignKey", "queryByDistance",
         "restrictedDelete", "searchPrefilterable", "unique", "writeRequiresMasterRead"), False)
    off |= {"externalId": f.external, "unique": f.unique, "caseSensitive": f.unique,
            "namePointing": len(f.refers_to) > 1, "polymorphicForeignKey": len(f.refers_to) > 1}
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
        "digits": 0, "precision": 0, "scale": 0, "idLookup": f.type in ("id", "email") or f.external,
        "nameField": f.name == "Name", "permissionable": f.createable and f.nillable, "picklistValues": _values(f),
        "restrictedPicklist": f.restricted, "referenceTo": list(f.refers_to),
        "relationshipName": f.relationship or None, "soapType": SOAP.get(f.type, "xsd:string"),
    }
