# A prefix for every name.
# out: CON-SMTP Relay
# out: CON-SMTP Relay (TLS)
$prefix = 'CON-'
Get-InboundConnector | Where-Object { $_.Name -notlike "$prefix*" } | ForEach-Object {
    Set-InboundConnector -Identity $_.Identity -Name ($prefix + $_.Name)
}
(Get-InboundConnector).Name
