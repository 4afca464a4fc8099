# error: 2:1 E17 a wildcard may only stand first
New-InboundConnector -Name X -ConnectorType OnPremises -SenderDomains contoso.*.com -SenderIPAddresses 198.51.100.1
