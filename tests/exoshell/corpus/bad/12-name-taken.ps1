# error: 2:1 E14 there are two connectors
New-InboundConnector -Name 'smtp relay' -ConnectorType OnPremises -SenderDomains * -SenderIPAddresses 198.51.100.1
