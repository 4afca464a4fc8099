# error: 2:1 MissingMandatoryParameter SenderDomains
New-InboundConnector -Name X -ConnectorType OnPremises -SenderIPAddresses 198.51.100.1
