# error: 3:29 ArgumentException Item has already been added. Key in dictionary: 'Enabled'
$common = @{ Enabled = $false }
$all = @{ Enabled = $true } + $common
Set-InboundConnector 'SMTP Relay' @all
