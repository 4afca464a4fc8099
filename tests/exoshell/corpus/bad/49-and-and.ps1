# error: 2:24 InvalidEndOfLine The token '&&'
Get-InboundConnector   && Set-InboundConnector 'SMTP Relay' -Enabled $false
