# error: 2:1 E7 Partner connector
New-InboundConnector -Name X -ConnectorType Partner -SenderDomains a.example -CloudServicesMailEnabled $true
