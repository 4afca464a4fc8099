# A report as a page, with a style and a summary.
# out: report.html has 2 connectors
#Requires -Version 5.1
[CmdletBinding()]
param(
    [string]$Path = '.\report.html',
    [ValidateSet('Name', 'ConnectorType')][string]$SortBy = 'Name'
)
$head = @"
<style>
  table { border-collapse: collapse }
  td, th { border: 1px solid #ccc }
</style>
"@
$rows = Get-InboundConnector | Sort-Object $SortBy |
    Select-Object Name, Enabled, @{ Name = 'Addresses'; Expression = { $_.SenderIPAddresses -join '<br>' } }
$rows | ConvertTo-Html -Head $head -PreContent "<h1>Connectors</h1>" -PostContent "<p>$(Get-Date -Format 'yyyy')</p>" |
    Out-File -FilePath $Path -Encoding utf8
$page = Get-Content $Path -Raw
$count = [regex]::Matches($page, '<tr><td>').Count
if ($page -notmatch '&lt;br&gt;') { throw 'not escaped' }
"$(Split-Path $Path -Leaf) has $count connectors"
