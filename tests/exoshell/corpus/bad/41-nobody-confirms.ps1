# error: 2:1 NonInteractive -Confirm:$false
Remove-InboundConnector 'SMTP Relay'
