"""The rows a case consists of, as they are read; fields that the user may not read are missing and have no value."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from connectors.salesforce.reading import when


def _text(value: Any) -> str | None:
    return None if value is None else str(value) if not isinstance(value, bool) else str(value).lower()


When = Annotated[datetime, BeforeValidator(when)]
Text = Annotated[str | None, BeforeValidator(_text)]
"""A value of any type as text, as Salesforce writes it."""


class Row(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)

    id: str = Field(alias="Id")
    created: When = Field(alias="CreatedDate")
    created_by: str = Field("", alias="CreatedById")


class CaseRow(Row):
    """A case with all fields that the user may read (REST API, "sObject Rows")."""

    model_config = ConfigDict(extra="allow")

    number: str = Field("", alias="CaseNumber")
    subject: str | None = Field(None, alias="Subject")
    description: str | None = Field(None, alias="Description")
    status: str | None = Field(None, alias="Status")
    closed: bool = Field(False, alias="IsClosed")
    origin: str | None = Field(None, alias="Origin")
    priority: str | None = Field(None, alias="Priority")
    owner: str | None = Field(None, alias="OwnerId")
    contact: str | None = Field(None, alias="ContactId")
    contact_email: str | None = Field(None, alias="ContactEmail")
    account: str | None = Field(None, alias="AccountId")
    supplied_email: str | None = Field(None, alias="SuppliedEmail")
    supplied_name: str | None = Field(None, alias="SuppliedName")
    record_type: str | None = Field(None, alias="RecordTypeId")
    tags: str | None = Field(None, alias="Deskhand_Tags__c")
    deleted: bool = Field(False, alias="IsDeleted")
    master: str | None = Field(None, alias="MasterRecordId")
    """The case this one was merged into, where the org keeps those ("Merge Cases")."""
    modified: When = Field(alias="LastModifiedDate")

    def custom(self) -> dict[str, str | None]:
        """The org's own fields, by name."""
        return {name: _text(value) for name, value in (self.model_extra or {}).items() if name.endswith("__c")}


class By(BaseModel):
    """Who made a row, as far as the row itself tells."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    Name: str | None = None
    UserType: str | None = None
    ContactId: str | None = None


class MadeRow(Row):
    by: By | None = Field(None, alias="CreatedBy")


class CommentRow(MadeRow):
    text: str | None = Field(None, alias="CommentBody")
    published: bool = Field(False, alias="IsPublished")


class File(BaseModel):
    """A file that hangs on a mail: an attachment, or a link to a document."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    Name: str | None = None
    ContentDocument: Mapping[str, Any] | None = None

    def name(self) -> str:
        document = self.ContentDocument or {}
        return self.Name or ".".join(str(part) for part in (document.get("Title"), document.get("FileExtension"))
                                     if part)


class Files(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    records: tuple[File, ...] = ()


class MailRow(MadeRow):
    incoming: bool = Field(False, alias="Incoming")
    status: str | None = Field(None, alias="Status")
    subject: str | None = Field(None, alias="Subject")
    text: str | None = Field(None, alias="TextBody")
    html: str | None = Field(None, alias="HtmlBody")
    sender: str | None = Field(None, alias="FromAddress")
    sender_name: str | None = Field(None, alias="FromName")
    to: str | None = Field(None, alias="ToAddress")
    cc: str | None = Field(None, alias="CcAddress")
    headers: str | None = Field(None, alias="Headers")
    bounced: bool | None = Field(None, alias="IsBounced")
    attachments: Files | None = Field(None, alias="Attachments")
    documents: Files | None = Field(None, alias="ContentDocumentLinks")

    def files(self) -> tuple[str, ...]:
        found = [*(self.attachments or Files()).records, *(self.documents or Files()).records]
        return tuple(file.name() for file in found if file.name())


class HistoryRow(MadeRow):
    field: str = Field("", alias="Field")
    old: Text = Field(None, alias="OldValue")
    new: Text = Field(None, alias="NewValue")


class PostRow(MadeRow):
    text: str | None = Field(None, alias="Body")
    visibility: str | None = Field(None, alias="Visibility")


REFUSED = "refused"
"""Kind of a receipt of what was then not taken: it stands for nothing."""


class ReceiptRow(Row):
    """What we did on the case (package, "Deskhand Action")."""

    key: str = Field(alias="Key__c")
    kind: str | None = Field(None, alias="Kind__c")
    record: str | None = Field(None, alias="Record__c")

    def operation(self) -> str:
        return self.key.partition(".")[0]


class MergedRow(Row):
    """A case that was merged into another: deleted then, and what was said on it moved."""

    at: When = Field(alias="SystemModstamp")


class UserRow(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)

    id: str = Field(alias="Id")
    name: str | None = Field(None, alias="Name")
    email: str | None = Field(None, alias="Email")
    type: str | None = Field(None, alias="UserType")
    active: bool = Field(True, alias="IsActive")
    contact: str | None = Field(None, alias="ContactId")
    zone: str | None = Field(None, alias="TimeZoneSidKey")


class PersonRow(BaseModel):
    """A contact, or the account of a person."""

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)

    id: str = Field(alias="Id")
    name: str | None = Field(None, alias="Name")
    email: str | None = None

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> PersonRow:
        return cls(id=row["Id"], name=row.get("Name"), email=row.get("Email") or row.get("PersonEmail"))
