# An inventory as CSV.
# out: "Name","Type","Addresses"
# out: "SMTP Relay","OnPremises","203.0.113.25; 203.0.113.26"
# out: "SMTP Relay (TLS)","OnPremises",""
Get-InboundConnector |
    Sort-Object Name |
    Select-Object Name, @{Name = 'Type'; Expression = { $_.ConnectorType }}, @{n = 'Addresses'; e = { $_.SenderIPAddresses -join '; ' }} |
    ConvertTo-Csv -NoTypeInformation
