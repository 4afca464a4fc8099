# A second connector with an address of the first.
# warning: W-overlapping-ip: …
# then: InboundConnectors[Twin].SenderIPAddresses = ["203.0.113.24/30"]
New-InboundConnector -Name Twin -ConnectorType OnPremises -SenderDomains * -SenderIPAddresses 203.0.113.24/30 | Out-Null
