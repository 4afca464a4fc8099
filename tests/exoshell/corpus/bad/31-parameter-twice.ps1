# error: 2:46 ParameterAlreadyBound more than once
Set-InboundConnector 'SMTP Relay' -Comment a -Comment b
