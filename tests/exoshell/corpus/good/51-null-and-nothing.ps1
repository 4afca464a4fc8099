# What is nothing and what is $null, as it matters to counts and pipelines.
# out: 0 0 1
# out: one round for $null
# out: nothing done
# then: InboundConnectors[SMTP Relay].Enabled = true
$none = Get-InboundConnector | Where-Object Name -eq 'no such'
"$(@($none).Count) $($none.Count) $(@($null).Count)"
$null | ForEach-Object { 'one round for $null' }
$none | ForEach-Object { 'no round' }
$none | Set-InboundConnector -Enabled $false
if (-not $none) { 'nothing done' }
