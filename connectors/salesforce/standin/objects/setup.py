"""The org itself, and what an admin finds under Setup."""

ORGANIZATION = """
Name string 80 -; Division string 80 -; Street textarea 255 -; City string 40 -; State string 80 -;
PostalCode string 20 -; Country string 80 -; Latitude double -; Longitude double -; GeocodeAccuracy picklist 40 -;
Address address -; Phone phone 40 -; Fax phone 40 -; PrimaryContact string 80 -; DefaultLocaleSidKey picklist 40 -;
TimeZoneSidKey picklist 40 -; LanguageLocaleKey picklist 40 -; OrganizationType picklist 40 -;
NamespacePrefix string 15 -; InstanceName string 5 -; IsSandbox boolean -; TrialExpirationDate datetime -;
IsReadOnly boolean -
"""
FIELD_DEFINITION = """
DurableId string 255 -; QualifiedApiName string 70 -; EntityDefinitionId string 255 -; Label string 255 -;
DataType string 255 -; IsFieldHistoryTracked boolean -
"""
RECORD_TYPE = """
Name string 80 !; DeveloperName string 80 !; SobjectType picklist 40 [Account|Case|Contact] restricted + !;
NamespacePrefix string 15 -; Description string 255; IsActive boolean
"""
SENDER = """
Address email 255 !; DisplayName string 255 !; IsAllowAllProfiles boolean; IsVerified boolean;
Purpose picklist 40 [DefaultNoreply|UserSelection|UserSelectionAndDefaultNoReply] restricted
"""
CRON_TRIGGER = """
CronJobDetailId reference 18 > CronJobDetail CronJobDetail -; State picklist 40 [WAITING|ACQUIRED|EXECUTING|COMPLETE|
DELETED|ERROR|PAUSED] -; NextFireTime datetime -; PreviousFireTime datetime -; StartTime datetime -; EndTime datetime -;
TimesTriggered int -; CronExpression string 255 -; OwnerId reference 18 > User Owner -; TimeZoneSidKey picklist 40 -
"""
CRON_DETAIL = "Name string 255 -; JobType string 255 -"
APEX = """
Name string 255 -; ApiVersion double -; Status picklist 40 [Active|Inactive|Deleted] -; NamespacePrefix string 15 -;
IsValid boolean -
"""
NAMED_CREDENTIAL = "DeveloperName string 80 -; MasterLabel string 80 -; Endpoint string 255 -"
EXTERNAL_CREDENTIAL = "DeveloperName string 80 -; MasterLabel string 80 -; AuthenticationProtocol string 40 -"
CERTIFICATE = "DeveloperName string 80 -; MasterLabel string 80 -; KeySize int -; ExpirationDate datetime -"
CLIENT_APP = "DeveloperName string 80 -; MasterLabel string 80 -; DistributionState string 40 -"
SUBSCRIBER = """
DeveloperName string 80 -; MasterLabel string 80 -; PlatformEventConsumer string 80 -;
UserId reference 18 > User User -; BatchSize int -
"""

SETUP_OBJECTS = {
    "Organization": ("00D", ORGANIZATION), "FieldDefinition": ("000", FIELD_DEFINITION),
    "RecordType": ("012", RECORD_TYPE), "OrgWideEmailAddress": ("0D2", SENDER), "CronTrigger": ("08e", CRON_TRIGGER),
    "CronJobDetail": ("08a", CRON_DETAIL), "ApexClass": ("01p", APEX), "ApexTrigger": ("01q", APEX),
    "NamedCredential": ("0XA", NAMED_CREDENTIAL), "ExternalCredential": ("0pt", EXTERNAL_CREDENTIAL),
    "Certificate": ("0P1", CERTIFICATE), "ExternalClientApplication": ("0xI", CLIENT_APP),
    "PlatformEventSubscriberConfig": ("0v8", SUBSCRIBER)}
"""Key prefix and fields."""
SETUP_ONLY = frozenset(SETUP_OBJECTS) - {"Organization", "FieldDefinition", "RecordType"} | {
    "PermissionSet", "PermissionSetAssignment"}
"""Readable with View Setup and Configuration only."""
