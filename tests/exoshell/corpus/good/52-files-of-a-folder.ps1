# One file for each connector, then all of them.
# out: SMTP-Relay--TLS-.json
# out: SMTP-Relay.json
# out: 2 of 2 enabled
New-Item -ItemType Directory -Path .\backup -Force | Out-Null
Get-InboundConnector | ForEach-Object {
    $file = Join-Path 'backup' (($_.Name -replace '[^\w]', '-') + '.json')
    $_ | Select-Object Name, Enabled, SenderIPAddresses | ConvertTo-Json | Set-Content $file
}
Get-ChildItem .\backup\*.json | Sort-Object Name | Select-Object -ExpandProperty Name
$read = Get-ChildItem .\backup -Filter *.json | ForEach-Object { Get-Content $_.FullName -Raw | ConvertFrom-Json }
"$(@($read | Where-Object Enabled).Count) of $($read.Count) enabled"
