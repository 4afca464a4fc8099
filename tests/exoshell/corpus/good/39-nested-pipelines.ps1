# Partner connectors that nobody identifies, told in one text.
# out: open: Open A, Open B
'Open A', 'Open B' | ForEach-Object { New-InboundConnector -Name $_ -ConnectorType Partner -SenderDomains "$($_.Replace(' ', '-').ToLower()).example" } | Out-Null
$open = Get-InboundConnector |
    Where-Object { $_.ConnectorType -eq 'Partner' -and -not $_.SenderIPAddresses -and -not $_.TlsSenderCertificateName } |
    Sort-Object Name
"open: $(($open | ForEach-Object Name) -join ', ')"
