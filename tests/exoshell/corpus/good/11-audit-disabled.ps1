# Which connectors are off?
# out: SMTP Relay (TLS)
Set-InboundConnector -Identity 'SMTP Relay (TLS)' -Enabled $false
Get-InboundConnector | Where-Object { -not $_.Enabled } | ForEach-Object { $_.Name }
