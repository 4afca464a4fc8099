# A backup in a file, and what it is good for.
# out: restored 2
# then: InboundConnectors[SMTP Relay].SenderIPAddresses = ["203.0.113.25", "203.0.113.26"]
Get-InboundConnector | Select-Object Name, ConnectorType, SenderDomains, SenderIPAddresses, TlsSenderCertificateName |
    ConvertTo-Json -Depth 4 | Set-Content -Path backup.json
Get-InboundConnector | Remove-InboundConnector -Confirm:$false
$restored = 0
foreach ($each in (Get-Content -Path backup.json -Raw | ConvertFrom-Json)) {
    $settings = @{ Name = $each.Name; ConnectorType = $each.ConnectorType; SenderDomains = $each.SenderDomains }
    if ($each.SenderIPAddresses) { $settings.SenderIPAddresses = $each.SenderIPAddresses }
    if ($each.TlsSenderCertificateName) { $settings['TlsSenderCertificateName'] = $each.TlsSenderCertificateName }
    $null = New-InboundConnector @settings
    $restored++
}
"restored $restored"
