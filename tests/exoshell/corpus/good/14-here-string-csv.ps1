# A table inside the script.
# out: North,198.51.100.31
# out: South,198.51.100.32
# then: InboundConnectors[South].SenderIPAddresses = ["198.51.100.32"]
$table = @'
Name,Address
North,198.51.100.31
South,198.51.100.32
'@
$table | ConvertFrom-Csv | ForEach-Object {
    $c = New-InboundConnector -Name $_.Name -ConnectorType OnPremises -SenderDomains * -SenderIPAddresses $_.Address
    "$($c.Name),$($c.SenderIPAddresses)"
}
