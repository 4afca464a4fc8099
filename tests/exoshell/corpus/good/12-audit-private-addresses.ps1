# Addresses that never reach the service.
# out: Inside: 10.1.2.3
# out: Inside: 192.168.7.0/24
New-InboundConnector -Name Inside -ConnectorType OnPremises -SenderDomains * -SenderIPAddresses 10.1.2.3,192.168.7.0/24,203.0.113.77 | Out-Null
foreach ($connector in Get-InboundConnector) {
    foreach ($address in $connector.SenderIPAddresses) {
        if ($address -match '^(10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.)') {
            '{0}: {1}' -f $connector.Name, $address
        }
    }
}
