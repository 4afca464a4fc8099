# How people type at the prompt.
# out: SMTP Relay          203.0.113.25,203.0.113.26
# out: *.CONTOSO.COM
# out: SMTP AUTH is off
# then: InboundConnectors[SMTP Relay].EFUsers = ["ann@contoso.com", "bob@contoso.com"]
Get-InboundConnector | ? {$_.ConnectorType -eq "OnPremises" -and $_.SenderIPAddresses} | % { "{0,-20}{1}" -f $_.Name, ($_.SenderIPAddresses -join ",") }
Get-InboundConnector | ? { $_.TlsSenderCertificateName } | % { $_.TlsSenderCertificateName.ToUpper() }
if ((Get-TransportConfig).SmtpClientAuthenticationDisabled) { "SMTP AUTH is off" } else { "on" }
Get-InboundConnector -Identity "SMTP Relay" | Set-InboundConnector -EFSkipLastIP $true -EFUsers "ann@contoso.com","bob@contoso.com"
