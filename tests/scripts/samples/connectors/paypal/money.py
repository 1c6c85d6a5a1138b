from decimal import Decimal


class Refund:
    # below: no-float-money
    amount: float
    seconds: float
    cents: int


# below: no-float-money
def refundable(charge) -> float:
    return charge


# below: no-float-money
def pays(amount: float):
    return amount


def reckons(charge, row, amount, cents, currency):
    # below: no-float-money
    first = float(row["amount"]) if row else float(charge.amount)
    # below: no-float-money
    second = cents / 100
    # below: no-float-money
    third = charge.amount_refunded / 2
    # below: no-float-money
    fourth = round(amount * 1.19, 2)
    # below: no-float-money
    price: float = 0.0
    fifth = cents // 100
    sixth = Decimal(amount) / 100
    seventh = float(row["seconds"])
    eighth = round(charge.minutes)
    return first, second, third, fourth, price, fifth, sixth, seventh, eighth


def seconds(of) -> float:
    return float(of)
