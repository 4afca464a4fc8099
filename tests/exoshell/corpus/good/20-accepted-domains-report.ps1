# Domains, the default first.
# out: contoso.com Authoritative True
# out: contoso.onmicrosoft.com Authoritative False
Get-AcceptedDomain | Sort-Object -Property Default -Descending | ForEach-Object {
    "$($_.DomainName) $($_.DomainType) $($_.Default)"
}
