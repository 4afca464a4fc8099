# error: 3:1 E10 wider than /24
# error: 4:1 E19 couldn't be found
New-InboundConnector -Name X -ConnectorType OnPremises -SenderDomains * -SenderIPAddresses 10.0.0.0/8
Set-InboundConnector X -Comment y
