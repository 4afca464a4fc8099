# A domain whose unknown recipients live elsewhere.
# out: InternalRelay True
# then: AcceptedDomains[contoso.com].DomainType = "InternalRelay"
Set-AcceptedDomain -Identity contoso.com -DomainType InternalRelay -MatchSubDomains $true
$domain = Get-AcceptedDomain contoso.com
"$($domain.DomainType) $($domain.MatchSubDomains)"
