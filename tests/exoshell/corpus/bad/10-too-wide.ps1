# error: 2:1 E10 203.0.113.0/23 is wider than /24
New-InboundConnector -Name X -ConnectorType OnPremises -SenderDomains * -SenderIPAddresses 203.0.113.0/23
