# A clean slate.
# out: 0
# then: InboundConnectors = []
Get-InboundConnector | Remove-InboundConnector -Confirm:$false
@(Get-InboundConnector).Count
