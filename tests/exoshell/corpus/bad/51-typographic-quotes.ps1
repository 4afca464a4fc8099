# error: 2:22 NotSupported a typographic quote
Set-InboundConnector “SMTP Relay” -Enabled $false
