# One preference for the whole script.
# out: caught: object 'Nobody'
$ErrorActionPreference = 'Stop'
try {
    Set-InboundConnector -Identity Nobody -Enabled $false
}
catch {
    if ($_.Exception.Message -match "object 'Nobody'") { "caught: $($Matches[0])" }
}
