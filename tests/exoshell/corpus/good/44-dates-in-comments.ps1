# A stamp on each connector, and who is due for a look.
# out: due: 2
# then: InboundConnectors[SMTP Relay].Comment = "reviewed 2026-01-31"
$stamp = Get-Date -Date '2026-01-31' -Format 'yyyy-MM-dd'
Get-InboundConnector | Set-InboundConnector -Comment "reviewed $stamp"
$limit = (Get-Date -Date '2026-06-01').AddDays(-30)
$due = foreach ($c in Get-InboundConnector) {
    if ($c.Comment -match 'reviewed (\d{4}-\d\d-\d\d)' -and [datetime]$Matches[1] -lt $limit) { $c }
}
Write-Output "due: $($due.Count)"
