# Parameters in a hash table.
# out: True
# then: InboundConnectors[Partner mail].SenderDomains = ["smtp:partner.example;1", "smtp:*.partner.example;1"]
$settings = @{
    Name                         = 'Partner mail'
    ConnectorType                = 'Partner'
    SenderDomains                = 'partner.example', '*.partner.example'
    SenderIPAddresses            = @('198.51.100.10', '198.51.100.16/28')
    RestrictDomainsToIPAddresses = $true
}
$connector = New-InboundConnector @settings
$connector.RestrictDomainsToIPAddresses
