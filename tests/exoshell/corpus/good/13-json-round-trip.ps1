# Settings as JSON, and back.
# out: SMTP Relay
# out: 2
$json = Get-InboundConnector 'SMTP Relay' | Select-Object Name, SenderIPAddresses | ConvertTo-Json -Depth 5
$back = $json | ConvertFrom-Json
$back.Name
$back.SenderIPAddresses.Count
