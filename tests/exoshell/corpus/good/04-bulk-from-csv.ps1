# Connectors in bulk from a file.
# file: sites.csv
# out: made Berlin
# out: made Oslo
# out: made Rome
# out: 5
# then: InboundConnectors[Relay Oslo].SenderIPAddresses = ["198.51.100.21", "198.51.100.22"]
Import-Csv -Path ./sites.csv | ForEach-Object {
    $addresses = $_.Addresses -split ';'
    New-InboundConnector -Name "Relay $($_.Site)" -ConnectorType OnPremises -SenderDomains * -SenderIPAddresses $addresses -Comment $_.Note | Out-Null
    Write-Output "made $($_.Site)"
}
(Get-InboundConnector).Count
