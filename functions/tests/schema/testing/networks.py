"""From where the requests come: each from an address of its own of this machine's.

Some of the bank's limits count networks. A refusal for that would hide all others, so no network asks often: 127.0.0.0/8 has 16 million.
"""

import ipaddress
import random

from urllib3.connection import HTTPConnection

_connect = HTTPConnection._new_conn
_first = int(ipaddress.ip_address("127.1.0.1"))
_last = int(ipaddress.ip_address("127.254.255.254"))


def ask_from_everywhere() -> None:
    """From now on every connection has another address at this end; see `fresh`."""

    def connect(connection: HTTPConnection):
        connection.source_address = (str(ipaddress.ip_address(random.randint(_first, _last))), 0)
        return _connect(connection)

    HTTPConnection._new_conn = connect
