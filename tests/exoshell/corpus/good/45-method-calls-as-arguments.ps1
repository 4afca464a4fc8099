# Values made on the way to a parameter.
# out: relay-north 198.51.100.61
# then: InboundConnectors[relay-north].Comment = "NORTH, floor 2"
$site = 'North, floor 2'
New-InboundConnector -Name ('Relay-' + $site.Split(',')[0]).ToLower() -ConnectorType OnPremises -SenderDomains * `
    -SenderIPAddresses '198.51.100.X'.Replace('X', '61') -Comment $site.ToUpper().Replace('FLOOR', 'floor') | ForEach-Object {
    "$($_.Name) $($_.SenderIPAddresses)"
}
