# error: 2:1 E4 SenderIPAddresses is not given
New-InboundConnector -Name X -ConnectorType Partner -SenderDomains a.example -RestrictDomainsToIPAddresses $true
