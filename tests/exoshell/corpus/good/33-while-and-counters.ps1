# Numbered connectors.
# out: Line1 Line2 Line3
$i = 1
while ($i -le 3) {
    New-InboundConnector -Name "Line$i" -ConnectorType OnPremises -SenderDomains * -SenderIPAddresses "198.51.100.$i" | Out-Null
    $i++
}
(Get-InboundConnector | Where-Object Name -Like 'Line*' | Select-Object -ExpandProperty Name) -join ' '
