# Collects what a twin of an Exchange Online tenant needs, into exchange-tenant.json in the current folder.
# It reads only: every line is a Get- cmdlet. Run it after Connect-ExchangeOnline, as Global Reader or better;
# then, on the machine of the lab:  fakeeop import exchange-tenant.json -o tenant.yaml
# The file names your domains, servers and recipients; it holds no password. Take recipients out if you like.

$ErrorActionPreference = 'Stop'
$collected = [ordered]@{
    AcceptedDomains    = @(Get-AcceptedDomain)
    InboundConnectors  = @(Get-InboundConnector -ResultSize Unlimited)
    OutboundConnectors = @(Get-OutboundConnector)
    OrganizationConfig = Get-OrganizationConfig | Select-Object Name, RejectDirectSend
    TransportConfig    = Get-TransportConfig | Select-Object SmtpClientAuthenticationDisabled
    Recipients         = @(Get-Recipient -ResultSize Unlimited |
        Select-Object PrimarySmtpAddress, EmailAddresses, RecipientTypeDetails)
    CASMailboxes       = @(Get-CASMailbox -ResultSize Unlimited |
        Where-Object { $null -ne $_.SmtpClientAuthenticationDisabled } |
        Select-Object PrimarySmtpAddress, SmtpClientAuthenticationDisabled)
}
$collected | ConvertTo-Json -Depth 5 | Set-Content -Path exchange-tenant.json -Encoding UTF8
Write-Host "exchange-tenant.json: $($collected.InboundConnectors.Count) inbound connectors"
