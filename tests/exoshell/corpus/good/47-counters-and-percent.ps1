# Shares of connector types, rounded as the .NET Framework rounds.
# out: OnPremises   2   66.7%
# out: Partner      1   33.3%
# out: average addresses: 1
New-InboundConnector -Name 'From fabrikam' -ConnectorType Partner -SenderDomains fabrikam.example -RequireTls $true `
    -RestrictDomainsToIPAddresses $true -SenderIPAddresses 198.51.100.7 | Out-Null
$all = @(Get-InboundConnector)
$count = @{}
foreach ($each in $all) { $count["$($each.ConnectorType)"]++ }
$count.GetEnumerator() | Sort-Object -Property @{ e = 'Value'; Descending = $true }, @{ e = { $_.Key } } | ForEach-Object {
    '{0,-10}{1,4}{2,8:P1}' -f $_.Key, $_.Value, ($_.Value / $all.Count)
}
$average = ($all | ForEach-Object { @($_.SenderIPAddresses).Count } | Measure-Object -Average).Average
"average addresses: $([math]::Round($average, 1))"
