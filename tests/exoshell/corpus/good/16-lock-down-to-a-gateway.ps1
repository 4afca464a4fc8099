# Everything by way of a filtering gateway.
# out: smtp:*;1 True
# then: InboundConnectors[Gateway only].RestrictDomainsToIPAddresses = true
$gateway = '198.51.100.64/26', '198.51.100.128/25'
$lock = New-InboundConnector -Name 'Gateway only' -ConnectorType Partner -SenderDomains * -RestrictDomainsToIPAddresses $true -SenderIPAddresses $gateway
"$($lock.SenderDomains) $($lock.RestrictDomainsToIPAddresses)"
