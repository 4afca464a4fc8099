# error: 2:1 E17 wildcard
New-InboundConnector -Name X -ConnectorType OnPremises -SenderDomains * -TlsSenderCertificateName *
