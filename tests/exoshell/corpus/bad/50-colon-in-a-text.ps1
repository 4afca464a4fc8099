# error: 4:13 InvalidVariableReferenceWithDrive ':' was not followed by a valid variable name character
Set-InboundConnector 'SMTP Relay' -Enabled $false
$name = 'SMTP Relay'
Write-Host "$name: disabled"
