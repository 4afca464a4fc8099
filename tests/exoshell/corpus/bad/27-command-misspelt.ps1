# error: 2:1 CommandNotFoundException Get-InboundConector
Get-InboundConector
