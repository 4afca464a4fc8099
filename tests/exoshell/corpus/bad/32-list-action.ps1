# error: 2:1 InvalidListAction Append
Set-InboundConnector 'SMTP Relay' -SenderIPAddresses @{Append='198.51.100.1'}
