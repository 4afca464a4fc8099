# A report of objects of one's own.
# out: SMTP Relay has 2 addresses
# out: SMTP Relay (TLS) has 0 addresses
$report = foreach ($c in Get-InboundConnector) {
    [pscustomobject]@{ Name = $c.Name; Addresses = @($c.SenderIPAddresses).Count }
}
$report | ForEach-Object { "$($_.Name) has $($_.Addresses) addresses" }
