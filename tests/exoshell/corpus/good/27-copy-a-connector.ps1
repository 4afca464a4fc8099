# A copy under another name, with another address.
# out: Copy of SMTP Relay: 198.51.100.50
$source = Get-InboundConnector -Identity 'SMTP Relay'
$copy = @{
    Name              = "Copy of $($source.Name)"
    ConnectorType     = $source.ConnectorType
    SenderDomains     = $source.SenderDomains
    SenderIPAddresses = '198.51.100.50'
    RequireTls        = $source.RequireTls
}
$made = New-InboundConnector @copy
"$($made.Name): $($made.SenderIPAddresses)"
