# error: 4:5 no connector is off
$off = Get-InboundConnector | Where-Object { -not $_.Enabled }
if (-not $off) {
    throw 'no connector is off'
}
