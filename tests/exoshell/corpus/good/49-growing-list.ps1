# A List that grows, exported and read again.
# out: 2 rows, first SMTP Relay
# out: "Name","Addresses"
# out: total 2
$rows = New-Object 'System.Collections.Generic.List[object]'
foreach ($connector in Get-InboundConnector) {
    $rows.Add([pscustomobject]@{
        Name      = $connector.Name
        Addresses = @($connector.SenderIPAddresses).Count  # none is none
    })
}
"$($rows.Count) rows, first $($rows[0].Name)"
$rows | Export-Csv .\rows.csv -NoTypeInformation
Get-Content .\rows.csv -TotalCount 1
Import-Csv .\rows.csv | ForEach-Object -Begin { $sum = 0 } -Process { $sum += [int]$_.Addresses } -End { "total $sum" }
