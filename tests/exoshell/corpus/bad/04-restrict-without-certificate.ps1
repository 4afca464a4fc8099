# error: 2:1 E5 TlsSenderCertificateName is not given
New-InboundConnector -Name X -ConnectorType Partner -SenderDomains a.example -RestrictDomainsToCertificate $true
