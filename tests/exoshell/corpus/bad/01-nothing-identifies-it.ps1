# error: 2:1 E2 an OnPremises connector that nothing can match
New-InboundConnector -Name X -ConnectorType OnPremises -SenderDomains *
