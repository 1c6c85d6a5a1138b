import http.client
import socket
import ssl
import urllib.request

import httpx
import httpx2
import requests
import urllib3


def asks_by_itself(url, carrier, session):
    # below: own-network
    requests.get(url, timeout=3)
    # below: own-network
    made = requests.Session()
    # below: own-network
    httpx.post(url, json={})
    # below: own-network
    httpx.Client(timeout=3)
    # below: own-network
    httpx2.Client(timeout=3)
    # below: own-network
    urllib.request.urlopen(url)
    # below: own-network
    http.client.HTTPSConnection("api.paypal.com")
    # below: own-network
    urllib3.PoolManager()
    # below: own-network
    socket.create_connection(("api.paypal.com", 443))
    httpx2.Client(timeout=3, transport=carrier)
    session.get(url)
    known: requests.Session | None = None
    return made, known


def believes_anybody(session, url, context):
    # below: no-unchecked-server
    session.get(url, verify=False)
    # below: no-unchecked-server
    session.verify = False
    # below: no-unchecked-server
    context.check_hostname = False
    # below: no-unchecked-server
    context.verify_mode = ssl.CERT_NONE
    # below: no-unchecked-server
    urllib3.disable_warnings()
    session.get(url, verify=True)
    session.verify = "/etc/ssl/certs/ca-certificates.crt"
    context.verify_mode = ssl.CERT_REQUIRED


def goes_where_it_is_sent(session, url, client, kwargs):
    # below: no-redirects
    session.get(url, allow_redirects=True)
    # below: no-redirects
    client.get(url, follow_redirects=True)
    # below: no-redirects
    kwargs["allow_redirects"] = True
    session.get(url, allow_redirects=False)
    kwargs["allow_redirects"] = False
