trigger DeskhandEmailMessageTrigger on EmailMessage(after insert) {
    DeskhandEvents.emailsReceived(Trigger.new);
}
