"""The ledger's tables: what must survive a crash. What people read later is the audit."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

metadata = MetaData(
    naming_convention={
        "pk": "%(table_name)s_pkey",
        "ix": "%(table_name)s_%(column_0_N_name)s_idx",
        "uq": "%(table_name)s_%(column_0_N_name)s_key",
        "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
        "ck": "%(table_name)s_%(constraint_name)s_check",
    }
)


def _when(name: str, *, optional: bool = True) -> Column[object]:
    return Column(name, DateTime(timezone=True), nullable=optional)


def _ticket(*, optional: bool = False) -> Column[int]:
    return Column("ticket_id", BigInteger, ForeignKey("tickets.id"), nullable=optional)


people = Table(
    "people", metadata,
    Column("id", Text, primary_key=True, comment="keyed hash of account and user"),
    Column("wrapped", LargeBinary, comment="the person's key, wrapped by a key outside the database"),
    _when("created_at", optional=False),
    _when("erased_at"),
)
Index("people_created_at_idx", people.c.created_at, postgresql_where=people.c.wrapped.is_not(None))

tickets = Table(
    "tickets", metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("ref", Text, nullable=False, unique=True, comment="vendor:account:id"),
    Column("vendor", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("vendor_id", Text, nullable=False),
    Column("person_id", Text, ForeignKey("people.id"), comment="the requester, once read"),
    Column("generation", Integer, nullable=False, server_default="0", comment="raised by each new customer message"),
    Column("state", Text, nullable=False, server_default="new",
           comment="new, acting, or the outcome of the last pass"),
    Column("why", Text, nullable=False, server_default="", comment="the outcome's reason by name"),
    Column("shadow", Boolean, nullable=False, server_default=text("false")),
    Column("wanted", BigInteger, nullable=False, server_default="0", comment="raised by every reason to look"),
    Column("served", BigInteger, nullable=False, server_default="0", comment="the `wanted` the last pass had read"),
    Column("attempts", Integer, nullable=False, server_default="0", comment="failed passes in a row"),
    Column("seen_entry", Text, comment="the helpdesk's last record that a pass has looked at"),
    Column("about_money", Boolean, nullable=False, server_default=text("false")),
    Column("is_open", Boolean, nullable=False, server_default=text("true"), comment="as the helpdesk last said"),
    _when("first_seen_at", optional=False),
    _when("last_pass_at"),
    Column("given_back", Text, comment="what people did up to this record no longer keeps Deskhand off"),
    Column("taken_at", DateTime(timezone=True),
           comment="since when a colleague has it, by the button; nothing is begun meanwhile"),
    Column("heard_at", DateTime(timezone=True),
           comment="the latest moment an event told of, by the helpdesk's clock"),
    CheckConstraint("served <= wanted", name="served"),
)
Index("tickets_due_idx", tickets.c.id, postgresql_where=tickets.c.wanted > tickets.c.served)
Index("tickets_person_id_idx", tickets.c.person_id)
Index("tickets_open_idx", tickets.c.person_id, postgresql_where=tickets.c.is_open)

events = Table(
    "events", metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("vendor", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("delivery_id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("sha256", LargeBinary, nullable=False),
    _when("occurred_at"),
    _when("received_at", optional=False),
    Column("ticket_ref", Text, nullable=False),
    UniqueConstraint("vendor", "account", "delivery_id"),
)

catchups = Table(
    "catchups", metadata,
    Column("name", Text, primary_key=True, comment="vendor:account, or one that a person asked for"),
    Column("since", DateTime(timezone=True), nullable=False, comment="nothing from before is taken up"),
    Column("cursor", Text, comment="the vendor's own, up to where all was looked at"),
    Column("upto", DateTime(timezone=True), comment="when the last of what was looked at happened"),
    Column("due_at", DateTime(timezone=True), comment="when any worker may look again"),
    Column("ended_at", DateTime(timezone=True), comment="when there was last nothing more to look at"),
    Column("problem", Text, nullable=False, server_default="", comment="why the last look ended early"),
)

proposals = Table(
    "proposals", metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    _ticket(),
    Column("person_id", Text, ForeignKey("people.id"),
           comment="for whom it was made, under whose key all of it is sealed"),
    Column("generation", Integer, nullable=False),
    Column("digest", Text, nullable=False, comment="of the actions proposed, grounded in what was read"),
    Column("planner", Text, nullable=False),
    Column("version", Text, nullable=False, comment="of the prompt or the rules"),
    Column("model", Text),
    Column("facts_digest", Text, nullable=False),
    Column("sealed", LargeBinary, nullable=False, comment="what was proposed, under the requester's key"),
    _when("created_at", optional=False),
    _when("closed_at"),
    Column("ending", Text, comment="done, parked, answered, handed_over, refused, void, shadow"),
    Column("customer", Text, comment="for whose address it was made, as a keyed hash"),
)
Index("proposals_ticket_idx", proposals.c.ticket_id, proposals.c.id)
Index("proposals_person_id_idx", proposals.c.person_id)
Index("proposals_open_idx", proposals.c.ticket_id, unique=True, postgresql_where=proposals.c.closed_at.is_(None))

decisions = Table(
    "decisions", metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    _ticket(),
    Column("proposal_id", BigInteger, ForeignKey("proposals.id"), nullable=False),
    Column("operation_id", Text, nullable=False, comment="the operation this would be or is"),
    Column("action", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("confirm", Boolean, nullable=False),
    Column("approve_by", Text),
    Column("mode", Text, nullable=False),
    Column("rules", JSONB, nullable=False),
    Column("missing", JSONB, nullable=False),
    Column("facts", JSONB, nullable=False),
    Column("policy", Text, nullable=False),
    Column("policy_version", Integer, nullable=False),
    Column("policy_digest", Text, nullable=False),
    _when("decided_at", optional=False),
    Column("customer", Text, nullable=False, server_default="", comment="whose totals it counts for, as a keyed hash"),
)
Index("decisions_proposal_idx", decisions.c.proposal_id)

operations = Table(
    "operations", metadata,
    Column("id", Text, primary_key=True),
    _ticket(),
    Column("proposal_id", BigInteger, ForeignKey("proposals.id"), nullable=False),
    Column("decision_id", BigInteger, ForeignKey("decisions.id")),
    Column("position", Integer, nullable=False, comment="order within the proposal"),
    Column("kind", Text, nullable=False),
    Column("role", Text, nullable=False, comment="payments, records or helpdesk"),
    Column("target", Text, nullable=False, comment="the vendor object it touches"),
    Column("repeat", Integer, nullable=False, server_default="1"),
    Column("digest", Text, nullable=False, comment="of the whole action"),
    Column("state", Text, nullable=False),
    Column("send", Integer, nullable=False, server_default="1", comment="raised only by a person's release"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    _when("first_sent_at"),
    Column("reason", Text, nullable=False, server_default=""),
    Column("reserved", JSONB, comment="what it counts for in `totals`, until released"),
    Column("vendor_ids", JSONB, nullable=False, server_default="{}"),
    Column("sealed", LargeBinary, nullable=False, comment="the action, under the requester's key"),
    Column("receipt", LargeBinary, comment="the receipt, under the requester's key"),
    _when("created_at", optional=False),
    _when("changed_at", optional=False),
    Column("recheck_at", DateTime(timezone=True), comment="when to look whether it still stands"),
    Column("said", LargeBinary, comment="the reason in the vendor's own words, under the requester's key"),
    CheckConstraint("state in ('planned', 'sent', 'done', 'rejected', 'unknown', 'held', 'undone', 'dropped')",
                    name="state"),
)
Index("operations_ticket_idx", operations.c.ticket_id)
Index("operations_proposal_idx", operations.c.proposal_id)
Index("operations_target_idx", operations.c.target, operations.c.kind)
Index("operations_recheck_idx", operations.c.recheck_at, postgresql_where=operations.c.recheck_at.is_not(None))
Index("operations_open_idx", operations.c.state,
      postgresql_where=operations.c.state.in_(("planned", "sent", "unknown", "held")))

waits = Table(
    "waits", metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    _ticket(),
    Column("proposal_id", BigInteger, ForeignKey("proposals.id"), nullable=False),
    Column("position", Integer, nullable=False, server_default="0", comment="of the item in its plan"),
    Column("decision_id", BigInteger, ForeignKey("decisions.id"), nullable=False),
    Column("for_whom", Text, nullable=False, comment="customer, or the colleague's role"),
    Column("digest", Text, nullable=False, comment="of exactly what is waited for"),
    Column("token_hash", LargeBinary),
    Column("state", Text, nullable=False, server_default="open"),
    Column("amount", BigInteger, comment="less than was asked for, as a colleague approved it; minor units"),
    Column("currency", Text),
    Column("to_say", Text, comment="question, clarify or remind: what the next pass says"),
    Column("said", Integer, nullable=False, server_default="0", comment="how often the customer was asked"),
    _when("said_at"),
    _when("remind_at"),
    _when("expires_at", optional=False),
    Column("by", Text, comment="who answered: customer, or the colleague's id in the helpdesk"),
    Column("role", Text, comment="the colleague's role when they answered"),
    _when("answered_at"),
    Column("sealed", LargeBinary, comment="name and reason of who answered, under the requester's key"),
    _when("created_at", optional=False),
    Column("asked", LargeBinary, comment="exactly what is waited for, under the requester's key"),
    Column("tries", Integer, nullable=False, server_default="0", comment="wrong answers on the confirmation page"),
    Column("target", Text, comment="the charge it is about"),
    Column("stirred_at", DateTime(timezone=True),
           comment="when the payment provider told of that charge; nobody has looked since"),
    Column("wrote", Text, comment="the customer's last comment while a colleague was asked, which asked for nothing"),
)
Index("waits_ticket_idx", waits.c.ticket_id, waits.c.id)
Index("waits_open_idx", func.least(waits.c.expires_at, waits.c.remind_at), postgresql_where=waits.c.state == "open")
Index("waits_target_idx", waits.c.target, postgresql_where=waits.c.state == "open")
Index("waits_proposal_idx", waits.c.proposal_id)
Index("waits_token_hash_idx", waits.c.token_hash, unique=True, postgresql_where=waits.c.token_hash.is_not(None))

totals = Table(
    "totals", metadata,
    Column("kind", Text, primary_key=True, comment="charge, customer or desk"),
    Column("subject", Text, primary_key=True),
    Column("day", Date, primary_key=True, comment="1970-01-01 for the row that is locked and counts for ever"),
    Column("currency", Text, primary_key=True),
    Column("attended", Boolean, primary_key=True, comment="someone agreed: counted apart"),
    Column("amount", BigInteger, nullable=False, server_default="0"),
    Column("count", Integer, nullable=False, server_default="0"),
    CheckConstraint("amount >= 0 and count >= 0", name="not_negative"),
)

policies = Table(
    "policies", metadata,
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("digest", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("never", Text, nullable=False, server_default=""),
    Column("published_by", Text, nullable=False),
    Column("second", Text),
    _when("published_at", optional=False),
    Column("rolled_back_to", Integer, comment="the earlier version whose text it took up again"),
)

spending = Table(
    "spending", metadata,
    Column("action", Text, primary_key=True),
    Column("hour", DateTime(timezone=True), primary_key=True, comment="its beginning"),
    Column("currency", Text, primary_key=True),
    Column("amount", BigInteger, nullable=False, server_default="0", comment="attended or not"),
    Column("count", Integer, nullable=False, server_default="0"),
    CheckConstraint("amount >= 0 and count >= 0", name="not_negative"),
)

switches = Table(
    "switches", metadata,
    Column("action", Text, primary_key=True, comment="an action, or all"),
    Column("paused", Boolean, nullable=False),
    Column("reason", Text, nullable=False, server_default=""),
    Column("by", Text, nullable=False),
    _when("at", optional=False),
)

audit = Table(
    "audit", metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    _when("at", optional=False),
    Column("kind", Text, nullable=False),
    _ticket(optional=True),
    Column("operation_id", Text),
    Column("public", JSONB, nullable=False),
    Column("sealed", LargeBinary),
    Column("position", BigInteger, unique=True, comment="place in the chain, given when sealed"),
    Column("previous", LargeBinary),
    Column("hash", LargeBinary),
)
Index("audit_ticket_idx", audit.c.ticket_id)
Index("audit_unsealed_idx", audit.c.id, postgresql_where=audit.c.position.is_(None))

audit_heads = Table(
    "audit_heads", metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("position", BigInteger, nullable=False, comment="how many rows were chained"),
    Column("hash", LargeBinary, nullable=False, comment="the last one's"),
    _when("at", optional=False),
    Column("signatures", JSONB, nullable=False, comment="public key to signature, in hex"),
)

audit_keepers = Table(
    "audit_keepers", metadata,
    Column("name", Text, primary_key=True),
    Column("upto", BigInteger, nullable=False, server_default="0", comment="the last head it has, by its id"),
    _when("kept_at"),
    _when("due_at"),
    Column("problem", Text, nullable=False, server_default="", comment="why the last try failed"),
    _when("failing_since"),
)

used_tokens = Table(
    "used_tokens", metadata,
    Column("sha256", LargeBinary, primary_key=True),
    _when("forget_at", optional=False),
)
Index("used_tokens_forget_at_idx", used_tokens.c.forget_at)

sessions = Table(
    "sessions", metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("bearer_sha256", LargeBinary, nullable=False, unique=True),
    Column("account", Text, nullable=False),
    Column("installation", Text, nullable=False),
    Column("user_id", Text, nullable=False, comment="who is looking, by the helpdesk's id"),
    Column("name", Text, nullable=False),
    Column("standing", Text, nullable=False, comment="in the helpdesk, as last read"),
    Column("role", Text, comment="as last read: agent, lead or finance"),
    Column("ticket_ref", Text, comment="the one ticket it is for, once checked"),
    _when("opened_at", optional=False),
    _when("used_at", optional=False),
    _when("checked_at", optional=False),
    _when("ended_at"),
    Column("ended_why", Text, nullable=False, server_default=""),
)
Index("sessions_user_id_idx", sessions.c.user_id)
Index("sessions_opened_at_idx", sessions.c.opened_at)
