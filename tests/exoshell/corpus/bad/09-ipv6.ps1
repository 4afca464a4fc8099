# error: 2:1 E9 2001:db8::1 is an IPv6 address
New-InboundConnector -Name X -ConnectorType OnPremises -SenderDomains * -SenderIPAddresses 2001:db8::1
