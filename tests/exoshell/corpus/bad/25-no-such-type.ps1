# error: 2:30 ParameterArgumentTransformationError OnPremise
New-InboundConnector -Name X -ConnectorType OnPremise -SenderDomains *
