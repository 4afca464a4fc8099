# A retry loop with a label, switch inside.
# out: SMTP Relay: address
# out: SMTP Relay (TLS): certificate
# out: stopped at SMTP Relay (TLS)
:each foreach ($connector in Get-InboundConnector | Sort-Object Name) {
    switch -Regex ($connector.Name) {
        '\(TLS\)$' { "$_`: certificate"; $last = $connector.Name; break each }
        default { "$($_): address" }
    }
}
"stopped at $last"
