# error: 2:1 E2 nothing can match
Set-InboundConnector 'SMTP Relay' -SenderIPAddresses @{Remove='203.0.113.25','203.0.113.26'}
