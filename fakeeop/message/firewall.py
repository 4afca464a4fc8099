"""The header firewall: fields that only the service may set do not come in from outside (facts connectors §2.6).

What else it would stamp is taken away from what comes in as well, so that no forged value stands next to the true one
(assumption); Authentication-Results of others are kept under the name of sample 02.
"""

from __future__ import annotations

from fakeeop.message.fields import Field, Head

__all__ = ["CROSS_PREMISES", "ORGANIZATION", "admitted", "promoted"]

ORGANIZATION = "X-MS-Exchange-Organization-"
CROSS_PREMISES = "X-MS-Exchange-CrossPremises-"
_FORBIDDEN = (ORGANIZATION.lower(), CROSS_PREMISES.lower(), "x-ms-exchange-forest-")  # the last: Exchange Server's docs
_OWN = frozenset(
    name.lower()
    for name in (
        "Return-Path",
        "X-Forefront-Antispam-Report",
        "X-Microsoft-Antispam",
        "X-Microsoft-Antispam-Mailbox-Delivery",
        "X-EOPAttributedMessage",
        "X-EOPTenantAttributedMessage",
        "X-CrossPremisesHeadersPromoted",
        "X-CrossPremisesHeadersFiltered",
        "X-OriginatorOrg",
        "X-ClientProxiedBy",
        "X-MS-PublicTrafficType",
        "X-MS-TrafficTypeDiagnostic",
        "X-MS-Office365-Filtering-Correlation-Id",
        "X-MS-Exchange-Authentication-Results",
        "X-MS-Exchange-AtpMessageProperties",
        "X-MS-Exchange-SenderADCheck",
        "X-MS-Exchange-AntiSpam-Relay",
        "X-MS-Exchange-MessageSentRepresentingType",
        "X-MS-Exchange-SkipListedInternetSender",
        "X-MS-Exchange-ExternalOriginalInternetSender",
        "X-MS-Exchange-CrossTenant-OriginalArrivalTime",
        "X-MS-Exchange-CrossTenant-Network-Message-Id",
        "X-MS-Exchange-CrossTenant-Id",
        "X-MS-Exchange-CrossTenant-AuthSource",
        "X-MS-Exchange-CrossTenant-AuthAs",
        "X-MS-Exchange-CrossTenant-FromEntityHeader",
        "X-MS-Exchange-CrossTenant-MailboxType",
        "X-MS-Exchange-CrossTenant-UserPrincipalName",
        "X-MS-Exchange-Transport-CrossTenantHeadersStamped",
        "X-MS-Exchange-Transport-EndToEndLatency",
        "X-MS-Exchange-Processed-By-BccFoldering",
    )
)


def promoted(head: Head) -> tuple[Field, ...]:
    """The cross-premises fields under the names that they get, in order; the last one of a name counts (assumption)."""
    found: dict[str, Field] = {}
    for field in head.fields:
        if field.key.startswith(CROSS_PREMISES.lower()):
            name = ORGANIZATION + field.name[len(CROSS_PREMISES) :]
            found.pop(name.lower(), None)
            found[name.lower()] = field.renamed(name)
    return tuple(found.values())


def admitted(head: Head) -> Head:
    """What comes in of the header that the client sent."""
    kept = head.without(lambda field: field.key in _OWN or field.key.startswith(_FORBIDDEN))
    fields = tuple(
        field.renamed("Authentication-Results-Original") if field.key == "authentication-results" else field
        for field in kept.fields
    )
    return Head(fields, kept.rest, kept.end)
