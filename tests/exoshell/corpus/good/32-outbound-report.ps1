# Outbound connectors, and a validation.
# out: Out: partner.example via mx.partner.example
# out: a@partner.example True
# out: b@other.example False
New-OutboundConnector -Name Out -RecipientDomains partner.example -UseMXRecord $false -SmartHosts mx.partner.example | ForEach-Object {
    "$($_.Name): $($_.RecipientDomains) via $($_.SmartHosts)"
}
Validate-OutboundConnector -Identity Out -Recipients a@partner.example, b@other.example | ForEach-Object {
    "$($_.Recipient) $($_.IsTaskSuccessful)"
}
