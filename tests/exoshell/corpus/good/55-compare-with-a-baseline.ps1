# What differs from a baseline in CSV text.
# out: missing Warehouse
# out: unexpected SMTP Relay (TLS)
$baseline = @'
Name,Ip
SMTP Relay,203.0.113.25
Warehouse,203.0.113.77
'@ | ConvertFrom-Csv
$now = Get-InboundConnector | Select-Object -ExpandProperty Name
foreach ($each in Compare-Object $baseline.Name $now | Sort-Object SideIndicator) {
    $what = @{ '<=' = 'missing'; '=>' = 'unexpected' }[$each.SideIndicator]
    "$what $($each.InputObject)"
}
