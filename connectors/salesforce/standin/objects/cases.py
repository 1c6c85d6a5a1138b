"""Cases and what is said and done on them."""

from connectors.salesforce.standin.schema import SYSTEM

NOTHING = ""
AUDIT = """
CreatedDate datetime - !; CreatedById reference 18 > User CreatedBy - !; LastModifiedDate datetime - !;
LastModifiedById reference 18 > User LastModifiedBy - !; SystemModstamp datetime - !;
"""
CASE = """
Id id 18 -; IsDeleted boolean -; MasterRecordId reference 18 > Case MasterRecord -; CaseNumber string 30 - !;
ContactId reference 18 > Contact Contact < Cases; AccountId reference 18 > Account Account < Cases;
AssetId reference 18 > Asset Asset; ParentId reference 18 > Case Parent < Cases; SuppliedName string 80;
SuppliedEmail email 80; SuppliedPhone string 40; SuppliedCompany string 80;
Type picklist 40 [Mechanical|Electrical|Electronic|Structural|Other];
Status picklist 40 [New|Working|Escalated|Closed];
Reason picklist 40 [Installation|Equipment Complexity|Performance|Breakdown|Equipment Design|Feedback|Other];
Origin picklist 40 [Phone|Email|Web]; Subject string 255; Priority picklist 40 [High|Medium|Low];
Description textarea 32000; IsClosed boolean -; ClosedDate datetime -; IsEscalated boolean;
OwnerId reference 18 > Group/User Owner =;
""" + AUDIT + """
ContactPhone phone 40 -; ContactMobile phone 40 -; ContactEmail email 80 -; ContactFax phone 40 -;
Comments textarea 4000; LastViewedDate datetime -; LastReferencedDate datetime -
"""
CASE_COMMENT = """
ParentId reference 18 > Case Parent < CaseComments + !; IsPublished boolean; CommentBody textarea 4000 +
"""
EMAIL = """
ParentId reference 18 > Case Parent < EmailMessages +; ActivityId reference 18 > Task Activity +;
TextBody textarea 32000; HtmlBody textarea 131072; Headers textarea 32000; Subject string 3000; Name string 255 -;
FromName string 1000; FromAddress email 1000; ValidatedFromAddress string 1000; ToAddress string 4000;
CcAddress string 4000; BccAddress string 4000; Incoming boolean; HasAttachment boolean -;
Status picklist 40 [0|1|2|3|4|5] restricted !; MessageDate datetime;
ReplyToEmailMessageId reference 18 > EmailMessage ReplyToEmailMessage +; IsExternallyVisible boolean;
MessageIdentifier string 765; ThreadIdentifier string 765; IsClientManaged boolean +; IsBounced boolean -;
AutomationType picklist 40 [OneToOne] -; RelatedToId reference 18 > Account/Case RelatedTo < Emails;
IsTracked boolean -; FirstOpenedDate datetime -
"""
FEED = """
ParentId reference 18 > Case/Contact/Account/User Parent < Feeds + !; Type picklist 40 [TextPost|LinkPost|ContentPost|
CaseCommentPost|EmailMessageEvent|ChangeStatusPost|TrackedChange] +; Title string 255; Body textarea 10000;
IsRichText boolean; RelatedRecordId reference 18 +;
Visibility picklist 40 [AllUsers|InternalUsers] restricted; LinkUrl url 1000;
CommentCount int -; LikeCount int -; Status picklist 40 [Published|PendingReview]
"""
HISTORY = """
Id id 18 -; IsDeleted boolean -; CaseId reference 18 > Case Case < Histories -;
CreatedById reference 18 > User CreatedBy - !; CreatedDate datetime - !; Field picklist 255 -; DataType picklist 40 -;
OldValue anyType -; NewValue anyType -
"""
STATUS = """
Id id 18 -; MasterLabel string 255 -; ApiName string 255 -; SortOrder int -; IsDefault boolean -; IsClosed boolean -;
""" + AUDIT
ATTACHMENT = """
ParentId reference 18 > Case/EmailMessage Parent < Attachments + !; Name string 255 !; ContentType string 120;
BodyLength int -; IsPrivate boolean
"""
DOCUMENT = "Title string 255; FileExtension string 40 -; FileType string 20 -; ContentSize int -"
LINK = """
Id id 18 -; LinkedEntityId reference 18 > Case/EmailMessage LinkedEntity < ContentDocumentLinks + !;
ContentDocumentId reference 18 > ContentDocument ContentDocument < ContentDocumentLinks + !; IsDeleted boolean -;
SystemModstamp datetime -; ShareType picklist 40 [V|C|I] =; Visibility picklist 40 [AllUsers|InternalUsers]
"""

CASE_OBJECTS = {
    "Case": ("500", NOTHING, CASE), "CaseComment": ("00a", SYSTEM, CASE_COMMENT),
    "EmailMessage": ("02s", SYSTEM, EMAIL), "FeedItem": ("0D5", SYSTEM, FEED),
    "CaseHistory": ("017", NOTHING, HISTORY), "CaseStatus": ("01J", NOTHING, STATUS),
    "Attachment": ("00P", SYSTEM, ATTACHMENT), "ContentDocument": ("069", SYSTEM, DOCUMENT),
    "ContentDocumentLink": ("06A", NOTHING, LINK)}
"""Key prefix, the fields before, and the fields; a case's in the order of the recorded describe."""
