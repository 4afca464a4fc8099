# error: 2:1 E3 a certificate name, but RequireTls is false
New-InboundConnector -Name X -ConnectorType OnPremises -SenderDomains * -TlsSenderCertificateName contoso.com -RequireTls $false
