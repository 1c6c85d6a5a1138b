trigger DeskhandCaseCommentTrigger on CaseComment(after insert) {
    DeskhandEvents.commentsAdded(Trigger.new);
}
