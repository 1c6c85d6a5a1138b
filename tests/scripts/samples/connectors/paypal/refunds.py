import stripe


def pays_twice(client, asked, key, made):
    # below: refund-with-key
    client.v1.refunds.create(asked)
    # below: refund-with-key
    client.refunds.create(asked, {"expand": ["charge"]})
    # below: refund-with-key
    client.v1.refunds.cancel(made)
    # below: refund-with-key
    stripe.Refund.create(charge="ch_1")


def pays_once(client, asked, key, made):
    client.v1.refunds.create(asked, {"idempotency_key": str(key)})
    client.v1.refunds.create(asked, {"idempotency_key": str(key), "stripe_version": "2026-10-28.endive"})
    client.v1.refunds.cancel(made, {"expand": ["charge"]}, {"idempotency_key": str(key)})
    stripe.Refund.create(charge="ch_1", idempotency_key=str(key))
    client.v1.refunds.retrieve(made)
