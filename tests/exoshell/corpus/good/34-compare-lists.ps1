# Which addresses are new?
# out: + 203.0.113.30
# out: - 203.0.113.26
$now = (Get-InboundConnector 'SMTP Relay').SenderIPAddresses
$wanted = '203.0.113.25', '203.0.113.30'
foreach ($address in $wanted) { if ($now -notcontains $address) { "+ $address" } }
foreach ($address in $now) { if ($address -notin $wanted) { "- $address" } }
Set-InboundConnector 'SMTP Relay' -SenderIPAddresses $wanted
# then: InboundConnectors[SMTP Relay].SenderIPAddresses = ["203.0.113.25", "203.0.113.30"]
