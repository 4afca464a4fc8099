"""What Microsoft Entra ID and Microsoft Graph say when they, and not a mail server, refuse. Pure.

The codes are those of Microsoft Learn (Microsoft Entra authentication and authorization error codes; Microsoft Graph
error responses; Exchange Web Services response codes, which Graph passes on). The short meanings are ours: assumption,
not compared with the pages.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from fakeeop.reading.ndr.values import NdrFinding

__all__ = ["GRAPH", "SIGN_IN", "explained", "read_sign_in"]

SIGN_IN = "sign-in"
GRAPH = "graph"

_AADSTS = re.compile(r"\b(AADSTS(\d{4,7}))\b:? ?([^\"\r\n]{0,300})")
_GRAPH_CODE = re.compile(r"[\"']?\bcode[\"']?\s*[:=]\s*[\"']?(\w{6,60})\b")
_ENTRA = {
    "16000": "the user must pick an account: no sign-in without a person is possible like this",
    "50034": "the user account does not exist in the tenant",
    "50053": "the account is locked, or the sign-in came from an address that is barred",
    "50055": "the password has expired",
    "50056": "the user has no password in the cloud, or it is wrong",
    "50057": "the user account is disabled",
    "50076": "multi-factor authentication is wanted",
    "50079": "the user must register for multi-factor authentication",
    "50126": "the user name or the password is wrong",
    "50158": "another check, such as conditional access, has not been passed",
    "50173": "the refresh token was revoked: sign in again",
    "53003": "conditional access blocks the sign-in",
    "65001": "nobody has consented to the application's permissions",
    "70000": "the grant is not valid, or its scopes are not allowed: sign in again",
    "70008": "the code or refresh token has expired: sign in again",
    "70043": "the refresh token has expired by a policy on sign-in frequency",
    "70011": "a scope in the request is not valid",
    "90002": "the tenant was not found: look at its name or id in the address of the token",
    "90014": "a parameter is missing in the request",
    "500011": "the resource that the scope names is not in the tenant",
    "700016": "the application was not found in the tenant: wrong client id, or wrong tenant",
    "700025": "the application is public: it must not send a secret",
    "700082": "the refresh token has expired: it was not used for too long",
    "900144": "a parameter is missing in the request",
    "7000215": "the client secret is wrong: its value is wanted, not its id",
    "7000218": "the request has no client secret or assertion",
    "7000222": "the client secret has expired: make a new one",
}
_OF_GRAPH = {
    "ErrorAccessDenied": "the application or user may not do this: a permission, or access to the mailbox, is missing",
    "ErrorExceededMessageLimit": "the mailbox has sent as many messages as it may",
    "ErrorInvalidRecipients": "an address of a recipient is not valid",
    "ErrorInvalidUser": "the mailbox that the request names does not exist",
    "ErrorItemNotFound": "the item was not found",
    "ErrorMailboxMoveInProgress": "the mailbox is being moved",
    "ErrorMessageSizeExceeded": "the message is larger than the mailbox may send",
    "ErrorQuotaExceeded": "the mailbox is full",
    "ErrorSendAsDenied": "the mailbox that signed in may not send as the address in From",
    "ErrorTooManyRecipients": "the message has too many recipients",
    "ApplicationThrottled": "the application sends too many requests: it is to wait as Retry-After says",
    "Authorization_RequestDenied": "the application or user has not the permission that the request needs",
    "InvalidAuthenticationToken": "the access token is not valid: expired, or for another resource",
    "MailboxNotEnabledForRESTAPI": "the mailbox is not in Exchange Online, or has no licence",
    "ResourceNotFound": "the mailbox or the item was not found",
    "TooManyRequests": "too many requests: the client is to wait as Retry-After says",
}
_WHERE_ENTRA = (
    "look at the sign-in logs in the Microsoft Entra admin center: they name the user, the application and the policy",
    "https://login.microsoftonline.com/error?code={} has Microsoft's words for the code",
)
_WHERE_GRAPH = (
    "look at the application in the Microsoft Entra admin center: its permissions (Mail.Send), the consent, and "
    "whether a policy restricts it to some mailboxes",
)


def read_sign_in(lines: Sequence[str]) -> list[NdrFinding]:
    """One finding for each AADSTS code, or each error of Graph."""
    found = []
    for line in lines:
        for match in _AADSTS.finditer(line):
            words = match[3].split(" Trace ID:")[0].strip()
            found.append(NdrFinding(detail=f"{match[1]}: {words}" if words else match[1], refuser=SIGN_IN))
        if not found or "AADSTS" not in line:
            codes = [match[1] for match in _GRAPH_CODE.finditer(line)]
            found += [NdrFinding(detail=code, refuser=GRAPH) for code in codes if code in _OF_GRAPH]
    return list(dict.fromkeys(found))


def explained(found: NdrFinding) -> tuple[str, str, tuple[str, ...]]:
    """Cause, source and where to look."""
    if found.refuser == GRAPH:
        words = _OF_GRAPH.get(found.detail or "", "this code is not known here")
        return (
            f"Microsoft Graph, not a mail server, refused: {words}",
            "assumption; codes of Microsoft Graph (Microsoft Learn)",
            _WHERE_GRAPH,
        )
    match = _AADSTS.search(found.detail or "")
    number = match[2] if match else ""
    words = _ENTRA.get(number, "this code is not known here")
    where = tuple(each.format(number) for each in _WHERE_ENTRA)
    return (
        f"Microsoft Entra ID, not a mail server, refused the sign-in: {words}",
        "assumption; codes of Microsoft Entra (Microsoft Learn)",
        where,
    )
