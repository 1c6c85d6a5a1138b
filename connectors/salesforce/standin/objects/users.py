"""People of the org, their groups, and what they may."""

USER = """
Username string 80; Name string 121 - !; FirstName string 40; LastName string 80 !; Email email 128; IsActive boolean;
UserType picklist 40 [Standard|PowerPartner|CSPLitePortal|CustomerSuccess|AutomatedProcess|Guest] -;
ProfileId reference 18 > Profile Profile < Users; Alias string 8; CommunityNickname string 40; Phone phone 40;
Title string 80; TimeZoneSidKey picklist 40; LocaleSidKey picklist 40; LanguageLocaleKey picklist 40;
EmailEncodingKey picklist 40; ContactId reference 18 > Contact Contact +; AccountId reference 18 > Account Account -;
FederationIdentifier string 512; LastLoginDate datetime -
"""
PROFILE = """
Name string 255; UserLicenseId reference 18 > UserLicense UserLicense -; UserType picklist 40 -; Description string 255;
PermissionsModifyAllData boolean; PermissionsViewAllData boolean; PermissionsApiUserOnly boolean
"""
PERMISSION_SET = """
Name string 80 !; Label string 80 !; IsOwnedByProfile boolean -; ProfileId reference 18 > Profile Profile -;
LicenseId reference 18 > UserLicense License +; Description string 255; IsCustom boolean -; NamespacePrefix string 15 -;
Type picklist 40 [Regular|Standard|Session|Group] -; PermissionsModifyAllData boolean; PermissionsViewAllData boolean;
PermissionsViewSetup boolean; PermissionsApiEnabled boolean
"""
ASSIGNMENT = """
PermissionSetId reference 18 > PermissionSet PermissionSet < Assignments + !;
AssigneeId reference 18 > User Assignee < PermissionSetAssignments + !; IsActive boolean -; ExpirationDate datetime -;
PermissionSetGroupId reference 18 > PermissionSetGroup PermissionSetGroup -
"""
GROUP = """
Name string 40 !; DeveloperName string 80; Type picklist 40 [Regular|Queue|Role|RoleAndSubordinates|Organization] +;
RelatedId reference 18 > User/UserRole Related -; Email email 255; DoesSendEmailToMembers boolean;
DoesIncludeBosses boolean; OwnerId reference 18 > User Owner -; Description string 255
"""
GROUP_MEMBER = """
GroupId reference 18 > Group Group < GroupMembers + !; UserOrGroupId reference 18 > User/Group UserOrGroup + !
"""
QUEUE = "QueueId reference 18 > Group Queue < QueueSobjects + !; SobjectType picklist 40 + !"
ACCESS = """
UserId reference 18 > User User -; RecordId string 18 -; HasReadAccess boolean -; HasEditAccess boolean -;
HasDeleteAccess boolean -; HasTransferAccess boolean -; HasAllAccess boolean -;
MaxAccessLevel picklist 40 [None|Read|Edit|Delete|Transfer|All] -
"""
LICENSE = "Name string 40 -; MasterLabel string 40 -; LicenseDefinitionKey string 40 -; Status picklist 40 -"

USER_OBJECTS = {
    "User": ("005", USER), "Profile": ("00e", PROFILE), "PermissionSet": ("0PS", PERMISSION_SET),
    "PermissionSetAssignment": ("0Pa", ASSIGNMENT), "Group": ("00G", GROUP), "GroupMember": ("011", GROUP_MEMBER),
    "QueueSobject": ("03g", QUEUE), "UserRecordAccess": ("0RA", ACCESS), "UserLicense": ("100", LICENSE)}
"""Key prefix and fields."""
