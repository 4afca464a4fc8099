# Addresses found in text, each checked, then put into a connector.
# out: 203.0.113.40 203.0.113.41
# out: host mail port 25
# then: InboundConnectors[SMTP Relay].SenderIPAddresses = ["203.0.113.40", "203.0.113.41"]
$text = @'
floor 1: 203.0.113.40, floor 2: 203.0.113.41; floor 3: 999.1.1.1
'@
$found = [regex]::Matches($text, '\b(?<ip>\d{1,3}(?:\.\d{1,3}){3})\b') |
    ForEach-Object { $_.Groups['ip'].Value } |
    Where-Object { ($_ -as [ipaddress]) -ne $null } | Sort-Object -Unique
"$found"
Set-InboundConnector 'SMTP Relay' -SenderIPAddresses $found
if ('mail:25' -match '^(?<host>[^:]+):(\d+)$') { "host $($Matches.host) port $($Matches[1])" }
