# error: 2:1 E11 is a range
New-InboundConnector -Name X -ConnectorType OnPremises -SenderDomains * -SenderIPAddresses 203.0.113.1-203.0.113.9
