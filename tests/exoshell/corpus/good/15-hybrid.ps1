# What a hybrid set-up leaves behind.
# out: Inbound from 6f1c HybridWizard True
# then: InboundConnectors[Inbound from 6f1c].ConnectorSource = "HybridWizard"
# then: OutboundConnectors[Outbound to 6f1c].SmartHosts = ["mail.contoso.com"]
$id = '6f1c'
$in = New-InboundConnector -Name "Inbound from $id" -ConnectorType OnPremises -ConnectorSource HybridWizard -SenderDomains 'smtp:*;1' -RequireTls $true -TlsSenderCertificateName '*.contoso.com' -CloudServicesMailEnabled $true
$null = New-OutboundConnector -Name "Outbound to $id" -ConnectorType OnPremises -RecipientDomains contoso.com -SmartHosts mail.contoso.com -UseMXRecord $false -TlsSettings DomainValidation -TlsDomain mail.contoso.com -CloudServicesMailEnabled $true
"$($in.Name) $($in.ConnectorSource) $($in.CloudServicesMailEnabled)"
