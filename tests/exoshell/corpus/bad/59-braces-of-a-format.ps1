# error: 2:31 FormatError Input string was not in a correct format.
Write-Host ('{ "name": {0} }' -f (Get-InboundConnector)[0].Name)
