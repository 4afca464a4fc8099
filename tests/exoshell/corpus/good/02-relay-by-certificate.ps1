# A relay by certificate, split over lines by backticks.
# out: *.contoso.com
# then: InboundConnectors[From the data centre].TlsSenderCertificateName = "*.contoso.com"
# then: InboundConnectors[From the data centre].CloudServicesMailEnabled = true
New-InboundConnector `
    -Name 'From the data centre' `
    -ConnectorType OnPremises `
    -SenderDomains '*' `
    -RequireTls $true `
    -TlsSenderCertificateName '*.contoso.com' `
    -CloudServicesMailEnabled $true |
    Select-Object -ExpandProperty TlsSenderCertificateName
