# A partner that must show its certificate.
# out: E5
# then: InboundConnectors[Bank].RestrictDomainsToCertificate = true
$bank = @{ Name = 'Bank'; ConnectorType = 'Partner'; SenderDomains = 'bank.example'; RestrictDomainsToCertificate = $true }
try { New-InboundConnector @bank -ErrorAction Stop } catch { $_.FullyQualifiedErrorId -replace ',.*' }
$bank.TlsSenderCertificateName = 'mail.bank.example'
New-InboundConnector @bank | Out-Null
