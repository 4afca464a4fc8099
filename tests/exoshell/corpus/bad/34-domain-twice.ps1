# error: 2:1 duplicate-domain contoso.com stands twice
New-AcceptedDomain -Name again -DomainName contoso.com
