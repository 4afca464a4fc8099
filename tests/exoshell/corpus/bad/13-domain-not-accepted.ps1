# error: 2:1 E16 notmine.example is not an accepted domain
New-InboundConnector -Name X -ConnectorType OnPremises -SenderDomains * -SenderIPAddresses 198.51.100.1 -AssociatedAcceptedDomains notmine.example
