# A word for each connector.
# out: SMTP Relay: by address
# out: SMTP Relay (TLS): by certificate
foreach ($c in Get-InboundConnector | Sort-Object Name) {
    $how = switch ($true) {
        { $null -ne $c.TlsSenderCertificateName } { 'by certificate'; break }
        { $c.SenderIPAddresses.Count -gt 0 } { 'by address'; break }
        default { 'by nothing' }
    }
    "$($c.Name): $how"
}
