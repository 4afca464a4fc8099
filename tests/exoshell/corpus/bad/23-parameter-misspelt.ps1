# error: 3:5 NamedParameterNotFound 'SenderIPAdresses'
New-InboundConnector -Name X -ConnectorType OnPremises -SenderDomains * `
    -SenderIPAdresses 198.51.100.1
