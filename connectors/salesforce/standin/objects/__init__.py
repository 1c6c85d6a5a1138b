"""The objects of the org, one module per corner of it (Object Reference; recorded describes of Contact and Case)."""

from functools import cache

from connectors.salesforce.standin.objects.cases import CASE_OBJECTS
from connectors.salesforce.standin.objects.crm import CRM_OBJECTS, PERSON_ACCOUNT, PERSON_CONTACT
from connectors.salesforce.standin.objects.own import OWN_OBJECTS, TAGS
from connectors.salesforce.standin.objects.setup import SETUP_OBJECTS
from connectors.salesforce.standin.objects.users import USER_OBJECTS
from connectors.salesforce.standin.schema import SObject, read_object

__all__ = ["NAME", "PERSON_ACCOUNT", "PERSON_CONTACT", "TAGS", "own_objects", "standard_objects"]

NAME = read_object("Name", "", """
Id id 18 -; Name string 121 -; Type string 40 -; FirstName string 40 -; LastName string 80 -; Username string 80 -;
Email email 128 -; IsActive boolean -; Alias string 8 -; Phone phone 40 -; Title string 128 -; ProfileId reference 18 -
""", system="")
"""What a polymorphic reference is seen as (SOQL and SOSL Reference, "Understanding Polymorphic Keys")."""


def standard_objects() -> dict[str, SObject]:
    """What every org has."""
    return dict(_standard())


def own_objects() -> dict[str, SObject]:
    """What Deskhand's package brings."""
    return dict(_own())


@cache
def _standard() -> dict[str, SObject]:
    made = [read_object(name, prefix, text) for name, (prefix, text) in {**CRM_OBJECTS, **USER_OBJECTS,
                                                                        **SETUP_OBJECTS}.items()]
    made += [read_object(name, prefix, text, system=system) for name, (prefix, system, text) in CASE_OBJECTS.items()]
    return {each.name: each for each in made}


@cache
def _own() -> dict[str, SObject]:
    return {name: read_object(name, prefix, text) for name, (prefix, text) in OWN_OBJECTS.items()}
