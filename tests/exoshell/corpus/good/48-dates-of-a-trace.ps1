# The days of a message trace, ten at a time.
# out: 2026-11-01 .. 2026-11-10 (9 days)
# out: 2026-11-11 .. 2026-11-20 (9 days)
# out: 2026-11-21 .. 2026-11-24 (3.5 days)
# out: trace-20261101.csv
$start = [datetime]'2026-11-01'
$end = Get-Date '11/24/2026 12:00 PM'
$from = $start
while ($from -lt $end) {
    $to = $from.AddDays(9)
    if ($to -gt $end) { $to = $end }
    $span = New-TimeSpan -Start $from -End $to
    "{0:yyyy-MM-dd} .. {1:yyyy-MM-dd} ({2} days)" -f $from, $to, $span.TotalDays
    $from = $from.AddDays(10)
}
"trace-$($start.ToString('yyyyMMdd')).csv"
