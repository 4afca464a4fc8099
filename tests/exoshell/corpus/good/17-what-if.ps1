# A rehearsal changes nothing.
# out: What if: Performing the operation "Remove-InboundConnector" on target "SMTP Relay".
# out: What if: Performing the operation "Remove-InboundConnector" on target "SMTP Relay (TLS)".
# out: 2 left
Get-InboundConnector | Remove-InboundConnector -WhatIf
"$((Get-InboundConnector | Measure-Object).Count) left"
