# Makes what is missing, changes what is there.
# out: changed SMTP Relay
# out: made Floor 3
# then: InboundConnectors[SMTP Relay].Comment = "kept by script"
# then: InboundConnectors[Floor 3].Comment = "kept by script"
$wanted = @{ 'SMTP Relay' = '203.0.113.25'; 'Floor 3' = '198.51.100.3' }
foreach ($name in ($wanted.Keys | Sort-Object -Descending)) {
    $there = Get-InboundConnector | Where-Object { $_.Name -eq $name }
    if ($there) {
        Set-InboundConnector -Identity $there.Identity -Comment 'kept by script'
        "changed $name"
    }
    else {
        $null = New-InboundConnector -Name $name -ConnectorType OnPremises -SenderDomains * -SenderIPAddresses $wanted[$name] -Comment 'kept by script'
        "made $name"
    }
}
