"""What a customer paid with, by the kind of payment method: a card, a bank account, or a service by its name."""

from __future__ import annotations

from connectors.contract import Method

BRANDS = {"visa": "Visa", "mastercard": "Mastercard", "amex": "American Express", "discover": "Discover",
          "diners": "Diners Club", "jcb": "JCB", "unionpay": "UnionPay", "cartes_bancaires": "Cartes Bancaires",
          "interac": "Interac"}
"""Stripe's words for card brands, as their owners write them."""
CARDS = ("card", "card_present", "interac_present", "kr_card")
ACCOUNTS = {"sepa_debit": "SEPA", "us_bank_account": "ACH", "ach_debit": "ACH", "acss_debit": "PAD",
            "au_becs_debit": "BECS", "bacs_debit": "Bacs", "nz_bank_account": "NZ"}
"""Debits of a bank account, of which Stripe tells the last four digits, and the scheme's name."""
NAMES = {"paypal": "PayPal", "klarna": "Klarna", "link": "Link", "ideal": "iDEAL", "bancontact": "Bancontact",
         "sofort": "Sofort", "giropay": "giropay", "eps": "EPS", "p24": "Przelewy24", "blik": "BLIK", "twint": "TWINT",
         "multibanco": "Multibanco", "mb_way": "MB WAY", "satispay": "Satispay", "mobilepay": "MobilePay",
         "swish": "Swish", "revolut_pay": "Revolut Pay", "amazon_pay": "Amazon Pay", "cashapp": "Cash App Pay",
         "affirm": "Affirm", "afterpay_clearpay": "Afterpay", "alma": "Alma", "billie": "Billie", "zip": "Zip",
         "alipay": "Alipay", "wechat_pay": "WeChat Pay", "samsung_pay": "Samsung Pay", "pix": "Pix"}
"""Stripe's words for services that people pay with, as their owners write them."""


def is_card(method: Method) -> bool:
    return method.kind in CARDS or method.brand in BRANDS


def told_digits(method: Method) -> str:
    """The last four of a card or a bank account, which alone are told to a customer; "" for anything else."""
    return method.last4 or "" if is_card(method) or method.kind in ACCOUNTS else ""
