# A function of one's own, with parameters.
# out: Relay-HQ
# then: InboundConnectors[Relay-HQ].SenderIPAddresses = ["198.51.100.40", "198.51.100.41"]
function New-Relay {
    param(
        [Parameter(Mandatory = $true)]
        [string]$Site,
        [string[]]$Address
    )
    $name = "Relay-$Site"
    New-InboundConnector -Name $name -ConnectorType OnPremises -SenderDomains '*' -SenderIPAddresses $Address | Out-Null
    return $name
}
New-Relay -Site HQ -Address 198.51.100.40, 198.51.100.41
