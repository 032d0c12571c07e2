"""What the columns of a placement file mean: guessing from the headers, and maps that are kept. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Literal

Cell = str | Decimal | date
NumberStyle = Literal["1,234.56", "1.234,56"]
DateOrder = Literal["MDY", "DMY", "YMD"]
Kind = Literal["placement", "invoices"]

NUMBER_STYLES = ("1,234.56", "1.234,56")
DATE_ORDERS = ("MDY", "DMY", "YMD")
KINDS = ("placement", "invoices")
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252", "latin-1")

# Canonical field -> headers seen for it, lower case without spaces and signs. The first field that knows a
# header gets it.
HEADERS: dict[str, str] = {
    "reference": "clientacct clientaccount clientaccountnumber clientaccountno clientref clientreference"
    " account accountnumber accountno accountid accountref accountreference acct acctnumber acctno acctid"
    " acctnum loanid loanno loannumber loan invoiceno invoicenumber invoiceid invoice reference ref refno"
    " debtid debtnumber casenumber caseno creditoraccount creditorreference fileno",
    "first_name": "firstname first fname debtorfirst debtorfirstname givenname forename",
    "last_name": "lastname last lname debtorlast debtorlastname surname familyname",
    "full_name": "borrower borrowername name fullname debtor debtorname consumername cardholder"
    " primaryborrower customername primaryname",
    "company": "company companyname business businessname organization firm",
    "customer_ref": "customer customerid customerno customernumber custid custno",
    "birth_date": "dob dateofbirth birthdate birthday debtordob",
    "ssn": "ssn socialsecuritynumber socialsecurity taxid tin",
    "address1": "address address1 addressline1 addr1 addr street street1 streetaddress mailingaddress",
    "address2": "address2 addressline2 addr2 street2 unit apt",
    "city": "city town",
    "state": "st state statecode region",
    "zip": "zip zipcode postalcode postcode zip5",
    "city_state_zip": "citystzip citystatezip csz citystate",
    "country": "country countryname",
    "phone_cell": "cell cellphone mobile mobilephone cellnumber phonecell phonemobile",
    "phone_home": "homephone home phonehome",
    "phone_work": "workphone work phonework businessphone employerphone",
    "phone": "phone phonenumber telephone tel phone1 phone2 phone3 primaryphone",
    "email": "email emailaddress mail",
    "language": "lang language preferredlanguage",
    "product": "product producttype loantype debttype accounttype",
    "credit_limit": "creditlimit limit creditline",
    "original_amount": "origamt originalamount loanamount originalbalance originalloanamount",
    "principal": "principal principalbalance prinbal principalamount chargeoffprincipal chargeoffamount"
    " chargeoffbalance capital",
    "interest": "interest interestbalance intbal accruedinterest interestdue",
    "fees": "fees feebalance fee latefees feesdue",
    "costs": "costs courtcosts legalcosts collectioncosts",
    "balance": "balance currentbalance amountdue totaldue totalbalance amount balancedue outstandingbalance"
    " amountowed outstanding placedbalance total",
    "currency": "ccy currency currencycode curr",
    "delinquency_date": "delinquentsince delinquencydate dateofdelinquency delinquent dateoffirstdelinquency"
    " firstdelinquencydate dofd duedate paymentduedate pastduesince",
    "dpd": "dpd dayspastdue dayslate daysdelinquent",
    "as_of": "asof asofdate balancedate balanceasof dataasof",
    "charge_off_date": "chargeoffdate codate dateofchargeoff chargedoffdate chargeoff",
    "open_date": "opened opendate dateopened accountopened originationdate issuedate invoicedate contractdate",
    "last_payment_date": "lastpmtdate lastpaymentdate dateoflastpayment lastpaid lastpaydate",
    "last_payment_amount": "lastpmtamt lastpaymentamount lastpaymentamt lastpayamount",
    "itemization_date": "itemizationdate itemisationdate",
    "itemization_kind": "itemizationkind itemizationdatetype itemizationtype itemizationdatekind",
    "itemization_amount": "itemizationamount amountonitemizationdate itemizationbalance",
    "interest_since": "interestsince interestsinceitemization itemizationinterest postitemizationinterest",
    "fees_since": "feessince feessinceitemization itemizationfees postitemizationfees",
    "payments_since": "paymentssince paymentssinceitemization itemizationpayments postitemizationpayments",
    "credits_since": "creditssince creditssinceitemization itemizationcredits postitemizationcredits",
    "original_creditor": "originalcreditor origcreditor oc originalcreditorname creditor",
    "rate": "rate ratepct interestrate apr annualrate intrate",
    "co_borrower": "coborrower cosigner coborrowername coobligor jointname codebtor",
    "placed_on": "placedon placementdate dateplaced placed placedate assigneddate",
    "disputed": "indispute disputed dispute",
}
FIELDS = tuple(HEADERS)
REPEATABLE = frozenset({"phone", "phone_cell", "phone_home", "phone_work", "email"})
MONEY_FIELDS = frozenset(
    """principal interest fees costs balance credit_limit original_amount last_payment_amount
    itemization_amount interest_since fees_since payments_since credits_since""".split()  # noqa: SIM905
)
DATE_FIELDS = frozenset(
    """birth_date delinquency_date as_of charge_off_date open_date last_payment_date itemization_date
    placed_on""".split()  # noqa: SIM905
)
_KNOWN = {key: name for name in reversed(FIELDS) for key in HEADERS[name].split()}

_DATE = re.compile(r"([0-9]{1,4})[/.\-]([0-9]{1,2})[/.\-]([0-9]{1,4})")
_COMMA_CENTS = re.compile(r"[-(]?[0-9]{1,3}(?:\.[0-9]{3})*,[0-9]{1,2}\)?|[-(]?[0-9]+,[0-9]{1,2}\)?")
_POINT_CENTS = re.compile(r"[-(]?[0-9,]*\.[0-9]{1,2}\)?")
_NOT_KEY = re.compile(r"[^a-z0-9]+")


class MapError(ValueError):
    """A column map that cannot be used; the text is a sentence."""


@dataclass(frozen=True, slots=True)
class Slice:
    """A column of a fixed-width file: characters from start up to, and without, end; the first one is 0."""

    header: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """How a creditor's file is read. `columns` gives each header its field; other columns are kept as extra.

    `unsure` holds sentences about guesses a person should look at; they are not saved.
    """

    columns: dict[str, str]
    kind: Kind = "placement"
    number_style: NumberStyle = "1,234.56"
    date_order: DateOrder = "MDY"
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    slices: tuple[Slice, ...] = ()
    header: bool = True
    unsure: tuple[str, ...] = field(default=(), compare=False)

    def fields(self) -> frozenset[str]:
        """The fields that have a column."""
        return frozenset(self.columns.values())

    def header_of(self, name: str) -> str | None:
        """The header of the first column with the field."""
        return next((header for header, found in self.columns.items() if found == name), None)

    def missing(self) -> list[str]:
        """Sentences about columns without which no row can be loaded."""
        has = self.fields()
        gaps = []
        if "reference" not in has:
            gaps.append("No column holds the account number.")
        if not has & {"balance", "principal"}:
            gaps.append("No column holds the balance or the principal.")
        if not has & {"last_name", "full_name", "company", "customer_ref"}:
            gaps.append("No column holds the name.")
        return gaps

    def to_dict(self) -> dict[str, Any]:
        """Plain values for a JSON column."""
        return {
            "columns": dict(self.columns),
            "kind": self.kind,
            "number_style": self.number_style,
            "date_order": self.date_order,
            "encoding": self.encoding,
            "delimiter": self.delimiter,
            "sheet": self.sheet,
            "slices": [[part.header, part.start, part.end] for part in self.slices],
            "header": self.header,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> ColumnMap:
        """The map that to_dict wrote, or that a person edited. Raises MapError."""
        columns = data.get("columns")
        if not isinstance(columns, dict) or not all(isinstance(header, str) for header in columns):
            raise MapError("A column map names the columns of the file.")
        _check_fields(columns)
        for key, allowed in (("number_style", NUMBER_STYLES), ("date_order", DATE_ORDERS), ("kind", KINDS)):
            if data.get(key, allowed[0]) not in allowed:
                raise MapError(f"The map's {key.replace('_', ' ')} is one of {', '.join(allowed)}.")
        delimiter = data.get("delimiter")
        if delimiter is not None and (not isinstance(delimiter, str) or delimiter not in (",", "\t", "|", ";")):
            raise MapError("Columns are separated by a comma, a tab, a bar or a semicolon.")
        encoding = data.get("encoding")
        if encoding is not None and encoding not in ENCODINGS:
            raise MapError(f"The encoding is one of {', '.join(ENCODINGS)}.")
        return cls(
            columns=dict(columns),
            kind=data.get("kind", "placement"),
            number_style=data.get("number_style", "1,234.56"),
            date_order=data.get("date_order", "MDY"),
            encoding=encoding,
            delimiter=delimiter,
            sheet=data.get("sheet"),
            slices=_slices(data.get("slices") or []),
            header=bool(data.get("header", True)),
        )


def guess_columns(headers: Sequence[str], sample: Sequence[Sequence[Cell]] = ()) -> ColumnMap:
    """A map for a file never seen before, from its headers and some of its rows.

    Formats of dates and numbers are taken from the sample; where it does not tell, the American ones are
    assumed and `unsure` says so.
    """
    columns: dict[str, str] = {}
    unsure: list[str] = []
    for header, values in zip(headers, _by_column(headers, sample), strict=True):
        name = field_of(header)
        if name == "customer_ref" and _looks_like_names(values):
            name = "full_name"
        if name is None:
            continue
        if name not in REPEATABLE and name in columns.values():
            first = next(known for known, taken in columns.items() if taken == name)
            unsure.append(f"Both {first} and {header} could be the {name.replace('_', ' ')}; {first} is used.")
            continue
        columns[header] = name
    texts = dict(zip(headers, _by_column(headers, sample), strict=True))
    dates = [text for header, name in columns.items() if name in DATE_FIELDS for text in texts[header]]
    money = [text for header, name in columns.items() if name in MONEY_FIELDS for text in texts[header]]
    order, sure = guess_date_order(dates)
    if not sure and any(_DATE.fullmatch(text) for text in dates):
        unsure.append(f"Some dates can be read as month/day or day/month; {order} is assumed.")
    kind: Kind = "invoices" if any("invoice" in header_key(header) for header in columns) else "placement"
    return ColumnMap(columns, kind, guess_number_style(money), order, unsure=tuple(unsure))


def field_of(header: str) -> str | None:
    """The canonical field a header names, or None."""
    key = header_key(header)
    return _KNOWN.get(key) or _KNOWN.get(key.rstrip("0123456789"))


def header_key(header: str) -> str:
    """A header in lower case without spaces and signs."""
    return _NOT_KEY.sub("", header.casefold())


def guess_date_order(texts: Sequence[str]) -> tuple[DateOrder, bool]:
    """The order of day, month and year in some dates, and whether they prove it."""
    parts = [match.groups() for text in texts if (match := _DATE.fullmatch(text)) is not None]
    if parts and all(len(first) == 4 for first, _, _ in parts):
        return "YMD", True
    day_first = sum(1 for first, second, _ in parts if 12 < int(first) <= 31 and int(second) <= 12)
    month_first = sum(1 for first, second, _ in parts if 12 < int(second) <= 31 and int(first) <= 12)
    return ("DMY" if day_first > month_first else "MDY"), bool(day_first) != bool(month_first)


def guess_number_style(texts: Sequence[str]) -> NumberStyle:
    """How a file writes its amounts, from those with cents."""
    comma = sum(1 for text in texts if _COMMA_CENTS.fullmatch(text))
    point = sum(1 for text in texts if _POINT_CENTS.fullmatch(text))
    return "1.234,56" if comma > point else "1,234.56"


def _by_column(headers: Sequence[str], sample: Sequence[Sequence[Cell]]) -> list[list[str]]:
    return [
        [row[at].strip() for row in sample if at < len(row) and isinstance(row[at], str)]  # type: ignore[union-attr]
        for at in range(len(headers))
    ]


def _looks_like_names(values: Sequence[str]) -> bool:
    named = sum(1 for value in values if " " in value and not any(letter.isdigit() for letter in value))
    return named * 2 > len(values)


def _check_fields(columns: Mapping[str, Any]) -> None:
    taken: set[str] = set()
    for header, name in columns.items():
        if name not in HEADERS:
            raise MapError(f"The column {header} is given a meaning that does not exist.")
        if name in taken and name not in REPEATABLE:
            raise MapError(f"Two columns are both given as the {name.replace('_', ' ')}.")
        taken.add(name)


def _slices(parts: Sequence[Any]) -> tuple[Slice, ...]:
    try:
        slices = tuple(Slice(str(header), int(start), int(end)) for header, start, end in parts)
    except (TypeError, ValueError) as wrong:
        raise MapError("A fixed-width column has a name, a start and an end.") from wrong
    if any(part.start < 0 or part.end <= part.start for part in slices):
        raise MapError("A fixed-width column ends after it starts.")
    return slices
