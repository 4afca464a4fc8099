# error: 2:1 duplicate-domain contoso.com occurs twice
New-AcceptedDomain -Name again -DomainName contoso.com
