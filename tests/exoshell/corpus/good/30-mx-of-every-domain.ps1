# Where does mail for each domain go?
# out: contoso.com -> contoso-com.mail.protection.outlook.com
# out: contoso.onmicrosoft.com -> contoso-onmicrosoft-com.mail.protection.outlook.com
foreach ($domain in (Get-AcceptedDomain).DomainName) {
    $mx = Resolve-DnsName -Name $domain -Type MX
    "$domain -> $($mx.NameExchange)"
}
