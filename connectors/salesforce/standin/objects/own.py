"""What Deskhand's package brings to the org (manifests/salesforce)."""

ACTION = """
Name string 80 -; Key__c string 64 external unique; Case__c reference 18 > Case Case__r < Deskhand_Actions__r;
Kind__c string 32; Digest__c string 64; Record__c string 18
"""
OUTBOX = """
Name string 80 -; Event_Id__c string 64 external unique; Case_Id__c string 18; Kind__c string 40;
Occurred_At__c datetime; Status__c picklist 255 [Waiting|Sent|Failed] restricted; Attempts__c double;
Next_Try__c datetime; Last_Error__c string 255
"""
HEAD = "Name string 80 -; Digest__c string 64 external unique; Head__c textarea 4000"
OWN_OBJECTS = {"Deskhand_Action__c": ("a00", ACTION), "Deskhand_Outbox__c": ("a01", OUTBOX),
               "Deskhand_Head__c": ("a02", HEAD)}
"""Key prefix and fields."""
TAGS = "Deskhand_Tags__c string 255"
"""A field of Case."""
