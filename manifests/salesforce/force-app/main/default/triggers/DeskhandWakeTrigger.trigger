trigger DeskhandWakeTrigger on Deskhand_Wake__e(after insert) {
    DeskhandSender.start(0, 0);
}
