# A list edited in place.
# out: 203.0.113.26
# out: 203.0.113.27
# then: InboundConnectors[SMTP Relay].SenderIPAddresses = ["203.0.113.26", "203.0.113.27"]
Set-InboundConnector -Identity 'SMTP Relay' -SenderIPAddresses @{Add = '203.0.113.27'; Remove = '203.0.113.25'}
(Get-InboundConnector 'SMTP Relay').SenderIPAddresses
