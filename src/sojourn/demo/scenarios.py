"""What people do in a session, and why: steps in their order, with the words that they note down."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from sojourn.demo.company import Customer

CUSTOMER, ORDER, INVOICE, TICKET, USER = "CUSTOMER", "ORDER", "INVOICE", "TICKET", "USER"


@dataclass(frozen=True, slots=True)
class Step:
    """One activity. `note` may speak of {name}, {order} and {invoice}; `odds` is how likely it is done at all."""

    entity_type: str
    name: str
    note: str | None = None
    odds: float = 1.0


@dataclass(frozen=True, slots=True)
class Scenario:
    """One kind of session, how often it comes against the others of its module, and how many minutes it takes."""

    module: str
    reason: str
    weight: int
    minutes: float
    steps: Sequence[Step]
    comments: Sequence[str] = ()


_BY_PHONE = Step(CUSTOMER, "CustomerSearched", "by phone number")
_BY_NAME = Step(CUSTOMER, "CustomerSearched", "by name: {name}")
_VIEWED = Step(CUSTOMER, "CustomerViewed")
_NOTED = Step(CUSTOMER, "NoteAdded", "{name} will call back", odds=0.3)

SCENARIOS: Sequence[Scenario] = (
    Scenario(
        "CARE_DESK",
        "Changed mobile number",
        18,
        5,
        (_BY_PHONE, _VIEWED, Step(CUSTOMER, "IdentityChecked", "date of birth and address"),
         Step(CUSTOMER, "MobileNumberChanged", "new number confirmed by text message"), _NOTED),
        ("Asked for by the customer", "Old number was lost with the phone", "Confirmed by text message"),
    ),
    Scenario(
        "CARE_DESK",
        "Order status",
        30,
        4,
        (_BY_PHONE, _VIEWED, Step(ORDER, "OrderViewed", "order {order}"), Step(ORDER, "ParcelTraced", odds=0.5)),
        ("Parcel is at the depot", "Delivered to a neighbour", "Delayed, customer informed"),
    ),
    Scenario(
        "CARE_DESK",
        "Complaint",
        12,
        14,
        (_BY_NAME, _VIEWED, Step(ORDER, "OrderViewed", "order {order}"),
         Step(TICKET, "TicketCreated", "{name} complains about order {order}"),
         Step(CUSTOMER, "VoucherIssued", "10 € for the trouble", odds=0.4), _NOTED),
        ("Goods arrived broken", "Third call about the same matter", "Customer was upset, calmed down", "Wrong colour"),
    ),
    Scenario(
        "CARE_DESK",
        "Changed address",
        14,
        6,
        (_BY_NAME, _VIEWED, Step(CUSTOMER, "IdentityChecked"), Step(CUSTOMER, "AddressChanged", "moved house"),
         Step(ORDER, "DeliveryRedirected", "order {order}", odds=0.4)),
        ("Moved house", "Typing error in the street"),
    ),
    Scenario(
        "CARE_DESK",
        "Question about a product",
        20,
        3,
        (_BY_PHONE, Step(CUSTOMER, "CustomerViewed", odds=0.6)),
        ("", "Sent the manual"),
    ),
    Scenario(
        "BILLING",
        "Invoice query",
        30,
        7,
        (_BY_NAME, _VIEWED, Step(INVOICE, "InvoiceViewed", "invoice {invoice}"),
         Step(INVOICE, "InvoiceSentAgain", "by mail", odds=0.4)),
        ("Sent a copy", "Explained the shipping costs", "Amount is right"),
    ),
    Scenario(
        "BILLING",
        "Refund",
        16,
        11,
        (_BY_NAME, _VIEWED, Step(ORDER, "OrderViewed"), Step(INVOICE, "RefundIssued", "for order {order}"), _NOTED),
        ("Goods came back", "Half of it, agreed with the customer", "Paid twice"),
    ),
    Scenario(
        "BILLING",
        "Bank details changed",
        8,
        6,
        (_BY_NAME, _VIEWED, Step(CUSTOMER, "IdentityChecked"), Step(CUSTOMER, "BankDetailsChanged", "new account")),
        ("Signed form is on file",),
    ),
    Scenario(
        "RETENTION",
        "Cancellation",
        14,
        13,
        (_BY_NAME, _VIEWED, Step(CUSTOMER, "OfferMade", "three months at half price"),
         Step(CUSTOMER, "ContractEnded", odds=0.5), _NOTED),
        ("Stays with us", "Too expensive", "Moves abroad"),
    ),
    Scenario(
        "RETENTION",
        "Call back",
        10,
        8,
        (_BY_NAME, _VIEWED, Step(CUSTOMER, "CallMade", "{name} was called"), _NOTED),
        ("Not reached", "Wants to think about it"),
    ),
    Scenario(
        "QUALITY",
        "Sample",
        10,
        9,
        (_VIEWED, Step(TICKET, "TicketReviewed", "of {name}"), Step(TICKET, "TicketRated", odds=0.8)),
        ("Handled well", "Identity was not checked", "Tone"),
    ),
    Scenario(
        "ADMINISTRATION",
        "Rights changed",
        6,
        5,
        (Step(USER, "UserViewed"), Step(USER, "RightsChanged", "as asked for by the team lead")),
        ("New in the team", "Moved to billing"),
    ),
    Scenario(
        "ADMINISTRATION",
        "Data request",
        4,
        25,
        (_BY_NAME, _VIEWED, Step(ORDER, "OrderViewed"), Step(INVOICE, "InvoiceViewed"),
         Step(CUSTOMER, "DataExported", "everything that we hold of {name}")),
        ("The customer asked for all data, by letter",),
    ),
)  # fmt: skip

CURIOUS = Scenario("CARE_DESK", "Other", 0, 2, (_BY_NAME, _VIEWED))
"""A look at somebody, without a reason."""


def pick(draw: Random, module: str) -> Scenario:
    """One of a module's scenarios, the usual ones more often."""
    own = [scenario for scenario in SCENARIOS if scenario.module == module]
    return draw.choices(own, [scenario.weight for scenario in own])[0]


def entity_of(draw: Random, step: Step, customer: Customer, order: str, invoice: str) -> str:
    """The id of what a step touches."""
    match step.entity_type:
        case "ORDER":
            return order
        case "INVOICE":
            return invoice
        case "TICKET":
            return f"T-{draw.randrange(10_000, 99_999)}"
        case "USER":
            return str(draw.randint(1, 25))
    return customer.id
