# Columns by hand.
# out: SMTP Relay           |  2
# out: SMTP Relay (TLS)     |  0
foreach ($c in Get-InboundConnector) {
    '{0,-20} | {1,2}' -f $c.Name, @($c.SenderIPAddresses).Count
}
