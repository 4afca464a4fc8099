# error: 3:25 MissingToken }
if ($true) {
    Get-InboundConnector
