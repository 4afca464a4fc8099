# Is a connector blocked?
# out: none blocked
$blocked = Get-BlockedConnector
if ($null -eq $blocked) { 'none blocked' } else { $blocked | ForEach-Object { Remove-BlockedConnector -ConnectorId $_.ConnectorId } }
