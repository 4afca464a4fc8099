# error: 2:1 not-an-address is not an IPv4 address
New-InboundConnector -Name X -ConnectorType OnPremises -SenderDomains * -SenderIPAddresses 203.0.113.256
