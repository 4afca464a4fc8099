# error: 2:1 E8 Partner connector
New-InboundConnector -Name X -ConnectorType Partner -SenderDomains a.example -TreatMessagesAsInternal $true
