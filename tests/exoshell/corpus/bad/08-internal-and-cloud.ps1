# error: 2:1 E8 not together with CloudServicesMailEnabled
New-InboundConnector -Name X -ConnectorType OnPremises -SenderDomains * -SenderIPAddresses 198.51.100.1 -TreatMessagesAsInternal $true -CloudServicesMailEnabled $true
