# error: 2:1 E6 both
New-InboundConnector -Name X -ConnectorType Partner -SenderDomains a.example -RestrictDomainsToIPAddresses $true -RestrictDomainsToCertificate $true -SenderIPAddresses 198.51.100.1 -TlsSenderCertificateName a.example
