"""Contacts, accounts and tasks."""

CONTACT = """
MasterRecordId reference 18 > Contact MasterRecord -; AccountId reference 18 > Account Account < Contacts;
LastName string 80 !;
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
WhoId reference 18 > Contact Who; WhatId reference 18 > Account/Case What < Tasks; Subject combobox 255;
ActivityDate date;
Status picklist 255 [Not Started|In Progress|Completed|Waiting on someone else|Deferred] restricted;
Priority picklist 255 [High|Normal|Low] restricted; OwnerId reference 18 > User Owner =; Description textarea 32000;
AccountId reference 18 > Account Account -; IsClosed boolean -; IsHighPriority boolean -;
TaskSubtype picklist 40 [Task|Email|List Email|Cadence|Call|LinkedIn] restricted; CompletedDateTime datetime -;
CallDurationInSeconds int; CallType picklist 40 [Internal|Inbound|Outbound]
"""
CONTACT_HISTORY = """
ContactId reference 18 > Contact Contact < Histories -; Field picklist 255 -; DataType picklist 40 -;
OldValue anyType -; NewValue anyType -
"""
PERSON_ACCOUNT = """
IsPersonAccount boolean -; PersonContactId reference 18 > Contact PersonContact -; FirstName string 40;
LastName string 80; Salutation picklist 40 [Mr.|Ms.|Mrs.|Dr.|Prof.]; PersonEmail email 80; PersonMobilePhone phone 40;
PersonHasOptedOutOfEmail boolean; PersonMailingStreet textarea 255; PersonMailingCity string 40;
PersonMailingState string 80; PersonMailingPostalCode string 20; PersonMailingCountry string 80
"""
"""What Account has more where person accounts are enabled (Object Reference, "Person Account Fields on Account")."""
PERSON_CONTACT = "IsPersonAccount boolean -"

CRM_OBJECTS = {"Contact": ("003", CONTACT), "Account": ("001", ACCOUNT), "Task": ("00T", TASK),
               "ContactHistory": ("017", CONTACT_HISTORY)}
"""Key prefix and fields."""
