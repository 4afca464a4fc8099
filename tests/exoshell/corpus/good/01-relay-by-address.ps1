# One relay, by address.
# out: Scanners 198.51.100.7
# then: InboundConnectors[Scanners].ConnectorType = "OnPremises"
# then: InboundConnectors[Scanners].SenderIPAddresses = ["198.51.100.7"]
Connect-ExchangeOnline -UserPrincipalName admin@contoso.com
$made = New-InboundConnector -Name "Scanners" -ConnectorType OnPremises -SenderDomains * -SenderIPAddresses 198.51.100.7
Write-Output "$($made.Name) $($made.SenderIPAddresses)"
Disconnect-ExchangeOnline -Confirm:$false
