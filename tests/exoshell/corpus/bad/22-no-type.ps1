# error: 2:1 MissingMandatoryParameter ConnectorType
New-InboundConnector -Name X -SenderDomains * -SenderIPAddresses 198.51.100.1
