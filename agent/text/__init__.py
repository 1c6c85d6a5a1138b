"""Reading what people wrote in mails: what is no quote, machine-made mail, small talk, order numbers."""

from agent.text.asking import may_ask
from agent.text.machine import NO_REPLY, is_machine_mail
from agent.text.newest import unquoted
from agent.text.order import order_number, order_numbers
from agent.text.small_talk import is_small_talk

__all__ = ["NO_REPLY", "is_machine_mail", "is_small_talk", "may_ask", "order_number", "order_numbers", "unquoted"]
