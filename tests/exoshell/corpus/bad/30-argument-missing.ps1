# error: 2:35 MissingArgument 'Comment'
Set-InboundConnector 'SMTP Relay' -Comment -Enabled $true
