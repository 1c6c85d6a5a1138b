trigger DeskhandCaseTrigger on Case(after insert, after update) {
    if (Trigger.isInsert) {
        DeskhandEvents.casesCreated(Trigger.new);
    } else {
        DeskhandEvents.casesUpdated(Trigger.new, Trigger.oldMap);
    }
}
